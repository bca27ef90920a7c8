// The agent's view of its own resolver (seam).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "common/async/clock.hpp"
#include "common/domain/observation.hpp"

namespace mpic::agent {

class DnsClient {
 public:
  virtual ~DnsClient() = default;
  // One lookup, never failing by exception: what went wrong is in the status (it is evidence too). `name` is
  // a host name or an underscore name in presentation form without the final dot. Ends at the deadline at the
  // latest. Called and completed on the io thread that owns this client.
  virtual asio::awaitable<DnsLookup> lookup(std::string name, RecordType type, Deadline deadline) = 0;
};

}  // namespace mpic::agent
