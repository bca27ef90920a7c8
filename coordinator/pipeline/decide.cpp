// decide: what the judged looks mean (BR 3.2.2.9, 4.2.2.1). A pure function that says why.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "coordinator/pipeline/stages.hpp"

namespace mpic::coordinator {
namespace {

using OptionalJudgement = std::optional<rules::Judgement> JudgedLook::*;

constexpr std::chrono::hours kCaaFloor{8};  // BR 4.2.2.1: the TTL or 8 hours, whichever is longer

PerspectiveRow row_of(const JudgedLook& look, const rules::Judgement& judgement) {
  return {look.perspective, judgement.outcome, judgement.problem, judgement.saw, judgement.dnssec_authenticated, look.elapsed};
}

PerspectiveRow compared(const JudgedLook& look, const rules::Judgement& judgement, const rules::Judgement& primary) {
  PerspectiveRow row = row_of(look, judgement);
  if (row.outcome == Outcome::kCorroborates && !same_as_primary(judgement, primary)) {
    row.outcome = Outcome::kContradicts;
    row.problem = Problem(ProblemCode::kKeyDiffersFromPrimary, look.perspective->where.id.text(),
                          "positive, but about another value than the Primary saw (BR 3.2.2.9)");
  }
  return row;
}

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
  check.explanation = fmt::format("{}: {}",
                                  negative ? "the Primary's determination is negative, so no remote was asked"
                                           : "the Primary could not complete, so no remote was asked",
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

CheckDecision decide_check(CheckKind kind, OptionalJudgement part, const DecisionInput& input) {
  const rules::Judgement& primary = *(input.primary.*part);
  CheckDecision check{.kind = kind, .verdict = Verdict::kNotDetermined, .caa = primary.caa};
  check.rows.push_back(row_of(input.primary, primary));
  for (const JudgedLook& remote : input.remotes) check.rows.push_back(compared(remote, *(remote.*part), primary));

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
  if (kind == CheckKind::kCaa && check.verdict == Verdict::kCorroborated && input.primary.caa_started) {
    const std::chrono::seconds ttl(primary.caa ? primary.caa->ttl : 0);
    check.usable_until = *input.primary.caa_started + std::max<std::chrono::seconds>(kCaaFloor, ttl);
  }
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

std::string_view name_of(CheckKind kind) { return kind == CheckKind::kCaa ? "CAA" : "DCV"; }

// What a person should look at first.
std::vector<std::string> findings_of(const std::vector<CheckDecision>& checks) {
  std::vector<std::string> findings;
  const auto report = [&](const CheckDecision& check, Outcome outcome, std::string_view meaning) {
    std::vector<std::string> who;
    for (const PerspectiveRow& row : check.rows) {
      if (row.perspective->where.role != Role::kRemote || row.outcome != outcome) continue;
      who.push_back(fmt::format("{} ({})", row.perspective->where.id.text(), to_string(row.perspective->where.rir)));
    }
    if (!who.empty()) findings.push_back(fmt::format("{}: {} {}", name_of(check.kind), fmt::join(who, ", "), meaning));
  };
  for (const CheckDecision& check : checks) {
    if (check.rows.front().outcome != Outcome::kCorroborates) continue;
    report(check, Outcome::kContradicts,
           "saw something else than the Primary: a hijacked route, a stale copy, or a site that answers by region");
    report(check, Outcome::kCouldNotLook, "could not reach the target although the Primary could: a firewall, or routing");
    report(check, Outcome::kEvidenceInvalid, "sent evidence that does not verify: treat the agent as compromised until it is explained");
    report(check, Outcome::kUnreachable, "did not answer us: our own deployment, not the site");
    report(check, Outcome::kRefused, "refused the assignment: our own deployment, not the site");
  }
  return findings;
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

bool same_as_primary(const rules::Judgement& remote, const rules::Judgement& primary) { return remote.key == primary.key; }

Decision decide(const DecisionInput& input) {
  Decision decision{};
  if (input.primary.dcv) decision.checks.push_back(decide_check(CheckKind::kDcv, &JudgedLook::dcv, input));
  if (input.primary.caa) decision.checks.push_back(decide_check(CheckKind::kCaa, &JudgedLook::caa, input));
  decision.by_rules = weakest(decision.checks);
  decision.not_enforceable = reasons_not_enforceable(input);
  decision.verdict = decision.not_enforceable.empty() ? decision.by_rules : Verdict::kNotDetermined;
  decision.basis_for_issuance = decision.verdict == Verdict::kCorroborated;
  decision.findings = findings_of(decision.checks);
  return decision;
}

}  // namespace mpic::coordinator
