// Failed attempts to be known, by where they come from. Pure: the clock is its caller's.
//
// kFreeFailures in a minute cost nothing, since people mistype and certificates end. Each one more begins a pause,
// which doubles up to kLongestPause; whatever comes in a pause is not looked at, and does not make it longer. Who is
// quiet for a minute after its pause begins anew.
#pragma once

#include <chrono>
#include <list>
#include <string>
#include <unordered_map>

#include "common/async/clock.hpp"

namespace mpic::coordinator {

inline constexpr std::size_t kFreeFailures = 5;
inline constexpr std::size_t kMaxSources = 10'000;  // over it the one that was seen least recently is forgotten
inline constexpr std::chrono::milliseconds kFirstPause{1'000};
inline constexpr std::chrono::milliseconds kLongestPause{60'000};

// Used by one thread at a time.
class Failures {
 public:
  // For how long nothing of that source is looked at; zero: it is.
  [[nodiscard]] std::chrono::milliseconds pause_of(const std::string& source, SteadyPoint now);
  // One failure more; the pause that it begins, zero: none.
  std::chrono::milliseconds add(const std::string& source, SteadyPoint now);
  [[nodiscard]] std::size_t sources() const { return by_name_.size(); }

 private:
  struct Source {
    std::string name;
    SteadyPoint minute{};  // when the one began that `failures` are of
    std::size_t failures = 0;
    std::chrono::milliseconds pause{0};  // zero: none so far
    SteadyPoint until{};                 // its end
  };
  using Sources = std::list<Source>;  // seen last first

  [[nodiscard]] Source* find(const std::string& name);
  Source& make(const std::string& name);

  Sources sources_;
  std::unordered_map<std::string, Sources::iterator> by_name_;
};

}  // namespace mpic::coordinator
