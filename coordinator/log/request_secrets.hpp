// Challenge values of a request, which no log line and no event may carry. Plain functions of their arguments.
#pragma once

#include <string>
#include <vector>

#include "common/telemetry/event_log.hpp"
#include "mpic/v1/corroboration.pb.h"

namespace mpic::coordinator {

class RequestSecrets {
 public:
  explicit RequestSecrets(const v1::CorroborateRequest& request);

  // Puts "[challenge]" in place of each, wherever it stands in a text.
  void remove_from(telemetry::Event& event) const;
  [[nodiscard]] const std::vector<std::string>& values() const { return values_; }

 private:
  void add(const std::string& value);
  void remove_from(std::string& text) const;

  std::vector<std::string> values_;
};

}  // namespace mpic::coordinator
