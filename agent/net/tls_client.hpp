// One TLS handshake with the first of some addresses that can be connected to (seam), for tls-alpn-01 (RFC 8737).
// Policy has already allowed them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "common/async/clock.hpp"
#include "common/domain/observation.hpp"

namespace mpic::agent {

struct TlsRequest {
  std::vector<IpAddress> addresses;  // in the order of trying
  std::uint16_t port = 443;          // dialled
  std::string server_name;           // SNI: the name, or the reverse name of an address (RFC 8738)
  std::string alpn;                  // "acme-tls/1"

  TlsRequest(std::vector<IpAddress> a, std::uint16_t p, std::string name, std::string protocol)
      : addresses(std::move(a)), port(p), server_name(std::move(name)), alpn(std::move(protocol)) {}
};

struct TlsReply {
  std::string version;  // "TLSv1.3"
  std::string alpn;     // agreed; empty: none
  Bytes certificate;    // DER, end entity
};

// As HttpExchange.
struct TlsExchange {
  std::vector<AddressTried> tried;
  Expected<TlsReply> reply;

  TlsExchange() = default;
  explicit TlsExchange(Expected<TlsReply> r) : reply(std::move(r)) {}
};

class TlsClient {
 public:
  virtual ~TlsClient() = default;
  // Connects as race.hpp tells, handshakes (TLS 1.2 or newer), then closes without waiting for the peer's close_notify.
  // The certificate is returned, not verified. Problems: as HttpClient's up to the handshake; kCertificateMismatch for
  // a certificate over rules::kMaxCertificate octets.
  virtual asio::awaitable<TlsExchange> handshake(TlsRequest request, Deadline deadline) = 0;
};

}  // namespace mpic::agent
