// `mpic audit verify`: nothing in the log was changed, and every verdict follows from its evidence.
#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <memory>
#include <thread>

#include "cli/audit/commands.hpp"
#include "cli/audit/progress_line.hpp"
#include "cli/audit/source.hpp"
#include "cli/log_standing.hpp"
#include "common/config/yaml.hpp"
#include "coordinator/audit/verification.hpp"

namespace mpic::cli {
namespace {

namespace bj = boost::json;
using coordinator::Fault;
using coordinator::FaultKind;
using coordinator::VerifyReport;

constexpr int kExitJudgedDifferently = 3;

struct VerifyCommand {
  LogSource source;
  std::vector<std::string> keys;
  std::vector<std::string> checkpoints;
  std::size_t jobs = std::max(1U, std::thread::hardware_concurrency());
  bool json = false;
};

constexpr const char* kFooter =
    R"(What is checked: every leaf's hash and place, the tree under every checkpoint, every signature by the key of its
time, that index columns and rows say what the signed body says; and every record is judged again from its evidence
by the rules and the policy of its day. Without --log-key the keys come from the log itself: that finds what was
changed by whoever has no key, but not a log that was written anew with other keys. Without --checkpoint a log
whose end was cut off looks whole.

Examples:
  mpic audit verify --store records.sqlite --log-key checkpoint.vkey --checkpoint kept/checkpoint
  mpic audit verify --export log-export --json

Exit status: 0 verified; 1 changed, or a verdict does not follow; 3 unchanged, but today's rules would judge
differently; 2 the log could not be read.)";

struct Group {
  FaultKind kind;
  const char* title;
  const char* name;  // in JSON
};
constexpr Group kGroups[] = {
    {FaultKind::kTampered, "TAMPERED: not as it was written", "tampered"},
    {FaultKind::kDoesNotFollow, "DOES NOT FOLLOW: unchanged, but by its own rules the verdict is another",
     "does_not_follow"},
    {FaultKind::kJudgedDifferently,
     "JUDGED DIFFERENTLY: unchanged, but this program's rules judge otherwise than those of then",
     "judged_differently"}};

int status_of(const VerifyReport& report) {
  const auto any = [&](FaultKind kind) {
    return std::any_of(report.faults.begin(), report.faults.end(), [&](const Fault& f) { return f.kind == kind; });
  };
  if (any(FaultKind::kTampered) || any(FaultKind::kDoesNotFollow)) return 1;
  return any(FaultKind::kJudgedDifferently) ? kExitJudgedDifferently : 0;
}

// "leaf 7 (snapshot), leaf 9 (event)"
std::string unvouched_of(const VerifyReport& report) {
  constexpr std::size_t kMost = 5;
  std::string out;
  for (std::size_t i = 0; i < std::min(kMost, report.unvouched.size()); ++i) {
    const VerifyReport::Unvouched& one = report.unvouched[i];
    out += fmt::format("{}leaf {} ({})", i == 0 ? "" : ", ", one.leaf, evidence::to_string(one.kind));
  }
  if (report.unvouched.size() > kMost) out += fmt::format(" and {} more", grouped(report.unvouched.size() - kMost));
  return out;
}

std::string conclusion(const VerifyReport& report, const Style& style) {
  const std::string what = report.trusts_itself ? "Whole in itself" : "Verified";
  if (report.unvouched.empty()) return toned(what + ".\n", Tone::kGood, style);
  const bool is_one = report.unvouched.size() == 1;
  return paragraph(
      "",
      fmt::format("{}, but for the end: {} {} on nobody's signature yet, since no checkpoint covers {}; nor "
                  "does what rests on {}. Verify again in a moment.",
                  what, unvouched_of(report), is_one ? "rests" : "rest", is_one ? "it" : "them",
                  is_one ? "it" : "them"),
      0, style);
}

std::string as_json(const VerifyReport& report) {
  bj::array faults;
  for (const Fault& fault : report.faults) {
    const auto group =
        std::find_if(std::begin(kGroups), std::end(kGroups), [&](const Group& one) { return one.kind == fault.kind; });
    faults.push_back(bj::object{{"kind", group->name}, {"place", fault.place}, {"why", fault.why}});
  }
  bj::array unvouched;
  for (const VerifyReport::Unvouched& one : report.unvouched) unvouched.push_back(one.leaf);
  return bj::serialize(bj::object{{"origin", report.origin},
                                  {"verified", status_of(report) == 0},
                                  {"leaves", report.leaves},
                                  {"records", report.records},
                                  {"pruned", report.pruned},
                                  {"addenda", report.addenda},
                                  {"snapshots", report.snapshots},
                                  {"events", report.events},
                                  {"checkpoints", report.checkpoints},
                                  {"covered", report.covered},
                                  {"unvouched", unvouched},
                                  {"keys_from_outside", !report.trusts_itself},
                                  {"faults", faults},
                                  {"more_faults", report.more_faults}}) +
         "\n";
}

std::string counts_of(const VerifyReport& report) {
  std::string out =
      fmt::format("{} leaves: {} records judged again, {} addenda, {} snapshots, {} events", grouped(report.leaves),
                  grouped(report.records), grouped(report.addenda), grouped(report.snapshots), grouped(report.events));
  if (report.pruned != 0) out += fmt::format(", {} pruned", grouped(report.pruned));
  out +=
      fmt::format("; {} checkpoints, the newest over {} leaves", grouped(report.checkpoints), grouped(report.covered));
  if (report.covered < report.leaves) {
    out += fmt::format("; {} leaves are under none yet", grouped(report.leaves - report.covered));
  }
  return out;
}

std::string for_people(const VerifyReport& report, const VerifyCommand& command, const Style& style) {
  std::string out = paragraph("Log", fmt::format("{}: {}", report.origin, counts_of(report)), 5, style);
  for (const Group& group : kGroups) {
    bool is_first = true;
    for (const Fault& fault : report.faults) {
      if (fault.kind != group.kind) continue;
      if (std::exchange(is_first, false)) out += "\n" + toned(group.title, Tone::kBad, style) + "\n";
      out += paragraph("  -", for_terminal(fault.place) + ": " + for_terminal(fault.why), 4, style);
    }
  }
  if (report.more_faults != 0) out += fmt::format("  … and {} more\n", grouped(report.more_faults));
  if (report.faults.empty()) out += conclusion(report, style);
  if (command.keys.empty()) {
    out += paragraph("", "The keys came from the log itself. With --log-key it is held against a key that you know.", 0,
                     style);
  }
  if (command.checkpoints.empty()) {
    out += paragraph("",
                     "No checkpoint from elsewhere was given: leaves that were cut off at the end would not be missed.",
                     0, style);
  }
  return out;
}

void verify(const VerifyCommand& command, Surroundings& around) {
  // What it says of octets that are no text stands in the report, with its place.
  const google::protobuf::LogSilencer silence;
  coordinator::VerifyOptions options;
  for (const std::string& key : command.keys) options.log_keys.push_back(load_log_key(key));
  for (const std::string& file : command.checkpoints) options.checkpoints.push_back(config::read_file(file));
  options.threads = command.jobs;
  const auto log = open_log(command.source);
  for (const evidence::NoteVerifier& key : options.log_keys) {
    if (key.name() == log->origin()) continue;
    throw Failure(kExitUsage, fmt::format("--log-key: that is a key of the log \"{}\", and {} holds the log \"{}\"",
                                          key.name(), log->source(), printable(log->origin())));
  }
  ProgressLine line(around);
  options.progress = [&](std::uint64_t done, std::uint64_t of) { line.show(done, of); };
  const VerifyReport report = read_or_fail(coordinator::verify_log(*log, options));
  line.clear();
  around.out << (command.json ? as_json(report) : for_people(report, command, around.style));
  if (const int status = status_of(report); status != 0) throw CLI::RuntimeError(status);
}

}  // namespace

void add_audit_verify(CLI::App& audit, Surroundings& surroundings) {
  CLI::App* command = audit.add_subcommand("verify", "Verify the whole log, and judge every record again");
  const auto options = std::make_shared<VerifyCommand>();
  add_log_source(*command, options->source);
  command->add_option("--log-key", options->keys, "The log's key, as a vkey or a file that holds one; repeatable")
      ->type_name("VKEY|FILE");
  command->add_option("--checkpoint", options->checkpoints, "A checkpoint that was kept elsewhere; repeatable")
      ->type_name("FILE");
  command->add_option("--jobs", options->jobs, "Threads")->capture_default_str()->check(CLI::Range(1, 256));
  command->add_flag("--json", options->json, "One JSON object");
  command->footer(kFooter);
  command->callback([options, &surroundings] { verify(*options, surroundings); });
}

}  // namespace mpic::cli
