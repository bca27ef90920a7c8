#include "coordinator/program/signals.hpp"

#include <csignal>

namespace mpic::coordinator {
namespace {

constexpr std::chrono::seconds kTick{1};

}  // namespace

Signals::Signals() : hang_up_(io_, SIGHUP), stop_(io_, SIGTERM, SIGINT), timer_(io_) {}

void Signals::run(const std::function<void()>& hang_up, const std::function<void()>& tick) {
  on_hang_up(hang_up);
  on_tick(tick);
  stop_.async_wait([this](const boost::system::error_code&, int) { io_.stop(); });
  io_.run();
}

void Signals::on_hang_up(const std::function<void()>& act) {
  hang_up_.async_wait([&](const boost::system::error_code& error, int) {
    if (error) return;
    act();
    on_hang_up(act);
  });
}

void Signals::on_tick(const std::function<void()>& act) {
  timer_.expires_after(kTick);
  timer_.async_wait([&](const boost::system::error_code& error) {
    if (error) return;
    act();
    on_tick(act);
  });
}

}  // namespace mpic::coordinator
