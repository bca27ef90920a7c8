#include "common/rpc/credentials.hpp"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>

#include <cstdlib>
#include <deque>
#include <mutex>
#include <stdexcept>

namespace mpic::rpc {
namespace {

// What one port was given last. gRPC asks before each handshake, and keeps what it has unless there is something new.
class Fetcher {
 public:
  explicit Fetcher(std::shared_ptr<TlsSource> source) : source_(std::move(source)) {}

  grpc_ssl_certificate_config_reload_status fetch(grpc_ssl_server_certificate_config** config) {
    const std::lock_guard lock(mutex_);
    const auto material = source_->current();
    if (!material) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_FAIL;
    if (material == given_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    const grpc_ssl_pem_key_cert_pair pair{material->key.c_str(), material->certificate.c_str()};
    *config = grpc_ssl_server_certificate_config_create(material->ca.c_str(), &pair, 1);
    given_ = material;
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

 private:
  const std::shared_ptr<TlsSource> source_;
  std::mutex mutex_;
  std::shared_ptr<const TlsMaterial> given_;  // guarded by mutex_
};

grpc_ssl_certificate_config_reload_status fetch(void* fetcher, grpc_ssl_server_certificate_config** config) {
  try {
    return static_cast<Fetcher*>(fetcher)->fetch(config);
  } catch (const std::exception&) {  // out of memory; gRPC is C
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_FAIL;
  }
}

// gRPC does not say when it will not ask any more, which may be after its server is gone. A program has one or two.
Fetcher& keep_for_ever(std::shared_ptr<TlsSource> source) {
  static std::mutex mutex;
  static auto* const kept = new std::deque<Fetcher>();
  const std::lock_guard lock(mutex);
  return kept->emplace_back(std::move(source));
}

grpc_ssl_client_certificate_request_type type_of(ClientCertificate certificate) {
  return certificate == ClientCertificate::kRequired ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                                     : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
}

// gRPC's C++ interface has no way to such credentials.
class ReloadingServerCredentials final : public grpc::ServerCredentials {
 public:
  ReloadingServerCredentials(std::shared_ptr<TlsSource> source, ClientCertificate certificate)
      : credentials_(grpc_ssl_server_credentials_create_with_options(
            grpc_ssl_server_credentials_create_options_using_config_fetcher(type_of(certificate), fetch,
                                                                            &keep_for_ever(std::move(source))))) {}
  ~ReloadingServerCredentials() override { grpc_server_credentials_release(credentials_); }
  ReloadingServerCredentials(const ReloadingServerCredentials&) = delete;
  ReloadingServerCredentials& operator=(const ReloadingServerCredentials&) = delete;

  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {
    throw std::logic_error("who calls is told by certificates and API keys alone");
  }

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  grpc_server_credentials* const credentials_;
};

}  // namespace

// gRPC 1.51 accepts TLS 1.2 and has no setting for it. A suite that needs a pre-shared key, which nobody here has,
// leaves 1.2 without any suite, and so only 1.3.
void restrict_tls() { setenv("GRPC_SSL_CIPHER_SUITES", "PSK-AES128-GCM-SHA256", 1); }

Expected<void> check_tls_files(const TlsFiles& files) {
  if (const auto material = read_tls_files(files); !material) return Unexpected(material.error());
  return {};
}

std::shared_ptr<grpc::ServerCredentials> server_credentials(std::shared_ptr<TlsSource> source,
                                                            ClientCertificate certificate) {
  return std::make_shared<ReloadingServerCredentials>(std::move(source), certificate);
}

std::shared_ptr<grpc::ServerCredentials> server_credentials(const TlsFiles& files) {
  return server_credentials(std::make_shared<TlsSource>(files));
}

std::shared_ptr<grpc::ChannelCredentials> channel_credentials(const TlsMaterial& material) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = material.ca;
  options.pem_private_key = material.key;
  options.pem_cert_chain = material.certificate;
  return grpc::SslCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> channel_credentials(const TlsFiles& files) {
  const auto material = read_tls_files(files);
  if (!material) throw std::invalid_argument(material.error().where + ": " + material.error().detail);
  return channel_credentials(*material);
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
