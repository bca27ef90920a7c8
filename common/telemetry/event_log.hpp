// Events for a SIEM: one JSON object per line, with a fixed order of the first members (docs/events.md).
//
// What BR 5.4.1 asks of every record: date and time, who, what. Never a challenge value, never a secret. Lines are
// written by a thread of their own, in order; the file is opened anew when it was moved or by reopen(), so that it can
// be rotated. A line that cannot be written is counted, told in the program's log and by a line of its own as soon as
// one can be written, and does not stop anything: what an auditor relies on is the record store.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/domain/observation.hpp"

namespace mpic::telemetry {

using EventValue = std::variant<std::string, std::int64_t, bool, std::vector<std::string>>;

struct Event {
  TimePoint at{};
  std::string_view kind;                                 // one of event_kinds.hpp
  std::string who;                                       // client, perspective, address or system user
  std::string what;                                      // one sentence for people
  std::vector<std::pair<std::string, EventValue>> more;  // by kind; names in snake_case
};

inline constexpr std::size_t kMaxEventText = 2'048;  // octets of one text, and
inline constexpr std::size_t kMaxEventTexts = 64;    // texts of one list; what is cut ends in "..."

// As it is written, without the end of the line. Control and direction characters, backslashes of JSON and octets that
// are not UTF-8 are escaped.
[[nodiscard]] std::string to_json(const Event& event, std::string_view program, std::string_view host);

// Safe from any thread.
class EventLog {
 public:
  virtual ~EventLog() = default;
  virtual void write(Event event) = 0;  // returns at once
  virtual void reopen() {}
  // False: nobody reads them, so they need not be made.
  [[nodiscard]] virtual bool is_on() const { return true; }
  // How many could not be written so far.
  [[nodiscard]] virtual std::uint64_t lost() const { return 0; }
};

// For who has none.
class NoEvents final : public EventLog {
 public:
  void write(Event) override {}
  [[nodiscard]] bool is_on() const override { return false; }
};

struct EventLogOptions {
  std::filesystem::path file;  // "-": standard output
  std::string program;
  std::size_t most_waiting = 10'000;  // lines; over it they are lost
};
// Throws std::runtime_error with path and reason when the file cannot be opened.
[[nodiscard]] std::unique_ptr<EventLog> open_event_log(EventLogOptions options);

}  // namespace mpic::telemetry
