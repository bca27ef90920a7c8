#include "cli/failure.hpp"

#include <fmt/format.h>

#include "cli/exit_status.hpp"
#include "cli/text.hpp"

namespace mpic::cli {
namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// gRPC tells handshakes and connections apart only in its words.
std::string unreachable(const std::string& detail, const std::string& coordinator) {
  if (contains(detail, "certificate verify failed") || contains(detail, "CERTIFICATE_VERIFY_FAILED")) {
    return fmt::format("the certificate of the coordinator at {} does not come from the profile's ca", coordinator);
  }
  if (contains(detail, "ostname Verification") || contains(detail, "Peer name")) {
    return fmt::format("the certificate of the coordinator at {} is not for the profile's tls_name", coordinator);
  }
  if (contains(detail, "handshake failed") || contains(detail, "SSL_ERROR")) {
    return fmt::format("no TLS connection with the coordinator at {}: is this its gRPC port? ({})", coordinator,
                       detail);
  }
  if (contains(detail, "Socket closed") || contains(detail, "onnection reset") || contains(detail, "Broken pipe")) {
    return fmt::format(
        "the coordinator at {} closed the connection without an answer: it may not accept this client's "
        "certificate, or have stopped ({})",
        coordinator, detail);
  }
  return fmt::format("cannot reach the coordinator at {}: is it running, and is this its address? ({})", coordinator,
                     detail);
}

}  // namespace

Failure failure_of(const grpc::Status& status, const std::string& coordinator, bool reached) {
  const std::string detail = for_terminal(status.error_message());
  switch (status.error_code()) {
    case grpc::StatusCode::INVALID_ARGUMENT:
      return {kExitUsage, fmt::format("the request is refused: {}", detail)};
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
      return {kExitNotDetermined, fmt::format("permission denied by the coordinator at {}: {}", coordinator, detail)};
    case grpc::StatusCode::FAILED_PRECONDITION:
      return {kExitNotDetermined, fmt::format("this deployment may not corroborate: {}", detail)};
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return {kExitNotDetermined,
              fmt::format("the coordinator at {} is overloaded, try again: {}", coordinator, detail)};
    case grpc::StatusCode::NOT_FOUND:
      return {kExitNotDetermined, fmt::format("the coordinator at {} has no such thing: {}", coordinator, detail)};
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return {kExitNotDetermined, fmt::format("the coordinator at {} did not answer in time", coordinator)};
    case grpc::StatusCode::UNIMPLEMENTED:
      return {kExitNotDetermined, fmt::format("the coordinator at {} does not serve this: {}", coordinator, detail)};
    case grpc::StatusCode::UNAVAILABLE:
      return {kExitNotDetermined, reached
                                      ? fmt::format("the coordinator at {} gives no answer: {}", coordinator, detail)
                                      : unreachable(detail, coordinator)};
    default:
      return {kExitNotDetermined, fmt::format("the coordinator at {} failed: {} (gRPC status {})", coordinator, detail,
                                              static_cast<int>(status.error_code()))};
  }
}

}  // namespace mpic::cli
