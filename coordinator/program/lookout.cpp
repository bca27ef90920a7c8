#include "coordinator/program/lookout.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace mpic::coordinator {
namespace {

constexpr std::chrono::seconds kStart{10};       // that connecting may take
constexpr std::chrono::seconds kAgentsTell{30};  // how they are
constexpr const char* kReady = "mpic_perspective_ready";
constexpr const char* kReadyHelp = "1 while requests are planned onto it and it can be asked";
constexpr const char* kSuspicious = "mpic_perspective_suspicious";
constexpr const char* kSuspiciousHelp = "1 while it contradicts the rest far more often than its peers do";

telemetry::Metrics::Labels labels(const PerspectiveId& id) { return {{"perspective", id.text()}}; }

}  // namespace

Lookout::Lookout(const SettingsInForce& settings, const Clock& clock, const RecordStore& store, const LogKeeping& log,
                 const GrpcPerspectives& perspectives, const Conduct& conduct, telemetry::Metrics& metrics,
                 std::function<void(bool ready)> serving)
    : settings_(settings),
      clock_(clock),
      store_(store),
      log_(log),
      perspectives_(perspectives),
      conduct_(conduct),
      metrics_(metrics),
      serving_(std::move(serving)),
      ready_gauge_(metrics.gauge("mpic_ready", "1 while requests can be corroborated; /readyz says what is missing")),
      next_change_(metrics.gauge("mpic_policy_next_change_timestamp_seconds",
                                 "When the policy changes next; 0: no change is known")),
      complies_then_(metrics.gauge("mpic_policy_complies_at_next_change",
                                   "1 while the deployment will satisfy the policy as it is to change")),
      table_age_(metrics.gauge("mpic_policy_table_age_days",
                               "Since the table of the Baseline Requirements was compared with them")),
      began_(clock.steady_now()),
      today_(std::chrono::floor<std::chrono::days>(clock.now())) {
  const SettingsPtr first = settings_.get();
  const ReadinessFacts nothing_known{.policy_time = first->deployment.policy_time(clock.now())};
  for (const std::string& warning : outlook(first->deployment, nothing_known, false).warnings) warned_.insert(warning);
}

void Lookout::look() {
  const SettingsPtr settings = settings_.get();
  const ReadinessFacts now = facts(settings->deployment);
  tell(assess(settings->deployment, now));
  measure(settings->deployment, now);
  look_ahead(settings->deployment, now);
}

void Lookout::stop() {
  stopping_ = true;
  look();
}

telemetry::Readiness Lookout::readiness() const {
  const SettingsPtr settings = settings_.get();
  const Assessment now = assess(settings->deployment, facts(settings->deployment));
  std::string lines;
  for (const Missing& missing : now.missing) lines += fmt::format("{}: {}\n", missing.what, missing.why);
  return {now.ready, std::move(lines)};
}

ReadinessFacts Lookout::facts(const Deployment& deployment) const {
  ReadinessFacts out{.stopping = stopping_,
                     .store_fault = store_.healthy() ? std::string() : store_.fault(),
                     .log_fault = log_.fault(),
                     .policy_time = deployment.policy_time(clock_.now()),
                     .perspectives = {}};
  for (const PerspectiveEntry& entry : deployment.perspectives) {
    const PerspectiveId& id = entry.where.id;
    LinkState link = perspectives_.state(id);
    std::optional<bool> ipv6;
    if (link.status) ipv6 = !link.status->source_ipv6.empty();
    std::string own_word = link.status ? std::move(link.status->not_ready_because) : std::string();
    out.perspectives.push_back(
        {id, link.connected, std::move(link.last_error), std::move(own_word), conduct_.standing(id), ipv6});
  }
  return out;
}

void Lookout::tell(const Assessment& assessment) {
  ready_gauge_.Set(assessment.ready ? 1 : 0);
  // At the start everything is missing, and that is no news.
  const bool starting = !ready_ && !assessment.ready && clock_.steady_now() - began_ < kStart;
  if (starting) return;
  log_changes(assessment);
  if (ready_ == assessment.ready) return;
  ready_ = assessment.ready;
  serving_(assessment.ready);
}

void Lookout::log_changes(const Assessment& assessment) {
  std::set<std::string> missing;
  for (const Missing& one : assessment.missing) {
    missing.insert(one.what);
    if (!missing_.contains(one.what)) spdlog::warn("missing: {}: {}", one.what, one.why);
  }
  for (const std::string& what : missing_) {
    if (!missing.contains(what)) spdlog::info("no longer missing: {}", what);
  }
  missing_.swap(missing);
  if (ready_ == assessment.ready) return;
  if (assessment.ready) {
    spdlog::info("ready: requests can be corroborated");
  } else {
    spdlog::warn("not ready: requests cannot be corroborated");
  }
}

void Lookout::measure(const Deployment& deployment, const ReadinessFacts& facts) {
  std::set<PerspectiveId> gone;
  gone.swap(measured_);
  for (std::size_t i = 0; i < facts.perspectives.size(); ++i) {
    const PerspectiveState& state = facts.perspectives[i];
    metrics_.gauge(kReady, kReadyHelp, labels(state.id)).Set(is_usable(deployment.perspectives[i], state) ? 1 : 0);
    metrics_.gauge(kSuspicious, kSuspiciousHelp, labels(state.id)).Set(conduct_.suspicion(state.id) ? 1 : 0);
    measured_.insert(state.id);
    gone.erase(state.id);
  }
  for (const PerspectiveId& id : gone) {
    metrics_.forget_gauge(kReady, labels(id));
    metrics_.forget_gauge(kSuspicious, labels(id));
  }
}

void Lookout::look_ahead(const Deployment& deployment, const ReadinessFacts& facts) {
  const auto has_told = [](const PerspectiveState& state) { return state.ipv6.has_value(); };
  const bool agents_known = std::all_of(facts.perspectives.begin(), facts.perspectives.end(), has_told) ||
                            clock_.steady_now() - began_ > kAgentsTell;
  const Outlook ahead = outlook(deployment, facts, agents_known);
  for (const Profile profile : deployment.profiles) {
    metrics_
        .gauge("mpic_policy_complies", "1 while the deployment satisfies the policy of the day",
               {{"profile", std::string(to_string(profile))}})
        .Set(deployment.findings_at(profile, facts.policy_time).violations.empty() ? 1 : 0);
  }
  const auto change = ahead.next_change ? ahead.next_change->time_since_epoch() : std::chrono::days{0};
  next_change_.Set(std::chrono::duration<double>(change).count());
  complies_then_.Set(ahead.complies_then ? 1 : 0);
  table_age_.Set(static_cast<double>(ahead.table_age.count()));
  const auto today = std::chrono::floor<std::chrono::days>(clock_.now());
  if (std::exchange(today_, today) != today) warned_.clear();
  for (const std::string& warning : ahead.warnings) {
    if (warned_.insert(warning).second) spdlog::warn("{}", warning);
  }
}

}  // namespace mpic::coordinator
