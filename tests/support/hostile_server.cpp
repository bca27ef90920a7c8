#include "tests/support/hostile_server.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace mpic::test {
namespace {

constexpr int kTickMs = 20;

bool ready(int socket, short events, int timeout_ms) {
  pollfd wanted{socket, events, 0};
  return poll(&wanted, 1, timeout_ms) > 0;
}

}  // namespace

bool Victim::send(std::string_view octets) const {
  while (!octets.empty()) {
    if (stopping_) return false;
    if (!ready(socket_, POLLOUT, kTickMs)) continue;
    const ssize_t sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) return false;
    octets.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string Victim::read_request() const {
  std::string request;
  while (request.find("\r\n\r\n") == std::string::npos && !stopping_) {
    if (!ready(socket_, POLLIN, kTickMs)) continue;
    std::array<char, 4096> buffer{};
    const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (got <= 0) break;
    request.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return request;
}

bool Victim::wait(std::chrono::milliseconds duration) const {
  const auto until = std::chrono::steady_clock::now() + duration;
  while (!stopping_ && std::chrono::steady_clock::now() < until) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd gone{socket_, POLLRDHUP, 0};
    if (poll(&gone, 1, static_cast<int>(std::min<std::int64_t>(left.count(), kTickMs))) > 0) return false;
  }
  return !stopping_;
}

void Victim::reset() const {
  const linger now{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

HostileServer::HostileServer(Deed deed) : deed_(std::move(deed)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (listener_ < 0 || bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_, 8) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no loopback port for a test server");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

HostileServer::~HostileServer() {
  stopping_ = true;
  thread_.join();
  close(listener_);
}

void HostileServer::serve() {
  while (!stopping_) {
    if (!ready(listener_, POLLIN, kTickMs)) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    ++connections_;
    deed_(Victim(client, stopping_));
    close(client);
  }
}

}  // namespace mpic::test
