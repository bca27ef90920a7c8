// A log in a real store's file, and ways to damage it behind every program's back.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "coordinator/audit/record_store.hpp"
#include "tests/support/sample_log.hpp"

namespace mpic::test {

// Writes the leaves of `log` into a new SQLite store, with rows and columns as the coordinator writes them, and then
// `checkpoints`, signed notes.
void write_log(const std::filesystem::path& file, const SampleLog& log, const std::vector<std::string>& checkpoints);

// The same into any store.
void write_leaves(coordinator::RecordStore& store, const SampleLog& log, const std::vector<std::string>& checkpoints);

// What this log's key would have signed when it had `size` leaves.
[[nodiscard]] std::string checkpoint_of(SampleLog& log, std::uint64_t size);

// Runs SQL on a file that nobody has open; throws std::runtime_error with SQLite's words.
void run_sql(const std::filesystem::path& file, const std::string& sql);
// All columns of each row.
[[nodiscard]] std::vector<std::vector<std::string>> query_sql(const std::filesystem::path& file,
                                                              const std::string& sql);

// As SQL writes octets: x'00ff'.
[[nodiscard]] std::string sql_blob(const std::string& octets);

}  // namespace mpic::test
