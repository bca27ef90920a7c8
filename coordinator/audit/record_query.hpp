// RecordQuery for sources without an index: what it means, record by record. Pure.
#pragma once

#include <string>
#include <vector>

#include "coordinator/audit/log_reader.hpp"

namespace mpic::coordinator {

// Whether everything that is set holds. An outcome and a perspective together: some row is both.
[[nodiscard]] bool matches(const RecordQuery& query, const StoredRecord& record);

// Of all that are added the newest, by time of receipt and then by leaf.
class NewestRecords {
 public:
  explicit NewestRecords(std::size_t most) : most_(most) {}
  void add(StoredRecord record);
  // Newest first.
  [[nodiscard]] std::vector<StoredRecord> take();

 private:
  void trim();
  std::size_t most_;
  std::vector<StoredRecord> records_;
};

// As a source with an index tells it, with the body. A body that is no addendum has neither record nor perspective.
[[nodiscard]] StoredAddendum stored_addendum(const LoggedLeaf& leaf);

}  // namespace mpic::coordinator
