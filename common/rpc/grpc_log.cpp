#include "common/rpc/grpc_log.hpp"

#include <grpc/support/log.h>
#include <spdlog/spdlog.h>

#include <mutex>
#include <string_view>
#include <utility>

#include "common/domain/problem.hpp"

namespace mpic::rpc {
namespace {

// gRPC's words for the reason, which it says in a log line only.
constexpr std::string_view kHandshakeFailed = "Handshake failed with fatal error ";
constexpr std::size_t kLongestLine = 512;

struct Counted {
  std::mutex mutex;
  FailedHandshakes handshakes;  // guarded by mutex
};

Counted& counted() {
  static Counted& for_ever = *new Counted;  // gRPC's threads log until the process has ended
  return for_ever;
}

void take_line(gpr_log_func_args* line) {
  const std::string_view text(line->message);
  const std::size_t at = text.find(kHandshakeFailed);
  if (at != std::string_view::npos) {
    const std::lock_guard lock(counted().mutex);
    ++counted().handshakes.count;
    counted().handshakes.last = printable(text.substr(at + kHandshakeFailed.size()), kLongestLine);
  }
  const auto level = line->severity == GPR_LOG_SEVERITY_ERROR ? spdlog::level::warn : spdlog::level::debug;
  spdlog::log(level, "gRPC: {}", printable(text, kLongestLine));
}

}  // namespace

void adopt_grpc_log() { gpr_set_log_function(take_line); }

FailedHandshakes take_failed_handshakes() {
  const std::lock_guard lock(counted().mutex);
  return std::exchange(counted().handshakes, FailedHandshakes());
}

}  // namespace mpic::rpc
