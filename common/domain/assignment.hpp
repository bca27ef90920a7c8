// What a perspective is asked to look at, once (mirror of mpic.v1.Assignment).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "common/domain/caa.hpp"
#include "common/domain/dcv.hpp"
#include "common/domain/identifier.hpp"
#include "common/domain/observation.hpp"
#include "common/domain/perspective.hpp"

namespace mpic {

using AttemptId = std::array<std::uint8_t, 16>;
using Nonce = std::array<std::uint8_t, 16>;

inline constexpr std::chrono::milliseconds kMinBudget{100};
inline constexpr std::chrono::milliseconds kMaxBudget{120'000};
inline constexpr std::chrono::seconds kMaxClockDifference{30};

struct Assignment {
  AttemptId attempt{};
  std::string log_origin;
  PerspectiveId perspective;
  Role role = Role::kRemote;
  Nonce nonce{};
  TimePoint issued{};
  std::chrono::milliseconds budget{0};  // from receipt to answer
  Identifier identifier;
  // Name that DCV validates (BR 3.2.2.4); none: the identifier's own name. Never for an IP address.
  std::optional<DnsName> authorization_domain;
  std::optional<DcvQuestion> dcv;  // at least one of the two
  std::optional<CaaQuestion> caa;  // never for an IP address: CAA is for names (BR 4.2.2.1)
};

}  // namespace mpic
