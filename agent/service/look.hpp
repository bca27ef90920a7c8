// From an assignment to the observation that answers it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "agent/net/dns_client.hpp"
#include "agent/net/http_client.hpp"
#include "agent/net/tls_client.hpp"
#include "agent/service/identity.hpp"
#include "common/domain/assignment.hpp"

namespace mpic::agent {

// What one io thread looks with. All of it outlives the work that is started on `executor`.
struct Lane {
  asio::any_io_executor executor;
  DnsClient& dns;
  HttpClient& http;
  TlsClient& tls;
};

// An assignment as it came: what was asked is hashed exactly.
struct Received {
  Assignment assignment;
  Digest sha256{};
  SteadyPoint at;  // the budget counts from here
};

// Serialized Observation. Checks run side by side; each ends in time for the answer to leave within the
// budget. Runs on the lane; asio's cancellation ends it with operation_aborted when all that it started has
// ended.
asio::awaitable<std::string> look(const Lane& lane, const AgentIdentity& me, Clock& clock,
                                  std::shared_ptr<const Received> received);

}  // namespace mpic::agent
