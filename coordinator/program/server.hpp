// The coordinator's gRPC port.
#pragma once

#include <grpcpp/server.h>

#include <memory>

#include "coordinator/config.hpp"

namespace mpic::coordinator {

// Serves it over mutual TLS; with `api_keys` a client need not have a certificate. With the health service, which says
// NOT_SERVING until it is told otherwise, and reflection. `service` outlives the server. Throws StartError when the
// port cannot be had.
[[nodiscard]] std::unique_ptr<grpc::Server> serve(const Config& config, grpc::Service& service);

}  // namespace mpic::coordinator
