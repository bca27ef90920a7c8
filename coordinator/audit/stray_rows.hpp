// Rows of a store that belong to no leaf of its log: nobody who reads leaf by leaf would see them, and whoever looks
// for a name would.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace mpic::coordinator {

// One statement for either kind of store; of each such row the table and the leaf that it is said to be, the same once.
// `log`: the condition that holds for rows of this log, of a table called t, with AND; empty where there is one log.
// `most`: the place of the number of rows that are wanted.
inline std::string stray_rows_sql(std::string_view log, std::string_view most) {
  struct Table {
    const char* name;
    int kind;  // of the leaf that a row is
  };
  constexpr Table kTables[] = {{"records", 1}, {"addenda", 2}, {"snapshots", 3}, {"events", 4}, {"attempts", 1}};
  std::string out = fmt::format("SELECT 'leaves' AS named, t.idx AS leaf FROM leaves t WHERE {}t.idx < 0", log);
  for (const Table& table : kTables) {
    out += fmt::format(
        " UNION ALL SELECT '{0}', s.leaf FROM (SELECT DISTINCT t.leaf FROM {0} t WHERE {2}1 = 1) s WHERE s.leaf < 0 OR "
        "NOT EXISTS (SELECT 1 FROM leaves t WHERE {2}t.idx = s.leaf AND t.kind = {1})",
        table.name, table.kind, log);
  }
  return out + fmt::format(" LIMIT {}", most);
}

}  // namespace mpic::coordinator
