// Changes in the coordinator (BR 5.4.1 (3)): each is a leaf of the log, and an event.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/async/clock.hpp"
#include "common/telemetry/event_log.hpp"
#include "coordinator/audit/record_store.hpp"
#include "coordinator/settings.hpp"
#include "mpic/v1/record.pb.h"

namespace mpic::coordinator {

// What the newest change events of a log tell a coordinator that starts.
struct LogHistory {
  std::optional<v1::ChangeEvent> last;
  std::optional<v1::Pruned> pruned;  // the last time
  [[nodiscard]] bool ended_in_order() const { return last && last->kind() == v1::ChangeEvent::STOPPED; }
};
// Blocking. kInternal when the store cannot be read, or one of them is none.
[[nodiscard]] Expected<LogHistory> read_history(RecordStore& store);

// Texts are made fit for people and cut to their bounds (record.proto).
[[nodiscard]] v1::ChangeEvent change_event(v1::ChangeEvent::Kind kind, std::string_view who,
                                           const std::vector<std::string>& what, const Settings& in_force,
                                           TimePoint now);

// Whether such a change, as of changes(), concerns keys.
[[nodiscard]] bool is_about_keys(std::string_view change);

// Blocking. Safe from any thread. The event is written whether or not the leaf can be; a Problem means that the log has
// no such leaf.
class ChangeLog {
 public:
  // All outlive it. `who`: the system's user and host that the program runs as.
  ChangeLog(RecordStore& store, const Clock& clock, telemetry::EventLog& events, std::string who)
      : store_(store), clock_(clock), events_(events), who_(std::move(who)) {}

  // `closed`: plans of the last run that were left without an answer.
  [[nodiscard]] Expected<void> started(const Settings& in_force, const std::string& file, const LogHistory& history,
                                       std::size_t closed);
  [[nodiscard]] Expected<void> reloaded(const Settings& in_force, const std::string& file,
                                        const std::vector<std::string>& changes);
  [[nodiscard]] Expected<void> reload_refused(const Settings& in_force, const std::string& file,
                                              const std::string& reason);
  [[nodiscard]] Expected<void> stopped(const Settings& in_force);
  // Gives the leaf: nothing may be pruned before a checkpoint covers it.
  [[nodiscard]] Expected<std::uint64_t> pruned(const Settings& in_force, const v1::Pruned& pruned);

 private:
  Expected<std::uint64_t> append(const v1::ChangeEvent& event);
  Expected<void> appended(const v1::ChangeEvent& event);
  void tell(std::string_view kind, std::string what, std::vector<std::string> details, const std::string& file = {});

  RecordStore& store_;
  const Clock& clock_;
  telemetry::EventLog& events_;
  const std::string who_;
};

}  // namespace mpic::coordinator
