// Who this agent is and what it stands on: constant after start, stamped into every observation.
#pragma once

#include <string>
#include <vector>

#include "common/domain/lab.hpp"
#include "common/domain/observation.hpp"

namespace mpic::agent {

struct AgentIdentity {
  PerspectiveId perspective;
  Role role;
  Rir rir;
  std::string log_origin;  // of the one coordinator that it works for
  std::string source_ipv4;
  std::string source_ipv6;
  std::string resolver;
  Digest resolver_config_sha256{};
  LabRelaxations lab;
  std::vector<std::string> lab_stamps;  // lab.describe()

  AgentIdentity(PerspectiveId p, Role its_role, Rir its_rir)
      : perspective(std::move(p)), role(its_role), rir(its_rir) {}
};

}  // namespace mpic::agent
