// Mutual TLS for every hop (BR 3.2.2.9: all traffic between CA and remotes authenticated and encrypted); where clients
// have API keys, their own certificates are not required.
//
// A connection is made with what the files hold at that moment (tls_source.hpp), so a rotation needs no restart; those
// that are open stay as they are. TLS 1.3 only: restrict_tls() must run before the first use of gRPC.
#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_context.h>

#include <memory>
#include <string>
#include <vector>

#include "common/domain/problem.hpp"
#include "common/rpc/tls_source.hpp"

namespace mpic::rpc {

void restrict_tls();
// What is wrong with the files; see read_tls_files().
[[nodiscard]] Expected<void> check_tls_files(const TlsFiles& files);
// kRequested: a caller may have none; one that is shown must verify all the same.
enum class ClientCertificate : bool { kRequired, kRequested };
// For one port, for as long as it is open. The port cannot be had while the source has nothing good.
[[nodiscard]] std::shared_ptr<grpc::ServerCredentials> server_credentials(
    std::shared_ptr<TlsSource> source, ClientCertificate certificate = ClientCertificate::kRequired);
[[nodiscard]] std::shared_ptr<grpc::ServerCredentials> server_credentials(const TlsFiles& files);
// For channels made from now on; a channel keeps what it was made with.
[[nodiscard]] std::shared_ptr<grpc::ChannelCredentials> channel_credentials(const TlsMaterial& material);
// Of the files as they are now. Throws std::invalid_argument when they cannot be used.
[[nodiscard]] std::shared_ptr<grpc::ChannelCredentials> channel_credentials(const TlsFiles& files);
// DNS and URI SANs of the caller's verified certificate; empty when there is none.
[[nodiscard]] std::vector<std::string> peer_sans(const grpc::AuthContext& context);

}  // namespace mpic::rpc
