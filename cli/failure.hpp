// Why a command could not do its work: one sentence for people, and the exit status.
#pragma once

#include <grpcpp/support/status.h>

#include <stdexcept>
#include <string>

namespace mpic::cli {

class Failure : public std::runtime_error {
 public:
  Failure(int status, const std::string& sentence) : std::runtime_error(sentence), status_(status) {}
  [[nodiscard]] int status() const { return status_; }

 private:
  int status_;
};

// `reached`: the connection stood when the call ended, so the coordinator itself said it.
[[nodiscard]] Failure failure_of(const grpc::Status& status, const std::string& coordinator, bool reached);

}  // namespace mpic::cli
