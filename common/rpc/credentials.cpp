#include "common/rpc/credentials.hpp"

#include <fmt/format.h>
#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace mpic::rpc {
namespace {

constexpr unsigned kReloadSeconds = 1;

Expected<std::string> read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) {
    return fail(ProblemCode::kInvalidArgument, file.string(), "cannot be read");
  }
  return text.str();
}

std::unique_ptr<BIO, decltype(&BIO_free)> memory(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Expected<Certificate> read_certificate(const std::filesystem::path& file) {
  const auto pem = read(file);
  if (!pem) return Unexpected(pem.error());
  Certificate certificate(PEM_read_bio_X509(memory(*pem).get(), nullptr, nullptr, nullptr), X509_free);
  ERR_clear_error();
  if (!certificate) return fail(ProblemCode::kInvalidArgument, file.string(), "holds no PEM certificate");
  return certificate;
}

std::shared_ptr<grpc::experimental::FileWatcherCertificateProvider> provider(const TlsFiles& files) {
  return std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      files.key.string(), files.certificate.string(), files.ca.string(), kReloadSeconds);
}

void watch(grpc::experimental::TlsCredentialsOptions& options) {
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
}

}  // namespace

// gRPC 1.51 accepts TLS 1.2 and has no setting for it. A suite that needs a pre-shared key, which nobody here has,
// leaves 1.2 without any suite, and so only 1.3.
void restrict_tls() { setenv("GRPC_SSL_CIPHER_SUITES", "PSK-AES128-GCM-SHA256", 1); }

Expected<void> check_tls_files(const TlsFiles& files) {
  if (const auto ca = read_certificate(files.ca); !ca) return Unexpected(ca.error());
  const auto certificate = read_certificate(files.certificate);
  if (!certificate) return Unexpected(certificate.error());
  const auto pem = read(files.key);
  if (!pem) return Unexpected(pem.error());
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(memory(*pem).get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  const bool fits = key && X509_check_private_key(certificate->get(), key.get()) == 1;
  ERR_clear_error();
  if (!key) return fail(ProblemCode::kInvalidArgument, files.key.string(), "holds no unencrypted PEM private key");
  if (!fits) {
    return fail(ProblemCode::kInvalidArgument, files.key.string(),
                fmt::format("is not the key of {}", files.certificate.string()));
  }
  if (X509_cmp_current_time(X509_get0_notAfter(certificate->get())) < 0) {
    return fail(ProblemCode::kInvalidArgument, files.certificate.string(), "has expired");
  }
  return {};
}

std::shared_ptr<grpc::ServerCredentials> server_credentials(const TlsFiles& files) {
  grpc::experimental::TlsServerCredentialsOptions options(provider(files));
  watch(options);
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> channel_credentials(const TlsFiles& files) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(provider(files));
  watch(options);
  return grpc::experimental::TlsCredentials(options);
}

std::vector<std::string> peer_sans(const grpc::AuthContext& context) {
  std::vector<std::string> sans;
  if (!context.IsPeerAuthenticated()) return sans;
  for (const grpc::string_ref& san : context.FindPropertyValues(GRPC_X509_SAN_PROPERTY_NAME)) {
    sans.emplace_back(san.data(), san.size());
  }
  return sans;
}

}  // namespace mpic::rpc
