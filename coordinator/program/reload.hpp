// SIGHUP: the configuration is read anew, whole, and is taken whole or not at all.
#pragma once

#include <functional>
#include <vector>

#include "coordinator/program/load.hpp"

#include "common/async/clock.hpp"
#include "common/telemetry/metrics.hpp"
#include "coordinator/log/change_log.hpp"

namespace mpic::coordinator {

// Used by one thread.
class Reloader {
 public:
  // What must know of a configuration beside the settings.
  struct Ways {
    // Before: the perspectives that are to be had, those of the configuration and those that requests under way may
    // still ask.
    std::function<void(const Deployment&)> reach;
    std::function<bool(const PerspectiveId&)> is_connected;
    std::function<void(const Deployment&)> count;  // before: of whom there are metrics
    std::function<void(const Settings&)> admit;    // after: limits, by which those that wait may begin
  };

  // All outlive it. `started`: what is in force.
  Reloader(std::filesystem::path file, const Config& started, SettingsInForce& settings, RecordStore& store,
           ChangeLog& change_log, const Clock& clock, telemetry::Metrics& metrics, Ways ways);

  // Reads, checks, makes the snapshot durable, and only then puts it in force, for requests that begin from then on;
  // perspectives that are new get two seconds before that to be connected to. Whatever is wrong leaves everything as it
  // was. Both logs say which, and what is new: the program's and, as a leaf, that of the records. No leaf, no reload.
  void reload();

  // Once a second: perspectives that are in no configuration any more go when the last request that could ask them has
  // ended.
  void let_go();

 private:
  void take(Loaded next);
  void refuse(const std::string& reason);
  void wait_for_new_perspectives(const Deployment& before, const Deployment& after) const;
  [[nodiscard]] Deployment with_earlier(const Deployment& now) const;

  const std::filesystem::path file_;
  const Config started_;
  SettingsInForce& settings_;
  RecordStore& store_;
  ChangeLog& change_log_;
  const Clock& clock_;
  const Ways ways_;
  prometheus::Counter& taken_;
  prometheus::Counter& refused_;
  prometheus::Gauge& last_;
  std::vector<std::weak_ptr<const Settings>> earlier_;  // that requests may still be under
};

}  // namespace mpic::coordinator
