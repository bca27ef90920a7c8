#include "tests/support/name_server.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace mpic::test {
namespace {

constexpr int kTickMs = 20;
constexpr std::size_t kHeader = 12;

sockaddr_in socket_address(const std::string& address, std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  if (inet_pton(AF_INET, address.c_str(), &out.sin_addr) != 1) throw std::runtime_error("no address: " + address);
  return out;
}

// Bound, or -1.
int bound(int kind, const std::string& address, std::uint16_t port) {
  const int made = socket(AF_INET, kind | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (kind == SOCK_STREAM) setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in at = socket_address(address, port);
  if (made >= 0 && bind(made, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0) return made;
  if (made >= 0) close(made);
  return -1;
}

std::uint16_t port_of(int socket) {
  sockaddr_in at{};
  socklen_t size = sizeof at;
  getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size);
  return ntohs(at.sin_port);
}

bool readable(int socket, int timeout_ms) {
  pollfd wanted{socket, POLLIN, 0};
  return poll(&wanted, 1, timeout_ms) > 0;
}

bool receive(int socket, std::uint8_t* into, std::size_t size) {
  while (size != 0) {
    if (!readable(socket, 500)) return false;
    const ssize_t got = recv(socket, into, size, 0);
    if (got <= 0) return false;
    into += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

Packet DnsQuery::reply(unsigned rcode) const {
  auto end = octets.begin() + kHeader;
  while (*end != 0) end += *end + 1;
  Packet out(rcode);
  out.raw_question(Octets(octets.begin() + kHeader, end + 1), type);
  return out;
}

Bytes DnsQuery::finish(const Packet& reply) const {
  Bytes out = reply.octets();
  std::copy(octets.begin(), octets.begin() + 2, out.begin());
  return out;
}

NameServer::NameServer(Answer answer, const std::string& address, std::uint16_t port)
    : answer_(std::move(answer)), address_(address) {
  for (int tries = 0; tries < 20 && tcp_ < 0; ++tries) {  // a free port for UDP may be taken for TCP
    if (udp_ >= 0) close(udp_);
    udp_ = bound(SOCK_DGRAM, address, port);
    if (udp_ < 0) break;
    port_ = port_of(udp_);
    tcp_ = bound(SOCK_STREAM, address, port_);
  }
  if (tcp_ < 0 || listen(tcp_, 64) != 0) throw std::runtime_error("no port on " + address + " for a name server");
  thread_ = std::thread([this] { serve(); });
}

NameServer::~NameServer() {
  stopping_ = true;
  thread_.join();
  for (const int socket : open_) close(socket);
  close(udp_);
  close(tcp_);
}

std::string NameServer::endpoint() const { return address_ + ':' + std::to_string(port_); }

void NameServer::serve() {
  while (!stopping_) {
    pollfd wanted[] = {{udp_, POLLIN, 0}, {tcp_, POLLIN, 0}};
    if (poll(wanted, 2, kTickMs) <= 0) continue;
    if (wanted[0].revents != 0) serve_datagram();
    if (wanted[1].revents != 0) serve_connection();
  }
}

std::optional<Bytes> NameServer::ask(Bytes octets, bool tcp) {
  DnsQuery query;
  query.tcp = tcp;
  std::size_t at = kHeader;
  while (at < octets.size() && octets[at] != 0) {
    const std::size_t next = at + 1 + octets[at];
    if (next >= octets.size()) return std::nullopt;
    if (!query.name.empty()) query.name += '.';
    for (++at; at < next; ++at) query.name += static_cast<char>(std::tolower(octets[at]));
  }
  if (at + 5 > octets.size()) return std::nullopt;
  query.type = static_cast<unsigned>(octets[at + 1] << 8 | octets[at + 2]);
  query.octets = std::move(octets);
  ++queries_;
  return answer_(query);
}

void NameServer::serve_datagram() {
  Bytes octets(4096);
  sockaddr_in from{};
  socklen_t size = sizeof from;
  const ssize_t got = recvfrom(udp_, octets.data(), octets.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
  if (got < static_cast<ssize_t>(kHeader)) return;
  octets.resize(static_cast<std::size_t>(got));
  if (const auto reply = ask(std::move(octets), false)) {
    sendto(udp_, reply->data(), reply->size(), 0, reinterpret_cast<sockaddr*>(&from), size);
  }
}

void NameServer::serve_connection() {
  const int client = accept4(tcp_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  open_.push_back(client);
  std::uint8_t length[2] = {};
  if (!receive(client, length, sizeof length)) return;
  Bytes octets(static_cast<std::size_t>(length[0] << 8 | length[1]));
  if (octets.size() < kHeader || !receive(client, octets.data(), octets.size())) return;
  if (raw_) return raw_(client);
  const auto reply = ask(std::move(octets), true);
  if (!reply) return;
  Octets framed;
  append16(framed, static_cast<unsigned>(reply->size()));
  framed.insert(framed.end(), reply->begin(), reply->end());
  send(client, framed.data(), framed.size(), MSG_NOSIGNAL);
}

}  // namespace mpic::test
