#include "cli/audit/stats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "cli/audit/times.hpp"
#include "cli/words.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/pipeline/recorded.hpp"

namespace mpic::cli {
namespace {

constexpr std::size_t kLeavesTold = 5;

std::string lacking_in(const v1::CheckResult& check) {
  if (check.kind() == v1::CHECK_KIND_UNSPECIFIED) return "the kind of a check";
  if (check.verdict() == v1::VERDICT_UNSPECIFIED) return "the verdict of a check";
  if (check.clause().empty()) return "the clause of a check";
  if (check.perspectives().empty()) return "the perspectives of a check";
  if (check.kind() == v1::CHECK_KIND_DCV) {
    if (check.dcv().method() == v1::DCV_METHOD_UNSPECIFIED) return "the method";
    if (check.dcv().authorization_domain().empty()) return "the Authorization Domain Name";
  }
  bool has_remotes = false;
  for (const v1::PerspectiveResult& row : check.perspectives()) {
    if (row.perspective().empty()) return "the id of a perspective";
    if (row.outcome() == v1::OUTCOME_UNSPECIFIED) return "the result of a perspective";
    has_remotes = has_remotes || row.role() == v1::ROLE_REMOTE;
  }
  // Without a positive Primary no remote counts.
  const bool is_by_quorum = has_remotes && check.perspectives(0).outcome() == v1::OUTCOME_CORROBORATES;
  return is_by_quorum && check.quorum().fraction().empty() ? "the fraction of the quorum" : "";
}

std::string method_of(const v1::CheckResult& check) {
  return check.kind() == v1::CHECK_KIND_DCV ? word(check.dcv().method()) : "caa";
}

}  // namespace

void Durations::add(std::int64_t milliseconds) {
  constexpr std::int64_t kLongest = 0xFFFFFFFF;
  ++counts_[static_cast<std::uint32_t>(std::clamp<std::int64_t>(milliseconds, 0, kLongest))];
  ++total_;
}

std::optional<std::uint32_t> Durations::median() const {
  std::uint64_t seen = 0;
  for (const auto& [value, number] : counts_) {
    seen += number;
    if (seen >= (total_ + 1) / 2) return value;
  }
  return std::nullopt;
}

std::uint64_t LogStats::Looks::total() const {
  return std::accumulate(outcomes.begin(), outcomes.end(), std::uint64_t{0});
}

std::string lacking_in(const v1::RecordBody& body) {
  if (body.record_id().empty()) return "its id";
  if (body.client().empty()) return "who asked";
  if (body.request().identifier().empty()) return "the name that was applied for";
  if (!wire::decode(body.received()) || !body.has_received()) return "when it was received";
  if (!wire::decode(body.decided()) || !body.has_decided()) return "when it was decided";
  if (body.snapshot_sha256().size() != Digest().size()) return "which deployment was in force";
  if (body.attempts().empty()) return "its attempts";
  for (const v1::AttemptRecord& attempt : body.attempts()) {
    if (attempt.attempt_id().empty()) return "the id of an attempt";
    if (attempt.planned().empty()) return "who was asked in an attempt";
  }
  if (body.decision().verdict() == v1::VERDICT_UNSPECIFIED) return "its verdict";
  for (const v1::CheckResult& check : body.decision().checks()) {
    if (std::string lacking = lacking_in(check); !lacking.empty()) return lacking;
  }
  return "";
}

bool StatsCounter::is_within(TimePoint when) const {
  return (!period_.from || when >= *period_.from) && (!period_.until || when < *period_.until);
}

void StatsCounter::add(const coordinator::LoggedLeaf& leaf) {
  if (leaf.kind == evidence::LeafKind::kAddendum) return add_addendum(leaf);
  if (leaf.kind != evidence::LeafKind::kRecord) return;
  leaf.body.empty() ? add_pruned(leaf) : add_record(leaf);
}

void StatsCounter::add_addendum(const coordinator::LoggedLeaf& leaf) {
  v1::Addendum addendum;
  if (leaf.body.empty() || !addendum.ParseFromString(leaf.body)) return;
  const auto received = wire::decode(addendum.received());
  if (!received || !is_within(*received)) return;
  ++stats_.addenda;
  stats_.contradictions += addendum.contradicts_the_rest() ? 1 : 0;
}

// A store keeps its time and verdict, an export does not.
void StatsCounter::add_pruned(const coordinator::LoggedLeaf& leaf) {
  if (leaf.record && !is_within(leaf.record->received)) return;
  ++stats_.records;
  ++stats_.pruned;
  if (leaf.record) add_verdict(leaf.record->received, leaf.record->verdict);
}

void StatsCounter::add_record(const coordinator::LoggedLeaf& leaf) {
  v1::RecordBody body;
  if (!body.ParseFromString(leaf.body)) {
    ++stats_.records;
    return add_incomplete(leaf.index, "everything: it is no record");
  }
  const TimePoint received = wire::decode(body.received()).value_or(TimePoint{});
  if (!is_within(received)) return;
  ++stats_.records;
  std::string lacking = lacking_in(body);
  if (lacking.empty() && leaf.statement.empty()) lacking = "its statement";
  if (!lacking.empty()) add_incomplete(leaf.index, lacking);
  const v1::Decision& decision = body.decision();
  add_verdict(received, word(decision.verdict()));
  if (decision.would_be() != v1::VERDICT_UNSPECIFIED) ++stats_.would_be[word(decision.would_be())];
  if (coordinator::is_without_result(body)) {
    ++stats_.without_result;
    return;
  }
  stats_.retried += body.earlier().empty() ? 0 : 1;
  const auto took = wire::decode(body.decided()).value_or(received) - received;
  stats_.decided_in.add(std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
  for (const v1::CheckResult& check : decision.checks()) ++stats_.methods[method_of(check)];
  for (const v1::Decision& earlier : body.earlier()) add_looks(earlier);
  add_looks(decision);
}

void StatsCounter::add_incomplete(std::uint64_t leaf, const std::string& lacking) {
  ++stats_.incomplete;
  if (stats_.incomplete_leaves.size() < kLeavesTold) {
    stats_.incomplete_leaves.push_back(fmt::format("leaf {} lacks {}", leaf, lacking));
  }
}

void StatsCounter::add_verdict(TimePoint received, const std::string& verdict) {
  ++stats_.verdicts[verdict];
  if (period_.by == By::kNothing) return;
  const std::string when = rfc3339(received);  // 2026-11-25T10:…
  constexpr std::size_t kDay = 10;
  constexpr std::size_t kHour = 13;
  ++stats_.periods[period_.by == By::kDay ? when.substr(0, kDay) : when.substr(0, kHour) + ":00Z"][verdict];
}

void StatsCounter::add_looks(const v1::Decision& decision) {
  for (const v1::CheckResult& check : decision.checks()) {
    for (const v1::PerspectiveResult& row : check.perspectives()) {
      LogStats::Looks& looks = stats_.looks[{row.perspective(), word(check.kind())}];
      const auto outcome = static_cast<std::size_t>(row.outcome());
      ++looks.outcomes[outcome < LogStats::kOutcomes ? outcome : 0];
      if (row.has_problem()) ++stats_.problems[word(row.problem().code())];
      if (row.elapsed_ms() > 0) looks.elapsed.add(row.elapsed_ms());
    }
  }
}

}  // namespace mpic::cli
