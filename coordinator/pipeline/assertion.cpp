#include "coordinator/pipeline/assertion.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/rules/corroboration_key.hpp"
#include "common/wire/convert.hpp"

namespace mpic::coordinator {
namespace {

constexpr const char* kSaw = "asserted by the caller, not observed";

Unexpected bad(std::string_view field, std::string_view why) {
  const std::string path = fmt::format("asserted.{}", field);
  return fail(ProblemCode::kInvalidArgument, path, fmt::format("{}: {}", path, why));
}

// What the caller says of one check, as an observation would have been judged.
rules::Judgement judged(bool positive, std::string key, const PerspectiveEntry& primary, ProblemCode negative) {
  rules::Judgement judgement;
  judgement.saw = kSaw;
  if (positive) {
    judgement.outcome = Outcome::kCorroborates;
    judgement.key = std::move(key);
    judgement.dnssec_authenticated = false;  // nobody here has seen a signature
    return judgement;
  }
  judgement.outcome = outcome_of(negative);
  judgement.problem = Problem(negative, primary.where.id.text(), "the caller's own determination is negative");
  return judgement;
}

}  // namespace

Expected<Assertion> check_assertion(const v1::AssertedPrimary& asserted, const ClientEntry* client,
                                    const std::optional<DcvQuestion>& dcv, const std::optional<CaaQuestion>& caa,
                                    TimePoint now) {
  if (client == nullptr || !client->asserted_primary) {
    return fail(ProblemCode::kNoRight, "asserted",
                "asserted: this client has no right to speak for a Primary: clients[].asserted_primary");
  }
  const PerspectiveEntry& primary = *client->asserted_primary;
  if (asserted.primary_id() != primary.where.id.text()) {
    return bad("primary_id", fmt::format("\"{}\" is not the Primary of this client, \"{}\"",
                                         printable(asserted.primary_id(), 64), primary.where.id.text()));
  }
  if (asserted.dcv_passed() && !dcv) return bad("dcv_passed", "dcv is not asked");
  if (asserted.caa_permits() && !caa) return bad("caa_permits", "caa is not asked");
  const std::string& key = asserted.corroboration_key();
  if (key.size() > kMaxAssertedKey) return bad("corroboration_key", "longer than any key is");
  if (!key.empty() && !dcv) return bad("corroboration_key", "only dcv has one");
  if (!key.empty() && key != rules::corroboration_key(*dcv)) {
    return bad("corroboration_key", "it is not what follows from the parameters of dcv (BR 3.2.2.9)");
  }
  if (!asserted.has_determined()) return bad("determined", "missing: when the Primary began to look");
  const auto determined = wire::decode(asserted.determined());
  if (!determined) return bad("determined", "a time out of range");
  if (*determined > now + kMaxClockDifference) return bad("determined", "in the future of this coordinator's clock");
  if (now - *determined > kMaxAssertionAge) {
    return bad("determined", fmt::format("more than {} minutes ago: look again", kMaxAssertionAge.count()));
  }
  return Assertion{&primary, asserted.dcv_passed(), asserted.caa_permits(), std::min(*determined, now)};
}

Gathered asserted_part(const CheckedRequest& request, const AttemptId& attempt, TimePoint now) {
  const Assertion& asserted = *request.asserted;
  JudgedLook look{.perspective = asserted.primary};
  if (request.dcv) {
    look.dcv = judged(asserted.dcv_passed, rules::corroboration_key(*request.dcv), *asserted.primary,
                      ProblemCode::kChallengeMismatch);
    look.dcv_started = asserted.determined;
  }
  if (request.caa) {
    look.caa = judged(asserted.caa_permits, rules::kPermittedKey, *asserted.primary, ProblemCode::kCaaForbids);
    look.caa_started = asserted.determined;
  }
  Gathered part;
  part.plan.attempt = attempt;
  part.plan.started = now;
  PlannedLook planned{.perspective = asserted.primary,
                      .reason = "asserted by the client, not observed",
                      .assignment = {.perspective = asserted.primary->where.id, .identifier = request.identifier},
                      .octets = {},
                      .asserted = true};
  part.plan.looks.push_back(std::move(planned));
  part.replies.emplace_back().received = now;
  part.looks.push_back(std::move(look));
  return part;
}

}  // namespace mpic::coordinator
