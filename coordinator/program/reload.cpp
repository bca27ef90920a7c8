#include "coordinator/program/reload.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <thread>

#include "coordinator/program/changes.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::chrono::seconds kConnecting{2};
constexpr std::chrono::milliseconds kLookAgain{10};
constexpr const char* kReloads = "mpic_config_reloads_total";
constexpr const char* kReloadsHelp = "Configurations that were read anew, by what became of them";

}  // namespace

Reloader::Reloader(std::filesystem::path file, const Config& started, SettingsInForce& settings, RecordStore& store,
                   ChangeLog& change_log, const Clock& clock, telemetry::Metrics& metrics, Ways ways)
    : file_(std::move(file)),
      started_(started),
      settings_(settings),
      store_(store),
      change_log_(change_log),
      clock_(clock),
      ways_(std::move(ways)),
      taken_(metrics.counter(kReloads, kReloadsHelp, {{"result", "taken"}})),
      refused_(metrics.counter(kReloads, kReloadsHelp, {{"result", "refused"}})),
      last_(metrics.gauge("mpic_config_last_reload_timestamp_seconds",
                          "When the configuration that is in force was read")) {
  last_.Set(std::chrono::duration<double>(clock_.now().time_since_epoch()).count());
}

void Reloader::reload() {
  try {
    Loaded next = load(file_, clock_.now());
    const auto fixed = fixed_keys_changed(started_, next.config);
    if (!fixed.empty()) {
      throw StartError(
          fmt::format("{}: cannot change while the program runs, only at its start", fmt::join(fixed, ", ")));
    }
    take(std::move(next));
    taken_.Increment();
  } catch (const std::exception& error) {
    refuse(error.what());
  }
}

void Reloader::refuse(const std::string& reason) {
  refused_.Increment();
  spdlog::error("security: {} was not taken, everything stays as it was: {}", file_.string(), reason);
  const auto said = change_log_.reload_refused(*settings_.get(), file_.string(), reason);
  if (!said) spdlog::error("log: that the configuration was not taken is not in it: {}", said.error().detail);
}

void Reloader::take(Loaded next) {
  const SettingsPtr before = settings_.get();
  const SettingsPtr after = settle_in(next, store_);
  const auto news = changes(*before, *after);
  or_stop(change_log_.reloaded(*after, file_.string(), news));
  earlier_.push_back(before);
  ways_.reach(with_earlier(after->deployment));
  wait_for_new_perspectives(before->deployment, after->deployment);
  ways_.count(after->deployment);
  settings_.replace(after);
  ways_.admit(*after);
  last_.Set(std::chrono::duration<double>(clock_.now().time_since_epoch()).count());
  spdlog::info("security: {} was read anew: {}", file_.string(),
               news.empty() ? "nothing is new" : fmt::format("{}", fmt::join(news, "; ")));
}

// Requests are planned onto them from the first one on, and would find them unreachable.
void Reloader::wait_for_new_perspectives(const Deployment& before, const Deployment& after) const {
  const SteadyPoint until = clock_.steady_now() + kConnecting;
  for (const PerspectiveEntry& entry : after.perspectives) {
    const PerspectiveId& id = entry.where.id;
    if (before.find(id) != nullptr) continue;
    while (!ways_.is_connected(id) && clock_.steady_now() < until) std::this_thread::sleep_for(kLookAgain);
  }
}

void Reloader::let_go() {
  const auto ended = [](const std::weak_ptr<const Settings>& settings) { return settings.expired(); };
  if (earlier_.empty() || std::erase_if(earlier_, ended) == 0) return;
  ways_.reach(with_earlier(settings_.get()->deployment));
}

Deployment Reloader::with_earlier(const Deployment& now) const {
  Deployment all = now;
  for (const auto& earlier : earlier_) {
    const SettingsPtr settings = earlier.lock();
    if (!settings) continue;
    for (const PerspectiveEntry& entry : settings->deployment.perspectives) {
      if (all.find(entry.where.id) == nullptr) all.perspectives.push_back(entry);
    }
  }
  return all;
}

}  // namespace mpic::coordinator
