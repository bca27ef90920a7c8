#include "cli/render.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <vector>

#include "cli/exit_status.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"

namespace mpic::cli {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kLabels = 14;  // width of "Usable until" and its neighbours

Tone tone_of(v1::Verdict verdict) {
  if (verdict == v1::VERDICT_CORROBORATED) return Tone::kGood;
  return verdict == v1::VERDICT_NOT_CORROBORATED ? Tone::kBad : Tone::kDoubt;
}

std::string_view mark(Tone tone, const Style& style) {
  if (tone == Tone::kGood) return style.unicode ? "✓" : "+";
  if (tone == Tone::kBad) return style.unicode ? "✗" : "x";
  return "?";
}

Tone tone_of(v1::Outcome outcome) {
  switch (outcome) {
    case v1::OUTCOME_CORROBORATES:
      return Tone::kGood;
    case v1::OUTCOME_CONTRADICTS:
    case v1::OUTCOME_COULD_NOT_LOOK:
    case v1::OUTCOME_EVIDENCE_INVALID:
      return Tone::kBad;
    default:  // our own machinery: it says nothing about the domain
      return Tone::kDoubt;
  }
}

// "NOT_DETERMINED, would be CORROBORATED": both, whenever they differ.
struct Heading {
  std::string text;
  Tone tone;
};

Heading heading(v1::Verdict verdict, v1::Verdict would_be, const std::string& fraction, bool follow_would_be) {
  const std::string count = fraction.empty() ? "" : " " + for_terminal(fraction);
  const v1::Verdict shown = effective_verdict(verdict, would_be, follow_would_be);
  if (shown != verdict)
    return {fmt::format("{}{} (would be; verdict {})", word(shown), count, word(verdict)), tone_of(shown)};
  if (would_be == v1::VERDICT_UNSPECIFIED || would_be == verdict) return {word(verdict) + count, tone_of(verdict)};
  return {fmt::format("{}, would be {}{}", word(verdict), word(would_be), count), tone_of(verdict)};
}

// "5/6"; empty when no remote was asked.
std::string fraction_of(const v1::CheckResult& check) {
  return check.quorum().attempted() == 0 ? "" : check.quorum().fraction();
}

// "5/6", or "DCV 5/6, CAA 6/6".
std::string fractions(const v1::CorroborateResponse& response) {
  if (response.checks_size() == 1) return fraction_of(response.checks(0));
  std::vector<std::string> all;
  for (const v1::CheckResult& check : response.checks()) {
    const std::string fraction = fraction_of(check);
    if (!fraction.empty()) all.push_back(word(check.kind()) + " " + fraction);
  }
  return fmt::format("{}", fmt::join(all, ", "));
}

// One perspective's problem, without what its row says already.
std::string problem_text(const v1::PerspectiveResult& row) {
  const v1::Problem& problem = row.problem();
  std::string text = word(problem.code());
  // The detail often names the place itself; twice is noise.
  const bool told = problem.where() == row.perspective() || problem.detail().find(problem.where()) != std::string::npos;
  if (!told) text += " at " + for_terminal(problem.where());
  if (!problem.detail().empty()) text += ": " + for_terminal(problem.detail());
  return text;
}

// What fits a column: the rest of a problem is told below the table.
std::string seen_text(const v1::PerspectiveResult& row) {
  const std::string saw = for_terminal(row.saw());
  if (!row.has_problem()) return saw;
  const std::string code = word(row.problem().code());
  if (saw.empty()) return code;
  return saw.find(code) == std::string::npos ? code + ", saw " + saw : saw;
}

struct SharedProblem {
  v1::ProblemCode code;
  std::string perspectives;
  std::string text;
};

// Perspectives with the same problem are named together, in the order of the rows.
std::vector<SharedProblem> shared_problems(const v1::CheckResult& check) {
  std::vector<SharedProblem> problems;
  for (const v1::PerspectiveResult& row : check.perspectives()) {
    if (!row.has_problem()) continue;
    const std::string text = problem_text(row);
    const auto same = std::find_if(problems.begin(), problems.end(),
                                   [&](const SharedProblem& problem) { return problem.text == text; });
    if (same == problems.end()) {
      problems.push_back({row.problem().code(), for_terminal(row.perspective()), text});
    } else {
      same->perspectives += ", " + for_terminal(row.perspective());
    }
  }
  return problems;
}

std::string perspectives_table(const v1::CheckResult& check, const Style& style) {
  Table table(
      {{"PERSPECTIVE"}, {"PLACE"}, {"RIR"}, {"ROLE"}, {"OUTCOME"}, {"TIME", true}, {"DNSSEC"}, {"WHAT IT SAW"}});
  for (const v1::PerspectiveResult& row : check.perspectives()) {
    const Tone tone = tone_of(row.outcome());
    // Nobody looked, so there is neither a time nor an AD bit to tell of.
    const bool looked = tone != Tone::kDoubt;
    table.add({{for_terminal(row.perspective()), Tone::kStrong},
               {for_terminal(row.place())},
               {word(row.rir())},
               {word(row.role())},
               {fmt::format("{} {}", mark(tone, style), word(row.outcome())), tone},
               {looked || row.elapsed_ms() > 0 ? fmt::format("{} ms", row.elapsed_ms()) : "-"},
               {!looked                      ? "-"
                : row.dnssec_authenticated() ? "yes"
                                             : "no"},
               {seen_text(row)}});
  }
  return table.render(kIndent, style);
}

std::string labelled(std::string_view label, const std::string& text, const Style& style) {
  return text.empty() ? "" : paragraph(std::string(kIndent, ' ') + std::string(label), text, kIndent + kLabels, style);
}

std::string bullet_list(std::string_view title, const google::protobuf::RepeatedPtrField<std::string>& items,
                        const Style& style) {
  if (items.empty()) return "";
  std::string out = fmt::format("\n{}\n", title);
  for (const std::string& item : items) out += paragraph("  -", for_terminal(item), 4, style);
  return out;
}

std::string caa_text(const v1::CaaResult& caa) {
  if (caa.found_at().empty()) return "";
  std::vector<std::string> records;
  for (const std::string& record : caa.relevant()) records.push_back(for_terminal(record));
  const std::string relevant = records.empty() ? "no relevant property" : fmt::format("{}", fmt::join(records, "; "));
  return fmt::format("{} at {} (TTL {} s)", relevant, for_terminal(caa.found_at()), caa.ttl());
}

// What the code means, and what to do about it; empty when the coordinator does not say.
std::string explanation_text(const v1::CheckResult& check, v1::ProblemCode code, const Style& style) {
  std::string out;
  for (const v1::Explanation& explanation : check.explanations()) {
    if (explanation.code() != code) continue;
    out += labelled("What it means", for_terminal(explanation.meaning()), style);
    out += labelled("What to do", for_terminal(explanation.advice()), style);
  }
  return out;
}

// Every problem in the order of the rows; the explanation of a code after the last problem that has it.
std::string problems_text(const v1::CheckResult& check, const Style& style) {
  std::string out;
  const std::vector<SharedProblem> problems = shared_problems(check);
  for (auto problem = problems.begin(); problem != problems.end(); ++problem) {
    out += labelled("Problem", problem->perspectives + ": " + problem->text, style);
    const bool again = std::any_of(std::next(problem), problems.end(),
                                   [&](const SharedProblem& later) { return later.code == problem->code; });
    if (!again) out += explanation_text(check, problem->code, style);
  }
  return out;
}

std::string render_check(const v1::CheckResult& check, const v1::CorroborateResponse& response, bool follow_would_be,
                         const Style& style) {
  const Heading head = heading(check.verdict(), check.would_be(), fraction_of(check), follow_would_be);
  std::string name = word(check.kind());
  if (check.has_dcv()) name += " by " + word(check.dcv().method());
  if (const std::string& adn = check.dcv().authorization_domain(); !adn.empty() && adn != response.identifier()) {
    name += " at " + for_terminal(adn);
  }
  std::string out = fmt::format("\n{}: {}\n", toned(name, Tone::kStrong, style), toned(head.text, head.tone, style));
  out += perspectives_table(check, style) + "\n";
  out += problems_text(check, style);
  std::string why = for_terminal(check.clause());
  if (!check.explanation().empty()) why += (why.empty() ? "" : ": ") + for_terminal(check.explanation());
  out += labelled("Decided by", why, style);
  out += labelled("CAA", caa_text(check.caa()), style);
  for (const std::string& contact : check.caa().iodef()) out += labelled("Report to", for_terminal(contact), style);
  if (check.dcv().half_validation())
    out += labelled("Note", "half a validation, which is no basis for issuance by itself", style);
  for (const std::string& warning : check.warnings()) out += labelled("Warning", for_terminal(warning), style);
  out += labelled("Usable until", moment(check.usable_until()), style);
  return out;
}

std::string policy_text(const v1::PolicyStamp& policy) {
  if (policy.profile().empty() && policy.br_version().empty()) return "";
  std::string text = fmt::format("{}, BR {}, table of {}", for_terminal(policy.profile()),
                                 for_terminal(policy.br_version()), for_terminal(policy.table_date()));
  const std::string at = moment(policy.evaluated_at());
  if (!at.empty()) text += ", evaluated at " + at;
  return policy.clock_is_real() ? text : text + " (a clock set by configuration, not the real one)";
}

std::string took_text(const v1::CorroborateResponse& response) {
  if (!response.has_started() || !response.has_decided()) return "";
  const auto took = google::protobuf::util::TimeUtil::DurationToMilliseconds(response.decided() - response.started());
  return fmt::format("{} ms, {} attempt{}", took, response.attempts(), response.attempts() == 1 ? "" : "s");
}

// Whether requests are planned onto it.
Cell state_of(const v1::PerspectiveInfo& perspective, const Style& style) {
  Tone tone = Tone::kGood;
  std::string text = "ready";
  if (!perspective.connected()) {
    tone = Tone::kBad;
    text = "not connected";
  } else if (perspective.drained()) {
    tone = Tone::kDoubt;
    text = "drained";
  } else if (!perspective.ready()) {
    tone = Tone::kDoubt;
    text = "not ready";
  }
  return {fmt::format("{} {}", mark(tone, style), text), tone};
}

// A line each: its addresses, and why it is not ready or looks odd.
std::string remarks_on(const v1::PerspectiveInfo& perspective) {
  std::vector<std::string> lines;
  std::vector<std::string> egress;
  for (const std::string& address : perspective.egress()) egress.push_back(for_terminal(address));
  if (!egress.empty()) lines.push_back(fmt::format("{}", fmt::join(egress, ", ")));
  for (const std::string* why :
       {&perspective.not_ready_because(), &perspective.last_error(), &perspective.suspicion()}) {
    const std::string line = for_terminal(*why);
    if (!line.empty() && std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
  }
  return fmt::format("{}", fmt::join(lines, "\n"));
}

}  // namespace

v1::Verdict effective_verdict(v1::Verdict verdict, v1::Verdict would_be, bool follow_would_be) {
  return follow_would_be && would_be != v1::VERDICT_UNSPECIFIED ? would_be : verdict;
}

int exit_status(const v1::CorroborateResponse& response, bool follow_would_be) {
  switch (effective_verdict(response.verdict(), response.would_be(), follow_would_be)) {
    case v1::VERDICT_CORROBORATED:
      return kExitCorroborated;
    case v1::VERDICT_NOT_CORROBORATED:
      return kExitNotCorroborated;
    default:
      return kExitNotDetermined;
  }
}

std::string render(const v1::CorroborateResponse& response, bool follow_would_be, const Style& style) {
  const Heading head = heading(response.verdict(), response.would_be(), fractions(response), follow_would_be);
  std::string out =
      fmt::format("{} {}  {}\n", toned(mark(head.tone, style), head.tone, style), toned(head.text, head.tone, style),
                  toned(for_terminal(response.identifier()), Tone::kStrong, style));
  out += response.basis_for_issuance() ? "  A basis for issuance.\n" : "  No basis for issuance.\n";
  for (const v1::CheckResult& check : response.checks()) out += render_check(check, response, follow_would_be, style);
  if (!response.not_enforceable_because().empty()) {
    const std::string reasons = fmt::format("{}", fmt::join(response.not_enforceable_because(), "; "));
    out += "\n" + paragraph("Not enforceable:", for_terminal(reasons), 17, style);
  }
  out += bullet_list("Findings", response.findings(), style);
  out += "\n";
  out += labelled("Record", for_terminal(response.record_id()), style);
  if (response.has_log()) out += labelled("Log", fmt::format("leaf {}", response.log().leaf_index()), style);
  out += labelled("Request", for_terminal(response.request_id()), style);
  out += labelled("Trace", for_terminal(response.trace_id()), style);
  out += labelled("Policy", policy_text(response.policy()), style);
  out += labelled("Took", took_text(response), style);
  return out;
}

std::string render(const v1::PerspectiveProgress& progress, const Style& style) {
  const v1::PerspectiveResult& row = progress.result();
  const Tone tone = tone_of(row.outcome());
  std::string line = fmt::format("{} {}  {}  {}", toned(mark(tone, style), tone, style), word(progress.kind()),
                                 toned(for_terminal(row.perspective()), Tone::kStrong, style),
                                 toned(word(row.outcome()), tone, style));
  if (row.elapsed_ms() > 0) line += fmt::format("  {} ms", row.elapsed_ms());
  if (const std::string seen = seen_text(row); !seen.empty()) line += "  " + seen;
  return line + "\n";
}

std::string render(const v1::ListPerspectivesResponse& response, const Style& style) {
  Table table(
      {{"PERSPECTIVE"}, {"ROLE"}, {"RIR"}, {"PLACE"}, {"PROVIDER"}, {"STATE"}, {"KEY"}, {"AGENT"}, {"REMARKS"}});
  int connected = 0;
  for (const v1::PerspectiveInfo& perspective : response.perspectives()) {
    connected += perspective.connected() ? 1 : 0;
    std::vector<std::string> keys;
    for (const v1::SigningKey& key : perspective.keys()) keys.push_back(for_terminal(key.key_id()));
    const Cell state = state_of(perspective, style);
    table.add({{for_terminal(perspective.id()), Tone::kStrong},
               {word(perspective.role())},
               {word(perspective.rir())},
               {for_terminal(perspective.place().name())},
               {for_terminal(perspective.provider())},
               state,
               {fmt::format("{}", fmt::join(keys, ", "))},
               {for_terminal(perspective.agent_version())},
               {remarks_on(perspective)}});
  }
  return fmt::format("{} of {} perspectives connected\n\n", connected, response.perspectives_size()) +
         table.render(0, style);
}

}  // namespace mpic::cli
