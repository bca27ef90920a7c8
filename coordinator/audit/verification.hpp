// Verifies a log offline: that nothing in it was changed, and that every verdict follows from its evidence.
//
// Pure but for what it reads through LogReader: no clock, no network. The coordinator's own stages judge again
// (coordinator/pipeline, common/rules), as of the record's own time.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/evidence/checkpoint.hpp"
#include "coordinator/audit/log_reader.hpp"
#include "mpic/v1/record.pb.h"

namespace mpic::coordinator {

// What is wrong, in the order of gravity.
enum class FaultKind : std::uint8_t {
  kTampered = 1,      // octets, signatures, bindings, order or the tree are not as they were written
  kDoesNotFollow,     // unchanged, but by the rules that it names the verdict is another: a mistake, or a false verdict
  kJudgedDifferently  // unchanged, and today's rules would judge differently than those of its ruleset version
};

struct Fault {
  FaultKind kind;
  // Where: "leaf 17, record 0123…", "checkpoint of size 200", "node 1/3".
  std::string place;
  std::string why;  // one sentence
};

// How one record stands. Told of every fault at once, not of the first only.
// `leaf` has a body. `snapshot`: the serialized DeploymentSnapshot that the body names.
[[nodiscard]] std::vector<Fault> verify_record(const LoggedLeaf& leaf, const std::string& snapshot);

struct VerifyOptions {
  // Believed from outside, of this log's name: a log without a checkpoint that one of them signed is another's. Empty:
  // the checkpoint keys of the log's own snapshots, which proves only that the log is whole in itself, and is said so.
  std::vector<evidence::NoteVerifier> log_keys;
  // Kept elsewhere: each must be of this log, signed, and its tree the beginning of this one.
  std::vector<std::string> checkpoints;
  std::size_t most_faults = 1'000;  // then it stops
  std::size_t threads = 1;
  std::function<void(std::uint64_t done, std::uint64_t of)> progress = [](std::uint64_t, std::uint64_t) {};
};

struct VerifyReport {
  std::string origin;
  std::uint64_t leaves = 0;
  std::uint64_t records = 0;  // that were judged again
  std::uint64_t pruned = 0;   // bodies that are gone; without a fault: rightly
  std::uint64_t addenda = 0;
  std::uint64_t snapshots = 0;
  std::uint64_t events = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t covered = 0;  // leaves under a checkpoint that verified; the rest are too new, or it is said
  // Under no checkpoint, and by themselves signed by nobody: snapshots, whose keys others are verified by, and events
  // that tell of pruning.
  struct Unvouched {
    std::uint64_t leaf;
    evidence::LeafKind kind;
  };
  std::vector<Unvouched> unvouched;
  bool trusts_itself = true;  // no checkpoint was opened by a key from outside
  std::vector<Fault> faults;
  std::uint64_t more_faults = 0;  // that were not kept
  [[nodiscard]] bool is_tampered() const;
};

// A Problem: the source could not be read to its end. Faults are no Problem.
[[nodiscard]] Expected<VerifyReport> verify_log(LogReader& log, const VerifyOptions& options);

}  // namespace mpic::coordinator
