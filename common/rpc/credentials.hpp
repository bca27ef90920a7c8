// Mutual TLS for every hop (BR 3.2.2.9: all traffic between CA and remotes authenticated and encrypted).
//
// Certificate, key and CA are re-read from their files once a second, so a rotation needs no restart. TLS 1.3 only:
// restrict_tls() must run before the first use of gRPC.
#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_context.h>

#include <memory>
#include <string>
#include <vector>

#include "common/domain/problem.hpp"
#include "common/rpc/tls_files.hpp"

namespace mpic::rpc {

void restrict_tls();
// Reads the files once and says what is wrong with them, before gRPC would fail without a word. Also: the key must
// belong to the certificate.
[[nodiscard]] Expected<void> check_tls_files(const TlsFiles& files);
// Requires and verifies a client certificate.
[[nodiscard]] std::shared_ptr<grpc::ServerCredentials> server_credentials(const TlsFiles& files);
[[nodiscard]] std::shared_ptr<grpc::ChannelCredentials> channel_credentials(const TlsFiles& files);
// DNS and URI SANs of the caller's verified certificate; empty when there is none.
[[nodiscard]] std::vector<std::string> peer_sans(const grpc::AuthContext& context);

}  // namespace mpic::rpc
