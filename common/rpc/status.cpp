#include "common/rpc/status.hpp"

namespace mpic::rpc {

grpc::Status status_of(const Problem& problem) {
  switch (problem.code) {
    case ProblemCode::kInvalidArgument:
    case ProblemCode::kPolicy:  // the Baseline Requirements forbid what was asked; the clause is in the text
      return {grpc::StatusCode::INVALID_ARGUMENT, problem.detail};
    case ProblemCode::kNotSupported:
      return {grpc::StatusCode::UNIMPLEMENTED, problem.detail};
    case ProblemCode::kDeploymentPolicy:
      return {grpc::StatusCode::FAILED_PRECONDITION, problem.detail};
    case ProblemCode::kUnauthenticated:
      return {grpc::StatusCode::UNAUTHENTICATED, problem.detail};
    case ProblemCode::kNoRight:
      return {grpc::StatusCode::PERMISSION_DENIED, problem.detail};
    case ProblemCode::kOverloaded:
      return {grpc::StatusCode::RESOURCE_EXHAUSTED, problem.detail};
    case ProblemCode::kBudgetExhausted:
      return {grpc::StatusCode::DEADLINE_EXCEEDED, problem.detail};
    default:  // not durable, or a mistake of ours: no answer
      return {grpc::StatusCode::UNAVAILABLE, problem.detail};
  }
}

}  // namespace mpic::rpc
