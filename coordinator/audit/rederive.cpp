#include "coordinator/audit/rederive.hpp"

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <set>

#include "common/domain/version.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/pipeline/follow_up.hpp"
#include "coordinator/pipeline/recorded.hpp"

namespace mpic::coordinator {
namespace {

constexpr int kMostPlans = 16;  // of one record; five attempts have ten

// How two messages differ, for people; empty: they do not.
std::string difference(const google::protobuf::Message& recorded, const google::protobuf::Message& derived) {
  if (google::protobuf::util::MessageDifferencer::Equals(recorded, derived)) return {};
  google::protobuf::util::MessageDifferencer differencer;
  std::string out;
  differencer.ReportDifferencesToString(&out);
  if (differencer.Compare(recorded, derived)) return {};
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out;
}

void leave_out_words(v1::PerspectiveResult& row) {
  row.clear_saw();
  row.clear_elapsed_ms();
  if (!row.has_problem()) return;
  row.mutable_problem()->clear_where();
  row.mutable_problem()->clear_detail();
}

// What another version of this program may have put otherwise.
void leave_out_words(v1::Decision& decision) {
  decision.clear_findings();
  const bool is_enforceable = decision.not_enforceable_because().empty();
  decision.clear_not_enforceable_because();
  if (!is_enforceable) decision.add_not_enforceable_because("there are reasons");
  for (v1::CheckResult& check : *decision.mutable_checks()) {
    check.clear_clause();
    check.clear_explanation();
    check.clear_explanations();
    check.clear_warnings();
    if (check.has_caa()) {
      check.mutable_caa()->clear_relevant();
      check.mutable_caa()->clear_iodef();
    }
    for (v1::PerspectiveResult& row : *check.mutable_perspectives()) leave_out_words(row);
  }
}

// One try as the record has it: the Primary's plan, and the remotes' where they were asked.
struct Try {
  const v1::AttemptRecord* primary = nullptr;
  const v1::AttemptRecord* remotes = nullptr;
  const v1::Decision* decision = nullptr;
};

class Rederivation {
 public:
  Rederivation(const v1::RecordBody& body, const Deployment& deployment, RootCache& roots)
      : body_(body), deployment_(deployment), roots_(roots) {}

  std::vector<Deviation> run() {
    return reading([this] {
      check_frame();
      if (is_without_result(body_)) return check_without_result();
      for (const Try& one : tries()) check_try(one);
    });
  }

  std::vector<Deviation> run(const v1::Addendum& addendum) {
    return reading([&] { check_addendum(addendum); });
  }

 private:
  // After the request was checked as the coordinator checked it, at the moment that it came.
  template <class Check>
  std::vector<Deviation> reading(const Check& check) {
    try {
      const TimePoint received = moment_of(body_.received(), "received");
      const auto checked =
          check_request(body_.request(), deployment_, RequestLimits(), deployment_.client(body_.client()), received);
      if (!checked) throw Unreadable{"the request would be refused: " + checked.error().detail, true};
      request_ = std::make_unique<CheckedRequest>(*checked);
      plans_ = std::make_unique<PlanReader>(body_, deployment_, *request_, roots_, out_);
      check();
    } catch (const Unreadable& error) {
      error.by_rules ? out_.say_by_rules(error.why) : out_.say(error.why);
    }
    return out_.take();
  }

  void check_frame() {
    const TimePoint received = moment_of(body_.received(), "received");
    const TimePoint decided = moment_of(body_.decided(), "decided");
    if (decided + kMostDisorder < received) out_.say("it was decided before it was received");
    if (body_.log_origin() != deployment_.log_origin) {
      out_.say(
          fmt::format("it is of the log \"{}\", its snapshot of \"{}\"", body_.log_origin(), deployment_.log_origin));
    }
    if (body_.attempts_size() > kMostPlans) throw Unreadable{fmt::format("{} plans", body_.attempts_size())};
    v1::PolicyStamp stamp = policy_stamp(deployment_, request_->profile, received);
    if (!is_by_this_program(body_.policy())) {
      stamp.set_br_version(body_.policy().br_version());
      stamp.set_table_date(body_.policy().table_date());
      stamp.set_software_version(body_.policy().software_version());
      stamp.set_ruleset_version(body_.policy().ruleset_version());
    }
    const std::string differs = difference(body_.policy(), stamp);
    if (!differs.empty()) out_.say_by_rules("the policy is not that of its moment, profile and snapshot: " + differs);
  }

  // Nobody was told anything: what was sent is all there is, or as much of it as had become durable.
  void check_without_result() {
    const v1::Decision& decision = body_.decision();
    if (decision.verdict() != v1::VERDICT_NOT_DETERMINED || decision.basis_for_issuance() ||
        decision.would_be() != v1::VERDICT_UNSPECIFIED || decision.not_enforceable_because_size() != 1 ||
        decision.findings_size() != 0 || body_.earlier_size() != 0) {
      out_.say("it has no checks, and yet a verdict");
    }
    if (body_.attempts().empty()) out_.say("it has no plan either");
    for (const v1::AttemptRecord& attempt : body_.attempts()) {
      for (const v1::PlannedPerspective& planned : attempt.planned()) {
        if (planned.problem().code() == v1::PROBLEM_CODE_NO_RESULT && !planned.has_evidence() &&
            !planned.has_signed_root() && !planned.has_received()) {
          continue;
        }
        out_.say(fmt::format("{} has a result in a record without one", planned.perspective_id()));
      }
      if (attempt.number() >= request_->max_attempts) out_.say_by_rules("more attempts than the request allows");
      const Plan plan = plans_->read_plan(attempt);
      const bool is_primarys = !plan.looks.empty() && plan.looks.front().perspective->where.role == Role::kPrimary;
      is_primarys ? plans_->check_primary(plan) : plans_->check_remotes(plan);
    }
  }

  std::vector<Try> tries() {
    std::vector<Try> out;
    std::set<std::string> ids;
    for (const v1::AttemptRecord& attempt : body_.attempts()) {
      const bool is_next = out.empty() || out.back().primary->attempt_id() != attempt.attempt_id();
      if (is_next) {
        out.push_back({.primary = &attempt});
      } else if (out.back().remotes == nullptr) {
        out.back().remotes = &attempt;
      } else {
        throw Unreadable{"three plans are of one attempt"};
      }
      if (is_next && !ids.insert(attempt.attempt_id()).second) throw Unreadable{"two attempts share an id"};
      if (attempt.number() != out.size() - 1) throw Unreadable{"attempts are not numbered in their order"};
    }
    if (out.empty() || body_.earlier_size() != static_cast<int>(out.size()) - 1) {
      throw Unreadable{fmt::format("{} attempts and {} earlier decisions", out.size(), body_.earlier_size())};
    }
    if (out.size() > request_->max_attempts) out_.say_by_rules("more attempts than the request allows");
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i].decision = i + 1 == out.size() ? &body_.decision() : &body_.earlier(static_cast<int>(i));
    }
    return out;
  }

  void check_try(const Try& one) {
    const Gathered primary = plans_->read(*one.primary);
    plans_->check_primary(primary.plan);
    if (!primary.pending.empty()) out_.say_by_rules("the Primary was not waited for");
    Gathered remotes;
    if (one.remotes != nullptr) {
      remotes = plans_->read(*one.remotes);
      plans_->check_remotes(remotes.plan);
      check_settled(primary.looks.front(), remotes);
    }
    if (one.remotes != nullptr && !is_positive(primary.looks.front()) && !request_->parallel) {
      out_.say_by_rules("remotes were asked, although the Primary's determination was not positive");
    }
    const Decision derived = derive(one, primary, remotes);
    compare(*one.decision, derived);
    if (one.decision != &body_.decision() && !is_worth_retrying(derived)) {
      out_.say_by_rules("another attempt followed on one that had settled it (BR 3.2.2.9)");
    }
  }

  // Nobody is left out of account but who could not have changed the verdict.
  void check_settled(const JudgedLook& primary, const Gathered& remotes) {
    if (remotes.pending.empty()) return;
    if (body_.request().respond() == v1::RESPOND_COMPLETE) {
      return out_.say_by_rules("the client wanted every answer, and not all were waited for");
    }
    std::vector<std::optional<JudgedLook>> in_time(remotes.looks.begin(), remotes.looks.end());
    for (const std::size_t look : remotes.pending) in_time[look].reset();
    if (!is_positive(primary) || is_settled(request_->quorum, primary, remotes.plan, in_time)) return;
    out_.say_by_rules("perspectives were not waited for that could have changed the verdict");
  }

  // Time or room may have been missing to ask the remotes: nothing but the record says which.
  Decision derive(const Try& one, const Gathered& primary, const Gathered& remotes) {
    const auto with = [&](std::string_view reason) {
      const std::string not_asked(reason);
      return decide({*request_, deployment_, primary.looks.front(), remotes.looks, not_asked});
    };
    if (one.remotes != nullptr || !is_positive(primary.looks.front())) return with("");
    Decision out = with(kNoTimeForRemotes);
    if (!one.decision->checks().empty() && out.checks.front().explanation == one.decision->checks(0).explanation()) {
      return out;
    }
    return with(kNoPlaceForRecords);
  }

  void compare(v1::Decision recorded, const Decision& decision) {
    v1::Decision derived = encode(decision, *request_);
    if (is_by_this_program(body_.policy())) {
      check_findings(recorded, derived);
      recorded.clear_findings();
      derived.clear_findings();
    } else {
      leave_out_words(recorded);
      leave_out_words(derived);
    }
    const std::string differs = difference(recorded, derived);
    if (!differs.empty()) out_.say_by_rules("the decision does not follow from the evidence: " + differs);
  }

  // Beside those that follow from the record there may be what the coordinator remembered of a remote that contradicts
  // here (pipeline/conduct.hpp): "ID contradicts …", once.
  void check_findings(const v1::Decision& recorded, const v1::Decision& derived) {
    const bool begins_alike =
        recorded.findings_size() >= derived.findings_size() &&
        std::equal(derived.findings().begin(), derived.findings().end(), recorded.findings().begin());
    if (!begins_alike) return out_.say_by_rules("the findings are not those that follow from the evidence");
    std::set<std::string> contradicting;
    for (const v1::CheckResult& check : derived.checks()) {
      if (check.perspectives(0).outcome() != v1::OUTCOME_CORROBORATES) continue;
      for (const v1::PerspectiveResult& row : check.perspectives()) {
        const bool may = row.role() == v1::ROLE_REMOTE && row.outcome() == v1::OUTCOME_CONTRADICTS;
        if (may) contradicting.insert(row.perspective());
      }
    }
    for (int i = derived.findings_size(); i < recorded.findings_size(); ++i) {
      const std::string& finding = recorded.findings(i);
      if (contradicting.erase(finding.substr(0, finding.find(' '))) == 0) {
        out_.say_by_rules("a finding that nothing explains: " + finding);
      }
    }
  }

  void check_addendum(const v1::Addendum& addendum) {
    if (is_without_result(body_)) return out_.say("its record has no result");
    for (const Try& one : tries()) {
      if (one.primary->attempt_id() != addendum.attempt_id()) continue;
      if (one.remotes == nullptr) return out_.say("its attempt asked no remote");
      for (const v1::PlannedPerspective& planned : one.remotes->planned()) {
        if (planned.perspective_id() == addendum.perspective_id()) return check_late(addendum, one, planned);
      }
    }
    out_.say("the record has no such look");
  }

  void check_late(const v1::Addendum& addendum, const Try& one, v1::PlannedPerspective planned) {
    if (planned.problem().code() != v1::PROBLEM_CODE_NOT_WAITED_FOR) {
      return out_.say(fmt::format("{} had been heard before the answer", addendum.perspective_id()));
    }
    const TimePoint given_up = moment_of(planned.received(), "the time of a reply");
    if (moment_of(addendum.received(), "the addendum's time") + kMostDisorder < given_up) {
      out_.say("it came before its perspective was given up");
    }
    planned.clear_problem();
    if (addendum.has_evidence()) *planned.mutable_evidence() = addendum.evidence();
    if (addendum.has_signed_root()) *planned.mutable_signed_root() = addendum.signed_root();
    if (addendum.has_problem()) *planned.mutable_problem() = addendum.problem();
    *planned.mutable_received() = addendum.received();
    const JudgedLook late = plans_->judge(*one.remotes, planned);
    const Gathered primary = plans_->read(*one.primary);
    plans_->check_primary(primary.plan);
    if (contradiction(late, primary.looks.front()).has_value() != addendum.contradicts_the_rest()) {
      out_.say_by_rules("contradicts_the_rest does not follow from its evidence");
    }
  }

  const v1::RecordBody& body_;
  const Deployment& deployment_;
  RootCache& roots_;
  Deviations out_;
  std::unique_ptr<CheckedRequest> request_;
  std::unique_ptr<PlanReader> plans_;
};

}  // namespace

bool is_by_this_program(const v1::PolicyStamp& policy) {
  return policy.ruleset_version() == kRulesetVersion && policy.software_version() == kSoftwareVersion;
}

std::vector<Deviation> rederive(const v1::RecordBody& body, const Deployment& deployment, RootCache& roots) {
  return Rederivation(body, deployment, roots).run();
}

std::vector<Deviation> rederive(const v1::Addendum& addendum, const v1::RecordBody& body, const Deployment& deployment,
                                RootCache& roots) {
  return Rederivation(body, deployment, roots).run(addendum);
}

}  // namespace mpic::coordinator
