// What the tests of the record store share: a folder, records that can be told to be whole, and waiting for the store.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "coordinator/audit/sqlite_store.hpp"

namespace mpic::test {

inline constexpr const char* kLog = "mpic.test/unit";

// A folder of its own, gone at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path file() const { return path_ / "records.sqlite"; }

 private:
  std::filesystem::path path_;
};

// Waits for it.
Expected<std::uint64_t> append(coordinator::RecordStore& store, coordinator::StoredRecord record);
Expected<std::uint64_t> append(coordinator::RecordStore& store, coordinator::StoredAddendum addendum);

// Its body, rows and statement follow from the id.
coordinator::StoredRecord record_of(const std::string& id);
coordinator::StoredPlan plan_of(const std::string& id);

// What is wrong with this record as it was found; none when it is whole: every row, and a statement over its body.
std::optional<std::string> fault_of(const Expected<std::optional<coordinator::StoredRecord>>& found,
                                    const std::string& id);

}  // namespace mpic::test
