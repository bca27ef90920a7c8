// How records are looked for in the tables of a SQLite file: which question is put to which index.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "coordinator/audit/log_reader.hpp"

namespace mpic::coordinator {

struct FindStatement {
  std::string sql;  // its rows are kRecordColumns
  std::vector<std::variant<std::string, std::int64_t>> values;
};

// A name, an id or an outcome that is none of agreement is looked up in its index; names below another in the index of
// names alone; all else is looked for from the newest record on, within the times that are given, until there are
// enough.
[[nodiscard]] FindStatement find_statement(const RecordQuery& query);

}  // namespace mpic::coordinator
