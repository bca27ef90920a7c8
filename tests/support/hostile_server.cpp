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

// A socket address of either family, as the system's calls want it.
struct Place {
  sockaddr_storage storage{};
  socklen_t size = 0;
  Place(const std::string& address, std::uint16_t port) {
    if (auto* v4 = reinterpret_cast<sockaddr_in*>(&storage); inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
      v4->sin_family = AF_INET;
      v4->sin_port = htons(port);
      size = sizeof *v4;
    } else if (auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
               inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
      v6->sin6_family = AF_INET6;
      v6->sin6_port = htons(port);
      size = sizeof *v6;
    } else {
      throw std::runtime_error(address + " is no address");
    }
  }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

int listen_on(const std::string& address, std::uint16_t port, int backlog) {
  const Place place(address, port);
  const int listener = socket(place.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0 || bind(listener, place.get(), place.size) != 0 || listen(listener, backlog) != 0) {
    if (listener >= 0) close(listener);
    throw std::runtime_error("no port for a test server on " + address);
  }
  return listener;
}

std::uint16_t port_of(int socket) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) != 0) throw std::runtime_error("no port");
  return ntohs(bound.ss_family == AF_INET ? reinterpret_cast<sockaddr_in*>(&bound)->sin_port
                                          : reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port);
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

std::string Victim::read_some() const {
  while (!stopping_) {
    if (!ready(socket_, POLLIN, kTickMs)) continue;
    std::array<char, 4096> buffer{};
    const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (got <= 0) break;
    return {buffer.data(), static_cast<std::size_t>(got)};
  }
  return {};
}

bool Victim::wait(std::chrono::milliseconds duration) const {
  const auto until = std::chrono::steady_clock::now() + duration;
  while (!stopping_ && std::chrono::steady_clock::now() < until) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd gone{socket_, POLLRDHUP, 0};
    if (poll(&gone, 1, static_cast<int>(std::min<std::int64_t>(left.count(), kTickMs))) > 0) return false;
  }
  return !stopping_;
}

void Victim::reset() const {
  const linger now{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

HostileServer::HostileServer(Deed deed, const std::string& address, std::uint16_t port) : deed_(std::move(deed)) {
  constexpr int kBacklog = 8;
  listener_ = listen_on(address, port, kBacklog);
  port_ = port_of(listener_);
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

// Linux drops what comes while the queue of a listener is full. With a backlog of 0 that is from the second on.
DeafPort::DeafPort(const std::string& address, std::uint16_t port) {
  sockets_.push_back(listen_on(address, port, 0));
  port_ = port_of(sockets_.front());
  const Place place(address, port_);
  for (int i = 0; i < 3; ++i) {
    const int filler = socket(place.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockets_.push_back(filler);
    connect(filler, place.get(), place.size);
    ready(filler, POLLOUT, kTickMs);
  }
}

DeafPort::~DeafPort() {
  for (const int socket : sockets_) close(socket);
}

}  // namespace mpic::test
