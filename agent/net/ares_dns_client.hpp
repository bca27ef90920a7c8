// DnsClient over c-ares, to the perspective's own resolver.
//
// Every query has a random id; it asks for AD and for EDNS, and goes to TCP when the reply is truncated. To a server on
// another host it also has a random spelling of upper and lower case and a source port of its own (AresOptions::
// on_this_host). The reply must repeat the id and the question, octet for octet.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <vector>

#include "agent/net/ares_channel.hpp"
#include "agent/net/dns_client.hpp"
#include "common/async/random.hpp"

namespace mpic::agent {

// Used on one io thread; must outlive the lookups that it was asked for.
class AresDnsClient final : public DnsClient {
 public:
  AresDnsClient(asio::any_io_executor executor, Clock& clock, Random& random, AresOptions options);
  ~AresDnsClient() override;

  asio::awaitable<DnsLookup> lookup(std::string name, RecordType type, Deadline deadline) override;

 private:
  class Exchange;
  void enter(const std::shared_ptr<Exchange>& exchange);
  void serve_waiting();
  void leave(std::unique_ptr<AresChannel> channel, bool reusable);
  void trim_later();

  asio::any_io_executor executor_;
  Clock& clock_;
  Random& random_;
  AresOptions options_;
  std::vector<std::unique_ptr<AresChannel>> idle_;
  std::size_t unused_ = 0;  // the fewest that were idle at any moment since the last trim
  bool trimming_ = false;
  asio::steady_timer trim_timer_;

  std::size_t leased_ = 0;
  std::deque<std::weak_ptr<Exchange>> waiting_;
  // Queries that the resolver may not have read yet: more would overflow its socket, and be lost.
  std::size_t fresh_ = 0;
  std::deque<std::weak_ptr<Exchange>> sent_;  // in the order of sending
  bool pacing_ = false;
  asio::steady_timer pace_timer_;
};

}  // namespace mpic::agent
