#include "cli/record_view.hpp"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <map>
#include <vector>

#include "cli/json.hpp"
#include "cli/render.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"
#include "common/evidence/merkle.hpp"

namespace mpic::cli {
namespace {

using google::protobuf::util::TimeUtil;

constexpr std::size_t kIndent = 2;
constexpr std::size_t kLabels = 14;

Unexpected refused(std::string why) { return fail(ProblemCode::kInvalidArgument, "record", std::move(why)); }

std::string labelled(std::string_view label, const std::string& text, const Style& style) {
  return text.empty() ? "" : paragraph(std::string(kIndent, ' ') + std::string(label), text, kIndent + kLabels, style);
}

std::string took_text(const v1::PlannedPerspective& planned) {
  if (!planned.has_sent() || !planned.has_received()) return "-";
  return fmt::format("{} ms", TimeUtil::DurationToMilliseconds(planned.received() - planned.sent()));
}

// Why it is in the plan, then why there is no usable evidence of it.
std::string reason_text(const v1::PlannedPerspective& planned) {
  std::string text = for_terminal(planned.reason());
  if (planned.asserted()) text += std::string(text.empty() ? "" : "; ") + "asserted by the client, not observed";
  if (planned.has_problem()) {
    if (!text.empty()) text += "\n";
    text += word(planned.problem().code());
    if (!planned.problem().detail().empty()) text += ": " + for_terminal(planned.problem().detail());
  }
  return text;
}

using Plans = std::vector<const v1::AttemptRecord*>;

// The Primary's plan and the remotes' are one attempt.
std::map<std::uint32_t, Plans> attempts_of(const v1::RecordBody& body) {
  std::map<std::uint32_t, Plans> out;
  for (const v1::AttemptRecord& plan : body.attempts()) out[plan.number()].push_back(&plan);
  return out;
}

std::string attempt_text(std::uint32_t number, const Plans& plans, const Style& style) {
  Table table({{"PERSPECTIVE"}, {"ROLE"}, {"RIR"}, {"ANSWERED IN", true}, {"WHY IT WAS ASKED"}});
  std::uint32_t cohort = 0;
  for (const v1::AttemptRecord* plan : plans) {
    cohort = std::max(cohort, plan->cohort());
    for (const v1::PlannedPerspective& planned : plan->planned()) {
      table.add({{for_terminal(planned.perspective_id()), Tone::kStrong},
                 {word(planned.role())},
                 {word(planned.rir())},
                 {took_text(planned)},
                 {reason_text(planned)}});
    }
  }
  for (const v1::AttemptRecord* plan : plans) {
    for (const v1::PassedOver& passed : plan->passed_over()) {
      table.add({{for_terminal(passed.perspective_id()), Tone::kFaint},
                 {"-"},
                 {"-"},
                 {"-"},
                 {"passed over: " + for_terminal(passed.reason()), Tone::kFaint}});
    }
  }
  std::string head = fmt::format("Attempt {}", number + 1);
  if (cohort > 0) head += fmt::format(", cohort {}", cohort);
  if (const std::string when = moment(plans.front()->started()); !when.empty()) head += ", begun " + when;
  return "\n" + toned(head, Tone::kStrong, style) + "\n" + table.render(kIndent, style);
}

std::string addendum_text(const v1::Addendum& addendum) {
  std::string text = for_terminal(addendum.perspective_id());
  if (const std::string when = moment(addendum.received()); !when.empty()) text += " at " + when;
  if (addendum.has_problem()) {
    return fmt::format("{}: {} {}", text, word(addendum.problem().code()), for_terminal(addendum.problem().detail()));
  }
  return text + (addendum.contradicts_the_rest() ? ": contradicts the rest" : ": agrees with the rest");
}

}  // namespace

Expected<ReadRecord> read_record(const v1::Record& record) {
  ReadRecord out;
  v1::StatementBody stated;
  if (!out.body.ParseFromString(record.body()) || !stated.ParseFromString(record.statement().payload())) {
    return refused("its body or its statement cannot be read");
  }
  const Digest digest = evidence::sha256(record.body());
  if (stated.record_sha256() != std::string(digest.begin(), digest.end())) {
    return refused("its statement is over another body: it has been changed");
  }
  for (const std::string& octets : record.addenda()) {
    if (!out.addenda.emplace_back().ParseFromString(octets)) return refused("an addendum cannot be read");
  }
  const v1::RecordBody& body = out.body;
  v1::CorroborateResponse& response = out.response;
  response.set_record_id(body.record_id());
  response.set_request_id(body.request().request_id());
  response.set_trace_id(body.request().trace_id());
  response.set_identifier(stated.identifier());
  response.set_basis_for_issuance(body.decision().basis_for_issuance());
  response.set_verdict(body.decision().verdict());
  response.set_would_be(body.decision().would_be());
  *response.mutable_not_enforceable_because() = body.decision().not_enforceable_because();
  *response.mutable_checks() = body.decision().checks();
  *response.mutable_findings() = body.decision().findings();
  *response.mutable_started() = body.received();
  *response.mutable_decided() = body.decided();
  *response.mutable_policy() = body.policy();
  response.set_attempts(static_cast<std::uint32_t>(body.earlier_size()) + 1);
  *response.mutable_statement() = record.statement();
  response.mutable_log()->set_leaf_index(record.leaf_index());
  if (record.has_proof()) *response.mutable_log()->mutable_proof() = record.proof();
  return out;
}

std::string render(const ReadRecord& record, bool follow_would_be, const Style& style) {
  const v1::RecordBody& body = record.body;
  std::string out = render(record.response, follow_would_be, style);
  out += labelled("Asked by", for_terminal(body.client()), style);
  out += labelled("Received", moment(body.received()), style);
  out += labelled("Decided", moment(body.decided()), style);
  out += labelled("Log origin", for_terminal(body.log_origin()), style);
  for (const auto& [number, plans] : attempts_of(body)) out += attempt_text(number, plans, style);
  for (int i = 0; i < body.earlier_size(); ++i) {
    const v1::Decision& earlier = body.earlier(i);
    const v1::Verdict verdict = effective_verdict(earlier.verdict(), earlier.would_be(), true);
    out += (i == 0 ? "\n" : "") + fmt::format("  Attempt {} came to {}\n", i + 1, word(verdict));
  }
  if (!record.addenda.empty()) {
    out += "\nSaid after the answer\n";
    for (const v1::Addendum& addendum : record.addenda) out += paragraph("  -", addendum_text(addendum), 4, style);
  }
  return out;
}

std::string record_json(const ReadRecord& record) {
  std::string addenda;
  for (const v1::Addendum& addendum : record.addenda) addenda += (addenda.empty() ? "" : ",") + to_json(addendum);
  return fmt::format(R"({{"response":{},"body":{},"addenda":[{}]}})", to_json(record.response), to_json(record.body),
                     addenda);
}

}  // namespace mpic::cli
