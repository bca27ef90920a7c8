#include "coordinator/audit/group_writer.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <future>
#include <unordered_set>

#include "common/async/linger.hpp"
#include "common/async/mailbox.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::size_t kMaxKeptPlans = 1'000;  // then a commit is synced although nobody waits for it
constexpr std::size_t kFullGroup = 256;
constexpr std::chrono::seconds kShortFailure{1};  // one that took longer will take as long again

// How long the next group may gather: the larger the last one was, the more will come.
std::chrono::microseconds linger_after(std::size_t last_group) {
  constexpr std::size_t kFew = 4;
  constexpr std::chrono::microseconds kEach{30};
  if (last_group < kFew) return std::chrono::microseconds{0};
  return std::min(Linger::kLongest, kEach * static_cast<std::chrono::microseconds::rep>(last_group));
}

bool is_loss(const Expected<void>& result) { return !result && result.error().code == ProblemCode::kEvidenceInvalid; }

// Whether the store can be written is told by failures of the store, not by what was to be written.
bool is_store_at_fault(const Expected<void>& result) {
  return is_loss(result) || (!result && result.error().code == ProblemCode::kInternal);
}

class Stopwatch {
 public:
  [[nodiscard]] bool is_long() const { return std::chrono::steady_clock::now() - began_ > kShortFailure; }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

Unexpected too_many() { return fail(ProblemCode::kOverloaded, "record store", "too many records wait to be written"); }

Problem not_at_present() { return {ProblemCode::kInternal, "record store", "it cannot be written at present"}; }

}  // namespace

GroupWriter::GroupWriter(WriteBackend& backend, GroupWriterOptions options)
    : backend_(backend), options_(std::move(options)), writer_([this] { run(); }) {}

GroupWriter::~GroupWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  writer_.join();
}

Expected<void> GroupWriter::enqueue(Write write) {
  bool is_awaited = false;
  {
    const std::lock_guard lock(mutex_);
    if (refuses_at_once_ && write.done) return Unexpected(not_at_present());
    if (queue_.size() >= kMaxQueuedWrites) return too_many();
    queue_.push_back(std::move(write));
    is_awaited = queue_.size() == 1 || queue_.size() == kFullGroup;
  }
  if (is_awaited) changed_.notify_one();
  return {};
}

bool GroupWriter::plan(StoredPlan plan) {
  Write write;
  write.item = std::move(plan);
  return enqueue(std::move(write)).has_value();
}

asio::awaitable<Expected<std::uint64_t>> GroupWriter::append(WriteItem item) {
  const auto executor = co_await asio::this_coro::executor;
  const auto written = std::make_shared<Mailbox<Expected<std::uint64_t>>>(executor);
  Write write;
  write.item = std::move(item);
  write.done = [written, executor](Expected<std::uint64_t> result) {
    asio::post(executor, [written, result = std::move(result)] { written->push(result); });
  };
  if (const auto queued = enqueue(std::move(write)); !queued) co_return Unexpected(queued.error());
  co_return co_await written->pop();
}

Expected<std::uint64_t> GroupWriter::append_and_wait(WriteItem item) {
  std::promise<Expected<std::uint64_t>> written;
  Write write;
  write.item = std::move(item);
  write.done = [&written](Expected<std::uint64_t> result) { written.set_value(std::move(result)); };
  if (const auto queued = enqueue(std::move(write)); !queued) return Unexpected(queued.error());
  return written.get_future().get();
}

Expected<std::uint64_t> GroupWriter::between_groups(std::function<Expected<std::uint64_t>()> task) {
  std::promise<Expected<std::uint64_t>> finished;
  {
    const std::lock_guard lock(mutex_);
    if (refuses_at_once_) return Unexpected(not_at_present());
    tasks_.push_back(
        {std::move(task), [&finished](Expected<std::uint64_t> result) { finished.set_value(std::move(result)); }});
  }
  changed_.notify_one();
  return finished.get_future().get();
}

void GroupWriter::run() {
  std::vector<Write> group;
  std::vector<Task> tasks;
  while (gather(group, tasks)) {
    if (!healthy() && !(stopping() && group.empty())) repair();
    if (healthy()) {
      if (!group.empty()) write_group(group);
    } else {
      refuse(group, not_at_present());
    }
    run_tasks(tasks);
    if (refuses_at_once()) refuse_what_waits();
  }
}

// What came before it was known that the store will not be whole in a moment.
void GroupWriter::refuse_what_waits() {
  std::vector<Write> group;
  std::vector<Task> tasks;
  {
    const std::lock_guard lock(mutex_);
    group.swap(queue_);
    tasks.swap(tasks_);
  }
  refuse(group, not_at_present());
  run_tasks(tasks);
}

// Waits for what is to be done next; false: nothing more ever is.
bool GroupWriter::gather(std::vector<Write>& group, std::vector<Task>& tasks) {
  const auto linger = linger_after(group.size());
  group.clear();
  tasks.clear();
  std::unique_lock lock(mutex_);
  const auto something = [this] { return stopping_ || !queue_.empty() || !tasks_.empty(); };
  if (healthy_) {
    changed_.wait(lock, [&] { return something() || !healthy_; });
  } else if (!refuses_at_once_) {
    changed_.wait_for(lock, options_.probe_pause, something);
  } else {  // only plans come: they do not hurry it
    changed_.wait_for(lock, options_.probe_pause, [this] { return stopping_; });
  }
  if (stopping_ && queue_.empty() && tasks_.empty()) return false;
  // Under load a commit waits a little for more to go with it: each writes and syncs the same pages again.
  if (!stopping_ && !queue_.empty()) {
    changed_.wait_for(lock, linger, [this] { return stopping_ || queue_.size() >= kFullGroup; });
  }
  group.swap(queue_);
  tasks.swap(tasks_);
  return true;
}

// `is_lasting`: whoever waited for it to be over would wait for long.
void GroupWriter::set_health(const Expected<void>& result, bool is_lasting) {
  const bool healthy = !is_store_at_fault(result);
  const std::lock_guard telling(telling_);
  {
    const std::lock_guard lock(mutex_);
    fault_ = healthy ? std::string() : result.error().detail;
    has_lost_records_ = is_loss(result);
    refuses_at_once_ = !healthy && (refuses_at_once_ || is_lasting);
    if (std::exchange(healthy_, healthy) == healthy) return;
  }
  options_.on_health(healthy, healthy ? std::string() : result.error().detail);
}

// Nothing is begun while the store cannot be written, so nothing else would show that it can be again.
void GroupWriter::repair() {
  const auto repaired = backend_.repair(kept_plans_);
  if (repaired) kept_plans_.clear();
  set_health(repaired, true);
}

void GroupWriter::doubt(const Problem& why) {
  set_health(Unexpected(why), true);
  changed_.notify_one();
}

void GroupWriter::keep_plan(Write& write) {
  auto* plan = std::get_if<StoredPlan>(&write.item);
  if (plan == nullptr) return;
  if (kept_plans_.size() < kMaxQueuedWrites) {
    kept_plans_.push_back(std::move(*plan));
  } else {
    spdlog::error("record store: too many plans wait to be written; that of {} is lost", plan->record_id);
  }
}

void GroupWriter::refuse(std::vector<Write>& group, const Problem& why) {
  for (Write& write : group) {
    keep_plan(write);
    if (write.done) write.done(Unexpected(why));
  }
}

void GroupWriter::write_group(std::vector<Write>& group) {
  const auto is_awaited = [](const Write& write) { return static_cast<bool>(write.done); };
  // What nobody waits for needs no sync: written, it outlives this process, and the next record's commit syncs it too.
  const bool durable = std::any_of(group.begin(), group.end(), is_awaited) || kept_plans_.size() >= kMaxKeptPlans;
  const Stopwatch stopwatch;
  const auto all = write_together(group, durable);
  if (is_store_at_fault(all)) {
    set_health(all, stopwatch.is_long());
    return refuse(group, all.error());
  }
  if (!all) return write_each(group, durable);
  if (durable) {
    kept_plans_.clear();
  } else {
    for (Write& write : group) keep_plan(write);
  }
  set_health(backend_.tidy());
}

// Tells those who wait when it was written; else the caller has to.
Expected<void> GroupWriter::write_together(std::vector<Write>& group, bool durable) {
  std::unordered_set<std::string_view> recorded;
  for (const Write& write : group) {
    if (const auto* record = std::get_if<StoredRecord>(&write.item)) recorded.insert(record->record_id);
  }
  std::vector<const Write*> writes;
  writes.reserve(group.size());
  for (const Write& write : group) {
    const auto* plan = std::get_if<StoredPlan>(&write.item);
    if (plan != nullptr && recorded.contains(plan->record_id)) continue;  // its record, which closes it, is here too
    writes.push_back(&write);
  }
  const auto indices = backend_.write(writes, durable);
  if (!indices) return Unexpected(indices.error());
  for (std::size_t i = 0; i < writes.size(); ++i) {
    if (writes[i]->done) writes[i]->done((*indices)[i]);
  }
  return {};
}

// One bad record must not take its neighbours with it.
void GroupWriter::write_each(std::vector<Write>& group, bool durable) {
  Expected<std::uint64_t> last;
  Expected<void> health;
  const Stopwatch stopwatch;
  for (Write& write : group) {
    if (!is_store_at_fault(health)) {  // else nothing more may be written before it is repaired
      const Write* const alone[] = {&write};
      const auto indices = backend_.write(alone, durable);
      last = indices ? Expected<std::uint64_t>(indices->front()) : Unexpected(indices.error());
      health = indices ? Expected<void>() : Unexpected(indices.error());
      if (!last) spdlog::error("record store: {}", last.error().detail);
      set_health(health, stopwatch.is_long());
    }
    if (is_store_at_fault(health)) keep_plan(write);
    if (write.done) write.done(last);
  }
}

void GroupWriter::run_tasks(std::vector<Task>& tasks) {
  for (Task& task : tasks) {
    if (!healthy()) {
      task.done(Unexpected(not_at_present()));
      continue;
    }
    const Stopwatch stopwatch;
    Expected<std::uint64_t> result = task.run();
    if (!result) set_health(Unexpected(result.error()), stopwatch.is_long());
    task.done(std::move(result));
  }
}

bool GroupWriter::healthy() const {
  const std::lock_guard lock(mutex_);
  return healthy_;
}

std::string GroupWriter::fault() const {
  const std::lock_guard lock(mutex_);
  return fault_;
}

bool GroupWriter::has_lost_records() const {
  const std::lock_guard lock(mutex_);
  return has_lost_records_;
}

bool GroupWriter::refuses_at_once() const {
  const std::lock_guard lock(mutex_);
  return refuses_at_once_;
}

bool GroupWriter::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

}  // namespace mpic::coordinator
