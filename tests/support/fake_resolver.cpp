#include "tests/support/fake_resolver.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace mpic::test {

Bytes empty_reply_to(const Bytes& query) {
  Bytes reply = query;
  reply.at(2) |= 0x80;  // QR
  reply.at(3) = 0x80;   // RA, NOERROR
  return reply;
}

FakeResolver::FakeResolver(Answer answer) : answer_(std::move(answer)) {
  socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (socket_ < 0 || bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no loopback port for a test resolver");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

FakeResolver::~FakeResolver() {
  stopping_ = true;
  thread_.join();
  close(socket_);
}

std::string FakeResolver::endpoint() const { return "127.0.0.1:" + std::to_string(port_); }

void FakeResolver::serve() {
  while (!stopping_) {
    constexpr int kTickMs = 20;
    pollfd wanted{socket_, POLLIN, 0};
    if (poll(&wanted, 1, kTickMs) <= 0) continue;
    Bytes query(4096);
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const ssize_t got = recvfrom(socket_, query.data(), query.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 0) continue;
    query.resize(static_cast<std::size_t>(got));
    if (const auto reply = answer_(query, ++queries_)) {
      sendto(socket_, reply->data(), reply->size(), 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }
}

}  // namespace mpic::test
