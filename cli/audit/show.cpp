// `mpic audit show`: one record, as a person reads it, with whether it verifies.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <memory>

#include "cli/audit/commands.hpp"
#include "cli/audit/source.hpp"
#include "cli/record_view.hpp"
#include "coordinator/audit/verification.hpp"

namespace mpic::cli {
namespace {

namespace fs = std::filesystem;
using coordinator::StoredRecord;

struct ShowOptions {
  LogSource source;
  std::string id;
  std::string raw;
  bool json = false;
};

constexpr const char* kFooter =
    R"(The answer as it was given, who asked, each attempt, and what perspectives said after the answer; then whether the
record verifies by itself: its statement's signature, and its verdict judged again. Whether it is in the log as it
was written is for `mpic audit verify`.

Examples:
  mpic audit show fc91d07c69d0bb6f03bc3b9932b29195 --store records.sqlite
  mpic audit show order-4711 --store records.sqlite --raw order-4711

Exit status: 0; 1 when the record does not verify; 2 when it is not there or was pruned, or the log could not be
read.)";

// By record id, or else by a request id that one client only used.
std::string record_id_of(coordinator::LogReader& log, const std::string& id) {
  if (read_or_fail(log.record(id))) return id;
  coordinator::RecordQuery query;
  query.request_id = id;
  const auto found = read_or_fail(log.find(query));
  if (found.empty()) throw Failure(kExitNotDetermined, "there is no record with that id");
  if (found.size() > 1) {
    throw Failure(
        kExitNotDetermined,
        fmt::format("{} clients used that request id: see `mpic audit find --id`, and give a record id", found.size()));
  }
  return found.front().record_id;
}

v1::Record message_of(const StoredRecord& stored, const std::string& snapshot) {
  v1::Record out;
  out.set_record_id(stored.record_id);
  out.set_body(stored.body);
  if (!out.mutable_statement()->ParseFromString(stored.statement)) out.clear_statement();
  out.set_leaf_index(stored.leaf);
  for (const coordinator::StoredAddendum& addendum : stored.addenda) {
    out.add_addenda(addendum.body);
    out.add_addenda_leaf_indices(addendum.leaf);
  }
  out.set_snapshot(snapshot);
  return out;
}

std::string snapshot_of(coordinator::LogReader& log, const StoredRecord& stored) {
  v1::RecordBody body;
  Digest hash{};
  if (!body.ParseFromString(stored.body) || body.snapshot_sha256().size() != hash.size()) return {};
  std::copy(body.snapshot_sha256().begin(), body.snapshot_sha256().end(), hash.begin());
  return read_or_fail(log.snapshot(hash)).value_or("");
}

void write_raw(const fs::path& folder, const v1::Record& record) {
  std::error_code error;
  fs::create_directories(folder, error);
  const auto write = [&](const std::string& name, const std::string& octets) {
    std::ofstream out(folder / name, std::ios::binary);
    out << octets;
    out.close();
    if (!out) throw Failure(kExitNotDetermined, (folder / name).string() + ": it cannot be written");
  };
  write("record.bin", record.SerializeAsString());
  write("body.bin", record.body());
  write("statement.bin", record.statement().SerializeAsString());
  write("snapshot.bin", record.snapshot());
  for (int i = 0; i < record.addenda_size(); ++i) write(fmt::format("addendum-{}.bin", i + 1), record.addenda(i));
}

std::vector<coordinator::Fault> faults_of(const StoredRecord& stored, const std::string& snapshot) {
  coordinator::LoggedLeaf leaf;
  leaf.index = stored.leaf;
  leaf.kind = evidence::LeafKind::kRecord;
  leaf.body = stored.body;
  leaf.statement = stored.statement;
  leaf.record = stored;
  return coordinator::verify_record(leaf, snapshot);
}

void show(const ShowOptions& options, const Surroundings& around) {
  const auto log = open_log(options.source);
  const StoredRecord stored = read_or_fail(log->record(record_id_of(*log, options.id))).value();
  if (stored.body.empty())
    throw Failure(kExitNotDetermined, "the record was pruned: only its place in the log is left");
  const std::string snapshot = snapshot_of(*log, stored);
  const v1::Record record = message_of(stored, snapshot);
  if (!options.raw.empty()) write_raw(options.raw, record);
  const auto faults = faults_of(stored, snapshot);
  const auto read = read_record(record);
  if (!read) throw Failure(1, "the record is not sound: " + read.error().detail);
  if (options.json) {
    around.out << record_json(*read) << '\n';
  } else {
    around.out << render(*read, false, around.style);
    around.out << fmt::format("\nLeaf {} of the log {}\n", stored.leaf, for_terminal(log->origin()));
    if (faults.empty()) {
      around.out
          << toned("Verifies: signed by the coordinator's key of its time, and its verdict follows from its evidence.",
                   Tone::kGood, around.style)
          << '\n';
    }
  }
  for (const coordinator::Fault& fault : faults) {
    (options.json ? around.notes : around.out) << paragraph("  -", for_terminal(fault.why), 4, around.style);
  }
  if (!faults.empty()) throw CLI::RuntimeError(1);
}

}  // namespace

void add_audit_show(CLI::App& audit, Surroundings& surroundings) {
  CLI::App* command = audit.add_subcommand("show", "Show one record, and whether it verifies");
  const auto options = std::make_shared<ShowOptions>();
  command->add_option("ID", options->id, "A record id, or a client's request id")->required()->type_name("");
  add_log_source(*command, options->source);
  command->add_option("--raw", options->raw, "Also write its octets into this folder")->type_name("DIR");
  command->add_flag("--json", options->json, "One JSON object: response, body, addenda");
  command->footer(kFooter);
  command->callback([options, &surroundings] { show(*options, surroundings); });
}

}  // namespace mpic::cli
