// `mpic audit reconcile`: issued certificates against the records that they must rest on.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <memory>

#include "cli/audit/commands.hpp"
#include "cli/audit/progress_line.hpp"
#include "cli/audit/reconciliation.hpp"
#include "cli/audit/source.hpp"
#include "common/config/yaml.hpp"

namespace mpic::cli {
namespace {

struct ReconcileOptions {
  LogSource source;
  std::vector<std::string> files;
  std::string out;
};

constexpr const char* kFooter =
    R"(FILE is a PEM bundle, or CSV with a header and the columns fingerprint (or serial), names (separated by blanks or
semicolons) and issued. For each name of each certificate: the newest record that a basis for issuance rests on and
that was still usable when the certificate was issued, DCV and CAA each. The table is one line for each certificate
and name, as CSV; docs/auditing.md tells its columns.

Examples:
  mpic audit reconcile issued.pem --store records.sqlite --out reconciled.csv
  mpic audit reconcile issued.csv --export log-export

Exit status: 0 every name is covered; 1 some are not; 2 the log could not be read.)";

void reconcile(const ReconcileOptions& options, Surroundings& around) {
  std::vector<IssuedCertificate> certificates;
  for (const std::string& file : options.files) {
    auto read = read_certificates(file, config::read_file(file));
    std::move(read.begin(), read.end(), std::back_inserter(certificates));
  }
  if (certificates.empty()) throw Failure(kExitUsage, "no certificate was given");
  const auto log = open_log(options.source);
  Reconciler reconciler(*log);
  std::ofstream file;
  if (!options.out.empty()) file.open(options.out, std::ios::binary);
  std::ostream& out = options.out.empty() ? around.out : file;
  out << csv_line(reconciled_header());
  ProgressLine line(around);
  std::size_t names = 0;
  std::size_t missing = 0;
  std::size_t done = 0;
  for (const IssuedCertificate& certificate : certificates) {
    for (const std::string& name : certificate.names) {
      const ReconciledName reconciled = read_or_fail(reconciler.reconcile(certificate, name));
      out << csv_line(reconciled_fields(reconciled));
      ++names;
      missing += reconciled.is_covered() ? 0 : 1;
    }
    line.show(++done, certificates.size());
  }
  line.clear();
  out.flush();
  if (!out) throw Failure(kExitNotDetermined, options.out + ": it cannot be written");
  around.notes << fmt::format("{} certificates, {} names: {} covered, {} not\n", grouped(certificates.size()),
                              grouped(names), grouped(names - missing), grouped(missing));
  if (missing != 0) throw CLI::RuntimeError(1);
}

}  // namespace

void add_audit_reconcile(CLI::App& audit, Surroundings& surroundings) {
  CLI::App* command = audit.add_subcommand("reconcile", "Hold issued certificates against the records");
  const auto options = std::make_shared<ReconcileOptions>();
  command->add_option("FILE", options->files, "PEM bundles, or CSV")->required()->type_name("");
  add_log_source(*command, options->source);
  command->add_option("--out", options->out, "Where the table goes; default: standard output")->type_name("FILE");
  command->footer(kFooter);
  command->callback([options, &surroundings] { reconcile(*options, surroundings); });
}

}  // namespace mpic::cli
