#include "cli/batch/pacing.hpp"

#include <algorithm>

namespace mpic::cli {
namespace {

using namespace std::chrono_literals;
constexpr Milliseconds kFirstPause = 100ms;
constexpr Milliseconds kLongestPause = 5s;
constexpr unsigned kMostDoublings = 10;

}  // namespace

Pacing::Pacing(std::size_t in_flight, Milliseconds patience, SteadyPoint now)
    : limit_(in_flight),
      patience_(patience),
      window_(static_cast<double>(in_flight)),
      last_answer_(now),
      resumes_(now) {}

void Pacing::answered(SteadyPoint now) {
  failures_ = 0;
  last_answer_ = now;
  window_ = std::min(static_cast<double>(limit_), window_ + 1 / window_);
}

void Pacing::refused(SteadyPoint now, double jitter) {
  if (now < resumes_) return;
  window_ = std::max(1.0, window_ / 2);
  pause(now, jitter);
}

void Pacing::broken(SteadyPoint now, double jitter) {
  if (now >= resumes_) pause(now, jitter);
}

void Pacing::pause(SteadyPoint now, double jitter) {
  const Milliseconds whole = std::min(kLongestPause, kFirstPause * (1U << std::min(failures_, kMostDoublings)));
  ++failures_;
  resumes_ = now + std::chrono::duration_cast<Milliseconds>(whole * (0.5 + jitter / 2));
}

bool Pacing::may_send(std::size_t in_flight, SteadyPoint now) const { return now >= resumes_ && in_flight < window(); }

}  // namespace mpic::cli
