// The part of verifying a log that goes through it from its first leaf to its last: order, hashes, tree, checkpoints,
// and what must be there once or before something else. One record by itself is verify_record.hpp.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "coordinator/audit/verification.hpp"
#include "coordinator/audit/verify_record.hpp"

namespace mpic::coordinator {

class LogLedger {
 public:
  // All outlive it.
  LogLedger(LogReader& log, const VerifyOptions& options, VerifyReport& report)
      : log_(log), options_(options), report_(report) {}

  // Reads what the log keeps beside its leaves. A Problem is the source's.
  [[nodiscard]] Expected<void> begin();
  // Each leaf in the order of the source.
  void enter(const LoggedLeaf& leaf);
  // After the last; `size` is what the source says its size is.
  [[nodiscard]] Expected<void> end(std::uint64_t size);

  void add(std::vector<Fault> faults);
  // So many faults that more would tell nobody anything.
  [[nodiscard]] bool is_full() const { return report_.faults.size() >= options_.most_faults; }

  // Null: there is none, which is told.
  [[nodiscard]] const KnownSnapshot* snapshot_of(const std::string& hash) const;
  [[nodiscard]] std::span<const evidence::VerifyingKey> statement_keys() const { return statement_keys_; }
  // The leaf of that record, when it is one before this.
  [[nodiscard]] std::optional<std::uint64_t> record_before(const std::string& record_id, const LoggedLeaf& leaf) const;

 private:
  struct Sighting {
    std::string place;
    evidence::Checkpoint says;  // unverified
    std::string note;
    bool from_outside = false;
    bool has_its_root = false;  // the log's first `size` leaves have this root
  };

  void tampered(std::string place, std::string why);
  void enter_record(const LoggedLeaf& leaf);
  void enter_addendum(const LoggedLeaf& leaf);
  void enter_snapshot(const LoggedLeaf& leaf);
  void enter_event(const LoggedLeaf& leaf);
  void enter_missing(const LoggedLeaf& leaf);
  void grow(const LoggedLeaf& leaf);
  void add_sighting(std::string place, const std::string& note, bool from_outside);
  void check_origin(const LoggedLeaf& leaf, const std::string& origin);
  void check_named_snapshot(const LoggedLeaf& leaf, const std::string& hash);
  void check_missing();
  void check_nodes();
  void check_checkpoints();

  LogReader& log_;
  const VerifyOptions& options_;
  VerifyReport& report_;

  std::string origin_;
  evidence::GrowingTree tree_;
  std::vector<evidence::TreeNode> derived_nodes_;
  std::vector<evidence::TreeNode> kept_nodes_;
  std::multimap<std::uint64_t, Sighting> checkpoints_;  // by size
  std::map<std::string, KnownSnapshot> snapshots_;      // by hash
  std::vector<evidence::VerifyingKey> statement_keys_;
  std::unordered_map<std::string, std::uint64_t> records_;  // id to index
  std::unordered_set<std::string> requests_;                // of clients
  std::set<std::string> addenda_;                           // record, attempt and perspective
  struct Run {
    std::uint64_t first;
    std::uint64_t last;
  };
  std::vector<Run> missing_;           // leaves whose bodies are
  bool has_nameless_records_ = false;  // pruned, in a source that does not tell their ids
  struct Pruning {
    std::uint64_t leaf;           // of the event
    std::uint64_t minimum_index;  // that it says
  };
  std::vector<Pruning> prunings_;
};

}  // namespace mpic::coordinator
