#include "tests/support/damager.hpp"

#include <fmt/format.h>

#include "tests/support/log_on_disk.hpp"

namespace mpic::test {
namespace {

struct Column {
  const char* table;
  const char* name;
  const char* key;    // SQL of what names a row
  const char* place;  // with the key in the braces
};
constexpr Column kColumns[] = {
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
    {"attempts", "problem", "leaf", "leaf {}"},
    {"addenda", "record_id", "leaf", "leaf {}"},
    {"addenda", "perspective", "leaf", "leaf {}"},
    {"addenda", "body", "leaf", "leaf {}"},
    {"snapshots", "hash", "leaf", "leaf {}"},
    {"snapshots", "body", "leaf", "leaf {}"},
    {"events", "body", "leaf", "leaf {}"},
    {"nodes", "hash", "level || '/' || idx", "node {}"},
    {"checkpoints", "note", "size", "checkpoint of size {}"},
};
constexpr Column kNumbers[] = {
    {"leaves", "kind", "idx", "leaf {}"},         {"records", "received_ns", "leaf", "leaf {}"},
    {"records", "decided_ns", "leaf", "leaf {}"}, {"addenda", "received_ns", "leaf", "leaf {}"},
    {"events", "at_ns", "leaf", "leaf {}"},       {"checkpoints", "size", "size", "checkpoint of size {}"},
};

}  // namespace

Damager::Damager(std::filesystem::path file, std::uint64_t seed) : file_(std::move(file)), random_(seed) {}

Mutation Damager::next() {
  switch (pick(14)) {
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
    case 5:
      return reordered();
    case 6:
      return counted();
    default:
      return flipped();  // by far the most ways
  }
}

std::size_t Damager::pick(std::size_t below) {
  return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
}

std::vector<std::string> Damager::any_row(const std::string& columns, const std::string& from) {
  const auto rows = query_sql(file_, fmt::format("SELECT {} FROM {}", columns, from));
  return rows.at(pick(rows.size()));
}

// One bit of one octet, anywhere.
Mutation Damager::flipped() {
  const Column& column = kColumns[pick(std::size(kColumns))];
  const auto row = any_row(fmt::format("{0}, hex({1}), typeof({1})", column.key, column.name),
                           fmt::format("{} WHERE length({}) > 0", column.table, column.name));
  std::string hexadecimal = row[1];
  const std::size_t at = pick(hexadecimal.size() / 2) * 2;
  const bool is_text = row[2] == "text";
  const int octet = std::stoi(hexadecimal.substr(at, 2), nullptr, 16) ^ (1 << pick(is_text ? 5 : 8));
  hexadecimal.replace(at, 2, fmt::format("{:02X}", octet));
  const std::string value =
      is_text ? fmt::format("CAST(x'{}' AS TEXT)", hexadecimal) : fmt::format("x'{}'", hexadecimal);
  return {fmt::format("flipped {}.{}", column.table, column.name),
          fmt::format("UPDATE {0} SET {1} = {2} WHERE {3} = '{4}' AND hex({1}) = '{5}'", column.table, column.name,
                      value, column.key, row[0], row[1]),
          fmt::format(fmt::runtime(column.place), row[0])};
}

// A number that is another.
Mutation Damager::counted() {
  const Column& column = kNumbers[pick(std::size(kNumbers))];
  const std::string key = any_row(column.key, column.table)[0];
  const int by = pick(2) == 0 ? 1 : -1;
  const bool is_key = std::string_view(column.name) == column.key;
  const std::string changed =
      std::string_view(column.name) == "kind" ? "1 + kind % 4" : fmt::format("{} + {}", column.name, by);
  return {fmt::format("counted {}.{}", column.table, column.name),
          fmt::format("UPDATE {} SET {} = {} WHERE {} = {}", column.table, column.name, changed, column.key, key),
          fmt::format(fmt::runtime(column.place), is_key ? std::to_string(std::stoi(key) + by) : key)};
}

// A row of some table, or a whole leaf with its body.
Mutation Damager::deleted() {
  switch (pick(7)) {
    case 0: {
      const auto leaf = any_row("leaf", "attempts")[0];
      return {"deleted a row of attempts",
              fmt::format(
                  "DELETE FROM attempts WHERE leaf = {0} AND n = (SELECT max(n) FROM attempts WHERE leaf = {0})", leaf),
              "leaf " + leaf};
    }
    case 1: {
      const auto node = any_row("level, idx", "nodes");
      return {"deleted a node", fmt::format("DELETE FROM nodes WHERE level = {} AND idx = {}", node[0], node[1]),
              fmt::format("node {}/{}", node[0], node[1])};
    }
    case 2: {
      const auto leaf = any_row("leaf", "records")[0];
      return {"deleted a record's row", "DELETE FROM records WHERE leaf = " + leaf, "leaf " + leaf};
    }
    case 3: {
      const auto leaf = any_row("leaf", "events")[0];
      return {"deleted an event's row", "DELETE FROM events WHERE leaf = " + leaf, "leaf " + leaf};
    }
    case 4: {
      const auto leaf = any_row("leaf", "addenda")[0];
      return {"deleted an addendum's row", "DELETE FROM addenda WHERE leaf = " + leaf, "leaf " + leaf};
    }
    case 5: {
      const auto leaf = any_row("leaf", "records")[0];
      return {"deleted a record's leaf",
              fmt::format("DELETE FROM attempts WHERE leaf = {0}; DELETE FROM records WHERE leaf = {0}; "
                          "DELETE FROM leaves WHERE idx = {0}",
                          leaf),
              fmt::format("leaf {}", std::stoi(leaf) + 1)};  // what stands there now
    }
    default: {  // as if it had never been
      const int keep = std::stoi(any_row("leaf", "records")[0]);
      return {"deleted the end",
              fmt::format("DELETE FROM attempts WHERE leaf >= {0}; DELETE FROM addenda WHERE leaf >= {0}; "
                          "DELETE FROM records WHERE leaf >= {0}; DELETE FROM leaves WHERE idx >= {0}; "
                          "DELETE FROM checkpoints WHERE size > {0}; DELETE FROM nodes WHERE (idx + 1) * 256 > {0}",
                          keep),
              "checkpoint 1 from elsewhere"};
    }
  }
}

// Two records change places, or a part of them does.
Mutation Damager::swapped() {
  const auto a = any_row("leaf", "records")[0];
  const auto b = any_row("leaf", fmt::format("records WHERE leaf <> {}", a))[0];
  const auto exchange = [&](const std::string& column) {
    return fmt::format(
        "CREATE TEMP TABLE other AS SELECT * FROM records; "
        "UPDATE records SET {0} = (SELECT {0} FROM other o WHERE o.leaf = {1} + {2} - records.leaf) "
        "WHERE leaf IN ({1}, {2})",
        column, a, b);
  };
  switch (pick(3)) {
    case 0:
      return {"swapped statements", exchange("statement"), "leaf " + a};
    case 1:
      return {"swapped bodies", exchange("body"), "leaf " + b};
    default:  // with their hashes: each is whole and signed, at another place
      return {
          "swapped leaves",
          fmt::format("UPDATE leaves SET idx = -1 WHERE idx = {0}; UPDATE leaves SET idx = {0} WHERE idx = {1}; "
                      "UPDATE leaves SET idx = {1} WHERE idx = -1; "
                      "UPDATE attempts SET leaf = -1 - leaf WHERE leaf IN ({0}, {1}); "
                      "UPDATE records SET leaf = -1 WHERE leaf = {0}; UPDATE records SET leaf = {0} WHERE leaf = {1}; "
                      "UPDATE records SET leaf = {1} WHERE leaf = -1; "
                      "UPDATE attempts SET leaf = {1} WHERE leaf = -1 - {0}; "
                      "UPDATE attempts SET leaf = {0} WHERE leaf = -1 - {1}",
                      a, b),
          "checkpoint 1 from elsewhere"};
  }
}

// What was validly signed at another time stands where something else was.
Mutation Damager::replayed() {
  if (pick(2) == 0) {
    const auto last = query_sql(file_, "SELECT max(size) FROM checkpoints").at(0).at(0);
    return {"replayed a checkpoint",
            fmt::format("UPDATE checkpoints SET note = (SELECT note FROM checkpoints ORDER BY size LIMIT 1) "
                        "WHERE size = {}",
                        last),
            "checkpoint of size " + last};
  }
  const auto a = any_row("leaf", "records")[0];
  const auto b = any_row("leaf", fmt::format("records WHERE leaf <> {}", a))[0];
  return {
      "replayed a record",
      fmt::format("UPDATE records SET body = (SELECT body FROM records WHERE leaf = {1}), "
                  "statement = (SELECT statement FROM records WHERE leaf = {1}) WHERE leaf = {0}; "
                  "UPDATE leaves SET body_sha256 = (SELECT body_sha256 FROM leaves WHERE idx = {1}) WHERE idx = {0}",
                  a, b),
      "leaf " + a};
}

// A leaf that is there already is written once more, at the end.
Mutation Damager::doubled() {
  const auto end = query_sql(file_, "SELECT max(idx) + 1 FROM leaves").at(0).at(0);
  if (pick(2) == 0) {
    const auto leaf = any_row("leaf", "addenda")[0];
    return {
        "doubled an addendum",
        fmt::format("INSERT INTO addenda SELECT {0}, record_id, perspective, received_ns, body FROM addenda "
                    "WHERE leaf = {1}; INSERT INTO leaves SELECT {0}, kind, body_sha256 FROM leaves WHERE idx = {1}",
                    end, leaf),
        "leaf " + end};
  }
  const auto leaf = any_row("leaf", "records")[0];
  return {"doubled a record",
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
Mutation Damager::emptied() {
  const auto leaf = any_row("leaf", "records")[0];
  return {"emptied a record",
          fmt::format("UPDATE records SET body = x'', statement = x'' WHERE leaf = {0}; "
                      "DELETE FROM attempts WHERE leaf = {0}",
                      leaf),
          "leaf " + leaf};
}

// Rows of one record in another order, or the addenda of two records in each other's place.
Mutation Damager::reordered() {
  if (pick(2) == 0) {
    const auto leaf = any_row("leaf", "attempts WHERE n > 0")[0];
    return {"reordered rows", fmt::format("UPDATE attempts SET n = 1000 - n WHERE leaf = {}", leaf), "leaf " + leaf};
  }
  const auto a = any_row("leaf", "addenda")[0];
  const auto b = any_row("leaf", fmt::format("addenda WHERE leaf <> {}", a))[0];
  const auto exchange = [&](const char* table, const char* key, const char* column) {
    return fmt::format(
        "UPDATE {0} SET {2} = (SELECT {2} FROM other o WHERE o.{1} = {3} + {4} - {0}.{1}) WHERE {1} IN ({3}, {4}); ",
        table, key, column, a, b);
  };
  std::string sql = "CREATE TEMP TABLE other AS SELECT * FROM addenda; ";
  for (const char* column : {"record_id", "perspective", "received_ns", "body"})
    sql += exchange("addenda", "leaf", column);
  sql +=
      "DROP TABLE other; CREATE TEMP TABLE other AS SELECT * FROM leaves; " + exchange("leaves", "idx", "body_sha256");
  return {"exchanged addenda", sql, fmt::format("leaf {}", std::min(std::stoi(a), std::stoi(b)))};
}

}  // namespace mpic::test
