// The whole way of one request, as one coroutine that knows no transport: gRPC, REST and batch all call it.
#pragma once

#include "common/telemetry/event_log.hpp"
#include "coordinator/log/prover.hpp"
#include "coordinator/pipeline/admission.hpp"
#include "coordinator/pipeline/conduct.hpp"
#include "coordinator/pipeline/follow_up.hpp"

namespace mpic::coordinator {

// What a corroboration works with. All outlive every corroboration.
struct Workshop {
  Clock& clock;
  Random& random;
  PerspectiveClient& perspectives;
  RecordStore& store;
  FollowUp& follow_up;
  Admission& admission;
  const SettingsInForce& settings;
  Conduct& conduct;
  Prover& prover;
  telemetry::EventLog& events;
};

// The response, or why there is none: kNoRight (rights.hpp), kUnauthenticated (the client's entry is gone),
// kInvalidArgument, kPolicy (the request, or the BR forbid it), kDeploymentPolicy (the deployment cannot satisfy the
// day's policy), kOverloaded (too much of this target, or this request id, in progress), kInternal (not durable: nobody
// may be told the verdict).
// A request id that is recorded already gets the recorded answer, or kInvalidArgument when the request is another one.
// With `prove` the answer waits for the checkpoint that covers its record, within the request's deadline; without one
// in time it goes without a proof, which GetRecord has later. By value: the frame outlives the caller's expression.
// `workshop` outlives it.
asio::awaitable<Expected<v1::CorroborateResponse>> corroborate(const Workshop& workshop, v1::CorroborateRequest request,
                                                               Caller caller);

}  // namespace mpic::coordinator
