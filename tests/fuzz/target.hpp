// What every fuzz target has: a name, and a function that is given any octets and holds an invariant of ours against
// them. The same functions run under libFuzzer, which makes up octets, and in mpic-fuzz-replay, which takes those in
// tests/fuzz/corpus.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mpic::fuzz {

using Octets = std::span<const std::uint8_t>;
using Run = void (*)(Octets);

// Made once per target, before main().
class Target {
 public:
  Target(std::string_view its_name, Run function) : name_(its_name), run_(function) { all().push_back(this); }
  [[nodiscard]] std::string_view name() const { return name_; }
  void run(Octets octets) const { run_(octets); }
  [[nodiscard]] static std::vector<const Target*>& all() {
    static std::vector<const Target*> targets;
    return targets;
  }

 private:
  std::string_view name_;
  Run run_;
};

// An invariant. Broken, it ends the process with `rule`, in a way that libFuzzer takes for a crash.
void hold(bool kept, std::string_view rule);
// The same for what must not differ; says both.
void hold_equal(std::string_view left, std::string_view right, std::string_view rule);
// Of every problem: it can be shown to people and fits where it is recorded.
void hold_presentable(std::string_view text);

inline std::string_view text_of(Octets octets) { return {reinterpret_cast<const char*>(octets.data()), octets.size()}; }

// Takes structure from octets, from the front. When they are used up, everything is zero or empty.
class Input {
 public:
  explicit Input(Octets octets) : rest_(octets) {}
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] std::uint8_t octet() {
    if (rest_.empty()) return 0;
    const std::uint8_t first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }
  [[nodiscard]] bool coin() { return (octet() & 1U) != 0; }
  [[nodiscard]] std::size_t below(std::size_t bound) { return bound == 0 ? 0 : octet() % bound; }
  // One octet of length, then as many.
  [[nodiscard]] std::string_view piece() { return text_of(take(octet())); }
  [[nodiscard]] std::string_view rest() { return text_of(take(rest_.size())); }

 private:
  [[nodiscard]] Octets take(std::size_t size) {
    const Octets taken = rest_.first(size < rest_.size() ? size : rest_.size());
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  Octets rest_;
};

}  // namespace mpic::fuzz
