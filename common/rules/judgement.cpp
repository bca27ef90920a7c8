#include "common/rules/judgement.hpp"

#include <algorithm>

#include "common/rules/dcv_dns.hpp"
#include "common/rules/dcv_tls_alpn.hpp"
#include "common/rules/http_ask.hpp"
#include "common/rules/namespace_policy.hpp"

namespace mpic::rules {

Judgement invalid_evidence(std::string where, std::string why) {
  Judgement judgement;
  judgement.outcome = Outcome::kEvidenceInvalid;
  judgement.saw = "evidence that cannot be: " + why;
  judgement.problem = Problem(ProblemCode::kEvidenceInvalid, std::move(where), std::move(why));
  return judgement;
}

namespace {

// A target decides how much there is to report. What had to be left out can be no claim, and no lie either: an agent
// that hides behind the mark has only not corroborated.
Judgement with_cut(Judgement judgement, const Observation& observation) {
  if (!observation.cut || judgement.outcome != Outcome::kEvidenceInvalid) return judgement;
  Problem problem(ProblemCode::kDnsTooManyRecords, judgement.problem->where,
                  "what the target sent is too large to be reported whole, so that nothing follows from it");
  Judgement out;
  out.outcome = outcome_of(problem.code);
  out.saw = "more than an observation holds";
  out.problem = std::move(problem);
  return out;
}

Judgement judge_seen(const Assignment& assignment, const Observation& observation) {
  const DcvSubject subject = subject_of(assignment);
  const DcvQuestion& question = *assignment.dcv;
  const auto& seen = observation.dcv->seen;
  switch (sight_of(question.method())) {
    case Sight::kHttp:
      if (const auto* http = std::get_if<HttpObservation>(&seen)) {
        return judge_http(subject, question, *http, observation.lab_relaxations);
      }
      break;
    case Sight::kDns:
      if (const auto* dns = std::get_if<DnsObservation>(&seen)) {
        // An agent's clock may be behind, within bounds; what had expired when it was asked is no use.
        return judge_dns(subject, question, *dns, std::max(observation.started, assignment.issued));
      }
      break;
    case Sight::kTls:
      if (const auto* tls = std::get_if<TlsObservation>(&seen)) {
        return judge_tls_alpn(subject, std::get<AcmeTlsAlpn01>(question.parameters), *tls, observation.lab_relaxations);
      }
      break;
  }
  return invalid_evidence("dcv", "the observation is not one of " + std::string(to_string(question.method())));
}

}  // namespace

Judgement judge_dcv(const Assignment& assignment, const Observation& observation) {
  if (!assignment.dcv) return invalid_evidence("dcv", "no validation of domain control was asked for");
  if (!observation.dcv) return invalid_evidence("dcv", "nothing was observed for the validation of domain control");
  const DcvMethod method = assignment.dcv->method();
  if (observation.dcv->method != method) {
    return invalid_evidence("dcv.method", std::string(to_string(method)) + " was asked for, " +
                                              std::string(to_string(observation.dcv->method)) + " was observed");
  }
  if (const auto allowed = check_subject(subject_of(assignment), method); !allowed) {
    return invalid_evidence(allowed.error().where, allowed.error().detail);
  }
  return with_cut(judge_seen(assignment, observation), observation);
}

Judgement judge_caa(const Assignment& assignment, const Observation& observation) {
  if (!assignment.caa) return invalid_evidence("caa", "CAA was not asked for");
  if (!observation.caa) return invalid_evidence("caa", "nothing was observed for CAA");
  return with_cut(judge_caa(assignment.identifier, *assignment.caa, *observation.caa), observation);
}

}  // namespace mpic::rules
