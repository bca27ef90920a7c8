// decide: what the judged looks mean (BR 3.2.2.9, 4.2.2.1). A pure function that says why.
#include <fmt/format.h>

#include <algorithm>

#include "coordinator/pipeline/findings.hpp"
#include "coordinator/policy/methods.hpp"
#include "coordinator/policy/reuse.hpp"

namespace mpic::coordinator {
namespace {

using OptionalJudgement = std::optional<rules::Judgement> JudgedLook::*;

constexpr std::chrono::hours kCaaFloor{8};  // BR 4.2.2.1: the TTL or 8 hours, whichever is longer
constexpr std::size_t kMaxContacts = 16;

// The quorum over the remotes' rows.
Expected<QuorumDecision> quorum_of(const std::vector<PerspectiveRow>& rows, const QuorumPolicy& policy) {
  std::vector<Corroboration> attempt;
  for (const PerspectiveRow& row : rows) {
    if (row.perspective->where.role != Role::kRemote) continue;
    attempt.push_back({row.perspective->where.id, row.perspective->where.rir, row.outcome == Outcome::kCorroborates});
  }
  return decide_quorum(attempt, policy);
}

Verdict verdict_over(const std::vector<PerspectiveRow>& rows, const QuorumPolicy& policy) {
  Tally real;
  Tally forgiving;
  for (const PerspectiveRow& row : rows) {
    if (row.perspective->where.role != Role::kRemote) continue;
    const bool agrees = row.outcome == Outcome::kCorroborates;
    real.count(row.perspective->where.rir, agrees);
    forgiving.count(row.perspective->where.rir, agrees || is_ours(row.outcome));
  }
  return verdict_of(real, forgiving, policy);
}

// A quorum that our own mistake kept from being reckoned: nothing is determined.
QuorumDecision undecidable(const Problem& problem) {
  QuorumDecision decision;
  decision.clause = "BR 3.2.2.9";
  decision.explanation = "internal error: " + problem.detail;
  return decision;
}

void decide_by_primary(const rules::Judgement& primary, CheckDecision& check) {
  const bool negative = primary.outcome == Outcome::kContradicts;
  check.verdict = negative ? Verdict::kNotCorroborated : Verdict::kNotDetermined;
  check.clause = check.kind == CheckKind::kCaa ? "BR 4.2.2.1" : "BR 3.2.2.4";
  const bool alone = check.rows.size() == 1;
  check.explanation =
      fmt::format("{}{}: {}", negative ? "the Primary's determination is negative" : "the Primary could not complete",
                  alone ? ", so no remote was asked" : ", whatever the remotes saw",
                  primary.problem ? primary.problem->detail : "no reason given");
  check.quorum.clause = check.clause;
}

void decide_by_quorum(const QuorumPolicy& policy, CheckDecision& check) {
  auto quorum = quorum_of(check.rows, policy);
  check.verdict = quorum ? verdict_over(check.rows, policy) : Verdict::kNotDetermined;
  check.quorum = quorum ? *std::move(quorum) : undecidable(quorum.error());
  check.clause = check.quorum.clause;
  check.explanation = check.quorum.explanation;
  if (check.verdict == Verdict::kNotDetermined) {
    check.explanation += "; perspectives that did not answer us would have made the difference, so a retry may succeed";
  }
}

// BR 4.2.2.1: within the TTL or 8 hours, whichever is longer, from when the Primary began to ask.
std::optional<TimePoint> caa_usable_until(const JudgedLook& primary) {
  if (!primary.caa_started) return std::nullopt;
  const std::chrono::seconds ttl(primary.caa->caa ? primary.caa->caa->ttl : 0);
  return *primary.caa_started + std::max<std::chrono::seconds>(kCaaFloor, ttl);
}

// A record that ends earlier, or may only be reused for its TTL, ends the reuse.
void shorten_by_record(const JudgedLook& look, TimePoint began, TimePoint& until) {
  if (look.dcv->record_expires) until = std::min(until, *look.dcv->record_expires);
  if (look.dcv->record_ttl) until = std::min(until, began + std::chrono::seconds(*look.dcv->record_ttl));
}

// BR 4.2.1, from when the Primary began to look.
std::optional<TimePoint> dcv_usable_until(const JudgedLook& primary, const std::vector<JudgedLook>& remotes,
                                          const CheckedRequest& request) {
  if (!primary.dcv_started) return std::nullopt;
  const Reuse reuse{request.dcv->method(), request.identifier.is_ip(), request.certificate};
  TimePoint until = usable_until(reuse, *primary.dcv_started);
  shorten_by_record(primary, *primary.dcv_started, until);
  if (!request.asserted) return until;
  // Nobody here has seen what an asserted Primary saw of the record: what the remotes saw of it counts.
  for (const JudgedLook& remote : remotes) {
    const bool counts =
        remote.perspective->where.role == Role::kRemote && remote.dcv && remote.dcv->outcome == Outcome::kCorroborates;
    if (counts) shorten_by_record(remote, *primary.dcv_started, until);
  }
  return until;
}

// Whom the domain wants to be told, where CAA prevents the issuance although the Primary's view alone would not: those
// that the remotes were shown (BR 4.2.2.1).
void add_contacts(const std::vector<JudgedLook>& remotes, CheckDecision& check) {
  std::vector<std::string>& contacts = check.caa->iodef;
  for (const JudgedLook& remote : remotes) {
    if (remote.perspective->where.role != Role::kRemote || !remote.caa || !remote.caa->caa) continue;
    for (const std::string& contact : remote.caa->caa->iodef) {
      const bool known = std::find(contacts.begin(), contacts.end(), contact) != contacts.end();
      if (!known && contacts.size() < kMaxContacts) contacts.push_back(contact);
    }
  }
}

// What only a check of that kind has.
void complete_dcv(const DecisionInput& input, CheckDecision& check) {
  check.warnings = input.request.warnings;
  if (check.verdict != Verdict::kCorroborated) return;
  check.usable_until = dcv_usable_until(input.primary, input.remotes, input.request);
  const std::string_view missing = missing_half(input.request.dcv->method());
  if (!missing.empty()) check.explanation += fmt::format("; lookup corroborated, validation not complete: {}", missing);
}

void complete_caa(const DecisionInput& input, CheckDecision& check) {
  if (check.verdict == Verdict::kCorroborated) check.usable_until = caa_usable_until(input.primary);
  if (check.verdict == Verdict::kNotCorroborated && check.caa) add_contacts(input.remotes, check);
}

CheckDecision decide_check(CheckKind kind, OptionalJudgement part, const DecisionInput& input) {
  const rules::Judgement& primary = *(input.primary.*part);
  CheckDecision check{.kind = kind, .verdict = Verdict::kNotDetermined, .caa = primary.caa};
  check.rows.push_back(row_of(input.primary, primary, primary));
  check.rows.front().asserted = input.request.asserted.has_value();
  for (const JudgedLook& remote : input.remotes) {
    if (remote.*part) check.rows.push_back(row_of(remote, *(remote.*part), primary));
  }

  if (primary.outcome != Outcome::kCorroborates) {
    decide_by_primary(primary, check);
  } else if (input.remotes.empty()) {
    // Its own determination is positive, but the other check's was not: nobody else was asked.
    check.clause = "BR 3.2.2.9";
    check.explanation = "the Primary's determination is positive; no remote was asked: ";
    check.explanation += input.not_asked.empty() ? "the other check had failed" : input.not_asked;
  } else {
    decide_by_quorum(input.request.quorum, check);
  }
  kind == CheckKind::kDcv ? complete_dcv(input, check) : complete_caa(input, check);
  return check;
}

// The weakest: one check refused refuses the request, whatever could not be determined beside it.
Verdict weakest(const std::vector<CheckDecision>& checks) {
  const auto any = [&](Verdict verdict) {
    return std::any_of(checks.begin(), checks.end(), [&](const CheckDecision& c) { return c.verdict == verdict; });
  };
  if (any(Verdict::kNotCorroborated)) return Verdict::kNotCorroborated;
  return any(Verdict::kNotDetermined) || checks.empty() ? Verdict::kNotDetermined : Verdict::kCorroborated;
}

std::vector<std::string> reasons_not_enforceable(const DecisionInput& input) {
  std::vector<std::string> reasons = input.deployment.not_enforceable();
  if (input.request.original.mode() == v1::MODE_MONITOR) reasons.emplace_back("mode MONITOR was asked");
  const auto stamps = [&](const JudgedLook& look) {
    for (const std::string& stamp : look.lab_relaxations) {
      std::string reason = fmt::format("lab at agents: {}", printable(stamp));
      if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) reasons.push_back(std::move(reason));
    }
  };
  stamps(input.primary);
  for (const JudgedLook& remote : input.remotes) {
    if (remote.perspective->where.role == Role::kRemote) stamps(remote);  // a shadow decides nothing
  }
  return reasons;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kCorroborated:
      return "CORROBORATED";
    case Verdict::kNotCorroborated:
      return "NOT_CORROBORATED";
    case Verdict::kNotDetermined:
      return "NOT_DETERMINED";
  }
  return "NOT_DETERMINED";
}

bool is_ours(Outcome outcome) {
  switch (outcome) {
    case Outcome::kEvidenceInvalid:
    case Outcome::kUnreachable:
    case Outcome::kRefused:
    case Outcome::kNotWaitedFor:
    case Outcome::kNoResult:
      return true;
    case Outcome::kCorroborates:
    case Outcome::kContradicts:
    case Outcome::kCouldNotLook:
      return false;
  }
  return false;
}

Verdict verdict_of(const Tally& real, const Tally& forgiving, const QuorumPolicy& policy) {
  if (is_reached(real, policy)) return Verdict::kCorroborated;
  return is_reached(forgiving, policy) ? Verdict::kNotDetermined : Verdict::kNotCorroborated;
}

PerspectiveRow row_of(const JudgedLook& look, const rules::Judgement& judgement, const rules::Judgement& primary) {
  PerspectiveRow row{
      look.perspective, judgement.outcome,    judgement.problem, judgement.saw, judgement.dnssec_authenticated,
      look.elapsed,     judgement.ipv6_failed};
  if (row.outcome == Outcome::kCorroborates && !same_as_primary(judgement, primary)) {
    row.outcome = Outcome::kContradicts;
    row.problem = Problem(ProblemCode::kKeyDiffersFromPrimary, look.perspective->where.id.text(),
                          primary.outcome == Outcome::kCorroborates
                              ? "positive, but about another value than the Primary saw (BR 3.2.2.9)"
                              : "positive, which the Primary's determination is not");
  }
  return row;
}

bool is_worth_retrying(const Decision& decision) {
  if (decision.by_rules == Verdict::kCorroborated) return false;
  return std::none_of(decision.checks.begin(), decision.checks.end(),
                      [](const CheckDecision& check) { return check.rows.front().outcome == Outcome::kContradicts; });
}

bool is_positive(const JudgedLook& look) {
  const auto corroborates = [](const std::optional<rules::Judgement>& judgement) {
    return !judgement || judgement->outcome == Outcome::kCorroborates;
  };
  return corroborates(look.dcv) && corroborates(look.caa);
}

bool same_as_primary(const rules::Judgement& remote, const rules::Judgement& primary) {
  return remote.key == primary.key;
}

std::optional<std::string> contradiction(const JudgedLook& late, const JudgedLook& primary) {
  const auto one = [](const std::optional<rules::Judgement>& seen,
                      const std::optional<rules::Judgement>& first) -> std::optional<std::string> {
    if (!seen || !first) return std::nullopt;
    if (seen->outcome == Outcome::kContradicts) {
      // The detail may quote what was looked for, and no log line carries a challenge value.
      return seen->problem ? std::string(to_string(seen->problem->code)) : "contradicts";
    }
    if (seen->outcome == Outcome::kCorroborates && !same_as_primary(*seen, *first)) {
      return "positive, but about another value than the Primary saw (BR 3.2.2.9)";
    }
    return std::nullopt;
  };
  auto why = one(late.dcv, primary.dcv);
  return why ? why : one(late.caa, primary.caa);
}

Decision decide(const DecisionInput& input) {
  Decision decision{};
  if (input.primary.dcv) decision.checks.push_back(decide_check(CheckKind::kDcv, &JudgedLook::dcv, input));
  if (input.primary.caa) decision.checks.push_back(decide_check(CheckKind::kCaa, &JudgedLook::caa, input));
  decision.by_rules = weakest(decision.checks);
  decision.not_enforceable = reasons_not_enforceable(input);
  decision.verdict = decision.not_enforceable.empty() ? decision.by_rules : Verdict::kNotDetermined;
  const std::optional<DcvMethod> method = input.request.dcv ? std::optional(input.request.dcv->method()) : std::nullopt;
  const bool half = method && is_half_validation(*method);
  decision.basis_for_issuance = decision.verdict == Verdict::kCorroborated && !half;
  decision.findings = findings_of(decision.checks, method);
  return decision;
}

}  // namespace mpic::coordinator
