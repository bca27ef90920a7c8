#include "coordinator/audit/recorded_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/wire/convert.hpp"
#include "coordinator/pipeline/assertion.hpp"

namespace mpic::coordinator {
namespace {

constexpr int kMostPlanned = 1'000;

AttemptId attempt_id(const std::string& octets) {
  AttemptId out{};
  if (octets.size() != out.size()) throw Unreadable{"an attempt id is not 16 octets"};
  std::copy(octets.begin(), octets.end(), out.begin());
  return out;
}

// What an agent's word alone, or nobody's, can tell of a look; what a site did is told by evidence (BR 3.2.2.9).
bool may_stand_without_evidence(ProblemCode code) {
  return is_ours(outcome_of(code)) && code != ProblemCode::kNoResult && code != ProblemCode::kCancelled;
}

}  // namespace

std::shared_ptr<const evidence::ReceivedRoot> RootCache::of(const v1::SignedRoot& root) {
  std::string octets = root.SerializeAsString();
  if (const auto known = roots_.find(octets); known != roots_.end()) return known->second;
  if (roots_.size() >= kMost) roots_.clear();
  auto received = std::make_shared<const evidence::ReceivedRoot>(root);
  roots_.emplace(std::move(octets), received);
  return received;
}

TimePoint moment_of(const google::protobuf::Timestamp& when, std::string_view what) {
  const auto out = wire::decode(when);
  if (!out) throw Unreadable{fmt::format("{} is no time", what)};
  return *out;
}

void PlanReader::check_order(TimePoint first, TimePoint second, std::string why) {
  if (second + kMostDisorder < first) out_.say(std::move(why));
}

Plan PlanReader::read_plan(const v1::AttemptRecord& attempt) {
  if (attempt.planned_size() > kMostPlanned || attempt.passed_over_size() > kMostPlanned) {
    throw Unreadable{fmt::format("{} looks in one plan", attempt.planned_size() + attempt.passed_over_size())};
  }
  Plan out;
  out.attempt = attempt_id(attempt.attempt_id());
  out.number = attempt.number();
  out.cohort = attempt.cohort();
  out.started = moment_of(attempt.started(), "the start of an attempt");
  check_order(moment_of(body_.received(), "received"), out.started, "an attempt began before its request came");
  for (const v1::PlannedPerspective& planned : attempt.planned()) out.looks.push_back(look_of(attempt, planned));
  for (const v1::PassedOver& one : attempt.passed_over()) {
    auto id = PerspectiveId::parse(one.perspective_id());
    if (!id) throw Unreadable{"a perspective is passed over that has no id"};
    out.passed_over.push_back({*std::move(id), one.reason()});
  }
  return out;
}

Gathered PlanReader::read(const v1::AttemptRecord& attempt) {
  Gathered out;
  out.plan = read_plan(attempt);
  for (std::size_t i = 0; i < out.plan.looks.size(); ++i) {
    const PlannedLook& look = out.plan.looks[i];
    if (look.asserted) {
      Gathered part = asserted_part(request_, out.plan.attempt, out.plan.started);
      out.replies.push_back(std::move(part.replies.front()));
      out.looks.push_back(std::move(part.looks.front()));
      continue;
    }
    Reply reply = reply_of(attempt.planned(static_cast<int>(i)), look.assignment.issued);
    check_order(reply.received, moment_of(body_.decided(), "decided"),
                fmt::format("{} answered after the decision", look.perspective->where.id.text()));
    if (reply.problem && reply.problem->code == ProblemCode::kNotWaitedFor) out.pending.push_back(i);
    out.looks.push_back(verify(look, reply, out.plan.started));
    out.replies.push_back(std::move(reply));
  }
  return out;
}

JudgedLook PlanReader::judge(const v1::AttemptRecord& attempt, const v1::PlannedPerspective& planned) {
  const PlannedLook look = look_of(attempt, planned);
  const Reply reply = reply_of(planned, look.assignment.issued);
  return verify(look, reply, moment_of(attempt.started(), "the start of an attempt"));
}

Reply PlanReader::reply_of(const v1::PlannedPerspective& planned, TimePoint sent) {
  Reply out;
  const std::string& who = planned.perspective_id();
  out.received = moment_of(planned.received(), "the time of a reply");
  check_order(sent, out.received, fmt::format("{} answered before it was asked", who));
  if (planned.has_evidence()) out.evidence = planned.evidence();
  if (planned.has_signed_root()) out.signed_root = roots_.of(planned.signed_root());
  if (!planned.has_problem()) return out;
  out.problem = wire::decode(planned.problem());
  if (out.evidence || out.signed_root) out_.say(fmt::format("{} has both evidence and a reason for having none", who));
  if (!may_stand_without_evidence(out.problem->code)) {
    out_.say_by_rules(fmt::format("{} of {} can only be told by evidence", to_string(out.problem->code), who));
  }
  return out;
}

void PlanReader::check_entry(const v1::PlannedPerspective& planned, const PerspectiveEntry& entry) {
  if (planned.perspective_id() == entry.where.id.text() && planned.role() == static_cast<int>(entry.where.role) &&
      planned.rir() == static_cast<int>(entry.where.rir)) {
    return;
  }
  out_.say(fmt::format("{} has another role or region than in the snapshot", planned.perspective_id()));
}

PlannedLook PlanReader::asserted_look(const v1::AttemptRecord& attempt, const v1::PlannedPerspective& planned) {
  if (!request_.asserted) throw Unreadable{"a Primary is asserted, which the request has not got"};
  check_entry(planned, *request_.asserted->primary);
  if (planned.has_evidence() || planned.has_signed_root() || !planned.assignment().empty()) {
    out_.say(fmt::format("{} is asserted, and was asked", planned.perspective_id()));
  }
  const TimePoint started = moment_of(attempt.started(), "the start of an attempt");
  PlannedLook out = asserted_part(request_, attempt_id(attempt.attempt_id()), started).plan.looks.front();
  out.reason = planned.reason();
  return out;
}

PlannedLook PlanReader::look_of(const v1::AttemptRecord& attempt, const v1::PlannedPerspective& planned) {
  if (planned.asserted()) return asserted_look(attempt, planned);
  const auto id = PerspectiveId::parse(planned.perspective_id());
  const PerspectiveEntry* entry = id ? deployment_.find(*id) : nullptr;
  if (entry == nullptr) throw Unreadable{fmt::format("{} is not in the snapshot", planned.perspective_id())};
  check_entry(planned, *entry);
  auto assignment = wire::decode_assignment(planned.assignment());
  if (!assignment) {
    throw Unreadable{fmt::format("the assignment of {}: {}", id->text(), assignment.error().detail), true};
  }
  PlannedLook out{.perspective = entry,
                  .reason = planned.reason(),
                  .assignment = *std::move(assignment),
                  .octets = planned.assignment()};
  check_assignment(attempt, planned, out);
  return out;
}

// It asks what the request asks, of whom the plan says.
void PlanReader::check_assignment(const v1::AttemptRecord& attempt, const v1::PlannedPerspective& planned,
                                  const PlannedLook& look) {
  const Assignment& told = look.assignment;
  const DeployedPerspective& where = look.perspective->where;
  const std::string& who = where.id.text();
  if (told.attempt != attempt_id(attempt.attempt_id()) || told.log_origin != deployment_.log_origin ||
      told.perspective != where.id || told.role != where.role) {
    out_.say(fmt::format("the assignment of {} is of another attempt, log, perspective or role", who));
  }
  const TimePoint sent = moment_of(planned.sent(), "the time of an assignment");
  if (told.issued != sent || moment_of(attempt.started(), "the start of an attempt") != sent) {
    out_.say(fmt::format("the assignment of {} was issued at another moment than its attempt began", who));
  }
  if ((told.dcv && !request_.dcv) || (told.caa && !request_.caa)) {
    throw Unreadable{fmt::format("{} was asked what the request does not ask", who)};
  }
  Assignment wanted = told;
  wanted.identifier = request_.identifier;
  wanted.authorization_domain = request_.authorization_domain;
  if (told.dcv) wanted.dcv = request_.dcv;
  if (told.caa) wanted.caa = request_.caa;
  if (wire::encode(wanted) != planned.assignment()) {
    out_.say_by_rules(fmt::format("the assignment of {} does not ask what the request asks", who));
  }
  const bool asks_all =
      told.dcv.has_value() == request_.dcv.has_value() && told.caa.has_value() == request_.caa.has_value();
  const bool may_ask_less = where.role == Role::kRemote && deployment_.planning.separate_caa;
  if (!asks_all && !may_ask_less) out_.say(fmt::format("{} was not asked all that the request asks", who));
}

void PlanReader::check_primary(const Plan& plan) {
  const bool is_alone = plan.looks.size() == 1 && plan.passed_over.empty();
  if (!is_alone || plan.looks.front().perspective->where.role != Role::kPrimary) {
    throw Unreadable{"the first plan of an attempt is not the Primary's alone"};
  }
  const PlannedLook& look = plan.looks.front();
  if (look.asserted != request_.asserted.has_value()) {
    throw Unreadable{"the Primary was asked, and the client speaks for it; or the other way round"};
  }
  if (plan.cohort != 0) out_.say("the Primary is of a cohort");
  if (!look.asserted && !nonces_.insert(look.assignment.nonce).second) out_.say("a nonce was used twice");
}

void PlanReader::check_remotes(const Plan& plan) {
  std::map<PerspectiveId, bool> told;  // and whether it was asked
  for (const PlannedLook& look : plan.looks) {
    const std::string& who = look.perspective->where.id.text();
    if (look.perspective->where.role == Role::kPrimary) throw Unreadable{"a Primary is among the remotes"};
    if (!told.emplace(look.perspective->where.id, true).second) throw Unreadable{who + " is in one plan twice"};
    if (!nonces_.insert(look.assignment.nonce).second) out_.say("a nonce was used twice");
  }
  for (const PassedOver& one : plan.passed_over) {
    const PerspectiveEntry* entry = deployment_.find(one.perspective);
    const bool is_remote = entry != nullptr && entry->where.role == Role::kRemote;
    if (!is_remote || !told.emplace(one.perspective, false).second) {
      out_.say(fmt::format("{} is passed over, and is no remote or is told of twice", one.perspective.text()));
    }
  }
  auto next = plan.looks.begin();
  for (const PerspectiveEntry& entry : deployment_.perspectives) {
    if (entry.where.role == Role::kPrimary) continue;
    const auto found = told.find(entry.where.id);
    if (found == told.end()) {
      out_.say(fmt::format("{} is neither asked nor passed over", entry.where.id.text()));
    } else if (found->second && (next++)->perspective != &entry) {
      return out_.say("the remotes are not in the order of the configuration");
    }
  }
  if (request_.dcv) check_number_asked(plan, "DCV", [](const Assignment& one) { return one.dcv.has_value(); });
  if (request_.caa) check_number_asked(plan, "CAA", [](const Assignment& one) { return one.caa.has_value(); });
  if (plan.cohort != plan.number % deployment_.planning.cohorts) {
    out_.say_by_rules("the remotes are of another cohort than that whose turn it was");
  }
}

// Which ones is the secret's to say; not how many.
void PlanReader::check_number_asked(const Plan& plan, std::string_view check, bool (*was_asked)(const Assignment&)) {
  const auto asked =
      static_cast<std::size_t>(std::count_if(plan.looks.begin(), plan.looks.end(), [&](const auto& look) {
        return look.perspective->where.role == Role::kRemote && was_asked(look.assignment);
      }));
  const std::vector<PerspectiveEntry>& all = deployment_.perspectives;
  const auto is_remote = [](const PerspectiveEntry& entry) { return entry.where.role == Role::kRemote; };
  const auto remotes = static_cast<std::size_t>(std::count_if(all.begin(), all.end(), is_remote));
  const Planning& planning = deployment_.planning;
  const std::size_t wanted = std::max(remotes_asked(planning, remotes), request_.quorum.min_remotes);
  const std::size_t smallest = remotes / planning.cohorts;
  const std::size_t largest = smallest + (remotes % planning.cohorts == 0 ? 0 : 1);
  if (asked >= std::min(wanted, smallest) && asked <= std::min(wanted, largest)) return;
  out_.say_by_rules(
      fmt::format("{} remotes were asked for {}, and {} should have been", asked, check, std::min(wanted, smallest)));
}

}  // namespace mpic::coordinator
