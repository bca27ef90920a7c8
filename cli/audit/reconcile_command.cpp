// `mpic audit reconcile`: certificates that were issued against the log.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>

#include "cli/audit/commands.hpp"
#include "cli/audit/each_leaf.hpp"
#include "cli/audit/reconcile.hpp"

namespace mpic::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestFile = 1U << 30U;  // octets

struct ReconcileOptions {
  LogSource source;
  std::vector<std::string> files;
  std::string out;
  std::int64_t backdated = 0;  // seconds
  bool json = false;
};

constexpr const char* kFooter =
    R"(FILE is a PEM bundle, or CSV whose first line names its columns: serial or fingerprint, names (separated by blanks or
semicolons), issued (2026-11-25T08:00:00Z or a day), and method where only validations by it are to count. Of each
name of each certificate one line of CSV tells on which records it rests: the newest that the issuance could rest on
by the reuse periods of BR 4.2.1 and, for CAA, BR 4.2.2.1; or why there is none. docs/auditing.md tells of the columns.

A certificate of PEM was issued at its notBefore, or --backdated seconds later where the CA sets it back.

What the records say is taken as it stands: `mpic audit verify` tells whether they are as they were written.

Examples:
  mpic audit reconcile --store records.sqlite issued.pem --out november.csv
  mpic audit reconcile --export log-export issued-1.csv issued-2.csv
  mpic audit reconcile --config coordinator.yaml --backdated 3600 issued.pem --json

Exit status: 0 every name has its records; 1 some have not; 2 the log could not be read, or the report not be
written; 64 usage, or a mistake in a file: nothing was compared.)";

std::string read_file(const std::string& file) {
  std::error_code wrong;
  const auto size = fs::file_size(file, wrong);
  if (wrong) throw Failure(kExitUsage, fmt::format("{}: {}", file, wrong.message()));
  if (size > kLargestFile) throw Failure(kExitUsage, file + ": larger than 1 GiB; split it");
  std::ifstream in(file, std::ios::binary);
  std::string text(size, '\0');
  if (!in.read(text.data(), static_cast<std::streamsize>(size))) throw Failure(kExitUsage, file + ": cannot be read");
  return text;
}

// Times of PEM are brought to that of the issuance.
std::vector<IssuedCertificate> read_files(const ReconcileOptions& options, const Surroundings& around) {
  std::vector<IssuedCertificate> out;
  std::size_t mistakes = 0;
  std::size_t authorities = 0;
  for (const std::string& file : options.files) {
    IssuedList list = read_issued(read_file(file));
    for (const LineMistake& mistake : list.mistakes) {
      around.notes << fmt::format("{}:{}: {}\n", for_terminal(file), mistake.line, for_terminal(mistake.text));
    }
    mistakes += list.mistakes.size();
    authorities += list.authorities;
    for (IssuedCertificate& certificate : list.certificates) {
      if (list.is_pem) certificate.issued += std::chrono::seconds(options.backdated);
      out.push_back(std::move(certificate));
    }
  }
  if (mistakes > 0) {
    throw Failure(kExitUsage, fmt::format("{} mistake{} in what was issued; nothing was compared", mistakes,
                                          mistakes == 1 ? "" : "s"));
  }
  if (authorities > 0) around.notes << fmt::format("{} CA certificates are left out\n", grouped(authorities));
  return out;
}

// Where the report goes: a file is there only once it is whole.
class ReportOutput {
 public:
  ReportOutput(const std::string& file, std::ostream& otherwise) : file_(file), out_(otherwise) {
    if (file_.empty()) return;
    part_.open(file_ + ".part", std::ios::binary | std::ios::trunc);
    if (!part_) cannot_be_written();
  }
  [[nodiscard]] std::ostream& stream() { return file_.empty() ? out_ : part_; }
  void finish() {
    if (!stream().flush()) cannot_be_written();
    if (file_.empty()) return;
    part_.close();
    std::error_code wrong;
    fs::rename(file_ + ".part", file_, wrong);
    if (!part_ || wrong) cannot_be_written();
  }

 private:
  [[noreturn]] void cannot_be_written() const {
    throw Failure(kExitNotDetermined, (file_.empty() ? "standard output" : file_) + ": cannot be written");
  }

  const std::string file_;
  std::ostream& out_;
  std::ofstream part_;
};

struct Tally {
  std::map<std::string, std::size_t> results;  // names by "found" and the reasons why not
  std::size_t names = 0;
  std::size_t lacking = 0;  // certificates with a name that has no record
};

Tally write_report(const std::vector<IssuedCertificate>& certificates, const ReconcileIndex& index, bool json,
                   std::ostream& out) {
  Tally tally;
  if (!json) out << csv_titles();
  for (const IssuedCertificate& certificate : certificates) {
    bool is_whole = true;
    for (const CertifiedName& name : certificate.names) {
      const ReconciledName reconciled = reconcile(index, certificate, name, certificate.issued);
      const ReportLine line = report_line(index, certificate, name, reconciled);
      out << (json ? json_line(line) : csv_line(line));
      ++tally.results[line.front().second];
      ++tally.names;
      is_whole = is_whole && reconciled.is_found();
    }
    tally.lacking += is_whole ? 0 : 1;
  }
  return tally;
}

std::string summary(const std::vector<IssuedCertificate>& certificates, const ReconcileIndex& index,
                    const Tally& tally) {
  std::vector<std::string> parts;
  for (const auto& [result, number] : tally.results) parts.push_back(fmt::format("{} {}", result, grouped(number)));
  std::string out = fmt::format("{} certificates with {} names against {} records: {}\n", grouped(certificates.size()),
                                grouped(tally.names), grouped(index.records()), fmt::join(parts, ", "));
  if (tally.lacking > 0) out += fmt::format("{} certificates lack a record\n", grouped(tally.lacking));
  if (index.pruned() > 0) {
    out += fmt::format("{} records are no longer kept, and could not be looked into\n", grouped(index.pruned()));
  }
  if (index.unreadable() > 0) {
    out += fmt::format("{} records cannot be read: mpic audit verify tells which\n", grouped(index.unreadable()));
  }
  return out;
}

void run_reconcile(const ReconcileOptions& options, Surroundings& around) {
  const std::vector<IssuedCertificate> certificates = read_files(options, around);
  ReportOutput report(options.out, around.out);
  const auto log = open_log(options.source);
  ReconcileIndex index(certificates);
  for_each_leaf(*log, around, [&](const coordinator::LoggedLeaf& leaf) { index.add(leaf); });
  index.finish();
  const Tally tally = write_report(certificates, index, options.json, report.stream());
  report.finish();
  around.notes << summary(certificates, index, tally);
  if (tally.lacking > 0) throw CLI::RuntimeError(1);
}

}  // namespace

void add_audit_reconcile(CLI::App& audit, Surroundings& surroundings) {
  CLI::App* command = audit.add_subcommand("reconcile", "Certificates that were issued: which record has each name?");
  const auto options = std::make_shared<ReconcileOptions>();
  command->add_option("FILE", options->files, "PEM bundles or CSV")->required()->type_name("");
  add_log_source(*command, options->source);
  command->add_option("--out", options->out, "Where the report goes; default: standard output")->type_name("FILE");
  command->add_option("--backdated", options->backdated, "So long before the issuance a notBefore lies; default: 0")
      ->check(CLI::Range(0, 172'800).description(""))
      ->type_name("SECONDS");
  command->add_flag("--json", options->json, "One JSON object on each line instead of CSV");
  command->footer(kFooter);
  command->callback([options, &surroundings] { run_reconcile(*options, surroundings); });
}

}  // namespace mpic::cli
