#include "tests/support/tls_deed.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace mpic::test {
namespace {

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Connection = std::unique_ptr<SSL, Freed<SSL_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("a test's TLS server: ") + what);
}

Bio memory(const std::string& text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

int version_of(const std::string& name) {
  if (name == "TLSv1.1") return TLS1_1_VERSION;
  return name == "TLSv1.2" ? TLS1_2_VERSION : TLS1_3_VERSION;
}

struct Shared {
  TlsDeed how;
  std::shared_ptr<Heard> heard;
};

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                    unsigned size, void* argument) {
  const auto& shared = *static_cast<const Shared*>(argument);
  shared.heard->protocols.clear();
  for (unsigned at = 0; at < size; at += 1U + offered[at]) {
    shared.heard->protocols.emplace_back(offered + at + 1, offered + at + 1 + offered[at]);
  }
  if (shared.how.alpn == TlsDeed::Alpn::kIgnores) return SSL_TLSEXT_ERR_NOACK;
  if (shared.how.alpn == TlsDeed::Alpn::kRefuses) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = offered + 1;
  *length = offered[0];
  return SSL_TLSEXT_ERR_OK;
}

Context context_for(const Shared& shared) {
  Context context(SSL_CTX_new(TLS_server_method()));
  require(context != nullptr, "no context");
  SSL_CTX* native = context.get();
  require(SSL_CTX_ctrl(native, SSL_CTRL_SET_MIN_PROTO_VERSION, version_of(shared.how.oldest), nullptr) == 1 &&
              SSL_CTX_ctrl(native, SSL_CTRL_SET_MAX_PROTO_VERSION, version_of(shared.how.newest), nullptr) == 1,
          "no such version");
  require(SSL_CTX_set_cipher_list(native, shared.how.ciphers.c_str()) == 1, "no such ciphers");
  SSL_CTX_ctrl(native, SSL_CTRL_SET_DH_AUTO, 1, nullptr);
  const Certificate certificate(
      PEM_read_bio_X509(memory(shared.how.certificate.certificate_pem).get(), nullptr, nullptr, nullptr));
  const Key key(PEM_read_bio_PrivateKey(memory(shared.how.certificate.key_pem).get(), nullptr, nullptr, nullptr));
  require(SSL_CTX_use_certificate(native, certificate.get()) == 1 && SSL_CTX_use_PrivateKey(native, key.get()) == 1,
          "OpenSSL does not take the certificate");
  for (std::size_t i = 0; i < shared.how.repeats; ++i) {
    X509_up_ref(certificate.get());
    SSL_CTX_ctrl(native, SSL_CTRL_EXTRA_CHAIN_CERT, 0, certificate.get());
  }
  SSL_CTX_set_alpn_select_cb(native, choose_protocol, const_cast<Shared*>(&shared));
  return context;
}

// Sends what OpenSSL has ready, within what is left of the deed; false: nothing more will be sent.
bool flush(const Victim& victim, BIO* out, std::size_t& left) {
  std::array<char, 4096> buffer{};
  for (int got = BIO_read(out, buffer.data(), buffer.size()); got > 0;
       got = BIO_read(out, buffer.data(), buffer.size())) {
    const std::size_t size = std::min(left, static_cast<std::size_t>(got));
    if (!victim.send({buffer.data(), size})) return false;
    left -= size;
    if (left == 0) return false;
  }
  return true;
}

void shake(const Victim& victim, const Shared& shared) {
  const Context context = context_for(shared);
  const Connection connection(SSL_new(context.get()));
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(connection.get(), in, out);  // owns both
  std::size_t left = shared.how.sends_at_most;
  for (;;) {
    const int result = SSL_accept(connection.get());
    if (const char* name = SSL_get_servername(connection.get(), TLSEXT_NAMETYPE_host_name)) {
      shared.heard->server_name = name;
    }
    const bool goes_on = flush(victim, out, left);
    if (result == 1) {
      shared.heard->done = true;
      return;
    }
    if (!goes_on) return;
    if (SSL_get_error(connection.get(), result) != SSL_ERROR_WANT_READ) return;
    const std::string octets = victim.read_some();
    if (octets.empty()) return;
    BIO_write(in, octets.data(), static_cast<int>(octets.size()));
  }
}

}  // namespace

HostileServer::Deed shakes_hands(TlsDeed how, std::shared_ptr<Heard> heard) {
  auto shared = std::make_shared<const Shared>(Shared{std::move(how), std::move(heard)});
  context_for(*shared);  // what OpenSSL will not have is told to the test, not to the server's thread
  return [shared](const Victim& victim) {
    if (!victim.wait(shared->how.waits_before)) return;
    shake(victim, *shared);
    victim.wait(std::chrono::hours{1});
  };
}

}  // namespace mpic::test
