// How a perspective says that it is (mirror of mpic.v1.AgentStatus): for planning and for people, never for a verdict.
#pragma once

#include <cstddef>
#include <string>

namespace mpic {

inline constexpr std::size_t kMaxStatusReason = 1'024;

struct AgentStatus {
  bool ready = false;
  std::string not_ready_because;  // presentable, at most kMaxStatusReason; empty exactly when it is ready
  std::string agent_version;
  std::string source_ipv4;  // an address of that family, or empty
  std::string source_ipv6;

  // A user-declared constructor, since g++ 12 destroys aggregates twice inside co_await (docs/toolchain.md).
  AgentStatus() = default;
  friend bool operator==(const AgentStatus&, const AgentStatus&) = default;
};

}  // namespace mpic
