// Exports of a log: they are read as their store is, and whatever somebody put in their place is refused with a reason.
#include <fmt/format.h>
#include <sys/stat.h>

#include <functional>

#include "coordinator/audit/export_files.hpp"
#include "coordinator/audit/verification.hpp"
#include "mpic/v1/record.pb.h"
#include "tests/support/catch.hpp"
#include "tests/support/export_on_disk.hpp"
#include "tests/support/log_check.hpp"
#include "tests/support/log_on_disk.hpp"
#include "tests/support/store_on_disk.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace mpic::test;

namespace fs = std::filesystem;

namespace {

std::string ids_of(const Expected<std::vector<StoredRecord>>& found) {
  REQUIRE(found);
  std::string out;
  for (const StoredRecord& record : *found) out += record.record_id + " ";
  return out;
}

// Everything that a reader can be asked; the first Problem, or nothing.
std::string first_problem(const fs::path& folder) {
  const auto reader = read_export(folder);
  if (!reader) return reader.error().detail;
  const std::uint64_t size = (*reader)->size().value();
  for (std::uint64_t next = 0; next < size;) {
    const auto leaves = (*reader)->leaves(next, 3);
    if (!leaves) return leaves.error().detail;
    REQUIRE_FALSE(leaves->empty());
    next += leaves->size();
  }
  if (const auto found = (*reader)->find({}); !found) return found.error().detail;
  if (const auto record = (*reader)->record("none"); !record) return record.error().detail;
  return "";
}

void replace(const fs::path& file, const std::string& what, const std::string& with) {
  std::string text = octets_of(file);
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  write_octets(file, text.replace(at, what.size(), with));
}

const char* kEntries = "entries/000000.pb";

// The first entry of the export, changed; the rest as it was.
void change_first(const fs::path& folder, const std::function<void(v1::LogEntry&)>& change) {
  const auto file = ExportFile::open(folder, kEntries).value();
  std::uint64_t rest = 0;
  REQUIRE(file.skip(rest));
  const std::string all = octets_of(folder / kEntries);
  v1::LogEntry entry;
  const std::size_t head = rest > 127 + 1 ? 2 : 1;  // octets of its length: a snapshot has a few thousand
  REQUIRE(entry.ParseFromString(all.substr(head, rest - head)));
  change(entry);
  write_octets(folder / kEntries, delimited(entry.SerializeAsString()) + all.substr(rest));
}

}  // namespace

TEST_CASE("an export is read as the store that it is of", "[export][log]") {
  SampleLog log = sample_log(12, 30);
  const Folder folder;
  const fs::path exported = folder.path() / "export";
  write_export(exported, log);
  write_log(folder.file(), log, {log.checkpoint});
  const auto store = read_sqlite(folder.file()).value();
  const auto reader = read_export(exported).value();

  CHECK(reader->origin() == store->origin());
  CHECK(reader->source() == exported.string());
  CHECK(reader->size().value() == log.leaves.size());
  REQUIRE(reader->checkpoints({}, 10).value().size() == 1);
  CHECK(reader->checkpoints({}, 10).value().front().note == log.checkpoint);

  SECTION("leaf by leaf, in whatever parts and order") {
    const auto whole = all_leaves(*store);
    for (const std::size_t part : {std::size_t{1}, std::size_t{7}, std::size_t{1'000}}) {
      const auto leaves = all_leaves(*reader, part);
      REQUIRE(leaves.size() == whole.size());
      for (std::size_t i = 0; i < leaves.size(); ++i) {
        CHECK(leaves[i].index == whole[i].index);
        CHECK(leaves[i].kind == whole[i].kind);
        CHECK(leaves[i].body_sha256 == whole[i].body_sha256);
        CHECK(leaves[i].body == whole[i].body);
        CHECK(leaves[i].statement == whole[i].statement);
      }
    }
    CHECK(reader->leaves(20, 1).value().front().index == 20);
    CHECK(reader->leaves(3, 2).value().front().index == 3);
    CHECK(reader->leaves(log.leaves.size(), 1).value().empty());
    CHECK(reader->leaves(std::uint64_t{1} << 60U, 1).value().empty());
  }

  SECTION("what is looked for") {
    const auto all = store->find({}).value();
    REQUIRE(all.size() == 12);
    const StoredRecord& one = all[5];
    struct Row {
      const char* asked;
      std::function<void(RecordQuery&)> set;
    };
    const Row rows[] = {
        {"everything", [](RecordQuery&) {}},
        {"a name", [](RecordQuery& q) { q.identifier = "www.example.com"; }},
        {"names below another", [](RecordQuery& q) { q.identifier = "*.example.com"; }},
        {"a name that nobody asked for", [](RecordQuery& q) { q.identifier = "example.com"; }},
        {"a record", [&](RecordQuery& q) { q.record_id = one.record_id; }},
        {"a request", [&](RecordQuery& q) { q.request_id = one.request_id; }},
        {"a client", [&](RecordQuery& q) { q.client = one.client; }},
        {"another client", [](RecordQuery& q) { q.client = "nobody"; }},
        {"a trace", [](RecordQuery& q) { q.trace_id = "trace-1"; }},
        {"a verdict", [&](RecordQuery& q) { q.verdict = one.verdict; }},
        {"another verdict", [](RecordQuery& q) { q.verdict = "NOT_CORROBORATED"; }},
        {"a perspective", [](RecordQuery& q) { q.perspective = "pdx"; }},
        {"an outcome", [](RecordQuery& q) { q.outcome = "contradicts"; }},
        {"an outcome of a perspective", [](RecordQuery& q) { q.perspective = "jnb", q.outcome = "not_waited_for"; }},
        {"an outcome that only others had", [](RecordQuery& q) { q.perspective = "sin", q.outcome = "unreachable"; }},
        {"a time", [&](RecordQuery& q) { q.from = all[8].received, q.until = all[2].received; }},
        {"the newest few", [](RecordQuery& q) { q.most = 3; }},
    };
    for (const Row& row : rows) {
      INFO(row.asked);
      RecordQuery query;
      row.set(query);
      CHECK(ids_of(reader->find(query)) == ids_of(store->find(query)));
    }
  }

  SECTION("one record, with what came late, and its snapshot") {
    const auto all = store->find({}).value();
    std::size_t addenda = 0;
    for (const StoredRecord& listed : all) {
      const auto record = reader->record(listed.record_id).value();
      const auto kept = store->record(listed.record_id).value();
      REQUIRE(record);
      CHECK(record->body == kept->body);
      CHECK(record->statement == kept->statement);
      CHECK(record->leaf == kept->leaf);
      CHECK(record->rows.size() == kept->rows.size());
      REQUIRE(record->addenda.size() == kept->addenda.size());
      for (std::size_t i = 0; i < record->addenda.size(); ++i) {
        CHECK(record->addenda[i].body == kept->addenda[i].body);
        CHECK(record->addenda[i].leaf == kept->addenda[i].leaf);
        CHECK(record->addenda[i].perspective == kept->addenda[i].perspective);
      }
      addenda += record->addenda.size();
    }
    CHECK(addenda > 0);
    CHECK_FALSE(reader->record("none").value());
    const std::string& snapshot = log.leaves[SampleLog::kSnapshot].body;
    CHECK(reader->snapshot(evidence::sha256(snapshot)).value() == snapshot);
    CHECK_FALSE(reader->snapshot(Digest{}).value());
  }

  SECTION("and verified") {
    VerifyOptions options;
    options.log_keys = {evidence::NoteVerifier::from_vkey(log.vkey).value()};
    const auto report = verify_log(*reader, options).value();
    for (const Fault& fault : report.faults) FAIL_CHECK(fault.place << ": " << fault.why);
    CHECK(report.covered == log.leaves.size());
    CHECK(report.records == 12);
  }
}

TEST_CASE("an export of more entries than one file holds is read over its files", "[export][log]") {
  const SampleLog log = sample_log(2, kExportEntries + 20);
  const Folder folder;
  const fs::path exported = folder.path() / "export";
  write_export(exported, log);
  CHECK(first_problem(exported).empty());
  const auto reader = read_export(exported).value();
  const auto leaves = reader->leaves(kExportEntries - 2, 4).value();
  REQUIRE(leaves.size() == 4);
  for (std::size_t i = 0; i < leaves.size(); ++i) CHECK(leaves[i].index == kExportEntries - 2 + i);

  fs::remove(exported / entries_path(1));
  CHECK(first_problem(exported).find("000001.pb") != std::string::npos);
}

TEST_CASE("what is no export is refused with the file and the reason", "[export][log]") {
  struct Row {
    const char* is;
    std::function<void(const fs::path&)> deed;
    const char* file;  // that is named
    const char* why;
  };
  const auto json = [](const std::string& what, const std::string& with) {
    return [what, with](const fs::path& folder) { replace(folder / "export.json", what, with); };
  };
  const auto entries = [](const std::function<std::string(std::string)>& change) {
    return [change](const fs::path& folder) { write_octets(folder / kEntries, change(octets_of(folder / kEntries))); };
  };
  const auto first = [](const std::function<void(v1::LogEntry&)>& change) {
    return [change](const fs::path& folder) { change_first(folder, change); };
  };
  const auto instead = [](const char* file, const std::string& octets) {
    return [file, octets](const fs::path& folder) { write_octets(folder / file, octets); };
  };
  const Row rows[] = {
      {"nothing", [](const fs::path& f) { fs::remove_all(f); }, "export.json", "No such file"},
      {"without export.json", [](const fs::path& f) { fs::remove(f / "export.json"); }, "export.json", "No such file"},
      {"not JSON", instead("export.json", "{"), "export.json", "no JSON object"},
      {"a list", instead("export.json", "[]"), "export.json", "no JSON object"},
      {"JSON without a bottom", instead("export.json", std::string(60'000, '[')), "export.json", "no JSON object"},
      {"a huge export.json", instead("export.json", std::string(1'000'000, ' ')), "export.json", "longer than"},
      {"of a later format", json("mpic-log-export-1", "mpic-log-export-2"), "export.json", "its format is"},
      {"of a size below nothing", json("\"size\": 4", "\"size\": -4"), "export.json", "size"},
      {"of a size beyond any log", json("\"size\": 4", "\"size\": 9223372036854775807"), "export.json", "size"},
      {"of a size that is no integer", json("\"size\": 4", "\"size\": 4.0"), "export.json", "size"},
      {"of a size that is text", json("\"size\": 4", "\"size\": \"4\""), "export.json", "size"},
      {"with a field more", json("\"size\": 4", "\"more\": 1, \"size\": 4"), "export.json", "other fields"},
      {"without its software", json("\"software\"", "\"hardware\""), "export.json", "software"},
      {"of a log that none is called", json("\"origin\": \"", "\"origin\": \"two words "), "export.json", "origin"},
      {"with text beyond measure", json("mpic of a test", std::string(300, 'x')), "export.json", "longer than"},
      {"without a checkpoint", [](const fs::path& f) { fs::remove(f / "checkpoint"); }, "checkpoint", "No such file"},
      {"a checkpoint that is none", instead("checkpoint", "checkpoint\n"), "checkpoint", ""},
      {"a huge checkpoint", instead("checkpoint", std::string(100'000, 'x')), "checkpoint", "longer than"},
      {"a checkpoint of fewer leaves", json("\"size\": 4", "\"size\": 5"), "checkpoint", "is of 4 leaves"},
      {"a checkpoint of another log", json("\"origin\": \"", "\"origin\": \"x"), "checkpoint", "is of 4 leaves"},
      {"without entries", [](const fs::path& f) { fs::remove_all(f / "entries"); }, "entries", "No such file"},
      {"entries of nothing", instead(kEntries, ""), kEntries, "fewer entries"},
      {"cut off in a length", entries([](std::string all) { return all.substr(0, 1); }), kEntries, "cut off"},
      {"cut off in an entry", entries([](std::string all) { return all.substr(0, all.size() - 1); }), kEntries,
       "cut off"},
      {"a length beyond the file", entries([](const std::string& all) { return "\xff\xff\x03" + all; }), kEntries,
       "cut off"},
      {"a length beyond any entry", entries([](const std::string& all) { return "\xff\xff\xff\x7f" + all; }), kEntries,
       "longer than"},
      {"a length beyond any number", entries([](const std::string&) { return std::string(40, '\xff'); }), kEntries,
       "longer than"},
      {"a length that could be shorter",
       entries([](const std::string& all) { return std::string("\x80\x00", 2) + all; }), kEntries, "shortest form"},
      {"more than its entries", entries([](const std::string& all) { return all + '\0'; }), kEntries,
       "more than its entries"},
      {"an entry that is no message", entries([](const std::string& all) { return delimited("\xff\xff") + all; }),
       kEntries, "no LogEntry"},
      {"an entry of nothing", entries([](const std::string& all) { return '\0' + all; }), kEntries, "kind 0"},
      {"a kind that no leaf has", first([](v1::LogEntry& e) { e.set_kind(static_cast<v1::LeafKind>(9)); }), kEntries,
       "kind 9"},
      {"a hash that is cut", first([](v1::LogEntry& e) { e.mutable_body_sha256()->pop_back(); }), kEntries, "no hash"},
      {"a statement without a record", first([](v1::LogEntry& e) { e.set_statement("x"); }), kEntries, "no record"},
      {"a field that is not known",
       first([](v1::LogEntry& e) { e.GetReflection()->MutableUnknownFields(&e)->AddVarint(99, 1); }), kEntries,
       "not known"},
      {"export.json as a link",
       [](const fs::path& f) {
         fs::rename(f / "export.json", f / "elsewhere");
         fs::create_symlink(f / "elsewhere", f / "export.json");
       },
       "export.json", "link"},
      {"entries as a link to another place",
       [](const fs::path& f) {
         fs::rename(f / "entries", f / "elsewhere");
         fs::create_directory_symlink(f / "elsewhere", f / "entries");
       },
       "entries", "Not a directory"},
      {"a pipe, on which nobody waits",
       [](const fs::path& f) {
         fs::remove(f / kEntries);
         REQUIRE(::mkfifo((f / kEntries).c_str(), 0600) == 0);
       },
       kEntries, "no file"},
      {"a folder in place of a file",
       [](const fs::path& f) {
         fs::remove(f / "checkpoint");
         fs::create_directory(f / "checkpoint");
       },
       "checkpoint", "no file"},
  };
  const SampleLog log = sample_log();
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.is) {
      const Folder folder;
      const fs::path exported = folder.path() / "export";
      write_export(exported, log);
      REQUIRE(first_problem(exported).empty());
      row.deed(exported);
      const std::string problem = first_problem(exported);
      INFO(problem);
      REQUIRE_FALSE(problem.empty());
      CHECK(problem.find(row.file) != std::string::npos);
      CHECK(problem.find(row.why) != std::string::npos);
    }
  }
}

TEST_CASE("an export that was changed, and is one, does not verify", "[export][log]") {
  struct Row {
    const char* is;
    std::function<void(SampleLog&)> deed;
    const char* place;
  };
  const Row rows[] = {
      {"an octet of a record", [](SampleLog& log) { log.leaves[SampleLog::kRecord].body.back() ^= 1; }, "leaf 2"},
      {"a statement that is missing", [](SampleLog& log) { log.leaves[SampleLog::kRecord].statement.clear(); },
       "leaf 2"},
      {"two leaves in another order", [](SampleLog& log) { std::swap(log.leaves[0], log.leaves[1]); }, ""},
      {"a leaf twice", [](SampleLog& log) { log.leaves[1] = log.leaves[0]; }, ""},
      {"a body that is gone, and nothing says why",
       [](SampleLog& log) { log.leaves[SampleLog::kAddendum].body.clear(); }, "leaf 3"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.is) {
      SampleLog log = sample_log();
      const auto key = evidence::NoteVerifier::from_vkey(log.vkey).value();
      row.deed(log);
      const Folder folder;
      write_export(folder.path() / "export", log);
      VerifyOptions options;
      options.log_keys = {key};
      const auto report = verify_log(*read_export(folder.path() / "export").value(), options).value();
      CHECK(report.is_tampered());
      REQUIRE_FALSE(report.faults.empty());
      CHECK(std::any_of(report.faults.begin(), report.faults.end(),
                        [&](const Fault& fault) { return fault.place.find(row.place) != std::string::npos; }));
    }
  }
}
