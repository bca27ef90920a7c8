#include "coordinator/log/decision_events.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "common/domain/hex.hpp"
#include "common/domain/identifier.hpp"
#include "common/telemetry/event_kinds.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/log/request_secrets.hpp"
#include "coordinator/policy/methods.hpp"

namespace mpic::coordinator {
namespace {

namespace event_kind = telemetry::event_kind;
using telemetry::Event;

std::string without_prefix(const std::string& name, std::string_view prefix) {
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}
std::string word(v1::Verdict verdict) { return without_prefix(v1::Verdict_Name(verdict), "VERDICT_"); }
std::string word(v1::Rir rir) { return without_prefix(v1::Rir_Name(rir), "RIR_"); }
std::string word(v1::ProblemCode code) { return without_prefix(v1::ProblemCode_Name(code), "PROBLEM_CODE_"); }
std::string word(v1::Outcome outcome) { return std::string(to_string(static_cast<Outcome>(outcome))); }
std::string word(v1::Role role) { return std::string(to_string(static_cast<Role>(role))); }
std::string word(v1::CheckKind kind) { return kind == v1::CHECK_KIND_CAA ? "caa" : "dcv"; }

TimePoint moment(const google::protobuf::Timestamp& when) { return wire::decode(when).value_or(TimePoint{}); }

std::string hex_of(const std::string& octets) {
  return hex({reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size()});
}

void add(Event& event, std::string name, std::string value) {
  if (!value.empty()) event.more.emplace_back(std::move(name), std::move(value));
}

// What every line about a record begins with.
Event begin(std::string_view kind, const v1::RecordBody& body, std::uint64_t leaf, TimePoint at, std::string who) {
  Event out{at, kind, std::move(who), {}, {}};
  out.more.emplace_back("record_id", body.record_id());
  out.more.emplace_back("leaf", static_cast<std::int64_t>(leaf));
  add(out, "client", body.client());
  add(out, "request_id", body.request().request_id());
  add(out, "trace_id", body.request().trace_id());
  out.more.emplace_back("identifier", body.request().identifier());
  return out;
}

// "acme-http-01" and "BR 3.2.2.4.19".
struct Method {
  std::string name;
  std::string clause;
};
Method method_of(v1::DcvMethod number, const std::string& identifier) {
  const auto method = static_cast<DcvMethod>(number);
  const auto parsed = Identifier::parse(identifier);
  const MethodRow* row = method_row(method, parsed && parsed->is_ip());
  return {std::string(to_string(method)), row == nullptr ? std::string() : std::string(row->clause)};
}

std::vector<std::string> words(const google::protobuf::RepeatedField<int>& rirs) {
  std::vector<std::string> out;
  for (const int rir : rirs) out.push_back(word(static_cast<v1::Rir>(rir)));
  return out;
}

void add_check(const v1::CheckResult& check, const std::string& identifier, Event& out) {
  const std::string name = word(check.kind());
  if (check.has_dcv()) {
    const Method method = method_of(check.dcv().method(), identifier);
    out.more.emplace_back("method", method.name);
    out.more.emplace_back("method_clause", method.clause);
    add(out, "authorization_domain", check.dcv().authorization_domain());
    out.more.emplace_back("half_validation", check.dcv().half_validation());
  }
  out.more.emplace_back(name + "_verdict", word(check.verdict()));
  if (check.would_be() != v1::VERDICT_UNSPECIFIED) out.more.emplace_back(name + "_would_be", word(check.would_be()));
  add(out, name + "_clause", check.clause());
  out.more.emplace_back(name + "_quorum", check.quorum().fraction());
  out.more.emplace_back(name + "_rirs", words(check.quorum().rirs()));
}

std::string sentence_of(const v1::RecordBody& body) {
  std::vector<std::string> checks;
  for (const v1::CheckResult& check : body.decision().checks()) {
    checks.push_back(fmt::format("{} {}", word(check.kind()), check.quorum().fraction()));
  }
  return fmt::format("{}: {} ({})", body.request().identifier(), word(body.decision().verdict()),
                     fmt::join(checks, ", "));
}

Event decision_event(const v1::RecordBody& body, std::uint64_t leaf) {
  Event out = begin(event_kind::kDecision, body, leaf, moment(body.decided()), body.client());
  const v1::Decision& decision = body.decision();
  out.what = sentence_of(body);
  out.more.emplace_back("verdict", word(decision.verdict()));
  if (decision.would_be() != v1::VERDICT_UNSPECIFIED) out.more.emplace_back("would_be", word(decision.would_be()));
  out.more.emplace_back("basis_for_issuance", decision.basis_for_issuance());
  if (decision.not_enforceable_because_size() != 0) {
    out.more.emplace_back(
        "not_enforceable_because",
        std::vector<std::string>(decision.not_enforceable_because().begin(), decision.not_enforceable_because().end()));
  }
  for (const v1::CheckResult& check : decision.checks()) add_check(check, body.request().identifier(), out);
  out.more.emplace_back("attempts", static_cast<std::int64_t>(body.earlier_size()) + 1);
  out.more.emplace_back("asserted_primary", body.request().has_asserted());
  out.more.emplace_back("log_origin", body.log_origin());
  const v1::PolicyStamp& policy = body.policy();
  out.more.emplace_back("profile", policy.profile());
  out.more.emplace_back("policy_version", policy.br_version());
  out.more.emplace_back("policy_date", policy.table_date());
  out.more.emplace_back("ruleset_version", policy.ruleset_version());
  out.more.emplace_back("software_version", policy.software_version());
  return out;
}

// One attempt, as a decision tells of it.
struct Told {
  const v1::RecordBody& body;
  std::uint64_t leaf;
  int number;
  const v1::Decision& decision;
  std::string id;  // hex
};

void add_row(const Told& told, Event& out) {
  out.more.emplace_back("attempt", static_cast<std::int64_t>(told.number) + 1);
  add(out, "attempt_id", told.id);
}

Event observation_event(const Told& told, const v1::CheckResult& check, const v1::PerspectiveResult& row) {
  Event out = begin(event_kind::kObservation, told.body, told.leaf, moment(told.body.decided()), row.perspective());
  const std::string outcome = word(row.outcome());
  out.what = fmt::format("{} {}: {}", word(check.kind()), told.body.request().identifier(), outcome);
  add_row(told, out);
  out.more.emplace_back("perspective", row.perspective());
  out.more.emplace_back("role", word(row.role()));
  out.more.emplace_back("rir", word(row.rir()));
  add(out, "place", row.place());
  out.more.emplace_back("check", word(check.kind()));
  if (check.has_dcv()) {
    const Method method = method_of(check.dcv().method(), told.body.request().identifier());
    out.more.emplace_back("method_clause", method.clause);
    add(out, "authorization_domain", check.dcv().authorization_domain());
  }
  out.more.emplace_back("outcome", outcome);
  if (row.has_problem()) out.more.emplace_back("problem", word(row.problem().code()));
  out.more.emplace_back("elapsed_ms", static_cast<std::int64_t>(row.elapsed_ms()));
  out.more.emplace_back("dnssec_authenticated", row.dnssec_authenticated());
  if (row.asserted()) out.more.emplace_back("asserted", true);
  return out;
}

Event evidence_event(const Told& told, const v1::PerspectiveResult& row) {
  Event out = begin(event_kind::kEvidenceInvalid, told.body, told.leaf, moment(told.body.decided()), row.perspective());
  out.what = "evidence did not verify: " + row.problem().detail();
  add_row(told, out);
  out.more.emplace_back("perspective", row.perspective());
  return out;
}

bool is_prohibition(const v1::Problem& problem) {
  return problem.code() == v1::PROBLEM_CODE_CAA_FORBIDS || problem.code() == v1::PROBLEM_CODE_CAA_CRITICAL_UNKNOWN;
}

// BR 4.2.2.1: what prevented an issuance, and whom it may be reported to. None when CAA did not prevent it.
std::optional<Event> caa_event(const Told& told, const v1::CheckResult& check) {
  const v1::Verdict by_rules = check.would_be() == v1::VERDICT_UNSPECIFIED ? check.verdict() : check.would_be();
  if (check.kind() != v1::CHECK_KIND_CAA || by_rules != v1::VERDICT_NOT_CORROBORATED) return std::nullopt;
  std::vector<std::string> seen_by;
  const v1::Problem* first = nullptr;
  for (const v1::PerspectiveResult& row : check.perspectives()) {
    if (!is_prohibition(row.problem())) continue;
    seen_by.push_back(row.perspective());
    if (first == nullptr) first = &row.problem();
  }
  if (first == nullptr) return std::nullopt;
  Event out =
      begin(event_kind::kCaaPreventsIssuance, told.body, told.leaf, moment(told.body.decided()), told.body.client());
  const v1::CaaResult& caa = check.caa();
  out.what = fmt::format("{}: CAA prevents issuance: {}", told.body.request().identifier(), first->detail());
  add_row(told, out);
  add(out, "found_at", caa.found_at());
  out.more.emplace_back("rrset", std::vector<std::string>(caa.relevant().begin(), caa.relevant().end()));
  out.more.emplace_back("property", first->detail());
  out.more.emplace_back("problem", word(first->code()));
  const auto& issuers = told.body.request().caa().issuer_domains();
  out.more.emplace_back("issuer_domains", std::vector<std::string>(issuers.begin(), issuers.end()));
  out.more.emplace_back("iodef", std::vector<std::string>(caa.iodef().begin(), caa.iodef().end()));
  out.more.emplace_back("seen_by", std::move(seen_by));
  return out;
}

std::string attempt_id(const v1::RecordBody& body, int number) {
  for (const v1::AttemptRecord& attempt : body.attempts()) {
    if (attempt.number() == static_cast<std::uint32_t>(number)) return hex_of(attempt.attempt_id());
  }
  return {};
}

template <class Each>
void for_each_attempt(const v1::RecordBody& body, std::uint64_t leaf, Each&& each) {
  for (int i = 0; i <= body.earlier_size(); ++i) {
    each(Told{body, leaf, i, i < body.earlier_size() ? body.earlier(i) : body.decision(), attempt_id(body, i)});
  }
}

// One for each perspective, not for each check: it is one piece of evidence.
void add_invalid_evidence(const Told& told, std::vector<Event>& out) {
  std::vector<std::string> done;
  for (const v1::CheckResult& check : told.decision.checks()) {
    for (const v1::PerspectiveResult& row : check.perspectives()) {
      if (row.outcome() != v1::OUTCOME_EVIDENCE_INVALID) continue;
      if (std::find(done.begin(), done.end(), row.perspective()) != done.end()) continue;
      done.push_back(row.perspective());
      out.push_back(evidence_event(told, row));
    }
  }
}

}  // namespace

std::vector<Event> events_of(const v1::RecordBody& body, std::uint64_t leaf) {
  std::vector<Event> out = {decision_event(body, leaf)};
  for_each_attempt(body, leaf, [&](const Told& told) {
    for (const v1::CheckResult& check : told.decision.checks()) {
      for (const v1::PerspectiveResult& row : check.perspectives()) out.push_back(observation_event(told, check, row));
    }
  });
  for_each_attempt(body, leaf, [&](const Told& told) { add_invalid_evidence(told, out); });
  for_each_attempt(body, leaf, [&](const Told& told) {
    for (const v1::CheckResult& check : told.decision.checks()) {
      if (auto event = caa_event(told, check)) out.push_back(*std::move(event));
    }
  });
  const RequestSecrets secrets(body.request());
  for (Event& event : out) secrets.remove_from(event);
  return out;
}

Event repeated_event(const v1::RecordBody& body, std::uint64_t leaf, TimePoint now) {
  Event out = begin(event_kind::kAnswerRepeated, body, leaf, now, body.client());
  out.what = "told again: " + sentence_of(body);
  RequestSecrets(body.request()).remove_from(out);
  return out;
}

Event no_result_event(const v1::RecordBody& body) {
  Event out{moment(body.decided()), event_kind::kNoResult, body.client(), {}, {}};
  out.what = body.request().identifier() + ": the coordinator had stopped before its answer; nobody was told a verdict";
  out.more.emplace_back("record_id", body.record_id());
  add(out, "client", body.client());
  add(out, "request_id", body.request().request_id());
  add(out, "trace_id", body.request().trace_id());
  out.more.emplace_back("identifier", body.request().identifier());
  RequestSecrets(body.request()).remove_from(out);
  return out;
}

}  // namespace mpic::coordinator
