// Whether a coordinator can do its work now, and what is missing. Plain functions of their arguments.
//
// Ready: records can be written, the log is what was signed, the day's policy is satisfied, the Primary can be asked,
// and of what a request would be asked of so much can answer that the day's quorum can be reached. With planning that
// depends on the name; ready is who can do it for most.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "coordinator/perspectives/deployment.hpp"
#include "coordinator/policy/standing.hpp"

namespace mpic::coordinator {

struct PerspectiveState {
  PerspectiveId id;
  bool connected = false;      // now
  std::string last_error;      // of the connection
  std::string own_word;        // why it is not ready, as it last told; empty: it is, or does not tell
  Standing standing;           // damped
  std::optional<bool> ipv6{};  // whether it has IPv6 egress; none: it has not told
};

struct ReadinessFacts {
  bool stopping = false;
  std::string store_fault;  // empty: records can be written
  std::string log_fault{};  // why no checkpoint is signed; empty: they are
  TimePoint policy_time{};
  std::vector<PerspectiveState> perspectives;  // of the deployment, in its order
};

struct Missing {
  std::string what;  // the same for as long as it is missing: "quorum", "eu-west"
  std::string why;   // one clause, which may change
};

struct Assessment {
  bool ready = false;
  std::vector<Missing> missing;  // some may be while it is ready all the same
};

[[nodiscard]] Assessment assess(const Deployment& deployment, const ReadinessFacts& facts);

// Whether a perspective can do its part now. A Primary: connected, and by its own word ready. Another: connected, and
// ready by its health, or only the operator wants it spared.
[[nodiscard]] bool is_usable(const PerspectiveEntry& entry, const PerspectiveState& state);

}  // namespace mpic::coordinator
