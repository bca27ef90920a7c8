// What a client asks of the coordinator: refused with the field and a reason, or safe to work with.
// Input: one octet for the deployment, then a serialized mpic.v1.CorroborateRequest.
#include "common/rules/address_policy.hpp"
#include "common/rules/caa_label.hpp"
#include "common/rules/corroboration_key.hpp"
#include "common/rules/dcv_question.hpp"
#include "common/rules/namespace_policy.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/pipeline/assertion.hpp"
#include "coordinator/policy/methods.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

using namespace mpic::coordinator;

const TimePoint kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 23)};

Deployment deployment(bool lab) {
  Deployment out{.log_origin = "mpic.test/fuzz", .profiles = {Profile::kTls, Profile::kSmime}};
  const auto add = [&](const char* id, Role role, Rir rir, double latitude, double longitude) {
    const Place place{id, latitude, longitude};
    PerspectiveEntry entry{.where = {.id = PerspectiveId::parse(id).value(),
                                     .role = role,
                                     .rir = rir,
                                     .place = place,
                                     .resolver_place = place,
                                     .resolver_rir = rir}};
    out.perspectives.push_back(std::move(entry));
  };
  add("primary", Role::kPrimary, Rir::kArin, 39.0, -77.5);
  add("r1", Role::kRemote, Rir::kRipe, 53.3, -6.3);
  add("r2", Role::kRemote, Rir::kRipe, 50.1, 8.7);
  add("r3", Role::kRemote, Rir::kApnic, 35.7, 139.7);
  add("r4", Role::kRemote, Rir::kArin, 45.8, -119.7);
  if (lab) out.lab.top_level_domains = {"test"};
  ClientEntry& client = out.clients.emplace_back();
  client.name = "pipeline";
  client.asserted_primary = out.perspectives.front();
  return out;
}

void hold_questions(const CheckedRequest& checked) {
  hold(checked.dcv || checked.caa, "something is asked");
  if (checked.dcv) {
    v1::DcvQuestion encoded;
    wire::encode(*checked.dcv, encoded);
    const auto again = wire::decode(encoded, "dcv");
    hold(again && *again == *checked.dcv, "a DCV question survives the way there and back");
  }
  if (!checked.caa) return;
  hold(!checked.caa->issuer_domains.empty() && checked.caa->issuer_domains.size() <= 16 &&
           checked.caa->account_uris.size() <= 16,
       "issuers and accounts are bounded");
  v1::CaaQuestion encoded;
  wire::encode(*checked.caa, encoded);
  const auto again = wire::decode(encoded, "caa");
  hold(again && *again == *checked.caa, "a CAA question survives the way there and back");
}

void hold_method(const CheckedRequest& checked) {
  if (!checked.dcv) {
    hold(!checked.authorization_domain && checked.warnings.empty(),
         "only a validation has an ADN, and a method to warn of");
    return;
  }
  const Identifier& name = checked.identifier;
  const Identifier adn = name.is_ip() ? name : Identifier::of(checked.authorization_domain.value_or(name.name()));
  const DcvMethod method = checked.dcv->method();
  hold(rules::check_subject({name, adn}, method).has_value(), "the ADN is one that the method's row allows");
  const auto standing = method_at(method, name.is_ip(), kNow);
  const auto* page = std::get_if<AcmeHttp01>(&checked.dcv->parameters);
  const std::size_t of_another_token = page != nullptr && !rules::is_of_its_token(*page) ? 1 : 0;
  hold(standing && checked.warnings.size() == of_another_token + (standing->has_value() ? 1 : 0),
       "the method has not ended; its end, and a key authorization of another token, are warned of");
  hold(!checked.caa || rules::is_caa_label_of(checked.caa->validation_method, method),
       "CAA is asked of the same method");
}

void hold_assertion(const CheckedRequest& checked) {
  if (!checked.asserted) return;
  const Assertion& asserted = *checked.asserted;
  hold(asserted.primary != nullptr && asserted.primary->where.role == Role::kPrimary, "a Primary is spoken for");
  hold(asserted.determined <= kNow && kNow - asserted.determined <= kMaxAssertionAge, "a determination is of late");
  hold((!asserted.dcv_passed || checked.dcv) && (!asserted.caa_permits || checked.caa),
       "only what is asked is asserted");
  const std::string& key = checked.original.asserted().corroboration_key();
  hold(key.empty() || key == rules::corroboration_key(*checked.dcv), "a key follows from the question");
}

void hold_safe(const CheckedRequest& checked, const Deployment& deployment) {
  hold_questions(checked);
  hold(rules::check_identifier(checked.identifier, deployment.lab).has_value(), "only what may be validated");
  hold(!checked.identifier.is_ip() || (!checked.caa && !checked.authorization_domain),
       "an address has no CAA and no ADN");
  hold_method(checked);
  const auto phase = quorum_phase_at(Profile::kTls, kNow).value();
  hold(checked.quorum.min_remotes >= phase.min_remotes && checked.quorum.min_rirs >= phase.min_rirs,
       "no request weakens the policy");
  hold(checked.max_attempts >= 1 && checked.max_attempts <= 5, "attempts are bounded");
  hold_assertion(checked);
  hold(checked.budget >= std::chrono::seconds(1) && checked.budget <= std::chrono::minutes(2), "a deadline is bounded");
}

void run(Octets octets) {
  static const Deployment kPublic = deployment(false);
  static const Deployment kLab = deployment(true);
  if (octets.empty()) return;
  const Deployment& where = (octets.front() & 1U) != 0 ? kLab : kPublic;
  v1::CorroborateRequest request;
  if (!request.ParseFromArray(octets.data() + 1, static_cast<int>(octets.size() - 1))) return;
  const auto checked = check_request(request, where, RequestLimits{}, &where.clients.front(), kNow);
  if (checked) {
    hold_safe(*checked, where);
    return;
  }
  const Problem& problem = checked.error();
  hold(problem.code == ProblemCode::kInvalidArgument || problem.code == ProblemCode::kPolicy,
       "a refusal is the caller's fault, or the BR's");
  hold(problem.detail.starts_with(problem.where + ": "), "a refusal names the field");
  hold_presentable(problem.detail);
}

const Target kTarget("request", run);

}  // namespace
}  // namespace mpic::fuzz
