// A TCP server on loopback that does to its one client at a time whatever a test writes down.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace mpic::test {

// The server's end of one connection. Blocking; each call returns false once the client or the server has
// gone.
class Victim {
 public:
  Victim(int socket, const std::atomic<bool>& stopping) : socket_(socket), stopping_(stopping) {}
  bool send(std::string_view octets) const;
  // Until the header's end; what was read.
  [[nodiscard]] std::string read_request() const;
  // Whatever comes next; empty: the client, or the server, has gone.
  [[nodiscard]] std::string read_some() const;
  bool wait(std::chrono::milliseconds duration) const;  // false: no reason to wait longer
  void reset() const;                                   // the connection ends by RST

 private:
  int socket_;
  const std::atomic<bool>& stopping_;
};

class HostileServer {
 public:
  using Deed = std::function<void(const Victim&)>;
  // On a loopback address of either family; port 0: any that is free.
  explicit HostileServer(Deed deed, const std::string& address = "127.0.0.1", std::uint16_t port = 0);
  ~HostileServer();
  HostileServer(const HostileServer&) = delete;
  HostileServer& operator=(const HostileServer&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void serve();
  Deed deed_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

// An address that swallows connections, as behind a firewall: who connects hears nothing.
class DeafPort {
 public:
  explicit DeafPort(const std::string& address = "127.0.0.1", std::uint16_t port = 0);
  ~DeafPort();
  DeafPort(const DeafPort&) = delete;
  DeafPort& operator=(const DeafPort&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  std::uint16_t port_ = 0;
  std::vector<int> sockets_;  // the listener, and those that fill its queue
};

}  // namespace mpic::test
