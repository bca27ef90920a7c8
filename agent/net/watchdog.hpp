// Closes a socket at a moment; whatever is under way on it then ends. For sockets only: in virtual time there are none.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "common/async/clock.hpp"

namespace mpic::agent {

// On the socket's executor; the socket outlives it.
class Watchdog {
 public:
  explicit Watchdog(asio::ip::tcp::socket& socket)
      : timer_(socket.get_executor()), state_(std::make_shared<State>(&socket)) {}
  ~Watchdog() { state_->socket = nullptr; }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // Replaces the moment that was set before.
  void set(SteadyPoint when) {
    timer_.expires_at(when);
    timer_.async_wait([state = state_, round = ++state_->round](boost::system::error_code error) {
      if (error || round != state->round || state->socket == nullptr) return;
      state->fired = true;
      boost::system::error_code ignored;
      state->socket->close(ignored);
    });
  }
  [[nodiscard]] bool fired() const { return state_->fired; }

 private:
  struct State {
    explicit State(asio::ip::tcp::socket* s) : socket(s) {}
    asio::ip::tcp::socket* socket;
    unsigned round = 0;  // a wait that was replaced may have ended already
    bool fired = false;
  };
  asio::steady_timer timer_;
  std::shared_ptr<State> state_;
};

}  // namespace mpic::agent
