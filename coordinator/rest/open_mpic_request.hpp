// A request of the Open MPIC API, read. Pure; the text may be anything.
//
// What the API calls a parameter is checked here by its form; what the Baseline Requirements say of it is for
// check_request(), which every transport passes. Differences from what other servers of the API do: docs/open_mpic.md.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/dcv.hpp"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::coordinator {

inline constexpr std::size_t kMaxOpenMpicBody = 64 * 1024;  // octets
inline constexpr std::size_t kMaxOpenMpicDepth = 8;

// Why a request is refused with 400, as the API tells it.
struct ValidationIssue {
  std::string type;  // "invalid-perspective-count"
  std::string message;
};
using ValidationIssues = std::vector<ValidationIssue>;

// `orchestration_parameters`, as they were sent.
struct Orchestration {
  std::optional<std::int64_t> perspective_count;
  std::optional<std::int64_t> quorum_count;
  std::optional<std::int64_t> max_attempts;
  std::optional<std::int64_t> cohort;  // counted from 1
};

struct OpenMpicRequest {
  bool is_caa = false;  // else DCV
  std::string target;
  std::optional<std::string> trace_identifier;
  Orchestration orchestration;
  std::optional<DcvMethod> method;  // of DCV
  boost::json::object parameters;   // of the check, as the answer tells them again: with defaults
  // What is asked of corroborate(), without the orchestration.
  v1::CorroborateRequest request;
  // Why no perspective can see what is asked, so that none is asked: an address that is none, or of the other family.
  std::optional<std::string> impossible;
};

// Either a request or why it is none; never both. `caa_domains`: the deployment's own, for a request that names none.
struct OpenMpicParsed {
  std::optional<OpenMpicRequest> request;
  ValidationIssues issues;
};
[[nodiscard]] OpenMpicParsed read_open_mpic(std::string_view body, const std::vector<std::string>& caa_domains);

}  // namespace mpic::coordinator
