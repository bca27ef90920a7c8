// Looks up what a decision rests on: a method's records, or the CAA RRset of a name and of each of its parents (RFC
// 8659 3).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <vector>

#include "agent/net/dns_client.hpp"
#include "common/rules/dcv_dns.hpp"

namespace mpic::agent {

// In the order of the queries. Ten at once, so that an ordinary name costs no more time than a short one and a long one
// does not take the channels of everybody else's.
asio::awaitable<std::vector<DnsLookup>> look_up(DnsClient& dns, std::vector<rules::DnsQuery> queries,
                                                Deadline deadline);

}  // namespace mpic::agent
