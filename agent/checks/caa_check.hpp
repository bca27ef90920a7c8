// Looks up what a CAA decision rests on: the RRset of the name and of each of its parents (RFC 8659 3).
#pragma once

#include <boost/asio/awaitable.hpp>

#include "agent/net/dns_client.hpp"

namespace mpic::agent {

class CaaCheck {
 public:
  explicit CaaCheck(DnsClient& dns) : dns_(dns) {}

  // Asks for ten ancestors at once, so that an ordinary name costs no more time than a short one. Leaf first.
  asio::awaitable<CaaObservation> run(DnsName name, Deadline deadline) const;

 private:
  DnsClient& dns_;
};

}  // namespace mpic::agent
