// One TLS handshake to one address that policy has already allowed (seam), for tls-alpn-01 (RFC 8737).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>

#include "common/async/clock.hpp"
#include "common/domain/observation.hpp"

namespace mpic::agent {

struct TlsRequest {
  IpAddress address;
  std::uint16_t port = 443;  // dialled
  std::string server_name;   // SNI: the name, or the reverse name of an address (RFC 8738)
  std::string alpn;          // "acme-tls/1"

  TlsRequest(IpAddress a, std::uint16_t p, std::string name, std::string protocol)
      : address(a), port(p), server_name(std::move(name)), alpn(std::move(protocol)) {}
};

struct TlsReply {
  std::string version;  // "TLSv1.3"
  std::string alpn;     // agreed; empty: none
  Bytes certificate;    // DER, end entity
};

class TlsClient {
 public:
  virtual ~TlsClient() = default;
  // Handshake, then close without waiting for the peer's close_notify. The certificate is returned, not
  // verified.
  virtual asio::awaitable<Expected<TlsReply>> handshake(TlsRequest request, Deadline deadline) = 0;
};

}  // namespace mpic::agent
