// The deployment as configured: fixed between two loads of the configuration, shared read-only by all requests.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/lab.hpp"
#include "common/evidence/observations.hpp"
#include "coordinator/policy/deployment_check.hpp"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::coordinator {

struct PerspectiveEntry {
  DeployedPerspective where;
  std::string provider;
  std::string address;                    // host:port of its gRPC service
  std::string tls_name;                   // dNSName that its certificate must carry
  std::vector<evidence::PinnedKey> keys;  // one or two, for rotation
};

// What the rules are taken from. `custom` is for trials: more is taken than the BR allow, so nothing is a basis for
// issuance.
inline constexpr std::string_view kTlsProfile = "cabf-tls-br";
inline constexpr std::string_view kCustomProfile = "custom";

struct Deployment {
  std::string log_origin;
  std::string policy_profile;  // one of those two
  LabRelaxations lab;
  std::vector<PerspectiveEntry> perspectives;  // in the order of the configuration

  [[nodiscard]] std::vector<DeployedPerspective> places() const;
  [[nodiscard]] const PerspectiveEntry* find(const PerspectiveId& id) const;
  [[nodiscard]] const PerspectiveEntry& primary() const;  // precondition: check_deployment found one
  // The moment that policy is evaluated at: `now`, unless the lab sets another.
  [[nodiscard]] TimePoint policy_time(TimePoint now) const { return lab.policy_clock.value_or(now); }
  [[nodiscard]] bool is_custom() const { return policy_profile == kCustomProfile; }
  // Why no verdict of this deployment may be relied on; empty when it may.
  [[nodiscard]] std::vector<std::string> not_enforceable() const;
};

[[nodiscard]] v1::PerspectiveInfo describe(const PerspectiveEntry& entry);
[[nodiscard]] v1::PolicyStamp policy_stamp(const Deployment& deployment, TimePoint now);
// What a re-derivation needs to know of the deployment, without volatile fields.
[[nodiscard]] v1::DeploymentSnapshot snapshot(const Deployment& deployment,
                                              const evidence::VerifyingKey& coordinator_key);

}  // namespace mpic::coordinator
