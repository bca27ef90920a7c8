// One c-ares channel on asio, for one query at a time.
//
// A channel of its own per query gives every query another source port and makes it possible to end just this
// one: c-ares itself can only cancel everything on a channel. Used on one executor only.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/async/clock.hpp"
#include "common/domain/identifier.hpp"
#include "common/domain/observation.hpp"

namespace mpic::agent {

struct AresOptions {
  std::string server;              // address and port: "127.0.0.1:53", "[::1]:53"
  std::optional<IpAddress> local;  // source of the queries; none: the system's choice
  // Of the first try; the second waits twice as long. The resolver answers every query in the end, so a
  // second try is for a lost datagram only.
  std::chrono::milliseconds try_timeout{3000};
  int tries = 2;
  std::size_t max_channels = 2048;  // queries under way at once; the rest wait their turn
  // Of them, such as the resolver may not have read yet. A socket's buffer of Linux's default size holds some 270 small
  // datagrams; what comes when it is full is lost.
  std::size_t max_fresh = 192;
  // The server is on this host, so nobody outside can forge its replies. Then a channel's socket, and so its source
  // port, stays from query to query (making and closing sockets is much of what a lookup costs), and names keep their
  // case: a resolver hands the spelling on, and there are name servers out there that fail over it.
  bool on_this_host = false;

  explicit AresOptions(std::string address) : server(std::move(address)) {}
};

struct AresReply {
  enum class End : std::uint8_t { kReply, kTimeout, kUnreachable, kCancelled };
  End end = End::kTimeout;
  Bytes message;  // kReply only
  std::uint32_t tries = 0;
  bool over_tcp = false;
  bool reusable = false;  // the channel is as good as new

  AresReply() = default;
  explicit AresReply(End how) : end(how) {}
};

class AresChannel {
 public:
  // Throws std::runtime_error when the options make no channel.
  AresChannel(asio::any_io_executor executor, const AresOptions& options);
  // Ends the query that is under way; its handler is not called.
  ~AresChannel();
  AresChannel(const AresChannel&) = delete;
  AresChannel& operator=(const AresChannel&) = delete;

  // `done` is posted, never called from within. Precondition: no other query is under way.
  void send(const Bytes& query, asio::any_completion_handler<void(AresReply)> done);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace mpic::agent
