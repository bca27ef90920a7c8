#include "coordinator/log/change_log.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "common/domain/version.hpp"
#include "common/telemetry/event_kinds.hpp"
#include "common/wire/convert.hpp"

namespace mpic::coordinator {
namespace {

namespace event_kind = telemetry::event_kind;
using Kind = v1::ChangeEvent;

constexpr std::size_t kMaxSentences = 256;
constexpr std::size_t kMaxSentence = 1'024;  // octets
constexpr std::size_t kHowFarBack = 10'000;  // events; more starts and reloads than in years
constexpr std::string_view kProgram = "mpic-coordinator";

std::string how_the_last_run_ended(const LogHistory& history) {
  if (!history.last) return "the log has no earlier run";
  if (history.ended_in_order()) return "the last run had ended in order";
  return "the last run had not ended in order: it crashed, was killed, or lost its power";
}

}  // namespace

Expected<LogHistory> read_history(RecordStore& store) {
  const auto events = store.last_events(kHowFarBack);
  if (!events) return Unexpected(events.error());
  LogHistory out;
  for (const StoredEvent& stored : *events) {
    v1::ChangeEvent event;
    if (!event.ParseFromString(stored.body)) {
      return fail(ProblemCode::kInternal, "record store", "a change event of the log cannot be read");
    }
    if (event.has_pruned() && !out.pruned) out.pruned = event.pruned();
    if (!out.last) out.last = std::move(event);
  }
  return out;
}

v1::ChangeEvent change_event(v1::ChangeEvent::Kind kind, std::string_view who, const std::vector<std::string>& what,
                             const Settings& in_force, TimePoint now) {
  v1::ChangeEvent out;
  out.set_log_origin(in_force.deployment.log_origin);
  *out.mutable_at() = wire::encode(now);
  out.set_kind(kind);
  out.set_who(presentable(who, kMaxSentence / 4));
  const bool fits = what.size() <= kMaxSentences;
  for (std::size_t i = 0; i < (fits ? what.size() : kMaxSentences - 1); ++i) {
    out.add_what(presentable(what[i], kMaxSentence));
  }
  if (!fits) out.add_what(fmt::format("and {} more", what.size() - kMaxSentences + 1));
  out.set_snapshot_sha256(in_force.snapshot.data(), in_force.snapshot.size());
  out.set_software_version(std::string(kSoftwareVersion));
  out.set_ruleset_version(std::string(kRulesetVersion));
  return out;
}

bool is_about_keys(std::string_view change) {
  for (const char* kind : {"signing key:", "checkpoint key:", "API key "}) {
    if (change.starts_with(kind)) return true;
  }
  if (!change.starts_with("perspective ")) return false;
  const std::size_t colon = change.find(": ");
  return colon == std::string_view::npos || change.substr(colon).find("keys") != std::string_view::npos;
}

Expected<void> ChangeLog::started(const Settings& in_force, const std::string& file, const LogHistory& history,
                                  std::size_t closed) {
  const std::vector<std::string> what = {
      fmt::format("{} {} started with {}", kProgram, kSoftwareVersion, file), how_the_last_run_ended(history),
      fmt::format("requests of the last run that were closed as \"no result\": {}", closed)};
  tell(event_kind::kStarted, what.front(), {what.begin() + 1, what.end()}, file);
  return appended(change_event(Kind::STARTED, who_, what, in_force, clock_.now()));
}

Expected<void> ChangeLog::reloaded(const Settings& in_force, const std::string& file,
                                   const std::vector<std::string>& changes) {
  std::vector<std::string> what = changes;
  if (what.empty()) what.push_back("nothing is new");
  tell(event_kind::kConfigurationChanged, file + " was read anew", what, file);
  for (const std::string& change : changes) {
    if (is_about_keys(change)) tell(event_kind::kKeyChanged, change, {}, file);
  }
  return appended(change_event(Kind::RELOADED, who_, what, in_force, clock_.now()));
}

Expected<void> ChangeLog::reload_refused(const Settings& in_force, const std::string& file, const std::string& reason) {
  tell(event_kind::kConfigurationRefused, file + " was not taken, everything stays as it was", {reason}, file);
  return appended(change_event(Kind::RELOAD_REFUSED, who_, {reason}, in_force, clock_.now()));
}

Expected<void> ChangeLog::stopped(const Settings& in_force) {
  tell(event_kind::kStopped, fmt::format("{} stopped in order", kProgram), {});
  return appended(
      change_event(Kind::STOPPED, who_, {fmt::format("{} stopped in order", kProgram)}, in_force, clock_.now()));
}

Expected<std::uint64_t> ChangeLog::pruned(const Settings& in_force, const v1::Pruned& pruned) {
  const std::string what =
      fmt::format("bodies of records and addenda below leaf {} are removed: they had been kept for {} days",
                  pruned.minimum_index(), pruned.keep_days());
  v1::ChangeEvent event = change_event(Kind::PRUNED, who_, {what}, in_force, clock_.now());
  *event.mutable_pruned() = pruned;
  auto written = append(event);
  if (written) tell(event_kind::kPruned, what, {});
  return written;
}

Expected<std::uint64_t> ChangeLog::append(const v1::ChangeEvent& event) {
  return store_.append_event({event.SerializeAsString(), wire::decode(event.at()).value_or(clock_.now())});
}

Expected<void> ChangeLog::appended(const v1::ChangeEvent& event) {
  const auto leaf = append(event);
  if (!leaf) return Unexpected(leaf.error());
  return {};
}

void ChangeLog::tell(std::string_view kind, std::string what, std::vector<std::string> details,
                     const std::string& file) {
  telemetry::Event event{clock_.now(), kind, who_, std::move(what), {}};
  if (!details.empty()) event.more.emplace_back("details", std::move(details));
  if (!file.empty()) event.more.emplace_back("file", file);
  event.more.emplace_back("software_version", std::string(kSoftwareVersion));
  events_.write(std::move(event));
}

}  // namespace mpic::coordinator
