// acme-tls-alpn-01 (RFC 8737, RFC 8738; BR 3.2.2.4.20, 3.2.2.5.7): handshakes and reports the certificate that was
// shown.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "agent/checks/resolve_host.hpp"
#include "agent/net/tls_client.hpp"
#include "common/rules/dcv_tls_alpn.hpp"

namespace mpic::agent {

// What a handshake needs; all of it outlives the check.
struct HandshakeContext {
  DnsClient& dns;
  TlsClient& tls;
  Clock& clock;
  const LabRelaxations& lab;
};

asio::awaitable<TlsObservation> check_handshake(HandshakeContext context, rules::DcvSubject subject, Deadline deadline);

}  // namespace mpic::agent
