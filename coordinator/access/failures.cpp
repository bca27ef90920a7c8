#include "coordinator/access/failures.hpp"

#include <algorithm>

namespace mpic::coordinator {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::minutes kMinute{1};

}  // namespace

milliseconds Failures::pause_of(const std::string& name, SteadyPoint now) {
  const Source* source = find(name);
  if (source == nullptr || now >= source->until) return milliseconds{0};
  return std::chrono::ceil<milliseconds>(source->until - now);
}

milliseconds Failures::add(const std::string& name, SteadyPoint now) {
  Source* found = find(name);
  Source& source = found == nullptr ? make(name) : *found;
  const bool is_paused_lately = source.pause > milliseconds{0} && now < source.until + kMinute;
  if (!is_paused_lately) {
    source.pause = milliseconds{0};
    if (source.failures == 0 || now >= source.minute + kMinute) {
      source.minute = now;
      source.failures = 0;
    }
    if (++source.failures <= kFreeFailures) return milliseconds{0};
  }
  source.failures = 0;
  source.pause = source.pause == milliseconds{0} ? kFirstPause : std::min(2 * source.pause, kLongestPause);
  source.until = now + source.pause;
  return source.pause;
}

Failures::Source* Failures::find(const std::string& name) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return nullptr;
  sources_.splice(sources_.begin(), sources_, found->second);
  return &sources_.front();
}

Failures::Source& Failures::make(const std::string& name) {
  if (sources_.size() == kMaxSources) {
    by_name_.erase(sources_.back().name);
    sources_.pop_back();
  }
  sources_.push_front({.name = name});
  by_name_[name] = sources_.begin();
  return sources_.front();
}

}  // namespace mpic::coordinator
