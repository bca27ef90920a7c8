// How requests travel to the coordinator: unary calls, or streams (Corroborator.Corroborate,
// .CorroborateMany), or POST /mpic.
#pragma once

#include <grpcpp/support/status.h>

#include <cstdint>
#include <memory>

#include "cli/profile.hpp"
#include "mpic/v1/coordinator.grpc.pb.h"

namespace mpic::load {

using Ticket = std::uint64_t;  // one per request of a run; `request_id` carries it

// Called on gRPC's threads, several at once.
class Listener {
 public:
  virtual ~Listener() = default;
  // `response` is null exactly when the status is not OK.
  virtual void answered(Ticket ticket, const grpc::Status& status, const v1::CorroborateResponse* response) = 0;
  // The transport is gone: what is open is never answered.
  virtual void lost(const grpc::Status& status) = 0;
};

class Caller {
 public:
  virtual ~Caller() = default;
  // Never blocks. Safe from any thread, also from within the listener.
  virtual void ask(Ticket ticket, v1::CorroborateRequest request) = 0;
  // Returns when the listener is called no more. Precondition: nothing is open, or all of it may be
  // abandoned.
  virtual void close() = 0;
};

// "<run>-<ticket>": unique for the coordinator, and found again without a table.
[[nodiscard]] std::string request_id(const std::string& run, Ticket ticket);
[[nodiscard]] Ticket ticket_of(const std::string& request_id);

[[nodiscard]] std::unique_ptr<Caller> unary_caller(const cli::Profile& profile, Listener& listener);
// Each stream has a connection of its own. Throws std::runtime_error when one does not open.
[[nodiscard]] std::unique_ptr<Caller> stream_caller(const cli::Profile& profile, unsigned streams, Listener& listener);

// `endpoint`: of the REST port, over TLS with the profile's certificate. When an answer is due its coordinator says.
[[nodiscard]] std::unique_ptr<Caller> rest_caller(const cli::Profile& profile, const std::string& endpoint,
                                                  Listener& listener);

[[nodiscard]] std::shared_ptr<grpc::Channel> connect(const cli::Profile& profile);

}  // namespace mpic::load
