// When a batch sends, and when it gives up. Pure: times come from outside.
//
// As many requests are in flight as were asked for. An overloaded coordinator gets half as many, and one more for each
// round that it answers; before the next one is sent there is a pause, which doubles as long as nothing is answered. A
// broken stream is begun again after such a pause too.
#pragma once

#include <chrono>
#include <cstddef>

namespace mpic::cli {

using SteadyPoint = std::chrono::steady_clock::time_point;
using Milliseconds = std::chrono::milliseconds;

class Pacing {
 public:
  Pacing(std::size_t in_flight, Milliseconds patience, SteadyPoint now);

  // `jitter` in [0, 1): a pause is between half of its length and the whole.
  void answered(SteadyPoint now);
  void refused(SteadyPoint now, double jitter);  // for load; refusals during a pause are one
  void broken(SteadyPoint now, double jitter);   // the stream

  [[nodiscard]] bool may_send(std::size_t in_flight, SteadyPoint now) const;
  // Nothing was answered for as long as there is patience.
  [[nodiscard]] bool is_exhausted(SteadyPoint now) const { return now - last_answer_ >= patience_; }
  [[nodiscard]] std::size_t window() const { return static_cast<std::size_t>(window_); }
  [[nodiscard]] SteadyPoint resumes() const { return resumes_; }

 private:
  void pause(SteadyPoint now, double jitter);

  std::size_t limit_;
  Milliseconds patience_;
  double window_;
  unsigned failures_ = 0;  // in a row
  SteadyPoint last_answer_;
  SteadyPoint resumes_;
};

}  // namespace mpic::cli
