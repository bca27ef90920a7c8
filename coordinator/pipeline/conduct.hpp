// How perspectives do over many requests: what decisions tell of them, and what that means for plans and for people.
#pragma once

#include "coordinator/pipeline/stages.hpp"
#include "coordinator/policy/standing.hpp"

namespace mpic::coordinator {

class Dissent;
class HealthBoard;

// Safe from any thread (seam).
class Conduct : public Standings {
 public:
  // What became of an attempt. On the path of a request: cheap.
  virtual void note(const Decision& decision) = 0;
  // A sentence when it contradicts the rest far more often than its peers do.
  [[nodiscard]] virtual std::optional<std::string> suspicion(const PerspectiveId& perspective) const = 0;
};

// By damped health and by dissent. All outlive it.
class KeptConduct final : public Conduct {
 public:
  KeptConduct(HealthBoard& health, Dissent& dissent, const Clock& clock)
      : health_(health), dissent_(dissent), clock_(clock) {}

  void note(const Decision& decision) override;
  [[nodiscard]] std::optional<std::string> suspicion(const PerspectiveId& perspective) const override;
  [[nodiscard]] Standing standing(const PerspectiveId& perspective) const override;

 private:
  HealthBoard& health_;
  Dissent& dissent_;
  const Clock& clock_;
};

// For people: each remote under suspicion that contradicts in this decision too gets a finding.
void add_suspicions(const Conduct& conduct, Decision& decision);

}  // namespace mpic::coordinator
