#include "agent/checks/caa_check.hpp"

#include "common/async/gather.hpp"

namespace mpic::agent {

asio::awaitable<CaaObservation> CaaCheck::run(DnsName name, Deadline deadline) const {
  std::vector<asio::awaitable<DnsLookup>> lookups;
  for (const DnsName& ancestor : name.self_and_parents()) {
    lookups.push_back(dns_.lookup(ancestor.text(), RecordType::kCaa, deadline));
  }
  CaaObservation seen;
  seen.lookups = co_await gather(std::move(lookups));
  co_return seen;
}

}  // namespace mpic::agent
