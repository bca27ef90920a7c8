#include "cli/batch/interrupts.hpp"

#include <atomic>

namespace mpic::cli {
namespace {

std::atomic<int> received{0};  // lock-free, so a handler may use it
static_assert(std::atomic<int>::is_always_lock_free);

void count_one(int) { received.fetch_add(1); }

}  // namespace

Interrupts::Interrupts() {
  received = 0;
  struct sigaction action {};
  action.sa_handler = count_one;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, &before_int_);
  ::sigaction(SIGTERM, &action, &before_term_);
}

Interrupts::~Interrupts() {
  ::sigaction(SIGINT, &before_int_, nullptr);
  ::sigaction(SIGTERM, &before_term_, nullptr);
}

int Interrupts::count() const { return received; }

}  // namespace mpic::cli
