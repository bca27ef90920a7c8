// From the options of `mpic check` to the request that is sent. Pure.
#pragma once

#include <string>
#include <vector>

#include "common/domain/problem.hpp"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::cli {

struct CheckOptions {
  std::string name;
  std::vector<std::string> issuers;
  std::vector<std::string> accounts;
  std::string method;  // RFC 8657 label
  std::string trace;
  double deadline = 0;  // seconds; 0: the coordinator's
  std::string token;
  std::string key_authorization;
  bool json = false;
  bool would_be = false;
};

// A complete answer is asked for: a person wants to see every perspective. kInvalidArgument for a name that
// cannot be turned into A-labels; everything else is for the coordinator to judge.
[[nodiscard]] Expected<v1::CorroborateRequest> caa_question(const CheckOptions& options);
// With issuers, CAA is checked in the same visit; its method label is then "http-01" unless another one is
// given.
[[nodiscard]] Expected<v1::CorroborateRequest> http_01_question(const CheckOptions& options);

}  // namespace mpic::cli
