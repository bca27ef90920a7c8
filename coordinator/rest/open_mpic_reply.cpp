#include "coordinator/rest/open_mpic_reply.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <map>

#include "common/wire/convert.hpp"
#include "coordinator/rest/open_mpic_added.hpp"
#include "coordinator/rest/open_mpic_details.hpp"

namespace mpic::coordinator {
namespace {

namespace bj = boost::json;

bj::value or_null(const std::optional<std::int64_t>& number) {
  return number ? bj::value(*number) : bj::value(nullptr);
}

// What a perspective sent in one attempt.
struct Sent {
  std::optional<Observation> observation;
  std::int64_t received_ns = 0;
};

class Attempt {
 public:
  Attempt(const v1::RecordBody& body, std::uint32_t number) {
    for (const v1::AttemptRecord& plan : body.attempts()) {
      if (plan.number() != number) continue;
      for (const v1::PlannedPerspective& planned : plan.planned()) {
        Sent& sent = sent_[planned.perspective_id()];
        if (!planned.evidence().observation().empty()) {
          if (auto seen = wire::decode_observation(planned.evidence().observation()))
            sent.observation = *std::move(seen);
        }
        const auto& when = planned.has_received() ? planned.received() : planned.sent();
        if (const auto at = wire::decode(when)) sent.received_ns = at->time_since_epoch().count();
      }
    }
  }
  [[nodiscard]] const Sent& of(const std::string& perspective) const {
    static const Sent kNothing;
    const auto found = sent_.find(perspective);
    return found == sent_.end() ? kNothing : found->second;
  }

 private:
  std::map<std::string, Sent> sent_;
};

// The site's answer, and not the one that was wanted: the API has no error for that.
bool is_plain_no(v1::ProblemCode code) {
  switch (code) {
    case v1::PROBLEM_CODE_CHALLENGE_MISMATCH:
    case v1::PROBLEM_CODE_DNS_NO_RECORD:
    case v1::PROBLEM_CODE_CAA_FORBIDS:
    case v1::PROBLEM_CODE_CAA_CRITICAL_UNKNOWN:
    case v1::PROBLEM_CODE_CERTIFICATE_MISMATCH:
    case v1::PROBLEM_CODE_KEY_DIFFERS_FROM_PRIMARY:
    case v1::PROBLEM_CODE_RECORD_MALFORMED:
    case v1::PROBLEM_CODE_RECORD_EXPIRED:
    case v1::PROBLEM_CODE_ACCOUNT_MISMATCH:
    case v1::PROBLEM_CODE_SCOPE_TOO_NARROW:
      return true;
    default:
      return false;
  }
}

const char* error_type(const v1::PerspectiveResult& row, const OpenMpicRequest& request) {
  switch (row.outcome()) {
    case v1::OUTCOME_CORROBORATES:
    case v1::OUTCOME_CONTRADICTS:
    case v1::OUTCOME_COULD_NOT_LOOK:
      break;
    default:
      return "mpic_error:coordinator:remote_check";
  }
  if (request.is_caa) return "mpic_error:caa_checker:lookup";
  return sight_of(*request.method) == Sight::kHttp ? "mpic_error:http" : "mpic_error:dcv_checker:lookup";
}

bj::value errors_of(const v1::PerspectiveResult& row, const OpenMpicRequest& request) {
  const bool is_error = row.has_problem() && !is_plain_no(row.problem().code());
  if (is_error) {
    const std::string message = fmt::format("{}: {}", problem_code_name(row.problem().code()), row.problem().detail());
    return bj::array{bj::object{{"error_type", error_type(row, request)}, {"error_message", message}}};
  }
  const bool is_tls = !request.is_caa && sight_of(*request.method) == Sight::kTls;
  return is_tls ? bj::value(bj::array()) : bj::value(nullptr);
}

bj::object row_of(const v1::PerspectiveResult& row, const OpenMpicRequest& request, const Attempt& attempt) {
  const Sent& sent = attempt.of(row.perspective());
  const bool is_completed = row.outcome() == v1::OUTCOME_CORROBORATES || row.outcome() == v1::OUTCOME_CONTRADICTS;
  bj::object details;
  if (request.is_caa) {
    details = caa_details(sent.observation && sent.observation->caa ? &*sent.observation->caa : nullptr);
  } else {
    details =
        dcv_details(*request.method, sent.observation && sent.observation->dcv ? &*sent.observation->dcv : nullptr);
  }
  return {{"perspective_code", row.perspective()},
          {"check_response",
           bj::object{{"check_completed", is_completed},
                      {"check_passed", row.outcome() == v1::OUTCOME_CORROBORATES},
                      {"errors", errors_of(row, request)},
                      {"timestamp_ns",
                       sent.observation ? sent.observation->ended.time_since_epoch().count() : sent.received_ns},
                      {"check_type", request.is_caa ? "caa" : "dcv"},
                      {"details", std::move(details)}}}};
}

bj::array rows_of(const v1::CheckResult& check, const OpenMpicRequest& request, const Attempt& attempt) {
  bj::array remotes;
  bj::array primary;
  for (const v1::PerspectiveResult& row : check.perspectives()) {
    if (row.role() == v1::ROLE_REMOTE) remotes.emplace_back(row_of(row, request, attempt));
    if (row.role() == v1::ROLE_PRIMARY) primary.emplace_back(row_of(row, request, attempt));
  }
  return remotes.empty() ? primary : remotes;
}

bj::value earlier_rows(const v1::RecordBody& body, const OpenMpicRequest& request) {
  if (body.earlier().empty()) return nullptr;
  bj::array out;
  std::uint32_t number = 0;
  for (const v1::Decision& decision : body.earlier()) {
    const Attempt attempt(body, number++);
    out.emplace_back(decision.checks().empty() ? bj::array() : rows_of(decision.checks(0), request, attempt));
  }
  return out;
}

// The request's own words, which every answer begins with.
bj::object echo(const OpenMpicRequest& request, const bj::object& actual) {
  const Orchestration& asked = request.orchestration;
  return {{"mpic_completed", false},
          {"request_orchestration_parameters", bj::object{{"perspective_count", or_null(asked.perspective_count)},
                                                          {"quorum_count", or_null(asked.quorum_count)},
                                                          {"max_attempts", or_null(asked.max_attempts)},
                                                          {"cohort_for_single_attempt", or_null(asked.cohort)}}},
          {"actual_orchestration_parameters", actual},
          {"check_type", request.is_caa ? "caa" : "dcv"},
          {"domain_or_ip_target", request.target},
          {"is_valid", false},
          {"trace_identifier", request.trace_identifier ? bj::value(*request.trace_identifier) : bj::value(nullptr)},
          {"perspectives", bj::array()},
          {request.is_caa ? "caa_check_parameters" : "dcv_check_parameters", request.parameters},
          {"previous_attempt_results", nullptr}};
}

v1::Verdict told_verdict(const v1::CorroborateResponse& answer, const OpenMpicTold& told) {
  const bool is_would_be = told.tell_would_be && answer.would_be() != v1::VERDICT_UNSPECIFIED;
  return is_would_be ? answer.would_be() : answer.verdict();
}

}  // namespace

bj::object open_mpic_answer(const OpenMpicRequest& request, const v1::CorroborateResponse& answer,
                            const v1::RecordBody& body, const OpenMpicTold& told) {
  const v1::CheckResult& check = answer.checks().empty() ? v1::CheckResult::default_instance() : answer.checks(0);
  const bool were_asked = check.quorum().attempted() != 0;
  const auto attempted = static_cast<std::size_t>(check.quorum().attempted());
  const std::size_t remotes = were_asked ? attempted : told.remotes;
  const std::size_t least = were_asked ? attempted - std::min<std::size_t>(attempted, check.quorum().allowed_failures())
                                       : told.least_corroborations;
  bj::object out = echo(
      request,
      {{"perspective_count", remotes}, {"quorum_count", least}, {"attempt_count", std::max(1U, answer.attempts())}});
  const v1::Verdict verdict = told_verdict(answer, told);
  out["is_valid"] = verdict == v1::VERDICT_CORROBORATED;
  // Of a verdict that is withheld alone because of what the deployment is, the work was done all the same.
  const v1::Verdict by_rules = answer.would_be() == v1::VERDICT_UNSPECIFIED ? answer.verdict() : answer.would_be();
  out["mpic_completed"] = by_rules == v1::VERDICT_CORROBORATED || by_rules == v1::VERDICT_NOT_CORROBORATED;
  const Attempt last(body, static_cast<std::uint32_t>(body.earlier_size()));
  out["perspectives"] = rows_of(check, request, last);
  out["previous_attempt_results"] = earlier_rows(body, request);
  bj::object added = added_fields(answer, check);
  for (const v1::PerspectiveResult& row : check.perspectives()) {
    if (row.role() == v1::ROLE_PRIMARY) added["primary"] = row_of(row, request, last);
  }
  out["mpic"] = std::move(added);
  return out;
}

bj::object impossible_answer(const OpenMpicRequest& request, const OpenMpicTold& told) {
  bj::object out =
      echo(request,
           {{"perspective_count", told.remotes}, {"quorum_count", told.least_corroborations}, {"attempt_count", 0}});
  out["mpic"] = bj::object{{"basis_for_issuance", false},
                           {"explanation", fmt::format("nobody was asked: {}", request.impossible.value_or(""))}};
  return out;
}

bj::object validation_failed(const ValidationIssues& issues) {
  bj::array out;
  for (const ValidationIssue& issue : issues) {
    out.emplace_back(bj::object{{"issue_type", issue.type}, {"message", printable(issue.message, 1024)}});
  }
  return {{"error", "request-validation-failed"}, {"validation_issues", std::move(out)}};
}

}  // namespace mpic::coordinator
