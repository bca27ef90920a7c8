// Events as they were told, for who wants to look at them.
#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "common/telemetry/event_log.hpp"

namespace mpic::test {

class KeptEvents final : public telemetry::EventLog {
 public:
  void write(telemetry::Event event) override {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }

  [[nodiscard]] std::vector<telemetry::Event> all() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  [[nodiscard]] std::vector<std::string> kinds() const {
    std::vector<std::string> out;
    for (const telemetry::Event& event : all()) out.emplace_back(event.kind);
    return out;
  }
  [[nodiscard]] std::size_t count(std::string_view kind) const {
    const auto events = all();
    return static_cast<std::size_t>(
        std::count_if(events.begin(), events.end(), [&](const telemetry::Event& event) { return event.kind == kind; }));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<telemetry::Event> events_;  // guarded by mutex_
};

// A member of an event as text; empty when it has none.
inline std::string member(const telemetry::Event& event, std::string_view name) {
  for (const auto& [key, value] : event.more) {
    if (key != name) continue;
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
    std::string joined;
    for (const std::string& text : std::get<std::vector<std::string>>(value))
      joined += (joined.empty() ? "" : ", ") + text;
    return joined;
  }
  return {};
}

}  // namespace mpic::test
