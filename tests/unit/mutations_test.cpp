// A thousand ways in which somebody with write access to a store could change a log: each one is found, and named.
//
// MPIC_MUTATIONS sets how many; the seed is printed.
#include <fmt/format.h>
#include <sqlite3.h>

#include <cstdlib>
#include <random>

#include "common/evidence/checkpoint.hpp"
#include "coordinator/audit/verification.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/log_on_disk.hpp"
#include "tests/support/store_on_disk.hpp"

namespace mpic::test {
namespace {

using namespace coordinator;

constexpr std::size_t kRecords = 20;
constexpr std::size_t kEvents = 250;  // so that there is a hash of level 1

std::size_t how_many() {
  const char* told = std::getenv("MPIC_MUTATIONS");
  return told == nullptr ? 1'000 : std::stoul(told);
}

// What was done, and what the verifier must point at.
struct Mutation {
  std::string sql;
  std::string place;  // a part of the place or the reason that is told
};

class Damager {
 public:
  Damager(std::filesystem::path file, std::uint64_t seed) : file_(std::move(file)), random_(seed) {}

  Mutation next() {
    switch (pick(12)) {
      case 0:
        return deleted();
      case 1:
        return swapped();
      case 2:
        return replayed();
      case 3:
        return doubled();
      case 4:
        return emptied();
      default:
        return flipped();  // by far the most ways
    }
  }

 private:
  struct Column {
    const char* table;
    const char* name;
    const char* key;    // SQL of what names a row
    const char* place;  // with the key in the braces
  };
  static constexpr Column kColumns[] = {
      {"leaves", "body_sha256", "idx", "leaf {}"},
      {"records", "record_id", "leaf", "leaf {}"},
      {"records", "client", "leaf", "leaf {}"},
      {"records", "request_id", "leaf", "leaf {}"},
      {"records", "trace_id", "leaf", "leaf {}"},
      {"records", "identifier", "leaf", "leaf {}"},
      {"records", "verdict", "leaf", "leaf {}"},
      {"records", "body", "leaf", "leaf {}"},
      {"records", "statement", "leaf", "leaf {}"},
      {"attempts", "attempt_id", "leaf", "leaf {}"},
      {"attempts", "perspective", "leaf", "leaf {}"},
      {"attempts", "role", "leaf", "leaf {}"},
      {"attempts", "rir", "leaf", "leaf {}"},
      {"attempts", "check_kind", "leaf", "leaf {}"},
      {"attempts", "outcome", "leaf", "leaf {}"},
      {"addenda", "record_id", "leaf", "leaf {}"},
      {"addenda", "perspective", "leaf", "leaf {}"},
      {"addenda", "body", "leaf", "leaf {}"},
      {"snapshots", "hash", "leaf", "leaf {}"},
      {"snapshots", "body", "leaf", "leaf {}"},
      {"events", "body", "leaf", "leaf {}"},
      {"nodes", "hash", "level || '/' || idx", "node {}"},
      {"checkpoints", "note", "size", "checkpoint of size {}"},
  };
  static constexpr Column kNumbers[] = {
      {"leaves", "kind", "idx", "leaf {}"},         {"records", "received_ns", "leaf", "leaf {}"},
      {"records", "decided_ns", "leaf", "leaf {}"}, {"addenda", "received_ns", "leaf", "leaf {}"},
      {"events", "at_ns", "leaf", "leaf {}"},       {"checkpoints", "size", "size", "checkpoint of size {}"},
  };

  std::size_t pick(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }

  std::vector<std::string> any_row(const std::string& columns, const std::string& from) {
    const auto rows = query_sql(file_, fmt::format("SELECT {} FROM {}", columns, from));
    return rows.at(pick(rows.size()));
  }

  // One bit of one octet, anywhere.
  Mutation flipped() {
    if (pick(6) == 0) return counted();
    const Column& column = kColumns[pick(std::size(kColumns))];
    const auto row =
        any_row(fmt::format("rowid, {0}, hex({1}), typeof({1})", column.key, column.name),
                std::string(column.table) == "nodes" || std::string(column.table) == "attempts"
                    ? fmt::format("(SELECT 0 AS rowid, * FROM {}) WHERE length({}) > 0", column.table, column.name)
                    : fmt::format("{} WHERE length({}) > 0", column.table, column.name));
    std::string hexadecimal = row[2];
    const std::size_t at = pick(hexadecimal.size() / 2) * 2;
    const bool is_text = row[3] == "text";
    const int octet = std::stoi(hexadecimal.substr(at, 2), nullptr, 16) ^ (1 << pick(is_text ? 5 : 8));
    hexadecimal.replace(at, 2, fmt::format("{:02X}", octet));
    const std::string value =
        is_text ? fmt::format("CAST(x'{}' AS TEXT)", hexadecimal) : fmt::format("x'{}'", hexadecimal);
    return {fmt::format("UPDATE {0} SET {1} = {2} WHERE {3} = '{4}' AND hex({1}) = '{5}'", column.table, column.name,
                        value, column.key, row[1], row[2]),
            fmt::format(fmt::runtime(column.place), row[1])};
  }

  Mutation counted() {
    const Column& column = kNumbers[pick(std::size(kNumbers))];
    const auto row = any_row(column.key, column.table);
    const int by = pick(2) == 0 ? 1 : -1;
    const std::string changed =
        std::string(column.name) == "kind" ? "1 + kind % 4" : fmt::format("{} + {}", column.name, by);
    return {
        fmt::format("UPDATE {} SET {} = {} WHERE {} = {}", column.table, column.name, changed, column.key, row[0]),
        std::string(column.name) == "size" ? "checkpoint of size" : fmt::format(fmt::runtime(column.place), row[0])};
  }

  // A row of some table, or a whole leaf with its body.
  Mutation deleted() {
    switch (pick(6)) {
      case 0: {
        const auto leaf = any_row("leaf", "attempts")[0];
        return {
            fmt::format("DELETE FROM attempts WHERE leaf = {0} AND n = (SELECT max(n) FROM attempts WHERE leaf = {0})",
                        leaf),
            "leaf " + leaf};
      }
      case 1: {
        const auto node = any_row("level, idx", "nodes");
        return {fmt::format("DELETE FROM nodes WHERE level = {} AND idx = {}", node[0], node[1]),
                fmt::format("node {}/{}", node[0], node[1])};
      }
      case 2: {
        const auto leaf = any_row("leaf", "records")[0];
        return {fmt::format("DELETE FROM records WHERE leaf = {}", leaf), "leaf"};
      }
      case 3: {
        const auto leaf = any_row("leaf", "events")[0];
        return {fmt::format("DELETE FROM events WHERE leaf = {}", leaf), "leaf"};
      }
      case 4: {
        const auto leaf = any_row("leaf", "records")[0];
        return {fmt::format("DELETE FROM attempts WHERE leaf = {0}; DELETE FROM records WHERE leaf = {0}; "
                            "DELETE FROM leaves WHERE idx = {0}",
                            leaf),
                fmt::format("leaf {}", std::stoi(leaf) + 1)};  // what stands there now
      }
      default: {  // the end, as if it had never been
        const int keep = std::stoi(any_row("leaf", "records")[0]);
        return {fmt::format("DELETE FROM attempts WHERE leaf >= {0}; DELETE FROM addenda WHERE leaf >= {0}; "
                            "DELETE FROM records WHERE leaf >= {0}; DELETE FROM leaves WHERE idx >= {0}; "
                            "DELETE FROM checkpoints WHERE size > {0}; DELETE FROM nodes WHERE (idx + 1) * 256 > {0}",
                            keep),
                "checkpoint 1 from elsewhere"};
      }
    }
  }

  // Two records change places, or the first of two gets a part of the other (SQLite changes row after row, so that the
  // second finds its own there).
  Mutation swapped() {
    const auto a = any_row("leaf", "records")[0];
    const auto b = any_row("leaf", fmt::format("records WHERE leaf <> {}", a))[0];
    const auto exchange = [&](const std::string& column) {
      return fmt::format(
          "UPDATE records SET {0} = (SELECT {0} FROM records r WHERE r.leaf = {1} + {2} - records.leaf) "
          "WHERE leaf IN ({1}, {2})",
          column, a, b);
    };
    const std::string first = fmt::format("leaf {}", std::min(std::stoi(a), std::stoi(b)));
    switch (pick(3)) {
      case 0:
        return {exchange("statement"), first};
      case 1:
        return {exchange("body"), first};
      default:  // with their hashes: each is whole and signed, at another place
        return {fmt::format(
                    "UPDATE leaves SET idx = -1 WHERE idx = {0}; UPDATE leaves SET idx = {0} WHERE idx = {1}; "
                    "UPDATE leaves SET idx = {1} WHERE idx = -1; "
                    "UPDATE attempts SET leaf = -1 - leaf WHERE leaf IN ({0}, {1}); "
                    "UPDATE records SET leaf = -1 WHERE leaf = {0}; UPDATE records SET leaf = {0} WHERE leaf = {1}; "
                    "UPDATE records SET leaf = {1} WHERE leaf = -1; "
                    "UPDATE attempts SET leaf = {1} WHERE leaf = -1 - {0}; "
                    "UPDATE attempts SET leaf = {0} WHERE leaf = -1 - {1}",
                    a, b),
                "checkpoint"};
    }
  }

  // What was validly signed at another time stands where something else was.
  Mutation replayed() {
    if (pick(2) == 0) {
      const auto last = query_sql(file_, "SELECT max(size) FROM checkpoints").at(0).at(0);
      return {fmt::format("UPDATE checkpoints SET note = (SELECT note FROM checkpoints ORDER BY size LIMIT 1) "
                          "WHERE size = {}",
                          last),
              "checkpoint of size " + last};
    }
    const auto a = any_row("leaf", "records")[0];
    const auto b = any_row("leaf", fmt::format("records WHERE leaf <> {}", a))[0];
    return {
        fmt::format("UPDATE records SET body = (SELECT body FROM records WHERE leaf = {1}), "
                    "statement = (SELECT statement FROM records WHERE leaf = {1}) WHERE leaf = {0}; "
                    "UPDATE leaves SET body_sha256 = (SELECT body_sha256 FROM leaves WHERE idx = {1}) WHERE idx = {0}",
                    a, b),
        "leaf " + a};
  }

  // A leaf that is there already is written once more, at the end.
  Mutation doubled() {
    const auto end = query_sql(file_, "SELECT max(idx) + 1 FROM leaves").at(0).at(0);
    if (pick(2) == 0) {
      const auto leaf = any_row("leaf", "addenda")[0];
      return {
          fmt::format("INSERT INTO addenda SELECT {0}, record_id, perspective, received_ns, body FROM addenda "
                      "WHERE leaf = {1}; INSERT INTO leaves SELECT {0}, kind, body_sha256 FROM leaves WHERE idx = {1}",
                      end, leaf),
          "leaf " + end};
    }
    const auto leaf = any_row("leaf", "records")[0];
    return {
        fmt::format(
            "INSERT INTO records SELECT {0}, 'f' || substr(record_id, 2), client, request_id || '/again', trace_id, "
            "identifier, verdict, received_ns, decided_ns, body, statement FROM records WHERE leaf = {1}; "
            "INSERT INTO attempts SELECT {0}, n, attempt_id, perspective, role, rir, check_kind, outcome, problem "
            "FROM attempts WHERE leaf = {1}; "
            "INSERT INTO leaves SELECT {0}, kind, body_sha256 FROM leaves WHERE idx = {1}",
            end, leaf),
        "leaf " + end};
  }

  // As if it had been pruned.
  Mutation emptied() {
    const auto leaf = any_row("leaf", "records")[0];
    return {fmt::format("UPDATE records SET body = x'', statement = x'' WHERE leaf = {0}; "
                        "DELETE FROM attempts WHERE leaf = {0}",
                        leaf),
            "leaf " + leaf};
  }

  const std::filesystem::path file_;
  std::mt19937_64 random_;
};

// What a verifier tells, in one text; empty: nothing is wrong.
std::string told(const std::filesystem::path& file, const VerifyOptions& options) {
  const auto log = read_sqlite(file.string());
  if (!log) return "cannot be read: " + log.error().detail;
  const auto report = verify_log(**log, options);
  if (!report) return "cannot be read: " + report.error().detail;
  std::string out;
  for (const Fault& fault : report->faults) out += fmt::format("{}: {}\n", fault.place, fault.why);
  return out;
}

// False where the schema itself does not let it be: an id that another row has.
bool is_damaged(const std::filesystem::path& file, const Mutation& mutation) {
  try {
    run_sql(file, "PRAGMA foreign_keys = OFF; " + mutation.sql);
    return true;
  } catch (const std::runtime_error& error) {
    if (std::string_view(error.what()).find("UNIQUE") == std::string_view::npos) throw;
    return false;
  }
}

VerifyOptions from_outside(const SampleLog& log) {
  VerifyOptions options;
  options.log_keys = {evidence::NoteVerifier::from_vkey(log.vkey).value()};
  options.checkpoints = {log.checkpoint};
  return options;
}

}  // namespace

TEST_CASE("every change to a log is found and named", "[verification][mutations]") {
  const Folder folder;
  SampleLog log = sample_log(kRecords, kEvents);
  const std::size_t before = log.leaves.size() / 2;
  write_log(folder.file(), log, {checkpoint_of(log, before), log.checkpoint});
  const VerifyOptions options = from_outside(log);
  REQUIRE(told(folder.file(), options).empty());

  const std::uint64_t seed = std::random_device{}();
  INFO("seed " << seed);
  Damager damager(folder.file(), seed);
  const auto copy = folder.path() / "damaged.sqlite";
  const std::size_t wanted = how_many();
  std::size_t found = 0;
  for (std::size_t i = 0; i < wanted;) {
    const Mutation mutation = damager.next();
    std::filesystem::copy_file(folder.file(), copy, std::filesystem::copy_options::overwrite_existing);
    if (!is_damaged(copy, mutation)) continue;
    ++i;
    const std::string said = told(copy, options);
    INFO(mutation.sql);
    INFO("told: " << said.substr(0, 2'000));
    const bool is_named = said.find(mutation.place) != std::string::npos;
    if (!is_named) CHECK(said.find(mutation.place) != std::string::npos);
    found += is_named ? 1 : 0;
    for (const char* beside : {"-wal", "-shm"}) std::filesystem::remove(copy.string() + beside);
  }
  CHECK(found == wanted);
}

TEST_CASE("a log that was written anew with other keys is not the one that is known", "[verification]") {
  const Folder folder;
  SampleLog log = sample_log(2, 1);
  write_log(folder.file(), log, {log.checkpoint});
  VerifyOptions options;  // nothing from outside: it is whole in itself
  CHECK(told(folder.file(), options).empty());
  const auto other = evidence::NoteSigner::generate(log.origin);
  options.log_keys = {other.verifier()};
  CHECK_THAT(told(folder.file(), options), Catch::Contains("checkpoint of size"));
}

}  // namespace mpic::test
