// What a gRPC call shows of its caller.
#pragma once

#include <grpcpp/server_context.h>

#include "coordinator/access/credentials.hpp"

namespace mpic::coordinator {

[[nodiscard]] Credentials shown_over_grpc(const grpc::CallbackServerContext& context);

// gRPC's name of a peer, a URI, into Credentials::peer and ::source: "ipv6:%5B2001:db8::1%5D:50344" is of the peer
// "[2001:db8::1]:50344" and of the source "2001:db8::1". What is another sort of address stays as it is.
void tell_peer(std::string_view uri, Credentials& out);

}  // namespace mpic::coordinator
