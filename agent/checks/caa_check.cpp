#include "agent/checks/caa_check.hpp"

#include <algorithm>
#include <iterator>

#include "common/async/gather.hpp"

namespace mpic::agent {
namespace {

// A name may have 127 labels. Its lookups must not take the channels of everybody else's.
constexpr std::size_t kMostAtOnce = 10;

}  // namespace

asio::awaitable<CaaObservation> CaaCheck::run(DnsName name, Deadline deadline) const {
  const std::vector<DnsName> ancestors = name.self_and_parents();
  CaaObservation seen;
  for (std::size_t next = 0; next < ancestors.size();) {
    std::vector<asio::awaitable<DnsLookup>> lookups;
    for (; next < ancestors.size() && lookups.size() < kMostAtOnce; ++next) {
      lookups.push_back(dns_.lookup(ancestors[next].text(), RecordType::kCaa, deadline));
    }
    std::vector<DnsLookup> some = co_await gather(std::move(lookups));
    std::move(some.begin(), some.end(), std::back_inserter(seen.lookups));
  }
  co_return seen;
}

}  // namespace mpic::agent
