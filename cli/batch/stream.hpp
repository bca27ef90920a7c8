// One CorroborateMany stream as a batch sees it. The seam between the batch and the network: tests have their own.
#pragma once

#include <grpcpp/support/status.h>

#include <memory>

#include "cli/batch/pacing.hpp"
#include "cli/profile.hpp"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::cli {

struct StreamEvent {
  enum class Kind {
    kNothing,  // until the time given
    kAnswer,
    kEnded,  // the stream: what is not answered on it will not be
  };
  Kind kind = Kind::kNothing;
  v1::CorroborateManyResponse answer;
  grpc::Status status;  // why it ended
  bool reached = true;  // the connection stood when it ended: the coordinator itself said so
};

// Used by one thread.
class BatchStream {
 public:
  BatchStream() = default;
  virtual ~BatchStream() = default;
  BatchStream(const BatchStream&) = delete;
  BatchStream& operator=(const BatchStream&) = delete;

  [[nodiscard]] virtual SteadyPoint now() = 0;
  // Begins a stream. Precondition: none is open, that is, before the first and after each kEnded.
  virtual void open() = 0;
  // Precondition of both: a stream was opened. On one that has ended meanwhile they do nothing; kEnded tells.
  virtual void send(v1::CorroborateRequest request) = 0;
  virtual void close() = 0;  // nothing more will be sent
  // The next event, waited for until then.
  [[nodiscard]] virtual StreamEvent next(SteadyPoint until) = 0;
};

// Over mutual TLS. Destroying it ends the stream at once.
[[nodiscard]] std::unique_ptr<BatchStream> connect_batch(const Profile& profile);

}  // namespace mpic::cli
