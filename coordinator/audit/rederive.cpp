#include "coordinator/audit/rederive.hpp"

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <set>

#include "common/wire/convert.hpp"
#include "coordinator/pipeline/assertion.hpp"
#include "coordinator/pipeline/follow_up.hpp"
#include "coordinator/pipeline/recorded.hpp"
#include "coordinator/pipeline/stages.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::size_t kMostTold = 400;  // octets of one sentence
constexpr int kMostAttempts = 16;       // plans of one record; five attempts have ten
constexpr int kMostPlanned = 1'000;
constexpr std::string_view kNobodyAsked = "the Primary's determination is positive; no remote was asked: ";

// Thrown within this file only: what makes the rest of a record unreadable.
struct Unreadable {
  std::string why;
};
[[noreturn]] void unreadable(std::string why) { throw Unreadable{std::move(why)}; }

std::string cut(std::string text) {
  text = printable(text, kMostTold);
  return text;
}

TimePoint moment(const google::protobuf::Timestamp& when, std::string_view what) {
  const auto out = wire::decode(when);
  if (!out) unreadable(fmt::format("{} is no time", what));
  return *out;
}

AttemptId attempt_id(const std::string& octets) {
  AttemptId out{};
  if (octets.size() != out.size()) unreadable("an attempt id that is not 16 octets");
  std::copy(octets.begin(), octets.end(), out.begin());
  return out;
}

// How two messages differ, for people; empty: they do not.
std::string difference(const google::protobuf::Message& recorded, const google::protobuf::Message& derived) {
  google::protobuf::util::MessageDifferencer differencer;
  std::string out;
  differencer.ReportDifferencesToString(&out);
  if (differencer.Compare(recorded, derived)) return {};
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out.empty() ? "they differ" : out;
}

Reply reply_of(const v1::PlannedPerspective& planned, RootCache& roots) {
  Reply out;
  if (planned.has_evidence()) out.evidence = planned.evidence();
  if (planned.has_signed_root()) out.signed_root = roots.of(planned.signed_root());
  if (planned.has_problem()) out.problem = wire::decode(planned.problem());
  out.received = moment(planned.received(), "the time of a reply");
  return out;
}

// One try as the record has it: the Primary's plan, and the remotes' where they were asked.
struct Try {
  std::vector<const v1::AttemptRecord*> parts;
  const v1::Decision* decision;
};

class Rederivation {
 public:
  Rederivation(const v1::RecordBody& body, const Deployment& deployment, RootCache& roots)
      : body_(body), deployment_(deployment), roots_(roots) {}

  std::vector<std::string> run() {
    try {
      check_frame();
      if (is_without_result(body_)) {
        check_without_result();
      } else {
        check_request_of();
        for (const Try& one : tries()) check_try(one);
      }
    } catch (const Unreadable& error) {
      say(error.why);
    }
    return std::move(out_);
  }

  // The part of an addendum.
  std::vector<std::string> run(const v1::Addendum& addendum) {
    try {
      check_request_of();
      check_addendum(addendum);
    } catch (const Unreadable& error) {
      say(error.why);
    }
    return std::move(out_);
  }

 private:
  void say(std::string what) { out_.push_back(cut(std::move(what))); }

  void check_frame() {
    const TimePoint received = moment(body_.received(), "received");
    if (moment(body_.decided(), "decided") < received) say("it was decided before it was received");
    if (body_.log_origin() != deployment_.log_origin) {
      say(fmt::format("it is of the log \"{}\", its snapshot of \"{}\"", body_.log_origin(), deployment_.log_origin));
    }
    if (body_.attempts_size() > kMostAttempts) unreadable(fmt::format("{} plans", body_.attempts_size()));
    if (moment(body_.policy().evaluated_at(), "policy.evaluated_at") != deployment_.policy_time(received)) {
      say("the policy was read for another moment than that of the request");
    }
    if (body_.policy().clock_is_real() == deployment_.lab.policy_clock.has_value()) {
      say("policy.clock_is_real is not what the snapshot says");
    }
  }

  // Nobody was told anything, so there is little that could be wrong.
  void check_without_result() {
    const v1::Decision& decision = body_.decision();
    if (decision.verdict() != v1::VERDICT_NOT_DETERMINED || decision.basis_for_issuance() ||
        decision.would_be() != v1::VERDICT_UNSPECIFIED || decision.not_enforceable_because_size() != 1) {
      say("it has no checks, and yet a verdict");
    }
    for (const v1::AttemptRecord& attempt : body_.attempts()) {
      for (const v1::PlannedPerspective& planned : attempt.planned()) {
        if (planned.problem().code() == v1::PROBLEM_CODE_NO_RESULT) continue;
        say(fmt::format("{} has a result in a record without one", planned.perspective_id()));
      }
    }
  }

  // As the coordinator checked it, at the moment that it came.
  void check_request_of() {
    const auto checked = check_request(body_.request(), deployment_, RequestLimits(),
                                       deployment_.client(body_.client()), moment(body_.received(), "received"));
    if (!checked) unreadable(fmt::format("the request would be refused: {}", checked.error().detail));
    request_ = std::make_unique<CheckedRequest>(*checked);
    if (body_.policy().profile() != to_string(request_->profile)) {
      say(fmt::format("the profile is {}, by the certificate and the deployment it is {}", body_.policy().profile(),
                      to_string(request_->profile)));
    }
  }

  std::vector<Try> tries() {
    std::vector<Try> out;
    for (const v1::AttemptRecord& attempt : body_.attempts()) {
      const bool is_next = out.empty() || out.back().parts.front()->attempt_id() != attempt.attempt_id();
      if (is_next) out.push_back({{}, nullptr});
      out.back().parts.push_back(&attempt);
      if (out.back().parts.size() > 2) unreadable("three plans of one attempt");
      if (attempt.number() != out.size() - 1) unreadable("attempts are not numbered in their order");
    }
    if (out.empty() || body_.earlier_size() != static_cast<int>(out.size()) - 1) {
      unreadable(fmt::format("{} attempts and {} earlier decisions", out.size(), body_.earlier_size()));
    }
    if (out.size() > request_->max_attempts) say("more attempts than the request allows");
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i].decision = i + 1 == out.size() ? &body_.decision() : &body_.earlier(static_cast<int>(i));
    }
    return out;
  }

  void check_try(const Try& one) {
    if (!attempts_.insert(one.parts.front()->attempt_id()).second) say("two attempts share an id");
    const std::vector<JudgedLook> primaries = judge(*one.parts[0]);
    if (primaries.size() != 1 || primaries[0].perspective->where.role != Role::kPrimary) {
      unreadable("the first plan of an attempt is not the Primary's alone");
    }
    std::vector<JudgedLook> remotes;
    if (one.parts.size() > 1) {
      remotes = judge(*one.parts[1]);
      check_remotes(*one.parts[1], remotes);
    }
    const std::string not_asked = told_why_nobody_was_asked(*one.decision);
    const Decision derived = decide({*request_, deployment_, primaries[0], remotes, not_asked});
    compare(*one.decision, derived);
    if (one.decision != &body_.decision() && !is_worth_retrying(derived)) {
      say("another attempt followed on one that had settled it (BR 3.2.2.9)");
    }
  }

  // Each of the deployment's remotes is asked or passed over, once (BR 3.2.2.9: a perspective stays in the
  // denominator).
  void check_remotes(const v1::AttemptRecord& attempt, const std::vector<JudgedLook>& looks) {
    std::set<PerspectiveId> told;
    for (const JudgedLook& look : looks) {
      if (look.perspective->where.role == Role::kPrimary) say("a Primary among the remotes");
      if (!told.insert(look.perspective->where.id).second) {
        say(fmt::format("{} is in one plan twice", look.perspective->where.id.text()));
      }
    }
    for (const v1::PassedOver& one : attempt.passed_over()) {
      const auto id = PerspectiveId::parse(one.perspective_id());
      if (!id || deployment_.find(*id) == nullptr || !told.insert(*id).second) {
        say(fmt::format("{} is passed over, and is asked or is nobody", one.perspective_id()));
      }
    }
    for (const PerspectiveEntry& entry : deployment_.perspectives) {
      if (entry.where.role == Role::kPrimary || told.contains(entry.where.id)) continue;
      say(fmt::format("{} is neither asked nor passed over", entry.where.id.text()));
    }
  }

  // The looks of one plan, as the coordinator judged them.
  std::vector<JudgedLook> judge(const v1::AttemptRecord& attempt) {
    if (attempt.planned_size() > kMostPlanned) unreadable(fmt::format("{} looks in one plan", attempt.planned_size()));
    std::vector<JudgedLook> out;
    const TimePoint started = moment(attempt.started(), "the start of an attempt");
    for (const v1::PlannedPerspective& planned : attempt.planned()) {
      if (planned.asserted()) {
        if (!request_->asserted) unreadable("an asserted Primary, which the request has not got");
        check_entry(planned, *request_->asserted->primary);
        out.push_back(asserted_part(*request_, attempt_id(attempt.attempt_id()), started).looks.front());
        continue;
      }
      const PlannedLook look = look_of(attempt, planned);
      out.push_back(verify(look, reply_of(planned, roots_), started));
    }
    return out;
  }

  void check_entry(const v1::PlannedPerspective& planned, const PerspectiveEntry& entry) {
    if (planned.perspective_id() == entry.where.id.text() && planned.role() == static_cast<int>(entry.where.role) &&
        planned.rir() == static_cast<int>(entry.where.rir)) {
      return;
    }
    say(fmt::format("{} has another role or region than in the snapshot", planned.perspective_id()));
  }

  PlannedLook look_of(const v1::AttemptRecord& attempt, const v1::PlannedPerspective& planned) {
    const auto id = PerspectiveId::parse(planned.perspective_id());
    const PerspectiveEntry* entry = id ? deployment_.find(*id) : nullptr;
    if (entry == nullptr) unreadable(fmt::format("{} is not in the snapshot", planned.perspective_id()));
    check_entry(planned, *entry);
    auto assignment = wire::decode_assignment(planned.assignment());
    if (!assignment) unreadable(fmt::format("the assignment of {}: {}", id->text(), assignment.error().detail));
    check_assignment(attempt, planned, *assignment, *entry);
    return {.perspective = entry,
            .reason = planned.reason(),
            .assignment = *std::move(assignment),
            .octets = planned.assignment()};
  }

  // It asks what the request asks, of whom the plan says.
  void check_assignment(const v1::AttemptRecord& attempt, const v1::PlannedPerspective& planned,
                        const Assignment& assignment, const PerspectiveEntry& entry) {
    const std::string& who = entry.where.id.text();
    Assignment wanted{.attempt = attempt_id(attempt.attempt_id()),
                      .log_origin = deployment_.log_origin,
                      .perspective = entry.where.id,
                      .role = entry.where.role,
                      .nonce = assignment.nonce,
                      .issued = moment(planned.sent(), "the time of an assignment"),
                      .budget = assignment.budget,
                      .identifier = request_->identifier,
                      .authorization_domain = request_->authorization_domain};
    if (assignment.dcv) wanted.dcv = request_->dcv;
    if (assignment.caa) wanted.caa = request_->caa;
    if (wire::encode(wanted) != planned.assignment()) {
      say(fmt::format("the assignment of {} is not what the request and the plan make of it", who));
    }
    const bool asks_all = assignment.dcv.has_value() == request_->dcv.has_value() &&
                          assignment.caa.has_value() == request_->caa.has_value();
    const bool may_ask_less = entry.where.role == Role::kRemote && deployment_.planning.separate_caa;
    if (!asks_all && !may_ask_less) say(fmt::format("{} was not asked all that the request asks", who));
    if (!nonces_.insert(assignment.nonce).second) say(fmt::format("the nonce of {} is another's too", who));
  }

  // Nothing but the record says why time or room was missing.
  static std::string told_why_nobody_was_asked(const v1::Decision& decision) {
    for (const v1::CheckResult& check : decision.checks()) {
      const std::string& text = check.explanation();
      if (text.rfind(kNobodyAsked, 0) == 0) return text.substr(kNobodyAsked.size());
    }
    return {};
  }

  void compare(v1::Decision recorded, const Decision& decision) {
    v1::Decision derived = encode(decision, *request_);
    check_findings(recorded, derived);
    recorded.clear_findings();
    derived.clear_findings();
    const std::string differs = difference(recorded, derived);
    if (!differs.empty()) say("the decision does not follow from the evidence: " + differs);
  }

  // Beside those that follow from the record there may be what the coordinator remembered of a perspective that
  // contradicts here: "ID has contradicted …".
  void check_findings(const v1::Decision& recorded, const v1::Decision& derived) {
    const bool begins_alike =
        recorded.findings_size() >= derived.findings_size() &&
        std::equal(derived.findings().begin(), derived.findings().end(), recorded.findings().begin());
    if (!begins_alike) return say("the findings are not those that follow from the evidence");
    for (int i = derived.findings_size(); i < recorded.findings_size(); ++i) {
      const std::string& finding = recorded.findings(i);
      const auto id = PerspectiveId::parse(finding.substr(0, finding.find(' ')));
      if (!id || deployment_.find(*id) == nullptr) say("a finding that nothing explains: " + finding);
    }
  }

  void check_addendum(const v1::Addendum& addendum) {
    for (const Try& one : tries()) {
      if (one.parts.front()->attempt_id() != addendum.attempt_id()) continue;
      if (one.parts.size() < 2) return say("its attempt asked no remote");
      for (const v1::PlannedPerspective& planned : one.parts[1]->planned()) {
        if (planned.perspective_id() == addendum.perspective_id()) return check_late(addendum, one, planned);
      }
    }
    say("the record has no such look");
  }

  void check_late(const v1::Addendum& addendum, const Try& one, v1::PlannedPerspective planned) {
    if (planned.problem().code() != v1::PROBLEM_CODE_NOT_WAITED_FOR) {
      return say(fmt::format("{} had been heard before the answer", addendum.perspective_id()));
    }
    if (moment(addendum.received(), "the addendum's time") < moment(planned.received(), "the time of a reply")) {
      say("it came before its perspective was given up");
    }
    planned.clear_problem();
    if (addendum.has_evidence()) *planned.mutable_evidence() = addendum.evidence();
    if (addendum.has_signed_root()) *planned.mutable_signed_root() = addendum.signed_root();
    if (addendum.has_problem()) *planned.mutable_problem() = addendum.problem();
    *planned.mutable_received() = addendum.received();
    const TimePoint started = moment(one.parts[1]->started(), "the start of an attempt");
    const JudgedLook late = verify(look_of(*one.parts[1], planned), reply_of(planned, roots_), started);
    const std::vector<JudgedLook> primary = judge(*one.parts[0]);
    if (primary.size() != 1) unreadable("the first plan of an attempt is not the Primary's alone");
    if (contradiction(late, primary.front()).has_value() != addendum.contradicts_the_rest()) {
      say("contradicts_the_rest does not follow from its evidence");
    }
  }

  const v1::RecordBody& body_;
  const Deployment& deployment_;
  RootCache& roots_;
  std::unique_ptr<CheckedRequest> request_;
  std::set<std::string> attempts_;
  std::set<Nonce> nonces_;
  std::vector<std::string> out_;
};

}  // namespace

std::shared_ptr<const evidence::ReceivedRoot> RootCache::of(const v1::SignedRoot& root) {
  std::string octets = root.SerializeAsString();
  if (const auto known = roots_.find(octets); known != roots_.end()) return known->second;
  if (roots_.size() >= kMost) roots_.clear();
  auto received = std::make_shared<const evidence::ReceivedRoot>(root);
  roots_.emplace(std::move(octets), received);
  return received;
}

std::vector<std::string> rederive(const v1::RecordBody& body, const Deployment& deployment, RootCache& roots) {
  return Rederivation(body, deployment, roots).run();
}

std::vector<std::string> rederive(const v1::Addendum& addendum, const v1::RecordBody& body,
                                  const Deployment& deployment, RootCache& roots) {
  return Rederivation(body, deployment, roots).run(addendum);
}

}  // namespace mpic::coordinator
