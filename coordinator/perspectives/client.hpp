// How the pipeline reaches its perspectives (seam).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/domain/assignment.hpp"
#include "common/evidence/observations.hpp"
#include "mpic/v1/agent.pb.h"

namespace mpic::coordinator {

// What came back for one attempt: evidence and the root it was signed under, or a problem.
struct Reply {
  std::optional<v1::Evidence> evidence;
  std::shared_ptr<const evidence::ReceivedRoot> signed_root;  // shared by all evidence of one message
  std::optional<Problem> problem;
  TimePoint received{};
};

class PerspectiveClient {
 public:
  using Done = std::function<void(Reply)>;
  virtual ~PerspectiveClient() = default;
  // Sends an assignment. `done` is called once, from any thread: with evidence, with the agent's refusal, or with
  // kUnreachable when there is no stream, its queue is full, or it broke; mostly not after cancel() has returned, but a
  // reply that was on its way may still come. There is no time limit here: that is the caller's. Nothing is ever sent
  // twice.
  virtual void observe(const PerspectiveId& perspective, const AttemptId& attempt, std::string assignment,
                       Done done) = 0;
  // Tells the agent to stop. No effect when the attempt has ended.
  virtual void cancel(const PerspectiveId& perspective, const AttemptId& attempt) = 0;
};

}  // namespace mpic::coordinator
