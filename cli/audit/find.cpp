// `mpic audit find`: which records there are of a name, an id, a perspective, a time.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <memory>

#include "cli/audit/commands.hpp"
#include "cli/audit/source.hpp"
#include "cli/audit/times.hpp"
#include "cli/table.hpp"
#include "common/domain/identifier.hpp"
#include "common/wire/convert.hpp"

namespace mpic::cli {
namespace {

namespace bj = boost::json;
using coordinator::RecordQuery;
using coordinator::StoredRecord;

struct FindOptions {
  LogSource source;
  std::string name;
  std::string id;
  std::string from;
  std::string until;
  RecordQuery query;
  bool json = false;
};

constexpr const char* kFooter =
    R"(Everything that is given must hold; the newest come first. A name is that of the request: what the certificate was
for. "*.example.com" finds the wildcard and every name below example.com.

Examples:
  mpic audit find --store records.sqlite --name www.example.com
  mpic audit find --store records.sqlite --perspective eu-west --outcome contradicts --from 2026-11-01
  mpic audit find --export log-export --id order-4711 --json

Exit status: 0 when something was found, 1 when not, 2 when the log could not be read.)";

// As records have it; what is no name at all is a mistake of whoever asks.
std::string name_of(const std::string& text) {
  const auto identifier = Identifier::parse(text);
  if (!identifier) throw Failure(kExitUsage, "--name: " + identifier.error().detail);
  return identifier->text();
}

bool is_record_id(const std::string& id) {
  return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

RecordQuery query_of(const FindOptions& options) {
  RecordQuery query = options.query;
  if (!options.name.empty()) query.identifier = name_of(options.name);
  if (!options.id.empty()) (is_record_id(options.id) ? query.record_id : query.request_id) = options.id;
  if (!options.from.empty()) query.from = time_of("--from", options.from);
  if (!options.until.empty()) query.until = time_of("--until", options.until);
  return query;
}

// How many of the remotes corroborated, by the rows of the last attempt: "5/6" for each check.
std::string fraction_of(const StoredRecord& record) {
  std::string out;
  for (const char* check : {"dcv", "caa"}) {
    std::size_t asked = 0;
    std::size_t agreed = 0;
    for (const coordinator::AttemptRow& row : record.rows) {
      if (row.check != check || row.role != "remote" || row.attempt_id != record.rows.back().attempt_id) continue;
      ++asked;
      agreed += row.outcome == "corroborates" ? 1 : 0;
    }
    if (asked != 0) out += fmt::format("{}{} {}/{}", out.empty() ? "" : ", ", check, agreed, asked);
  }
  return out.empty() ? "-" : out;
}

Tone tone_of(const std::string& verdict) {
  if (verdict == "CORROBORATED") return Tone::kGood;
  return verdict == "NOT_CORROBORATED" ? Tone::kBad : Tone::kDoubt;
}

std::string table_of(const std::vector<StoredRecord>& records, const Style& style) {
  Table table({{"Received", false},
               {"Name", false},
               {"Verdict", false},
               {"Remotes", false},
               {"Leaf", true},
               {"Record", false}});
  for (const StoredRecord& record : records) {
    table.add({{moment(wire::encode(record.received))},
               {for_terminal(record.identifier), Tone::kStrong},
               {for_terminal(record.verdict), tone_of(record.verdict)},
               {fraction_of(record)},
               {std::to_string(record.leaf)},
               {for_terminal(record.record_id), Tone::kFaint}});
  }
  return table.render(0, style);
}

std::string line_of(const StoredRecord& record) {
  bj::array rows;
  for (const coordinator::AttemptRow& row : record.rows) {
    rows.push_back(bj::object{{"attempt", row.attempt_id},
                              {"perspective", row.perspective},
                              {"role", row.role},
                              {"rir", row.rir},
                              {"check", row.check},
                              {"outcome", row.outcome},
                              {"problem", row.problem}});
  }
  return bj::serialize(bj::object{{"record_id", record.record_id},
                                  {"leaf", record.leaf},
                                  {"client", record.client},
                                  {"request_id", record.request_id},
                                  {"trace_id", record.trace_id},
                                  {"identifier", record.identifier},
                                  {"verdict", record.verdict},
                                  {"received", rfc3339(record.received)},
                                  {"decided", rfc3339(record.decided)},
                                  {"rows", rows}});
}

void find(const FindOptions& options, const Surroundings& around) {
  const RecordQuery query = query_of(options);
  const auto log = open_log(options.source);
  const auto records = read_or_fail(log->find(query));
  if (options.json) {
    for (const StoredRecord& record : records) around.out << line_of(record) << '\n';
  } else if (records.empty()) {
    around.out << "No such record.\n";
  } else {
    around.out << table_of(records, around.style);
  }
  if (!options.json && records.size() == query.most) {
    around.notes << fmt::format("There may be more: these are the newest {} (--limit).\n", query.most);
  }
  if (records.empty()) throw CLI::RuntimeError(1);
}

}  // namespace

void add_audit_find(CLI::App& audit, Surroundings& surroundings) {
  CLI::App* command = audit.add_subcommand("find", "Find records by name, id, perspective, outcome, time");
  const auto options = std::make_shared<FindOptions>();
  add_log_source(*command, options->source);
  command->add_option("--name,--ip", options->name, "FQDN, wildcard or IP address that the request was for")
      ->type_name("NAME");
  command->add_option("--id", options->id, "A record id, or a client's request id")->type_name("ID");
  command->add_option("--trace-id", options->query.trace_id, "The client's trace id")->type_name("ID");
  command->add_option("--client", options->query.client, "Configured name of the client that asked")->type_name("NAME");
  command->add_option("--perspective", options->query.perspective, "That was asked")->type_name("ID");
  command
      ->add_option("--outcome", options->query.outcome,
                   "Of any row, or of that perspective's: corroborates, contradicts, could_not_look, …")
      ->type_name("OUTCOME");
  command->add_option("--verdict", options->query.verdict, "CORROBORATED, NOT_CORROBORATED or NOT_DETERMINED")
      ->check(CLI::IsMember({"CORROBORATED", "NOT_CORROBORATED", "NOT_DETERMINED"}));
  command->add_option("--from", options->from, "Received then or later: 2026-11-25, or 2026-11-25T08:00:00Z")
      ->type_name("TIME");
  command->add_option("--until", options->until, "Received before")->type_name("TIME");
  command->add_option("--limit", options->query.most, "At most so many")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command->add_flag("--json", options->json, "One JSON object on each line");
  command->footer(kFooter);
  command->callback([options, &surroundings] { find(*options, surroundings); });
}

}  // namespace mpic::cli
