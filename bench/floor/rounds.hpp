// The pattern of every floor: rounds, so many in flight; each asks the Primary, then the six remotes at once.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace mpic::floor {

inline constexpr unsigned kPerspectives = 7;

struct RoundsPlan {
  unsigned in_flight = 64;
  unsigned parts = 1;    // answers that come of asking one perspective once
  double warm_up = 0.5;  // seconds not counted: connections, channels and memory are made in them
  double seconds = 5;
};

// Safe from any thread.
class Rounds {
 public:
  // Asks one perspective on behalf of a slot, below `in_flight`; answers are told to answered().
  using Ask = std::function<void(unsigned slot, std::uint64_t round, unsigned perspective)>;

  Rounds(RoundsPlan plan, Ask ask);

  void start();
  void answered(unsigned slot, bool good);
  void wait();  // for the last round; afterwards nothing is asked any more
  [[nodiscard]] bool over() const { return done_.load(); }

  // What came of it, as members of a JSON object, without braces. Processor time is that of this process.
  [[nodiscard]] std::string report() const;
  [[nodiscard]] bool good() const { return bad_.load() == 0 && rounds_.load() != 0; }

 private:
  struct alignas(64) Slot {
    std::atomic<unsigned> left{0};
    std::uint64_t round = 0;
    bool remotes = false;
  };
  void begin(unsigned slot);
  void begin_to_count();

  const RoundsPlan plan_;
  const Ask ask_;
  std::vector<Slot> slots_;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point began_;  // of what is counted
  std::chrono::steady_clock::time_point ended_;
  double processor_before_ = 0;
  double processor_after_ = 0;
  std::atomic<bool> counting_{false};
  std::uint64_t not_counted_ = 0;  // rounds of the warm-up
  std::atomic<std::uint64_t> rounds_{0};
  std::atomic<std::uint64_t> begun_{0};
  std::atomic<std::uint64_t> bad_{0};
  std::atomic<unsigned> live_{0};
  std::atomic<bool> done_{false};  // last: what was measured can be read
};

}  // namespace mpic::floor
