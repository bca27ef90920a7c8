// Signals of the process, for as long as it serves.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>

namespace mpic::coordinator {

class Signals {
 public:
  Signals();
  // Until SIGTERM or SIGINT. Both are called on this thread: `hang_up` at each SIGHUP, `tick` once a second.
  void run(const std::function<void()>& hang_up, const std::function<void()>& tick);

 private:
  void on_hang_up(const std::function<void()>& act);
  void on_tick(const std::function<void()>& act);

  boost::asio::io_context io_;
  boost::asio::signal_set hang_up_;
  boost::asio::signal_set stop_;
  boost::asio::steady_timer timer_;
};

}  // namespace mpic::coordinator
