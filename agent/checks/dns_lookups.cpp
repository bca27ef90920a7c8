#include "agent/checks/dns_lookups.hpp"

#include <algorithm>
#include <iterator>

#include "common/async/gather.hpp"

namespace mpic::agent {

asio::awaitable<std::vector<DnsLookup>> look_up(DnsClient& dns, std::vector<rules::DnsQuery> queries,
                                                Deadline deadline) {
  constexpr std::size_t kMostAtOnce = 10;
  std::vector<DnsLookup> seen;
  seen.reserve(queries.size());
  for (std::size_t next = 0; next < queries.size();) {
    std::vector<asio::awaitable<DnsLookup>> lookups;
    for (; next < queries.size() && lookups.size() < kMostAtOnce; ++next) {
      lookups.push_back(dns.lookup(queries[next].name, queries[next].type, deadline));
    }
    std::vector<DnsLookup> some = co_await gather(std::move(lookups));
    std::move(some.begin(), some.end(), std::back_inserter(seen));
  }
  co_return seen;
}

}  // namespace mpic::agent
