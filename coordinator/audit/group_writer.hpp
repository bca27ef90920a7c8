// One thread that writes to a log for everybody: group commit, over a database of any kind.
//
// What waits is written in one transaction, and only when that is durable are those who wait resumed. While a group is
// being written, the next one gathers: the busier, the larger. Plans, which nobody waits for, are written at once but
// not synced when they are alone: they outlive this process, and become durable with the next record.
//
// When the database fails, everything that waits is refused, and nothing is written until the backend has made it whole
// again. That is tried when the next thing comes, which waits for it, and after probe_pause at the latest. When it
// fails, or the failure before took its time (a server that does not answer), what waits and what comes is refused at
// once, and it is tried every probe_pause. Plans that no good sync has made durable yet are kept until it is whole.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "coordinator/audit/write_backend.hpp"

namespace mpic::coordinator {

inline constexpr std::size_t kMaxQueuedWrites = 10'000;  // over it writes fail at once: kOverloaded

struct GroupWriterOptions {
  std::chrono::milliseconds probe_pause{500};  // between tries to write again after a failure
  // Called by one thread at a time when healthy() changes, with the reason when it became false. It must not use the
  // writer.
  std::function<void(bool healthy, const std::string& why)> on_health = [](bool, const std::string&) {};
  GroupWriterOptions() {}  // no aggregate: g++ 12 destroys those twice in a co_await expression
};

// Safe from any thread.
class GroupWriter {
 public:
  // The backend outlives it, is whole, and is used by nobody else from now on, but for its head().
  GroupWriter(WriteBackend& backend, GroupWriterOptions options);
  ~GroupWriter();  // writes what is queued, or refuses it while the store is unhealthy
  GroupWriter(const GroupWriter&) = delete;
  GroupWriter& operator=(const GroupWriter&) = delete;

  // As RecordStore::plan.
  [[nodiscard]] bool plan(StoredPlan plan);
  // Completes when it is durable, with the leaf's index. Resumes on the caller's executor. kOverloaded: there is no
  // place in the queue.
  asio::awaitable<Expected<std::uint64_t>> append(WriteItem item);
  // The same, blocking.
  Expected<std::uint64_t> append_and_wait(WriteItem item);
  // Runs `task` on the writer's thread between two groups, for what else is to be written; durable on return. Blocking.
  // While the store is unhealthy it is refused; when it ends with kInternal the store becomes so.
  Expected<std::uint64_t> between_groups(std::function<Expected<std::uint64_t>()> task);
  // Somebody who reads found that the database does not answer: nothing more is begun before repair() has succeeded, or
  // what is being written has.
  void doubt(const Problem& why);

  // False from a write that the database refused until it is whole again.
  [[nodiscard]] bool healthy() const;
  // Why healthy() is false; empty while it is true.
  [[nodiscard]] std::string fault() const;
  // It is false since the log is no longer the one that others were told of.
  [[nodiscard]] bool has_lost_records() const;

 private:
  struct Task {
    std::function<Expected<std::uint64_t>()> run;
    std::function<void(Expected<std::uint64_t>)> done;
  };

  [[nodiscard]] Expected<void> enqueue(Write write);
  // On the writer's thread.
  void run();
  bool gather(std::vector<Write>& group, std::vector<Task>& tasks);
  void write_group(std::vector<Write>& group);
  Expected<void> write_together(std::vector<Write>& group, bool durable);
  void write_each(std::vector<Write>& group, bool durable);
  void run_tasks(std::vector<Task>& tasks);
  void refuse(std::vector<Write>& group, const Problem& why);
  void refuse_what_waits();
  void keep_plan(Write& write);
  void repair();
  void set_health(const Expected<void>& result, bool is_lasting = false);
  [[nodiscard]] bool refuses_at_once() const;
  [[nodiscard]] bool stopping() const;

  WriteBackend& backend_;
  const GroupWriterOptions options_;  // constant after construction

  std::mutex telling_;        // held while options_.on_health is called
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<Write> queue_;
  std::vector<Task> tasks_;
  bool stopping_ = false;
  bool healthy_ = true;
  bool refuses_at_once_ = false;  // unhealthy, and not only for a moment as far as is known
  bool has_lost_records_ = false;
  std::string fault_;

  // The writer's.
  std::vector<StoredPlan> kept_plans_;  // that no good sync has made durable yet
  std::thread writer_;                  // last: it uses all the others
};

}  // namespace mpic::coordinator
