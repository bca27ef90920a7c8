// What gRPC itself has to say goes to our log; TLS handshakes that failed are counted, since it tells of them nowhere
// else.
#pragma once

#include <cstddef>
#include <string>

namespace mpic::rpc {

// From now on; once, after the log is set up.
void adopt_grpc_log();

// Of this process, whoever began them.
struct FailedHandshakes {
  std::size_t count = 0;
  std::string last;  // why
};
// Those since the last call. Safe from any thread.
[[nodiscard]] FailedHandshakes take_failed_handshakes();

}  // namespace mpic::rpc
