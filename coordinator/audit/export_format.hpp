// The folder of an export, as docs/evidence_format.md describes it.
#pragma once

#include <cstdint>
#include <string>

#include "coordinator/audit/log_reader.hpp"

namespace mpic::coordinator {

inline constexpr const char* kExportFormat = "mpic-log-export-1";
inline constexpr const char* kExportDescription = "export.json";
inline constexpr const char* kExportCheckpoint = "checkpoint";
inline constexpr std::uint64_t kEntriesInFile = 10'000;

// "entries/000000.pb", below the folder.
[[nodiscard]] std::string entries_file(std::uint64_t number);

// Whether a record, with its rows, is one that is looked for.
[[nodiscard]] bool matches(const StoredRecord& record, const RecordQuery& query);

}  // namespace mpic::coordinator
