// The whole way of one request, as one coroutine that knows no transport: gRPC, REST and batch all call it.
#pragma once

#include "coordinator/pipeline/stages.hpp"

namespace mpic::coordinator {

// What a corroboration works with. All outlive every corroboration.
struct Workshop {
  Clock& clock;
  Random& random;
  PerspectiveClient& perspectives;
  RecordStore& store;
  const Deployment& deployment;
  Digest snapshot;  // of `deployment`, as kept in the store
  const evidence::SigningKey& key;
  RequestLimits limits;
};

// The response, or why there is none: kInvalidArgument, kNotSupported, kPolicy (the request, or the BR forbid it),
// kDeploymentPolicy (the deployment cannot satisfy the day's policy), kInternal (not durable: nobody may be told the
// verdict).
// By value: the frame outlives the caller's expression. `workshop` outlives it.
asio::awaitable<Expected<v1::CorroborateResponse>> corroborate(const Workshop& workshop, v1::CorroborateRequest request,
                                                               Caller caller);

}  // namespace mpic::coordinator
