#include "bench/floor/rounds.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

namespace mpic::floor {
namespace {

double processor_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

Rounds::Rounds(RoundsPlan plan, Ask ask) : plan_(plan), ask_(std::move(ask)), slots_(plan.in_flight) {}

void Rounds::start() {
  started_ = std::chrono::steady_clock::now();
  live_ = plan_.in_flight;
  for (unsigned slot = 0; slot < plan_.in_flight; ++slot) begin(slot);
}

void Rounds::begin_to_count() {
  if (counting_.exchange(true)) return;
  not_counted_ = rounds_.load();
  began_ = std::chrono::steady_clock::now();
  processor_before_ = processor_seconds();
}

void Rounds::begin(unsigned slot) {
  slots_[slot].remotes = false;
  slots_[slot].round = begun_.fetch_add(1);
  slots_[slot].left = plan_.parts;
  ask_(slot, slots_[slot].round, 0);
}

void Rounds::answered(unsigned slot, bool good) {
  Slot& mine = slots_[slot];
  if (!good) bad_.fetch_add(1);
  if (mine.left.fetch_sub(1) != 1) return;
  if (!mine.remotes) {
    mine.remotes = true;
    mine.left = plan_.parts * (kPerspectives - 1);
    for (unsigned perspective = 1; perspective < kPerspectives; ++perspective) ask_(slot, mine.round, perspective);
    return;
  }
  rounds_.fetch_add(1);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started_;
  if (elapsed.count() >= plan_.warm_up) begin_to_count();
  if (elapsed.count() < plan_.warm_up + plan_.seconds) {
    begin(slot);
  } else if (live_.fetch_sub(1) == 1) {
    ended_ = std::chrono::steady_clock::now();
    processor_after_ = processor_seconds();
    done_ = true;
    done_.notify_all();
  }
}

void Rounds::wait() { done_.wait(false); }

std::string Rounds::report() const {
  const double seconds = std::chrono::duration<double>(ended_ - began_).count();
  const std::uint64_t counted = rounds_.load() - not_counted_;
  const auto rounds = static_cast<double>(std::max<std::uint64_t>(counted, 1));
  return fmt::format(
      R"("in_flight": {}, "rounds": {}, "rounds_with_warm_up": {}, "bad_answers": {}, "seconds": {:.3f}, "per_second": {:.1f}, "client_us_each": {:.1f})",
      plan_.in_flight, counted, rounds_.load(), bad_.load(), seconds, rounds / seconds,
      1e6 * (processor_after_ - processor_before_) / rounds);
}

}  // namespace mpic::floor
