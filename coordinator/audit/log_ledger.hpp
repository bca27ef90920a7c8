// The part of verifying a log that goes through it from its first leaf to its last: order, hashes, tree, checkpoints,
// and what must be there once or before something else. One record by itself is verify_record.hpp.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "coordinator/audit/checkpoint_check.hpp"
#include "coordinator/audit/verification.hpp"
#include "coordinator/audit/verify_record.hpp"

namespace mpic::coordinator {

class LogLedger {
 public:
  // All outlive it.
  LogLedger(LogReader& log, const VerifyOptions& options, VerifyReport& report)
      : log_(log),
        options_(options),
        report_(report),
        checkpoints_(log, options, report,
                     [this](std::string place, std::string why) { tampered(std::move(place), std::move(why)); }) {}

  // What the log was when its reading began. A Problem is the source's; so for what follows.
  [[nodiscard]] Expected<void> begin(LogHead head);
  // It has grown since: further leaves, up to that head's size, are to come.
  void go_on(LogHead head);
  // Each leaf in the order of the source.
  [[nodiscard]] Expected<void> enter(const LoggedLeaf& leaf);
  // Whether bodies are missing of which no event among the leaves so far tells: it may be one that came since.
  [[nodiscard]] bool misses_bodies() const { return !unexplained().empty(); }
  // After the last.
  [[nodiscard]] Expected<void> end();

  void add(std::vector<Fault> faults);
  // So many faults that more would tell nobody anything.
  [[nodiscard]] bool is_full() const { return report_.faults.size() >= options_.most_faults; }

  // Null: there is none, which is told.
  [[nodiscard]] const KnownSnapshot* snapshot_of(const std::string& hash) const;
  [[nodiscard]] std::span<const evidence::VerifyingKey> statement_keys() const { return statement_keys_; }
  // The leaf of that record, when it is one before this.
  [[nodiscard]] std::optional<std::uint64_t> record_before(const std::string& record_id, const LoggedLeaf& leaf) const;

 private:
  struct Run {  // of leaves
    std::uint64_t first;
    std::uint64_t last;
  };

  void tampered(std::string place, std::string why);
  void enter_body(const LoggedLeaf& leaf);
  void enter_record(const LoggedLeaf& leaf);
  void enter_addendum(const LoggedLeaf& leaf);
  void enter_snapshot(const LoggedLeaf& leaf);
  void enter_event(const LoggedLeaf& leaf);
  void enter_missing(const LoggedLeaf& leaf);
  void check_origin(const LoggedLeaf& leaf, const std::string& origin);
  void check_named_snapshot(const LoggedLeaf& leaf, const std::string& hash);
  [[nodiscard]] std::vector<Run> unexplained() const;
  void check_counted(const LoggedLeaf& event, const v1::Pruned& pruned);
  void check_running(const LoggedLeaf& leaf);
  void check_missing();
  void check_nodes();

  LogReader& log_;
  const VerifyOptions& options_;
  VerifyReport& report_;

  std::string origin_;
  evidence::GrowingTree tree_;
  std::vector<evidence::TreeNode> derived_nodes_;
  LogHead head_;
  CheckpointCheck checkpoints_;
  std::map<std::string, KnownSnapshot> snapshots_;  // by hash
  std::vector<evidence::VerifyingKey> statement_keys_;
  std::unordered_map<std::string, std::uint64_t> records_;  // id to index
  std::unordered_set<std::string> requests_;                // of clients
  std::set<std::string> addenda_;                           // record, attempt and perspective
  std::vector<Run> missing_;                                // leaves whose bodies are
  bool has_nameless_records_ = false;                       // pruned, in a source that does not tell their ids
  struct Pruning {
    std::uint64_t leaf;           // of the event
    std::uint64_t minimum_index;  // that it says
  };
  std::vector<Pruning> prunings_;
  std::vector<VerifyReport::Unvouched> unsigned_;  // that only a checkpoint can vouch for
  struct Decided {
    std::uint64_t leaf;
    TimePoint at;
  };
  std::vector<Decided> latest_;  // records that were decided later than every one before them
  bool is_stopped_ = false;      // a run has ended in order, and no other has begun
};

}  // namespace mpic::coordinator
