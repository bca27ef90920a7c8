// Whatever a scenario is about: an auditor finds nothing wrong with any record that it leaves.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "coordinator/settings.hpp"
#include "tests/support/fake_store.hpp"

namespace mpic::test {

class Auditor {
 public:
  // Remembers what the deployment is; returns the hash that records name it by.
  Digest keep(const coordinator::Settings& settings);
  // Of every record and addendum, verified and judged again.
  [[nodiscard]] std::vector<std::string> faults_of(const FakeStore& store) const;

 private:
  [[nodiscard]] const std::string& snapshot_of(const coordinator::StoredRecord& record) const;

  std::map<std::string, std::string> snapshots_;  // by hash
};

}  // namespace mpic::test
