#include "common/rules/judgement.hpp"

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

// A target decides how much there is to report. What had to be left out can be no claim, and no lie either: an agent that
// hides behind the mark has only not corroborated.
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

}  // namespace

Judgement judge_dcv(const Assignment& assignment, const Observation& observation) {
  if (!assignment.dcv) return invalid_evidence("dcv", "no validation of domain control was asked for");
  if (!observation.dcv)
    return invalid_evidence("dcv", "nothing was observed for the validation of domain control");
  const DcvMethod method = assignment.dcv->method();
  if (observation.dcv->method != method) {
    return invalid_evidence("dcv.method", std::string(to_string(method)) + " was asked for, " +
                                              std::string(to_string(observation.dcv->method)) +
                                              " was observed");
  }
  if (assignment.authorization_domain) {
    const auto allowed =
        check_authorization_domain(assignment.identifier, *assignment.authorization_domain, method);
    if (!allowed) return invalid_evidence(allowed.error().where, allowed.error().detail);
  }
  const auto* http = std::get_if<HttpObservation>(&observation.dcv->seen);
  if (http == nullptr)
    return invalid_evidence("dcv", "the observation is not one of " + std::string(to_string(method)));
  const auto& question = std::get<AcmeHttp01>(assignment.dcv->parameters);
  return with_cut(judge_http_01(assignment.identifier, question, *http, observation.lab_relaxations), observation);
}

Judgement judge_caa(const Assignment& assignment, const Observation& observation) {
  if (!assignment.caa) return invalid_evidence("caa", "CAA was not asked for");
  if (!observation.caa) return invalid_evidence("caa", "nothing was observed for CAA");
  return with_cut(judge_caa(assignment.identifier, *assignment.caa, *observation.caa), observation);
}

}  // namespace mpic::rules
