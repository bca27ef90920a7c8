#include "common/telemetry/event_log.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "common/domain/problem.hpp"
#include "common/telemetry/event_kinds.hpp"
#include "common/telemetry/host.hpp"

namespace mpic::telemetry {
namespace {

constexpr mode_t kMode = 0640;  // of a file that is made

std::string json_text(std::string_view text) {
  return boost::json::serialize(boost::json::string(presentable(text, kMaxEventText)));
}

std::string json_text(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i != 0) out += ',';
    if (i == kMaxEventTexts) return out + json_text("...") + "]";
    out += json_text(texts[i]);
  }
  return out + "]";
}

std::string json_of(const EventValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return json_text(*text);
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  return json_text(std::get<std::vector<std::string>>(value));
}

// "2026-11-25T10:11:12.123Z"
std::string moment(TimePoint at) {
  using namespace std::chrono;
  const auto since = duration_cast<milliseconds>(at.time_since_epoch());
  const auto seconds = duration_cast<std::chrono::seconds>(since);
  const auto time = static_cast<std::time_t>(seconds.count());
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, (since - seconds).count());
}

// The file, which is opened anew when its name leads elsewhere.
class File {
 public:
  explicit File(std::filesystem::path name) : name_(std::move(name)) {
    if (!open()) throw std::runtime_error(name_.string() + ": " + std::strerror(errno));
  }
  ~File() { close(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  // False, with errno, when not all of it was written.
  bool write(std::string_view text) {
    if (fd_ < 0 && !open()) return false;
    while (!text.empty()) {
      const ssize_t written = ::write(fd_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }
  void reopen() {
    if (is_standard_output()) return;
    close();
  }
  [[nodiscard]] bool was_moved() const {
    struct stat here {};
    struct stat there {};
    if (is_standard_output() || fd_ < 0 || ::fstat(fd_, &here) != 0) return false;
    return ::stat(name_.c_str(), &there) != 0 || here.st_ino != there.st_ino || here.st_dev != there.st_dev;
  }
  [[nodiscard]] std::string name() const { return name_.string(); }

 private:
  [[nodiscard]] bool is_standard_output() const { return name_ == "-"; }
  bool open() {
    fd_ =
        is_standard_output() ? STDOUT_FILENO : ::open(name_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kMode);
    return fd_ >= 0;
  }
  void close() {
    if (fd_ >= 0 && !is_standard_output()) ::close(fd_);
    fd_ = -1;
  }

  const std::filesystem::path name_;
  int fd_ = -1;
};

class FileEventLog final : public EventLog {
 public:
  explicit FileEventLog(EventLogOptions options)
      : options_(std::move(options)), host_(host_name()), file_(options_.file), thread_([this] { run(); }) {}

  ~FileEventLog() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  void write(Event event) override {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() >= options_.most_waiting) return lose(1);
      waiting_.push_back(std::move(event));
    }
    changed_.notify_one();
  }

  void reopen() override {
    {
      const std::lock_guard lock(mutex_);
      reopen_ = true;
    }
    changed_.notify_one();
  }

  [[nodiscard]] std::uint64_t lost() const override { return all_lost_; }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return stopping_ || reopen_ || !waiting_.empty(); });
      const bool is_last = stopping_;
      const bool reopen = std::exchange(reopen_, false);
      std::deque<Event> taken;
      taken.swap(waiting_);
      lock.unlock();
      if (reopen || file_.was_moved()) file_.reopen();
      put(taken);
      lock.lock();
      if (is_last && waiting_.empty()) return;
    }
  }

  void put(const std::deque<Event>& events) {
    const std::size_t lost = lost_;
    std::string lines = lost == 0 ? std::string() : line_of_lost(lost);
    for (const Event& event : events) lines += to_json(event, options_.program, host_) + '\n';
    if (lines.empty()) return;
    if (file_.write(lines)) {
      if (std::exchange(failing_, false)) spdlog::info("events: {} can be written again", file_.name());
      lost_ -= lost;
      return;
    }
    if (!std::exchange(failing_, true)) {
      spdlog::error("events: {} cannot be written, lines are lost: {}", file_.name(), std::strerror(errno));
    }
    lose(events.size());
  }

  [[nodiscard]] std::string line_of_lost(std::size_t lost) const {
    Event event{std::chrono::time_point_cast<TimePoint::duration>(std::chrono::system_clock::now()),
                event_kind::kEventsLost,
                options_.program,
                "lines of this file could not be written, or came faster than they could be",
                {{"lines", static_cast<std::int64_t>(lost)}}};
    return to_json(event, options_.program, host_) + '\n';
  }

  void lose(std::size_t lines) {
    lost_ += lines;
    all_lost_ += lines;
  }

  const EventLogOptions options_;
  const std::string host_;

  // Of the thread.
  File file_;
  bool failing_ = false;

  std::atomic<std::size_t> lost_{0};  // and not told
  std::atomic<std::uint64_t> all_lost_{0};
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Event> waiting_;
  bool reopen_ = false;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all the others
};

}  // namespace

std::string to_json(const Event& event, std::string_view program, std::string_view host) {
  std::string out = fmt::format(R"({{"at":"{}","kind":{},"program":{},"host":{},"who":{},"what":{})", moment(event.at),
                                json_text(event.kind), json_text(program), json_text(host), json_text(event.who),
                                json_text(event.what));
  for (const auto& [name, value] : event.more) out += "," + json_text(name) + ":" + json_of(value);
  return out + "}";
}

std::unique_ptr<EventLog> open_event_log(EventLogOptions options) {
  return std::make_unique<FileEventLog>(std::move(options));
}

}  // namespace mpic::telemetry
