// A name server, or a resolver, that answers each question as a test says, over UDP and TCP, or not at all.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "common/domain/observation.hpp"
#include "tests/support/dns_packet.hpp"

namespace mpic::test {

struct DnsQuery {
  std::string name;  // lower case, without the final dot
  unsigned type = 0;
  bool tcp = false;
  Bytes octets;

  // A reply that fits: id and question as they came.
  [[nodiscard]] Packet reply(unsigned rcode = 0) const;
  [[nodiscard]] Bytes finish(const Packet& reply) const;
  [[nodiscard]] Bytes truncated() const { return finish(reply().flag(kTruncation)); }
};

class NameServer {
 public:
  // Called on the server's thread. None: silence; over TCP the connection stays open, and silent.
  using Answer = std::function<std::optional<Bytes>(const DnsQuery&)>;
  // What a TCP connection gets instead of length and answer, octet for octet.
  using RawTcp = std::function<void(int socket)>;

  explicit NameServer(Answer answer, const std::string& address = "127.0.0.1", std::uint16_t port = 0);
  ~NameServer();
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  void over_tcp(RawTcp raw) { raw_ = std::move(raw); }  // before the first query
  [[nodiscard]] std::string endpoint() const;
  [[nodiscard]] int queries() const { return queries_; }

 private:
  void serve();
  void serve_datagram();
  void serve_connection();
  [[nodiscard]] std::optional<Bytes> ask(Bytes octets, bool tcp);

  Answer answer_;
  RawTcp raw_;
  std::string address_;
  std::uint16_t port_ = 0;
  int udp_ = -1;
  int tcp_ = -1;
  std::vector<int> open_;  // connections that get no answer; closed in the end
  std::atomic<bool> stopping_ = false;
  std::atomic<int> queries_ = 0;
  std::thread thread_;
};

}  // namespace mpic::test
