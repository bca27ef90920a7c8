// The checkpoints of a log, and those that were kept elsewhere, held against its tree while it grows by what is read.
//
// Those of the log are read a few at a time: there may be one for each second of years.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/audit/verification.hpp"

namespace mpic::coordinator {

class CheckpointCheck {
 public:
  using Tell = std::function<void(std::string place, std::string why)>;  // of what was tampered with

  // All outlive it. The report gets how many verify, how many leaves the largest of them covers, and by whose keys.
  CheckpointCheck(LogReader& log, const VerifyOptions& options, VerifyReport& report, Tell tell);

  // The newest of the log's own when it was looked at: what was signed since is left alone. Again: a newer one.
  void begin(const std::optional<StoredCheckpoint>& newest);
  // By which the log itself says that it is signed: believed where no key came from outside.
  void add_key_of_log(const evidence::NoteVerifier& key);
  // Before the first leaf and after each. A Problem is the source's.
  [[nodiscard]] Expected<void> hold_against(const evidence::GrowingTree& tree);
  // After the last leaf, of so many.
  [[nodiscard]] Expected<void> end(std::uint64_t leaves);

 private:
  enum class Standing : std::uint8_t { kHolds, kOtherRoot, kBeyondEnd };
  struct Sighting {
    std::string place;
    std::string note;
    std::uint64_t size;  // as it says, unverified
    Digest root;         // the same
  };

  // The next one of the log, null: there is none up to the newest.
  Expected<const StoredCheckpoint*> next();
  // None: it is no checkpoint, or of another size than it was kept as, which is told.
  std::optional<Sighting> seen(const StoredCheckpoint& kept);
  void judge(Sighting seen, Standing standing);
  [[nodiscard]] bool is_full() const { return report_.faults.size() >= options_.most_faults; }

  LogReader& log_;
  const VerifyOptions& options_;
  VerifyReport& report_;
  const Tell tell_;

  std::vector<evidence::NoteVerifier> keys_;
  std::multimap<std::uint64_t, Sighting> elsewhere_;  // by size
  // Signed by no key that is known so far: that of a snapshot further on may be it.
  std::vector<std::pair<Sighting, Standing>> waiting_;
  bool is_last_look_ = false;

  std::optional<std::uint64_t> newest_;
  std::optional<std::uint64_t> read_to_;
  std::deque<StoredCheckpoint> read_;
  bool is_read_ = false;  // up to the newest
};

}  // namespace mpic::coordinator
