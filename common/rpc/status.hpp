// A Problem as a gRPC status: what the caller did wrong, what it may not do, and what we could not do.
#pragma once

#include <grpcpp/support/status.h>

#include "common/domain/problem.hpp"

namespace mpic::rpc {

[[nodiscard]] grpc::Status status_of(const Problem& problem);

}  // namespace mpic::rpc
