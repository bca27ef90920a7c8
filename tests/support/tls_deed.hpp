// TLS servers for tests, as deeds of a HostileServer: OpenSSL shakes hands as a test says, and keeps what it heard.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/hostile_server.hpp"
#include "tests/support/validation_certificate.hpp"

namespace mpic::test {

struct TlsDeed {
  enum class Alpn : std::uint8_t { kSelects, kIgnores, kRefuses };

  ServerCertificate certificate;
  std::size_t repeats = 0;         // of the certificate, behind itself
  Alpn alpn = Alpn::kSelects;      // the first protocol that is offered
  std::string oldest = "TLSv1.2";  // protocol versions
  std::string newest = "TLSv1.3";
  std::string ciphers = "ALL:@SECLEVEL=0";  // of TLS 1.2 and older
  // Octets that it sends before it falls silent.
  std::size_t sends_at_most = std::numeric_limits<std::size_t>::max();
  std::chrono::milliseconds waits_before{0};

  explicit TlsDeed(ServerCertificate shown) : certificate(std::move(shown)) {}
};

// What the last client said.
struct Heard {
  std::string server_name;
  std::vector<std::string> protocols;
  bool done = false;  // the handshake, as the server sees it
};

// After the handshake the server says nothing and never closes. Read `heard` when the server has gone.
[[nodiscard]] HostileServer::Deed shakes_hands(TlsDeed how, std::shared_ptr<Heard> heard = std::make_shared<Heard>());

}  // namespace mpic::test
