#include "coordinator/rest/open_mpic_added.hpp"

#include <google/protobuf/util/time_util.h>

#include <boost/json/array.hpp>

#include "common/domain/perspective.hpp"
#include "common/evidence/text_form.hpp"
#include "coordinator/pipeline/stages.hpp"

namespace mpic::coordinator {
namespace {

namespace bj = boost::json;

template <class Texts>
bj::array array_of(const Texts& texts) {
  bj::array out;
  for (const auto& text : texts) out.emplace_back(text);
  return out;
}

std::string time_text(const google::protobuf::Timestamp& when) {
  return google::protobuf::util::TimeUtil::ToString(when);
}

bj::value verdict_text(v1::Verdict verdict) {
  if (verdict == v1::VERDICT_UNSPECIFIED) return nullptr;
  return bj::value(to_string(static_cast<Verdict>(verdict)));
}

bj::object problem_of(const v1::Problem& problem) {
  return {{"code", problem_code_name(problem.code())}, {"where", problem.where()}, {"detail", problem.detail()}};
}

bj::array outcomes_of(const v1::CheckResult& check) {
  bj::array out;
  for (const v1::PerspectiveResult& row : check.perspectives()) {
    out.emplace_back(
        bj::object{{"perspective_code", row.perspective()},
                   {"role", to_string(static_cast<Role>(row.role()))},
                   {"rir", to_string(static_cast<Rir>(row.rir()))},
                   {"outcome", to_string(static_cast<Outcome>(row.outcome()))},
                   {"problem", row.has_problem() ? bj::value(problem_of(row.problem())) : bj::value(nullptr)}});
  }
  return out;
}

bj::array explanations_of(const v1::CheckResult& check) {
  bj::array out;
  for (const v1::Explanation& one : check.explanations()) {
    out.emplace_back(bj::object{{"code", problem_code_name(one.code())},
                                {"meaning", one.meaning()},
                                {"advice", one.advice()},
                                {"perspectives", array_of(one.perspectives())}});
  }
  return out;
}

bj::object policy_of(const v1::PolicyStamp& policy) {
  return {{"profile", policy.profile()},
          {"br_version", policy.br_version()},
          {"table_date", policy.table_date()},
          {"evaluated_at", time_text(policy.evaluated_at())},
          {"clock_is_real", policy.clock_is_real()},
          {"software_version", policy.software_version()},
          {"ruleset_version", policy.ruleset_version()}};
}

bj::object statement_of(const v1::Statement& statement) {
  return {{"payload", evidence::to_base64(statement.payload())},
          {"key_id", statement.key_id()},
          {"signature", evidence::to_base64(statement.signature())}};
}

bj::array rirs_of(const v1::Quorum& quorum) {
  bj::array out;
  for (const int rir : quorum.rirs()) out.emplace_back(to_string(static_cast<Rir>(rir)));
  return out;
}

bj::value caa_of(const v1::CheckResult& check) {
  if (!check.has_caa()) return nullptr;
  return bj::object{{"found_at", check.caa().found_at()},
                    {"relevant", array_of(check.caa().relevant())},
                    {"ttl", check.caa().ttl()},
                    {"iodef", array_of(check.caa().iodef())}};
}

}  // namespace

std::string_view problem_code_name(v1::ProblemCode code) { return to_string(static_cast<ProblemCode>(code)); }

bj::object added_fields(const v1::CorroborateResponse& answer, const v1::CheckResult& check) {
  return {{"record_id", answer.record_id()},
          {"leaf_index", answer.log().leaf_index()},
          {"verdict", verdict_text(answer.verdict())},
          {"would_be", verdict_text(answer.would_be())},
          {"not_enforceable_because", array_of(answer.not_enforceable_because())},
          {"basis_for_issuance", answer.basis_for_issuance()},
          {"half_validation", check.dcv().half_validation()},
          {"authorization_domain", check.dcv().authorization_domain()},
          {"fraction", check.quorum().fraction()},
          {"rirs", rirs_of(check.quorum())},
          {"clause", check.clause()},
          {"explanation", check.explanation()},
          {"findings", array_of(answer.findings())},
          {"warnings", array_of(check.warnings())},
          {"usable_until", check.has_usable_until() ? bj::value(time_text(check.usable_until())) : bj::value(nullptr)},
          {"caa", caa_of(check)},
          {"outcomes", outcomes_of(check)},
          {"explanations", explanations_of(check)},
          {"policy", policy_of(answer.policy())},
          {"statement", statement_of(answer.statement())}};
}

}  // namespace mpic::coordinator
