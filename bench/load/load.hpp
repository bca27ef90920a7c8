// One run: requests out, answers counted.
#pragma once

#include <functional>

#include "bench/load/requests.hpp"
#include "bench/load/tally.hpp"

namespace mpic::load {

struct Pace {
  unsigned in_flight = 16;         // closed loop: always so many open
  double per_second = 0;           // above 0, open loop: sent at this rate whatever comes back
  double seconds = 5;              // new requests are sent for so long
  std::uint64_t requests = 0;      // above 0: and no more than so many
  std::size_t most_open = 10'000;  // open loop: over it the run has failed
};

struct Result {
  Tally tally;
  std::uint64_t sent = 0;
  std::uint64_t in_time = 0;     // answers that came while requests were still being sent
  double seconds = 0;            // first request to the end of sending
  double seconds_in_all = 0;     // first request to the last answer
  double processor_seconds = 0;  // of this process over seconds_in_all

  explicit Result(Expectation expectation) : tally(expectation) {}
  [[nodiscard]] bool as_expected() const { return tally.answered() != 0 && tally.unexpected() == 0; }
};

using MakeCaller = std::function<std::unique_ptr<Caller>(Listener&)>;

// Latency counts from the moment a request was due, so that an open loop that falls behind shows it.
// `stop` is looked at between requests: true ends the sending early.
[[nodiscard]] Result run(const Requests& requests, const Pace& pace, const Expectation& expectation,
                         const MakeCaller& make_caller, const std::function<bool()>& stop);

}  // namespace mpic::load
