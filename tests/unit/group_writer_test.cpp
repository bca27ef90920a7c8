// The group writer over a backend that fails when it is told to: who is told what, and what becomes of plans.
#include "coordinator/audit/group_writer.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>

#include "common/async/io_threads.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::coordinator;

namespace {

using namespace std::chrono_literals;

// In memory. Groups are held up while `gate` is closed, so that a test knows what gathers meanwhile.
class FakeBackend final : public WriteBackend {
 public:
  Expected<std::vector<std::uint64_t>> write(std::span<const Write* const> writes, bool durable) override {
    std::unique_lock lock(mutex);
    ++begun;
    opened.wait(lock, [this] { return gate_is_open; });
    groups.push_back(writes.size());
    if (!durable) ++groups_that_were_not_durable;
    if (fails) return fail(ProblemCode::kInternal, "backend", "broken");
    for (const Write* write : writes) {
      const auto* record = std::get_if<StoredRecord>(&write->item);
      if (record != nullptr && record->record_id == bad) return fail(ProblemCode::kInvalidArgument, "backend", "bad");
    }
    std::vector<std::uint64_t> out;
    for (const Write* write : writes) {
      if (const auto* plan = std::get_if<StoredPlan>(&write->item)) {
        plans.push_back(plan->record_id);
        out.push_back(0);
      } else {
        out.push_back(leaves++);
      }
    }
    return out;
  }
  Expected<void> tidy() override {
    const std::lock_guard lock(mutex);
    if (tidy_fails) return fail(ProblemCode::kInternal, "backend", "untidy");
    return {};
  }
  Expected<void> repair(std::span<const StoredPlan> kept) override {
    std::unique_lock lock(mutex);
    ++repairs;
    opened.wait(lock, [this] { return repairs_may_end; });
    if (has_lost) return fail(ProblemCode::kEvidenceInvalid, "backend", "it has 1 leaves, and had 2");
    if (fails) return fail(ProblemCode::kInternal, "backend", "still broken");
    for (const StoredPlan& plan : kept) plans.push_back(plan.record_id);
    tidy_fails = false;
    return {};
  }
  TreeHead head() const override { return {}; }

  void set(bool& what, bool value) {
    {
      const std::lock_guard lock(mutex);
      what = value;
    }
    opened.notify_all();
  }

  std::atomic<int> begun = 0;  // groups
  std::mutex mutex;            // guards what follows
  std::condition_variable opened;
  bool gate_is_open = true;
  bool repairs_may_end = true;
  bool fails = false;
  bool has_lost = false;  // what repair() finds
  bool tidy_fails = false;
  std::string bad;  // the id of a record that is at fault
  std::uint64_t leaves = 0;
  std::vector<std::string> plans;
  std::vector<std::size_t> groups;  // their sizes
  int groups_that_were_not_durable = 0;
  int repairs = 0;
};

struct Written {
  Written() {
    GroupWriterOptions options;
    options.probe_pause = 2ms;
    options.on_health = [this](bool healthy, const std::string&) { ++(healthy ? recoveries : failures); };
    writer = std::make_unique<GroupWriter>(backend, options);
  }

  // A test that failed holds nothing up.
  ~Written() {
    backend.set(backend.repairs_may_end, true);
    backend.set(backend.gate_is_open, true);
  }

  std::future<Expected<std::uint64_t>> append(const std::string& id) {
    StoredRecord record;
    record.record_id = id;
    return asio::co_spawn(threads.next(), writer->append(std::move(record)), asio::use_future);
  }
  // Closes the gate, with one record before it.
  std::future<Expected<std::uint64_t>> hold_up() {
    backend.set(backend.gate_is_open, false);
    const int before = backend.begun;
    auto first = append("the one before");
    soon([&] { return backend.begun > before; });
    return first;
  }
  // Records that are written as one group: they gather while another is being written.
  std::vector<Expected<std::uint64_t>> together(const std::vector<std::string>& ids) {
    auto first = hold_up();
    std::vector<std::future<Expected<std::uint64_t>>> all;
    for (const std::string& id : ids) all.push_back(append(id));
    std::this_thread::sleep_for(20ms);
    backend.set(backend.gate_is_open, true);
    std::vector<Expected<std::uint64_t>> out;
    for (auto& one : all) out.push_back(one.get());
    (void)first.get();
    return out;
  }
  static bool soon(const std::function<bool()>& condition) {
    for (int i = 0; i < 1'000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(2ms);
    }
    return false;
  }

  IoThreads threads{2};
  FakeBackend backend;
  std::atomic<int> failures{0};
  std::atomic<int> recoveries{0};
  std::unique_ptr<GroupWriter> writer;  // last: it tells the others
};

StoredPlan plan(const std::string& id) { return {id, "a plan", TimePoint{}}; }

}  // namespace

TEST_CASE("what gathers is one group, and each is told its own index", "[store][group]") {
  Written written;
  const auto told = written.together({"a", "b", "c"});
  REQUIRE(told.size() == 3);
  std::vector<std::uint64_t> indices;
  for (const auto& one : told) indices.push_back(one.value());
  std::sort(indices.begin(), indices.end());
  CHECK(indices == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(written.backend.groups.back() == 3);
}

TEST_CASE("one that is at fault takes no other with it", "[store][group]") {
  Written written;
  written.backend.bad = "b";
  const auto told = written.together({"a", "b", "c"});
  CHECK(told[0]);
  REQUIRE_FALSE(told[1]);
  CHECK(told[1].error().code == ProblemCode::kInvalidArgument);
  CHECK(told[2]);
  CHECK(written.writer->healthy());
  CHECK(written.failures == 0);
}

TEST_CASE("a backend that fails refuses all, and is used again when it is whole", "[store][group]") {
  Written written;
  REQUIRE(written.append("before").get());
  written.backend.set(written.backend.fails, true);
  for (const auto& one : written.together({"a", "b"})) {
    REQUIRE_FALSE(one);
    CHECK(one.error().code == ProblemCode::kInternal);
  }
  CHECK_FALSE(written.writer->healthy());
  CHECK_FALSE(written.writer->fault().empty());
  CHECK(Written::soon([&] {
    const std::lock_guard lock(written.backend.mutex);
    return written.backend.repairs > 2;
  }));
  const std::size_t tried = written.backend.groups.size();
  CHECK_FALSE(written.append("c").get());
  CHECK(written.backend.groups.size() == tried);  // nothing is written before it is whole
  written.backend.set(written.backend.fails, false);
  CHECK(Written::soon([&] { return written.writer->healthy(); }));
  CHECK(written.writer->fault().empty());
  CHECK(written.append("d").get().value() == 1);
  CHECK(written.failures == 1);
  CHECK(written.recoveries == 1);
}

TEST_CASE("while a backend is tried again for long, what comes is refused at once", "[store][group]") {
  Written written;
  written.backend.set(written.backend.fails, true);
  CHECK_FALSE(written.append("a").get());
  CHECK(Written::soon([&] {
    const std::lock_guard lock(written.backend.mutex);
    return written.backend.repairs > 1;  // the first try has failed
  }));
  written.backend.set(written.backend.repairs_may_end, false);
  std::this_thread::sleep_for(10ms);
  for (int i = 0; i < 3; ++i) {
    auto refused = written.append("b");
    REQUIRE(refused.wait_for(1s) == std::future_status::ready);
    CHECK(refused.get().error().code == ProblemCode::kInternal);
  }
  CHECK_FALSE(written.writer->append_and_wait(StoredEvent{}));
  CHECK_FALSE(written.writer->between_groups([] { return Expected<std::uint64_t>(0); }));
  CHECK(written.writer->plan(plan("p")));  // kept: it may have been dispatched
  written.backend.set(written.backend.fails, false);
  written.backend.set(written.backend.repairs_may_end, true);
  CHECK(Written::soon([&] { return written.writer->healthy(); }));
  CHECK(written.append("c").get());
  CHECK(written.backend.plans == std::vector<std::string>{"p"});
}

TEST_CASE("a write that took long to fail takes with it what waited meanwhile", "[store][group]") {
  Written written;
  auto first = written.hold_up();
  auto second = written.append("b");
  std::this_thread::sleep_for(1'100ms);
  written.backend.set(written.backend.repairs_may_end, false);
  written.backend.set(written.backend.fails, true);
  written.backend.set(written.backend.gate_is_open, true);
  for (auto* refused : {&first, &second}) {
    REQUIRE(refused->wait_for(1s) == std::future_status::ready);
    CHECK_FALSE(refused->get());
  }
  written.backend.set(written.backend.repairs_may_end, true);
}

TEST_CASE("a database that a reader gets no answer from is doubted until it is whole", "[store][group]") {
  Written written;
  written.backend.set(written.backend.fails, true);
  written.writer->doubt({ProblemCode::kInternal, "reader", "no answer"});
  CHECK_FALSE(written.writer->healthy());
  CHECK_FALSE(written.append("a").get());
  CHECK(written.backend.begun == 0);
  written.backend.set(written.backend.fails, false);
  CHECK(Written::soon([&] { return written.writer->healthy(); }));
  CHECK(written.append("a").get().value() == 0);
  CHECK(written.failures == 1);
  CHECK(written.recoveries == 1);
}

TEST_CASE("a backend that has lost what was answered is not written to", "[store][group]") {
  Written written;
  REQUIRE(written.append("a").get());
  written.backend.set(written.backend.fails, true);
  CHECK_FALSE(written.append("b").get());
  CHECK_FALSE(written.writer->has_lost_records());
  written.backend.set(written.backend.has_lost, true);
  written.backend.set(written.backend.fails, false);
  CHECK(Written::soon([&] { return written.writer->has_lost_records(); }));
  CHECK_FALSE(written.writer->healthy());
  CHECK(written.writer->fault() == "it has 1 leaves, and had 2");
  CHECK_FALSE(written.append("c").get());
  CHECK(written.recoveries == 0);
  written.backend.set(written.backend.has_lost, false);
  CHECK(Written::soon([&] { return written.writer->healthy(); }));
  CHECK_FALSE(written.writer->has_lost_records());
}

TEST_CASE("plans that were refused are written when the backend is whole again", "[store][group]") {
  Written written;
  written.backend.set(written.backend.fails, true);
  CHECK(written.writer->plan(plan("p1")));
  CHECK(Written::soon([&] { return !written.writer->healthy(); }));
  CHECK(written.writer->plan(plan("p2")));
  std::this_thread::sleep_for(10ms);
  written.backend.set(written.backend.fails, false);
  CHECK(Written::soon([&] { return written.writer->healthy(); }));
  written.writer.reset();
  CHECK(written.backend.plans == std::vector<std::string>{"p1", "p2"});
}

TEST_CASE("plans alone are not waited for, and are kept until something durable follows", "[store][group]") {
  Written written;
  CHECK(written.writer->plan(plan("p1")));
  CHECK(Written::soon([&] {
    const std::lock_guard lock(written.backend.mutex);
    return written.backend.plans.size() == 1;
  }));
  CHECK(written.backend.groups_that_were_not_durable == 1);
  SECTION("a failure before that: they are written again") {
    written.backend.set(written.backend.fails, true);
    CHECK_FALSE(written.append("a").get());
    written.backend.set(written.backend.fails, false);
    CHECK(Written::soon([&] { return written.writer->healthy(); }));
    CHECK(written.backend.plans == std::vector<std::string>{"p1", "p1"});
  }
  SECTION("a failure after that: they are not") {
    REQUIRE(written.append("a").get());
    written.backend.set(written.backend.fails, true);
    CHECK_FALSE(written.append("b").get());
    written.backend.set(written.backend.fails, false);
    CHECK(Written::soon([&] { return written.writer->healthy(); }));
    CHECK(written.backend.plans == std::vector<std::string>{"p1"});
  }
}

TEST_CASE("a plan whose record is in the same group is not written", "[store][group]") {
  Written written;
  auto first = written.hold_up();
  CHECK(written.writer->plan(plan("a")));
  CHECK(written.writer->plan(plan("other")));
  auto second = written.append("a");
  std::this_thread::sleep_for(10ms);
  written.backend.set(written.backend.gate_is_open, true);
  REQUIRE(first.get());
  REQUIRE(second.get());
  CHECK(written.backend.plans == std::vector<std::string>{"other"});
}

TEST_CASE("tidying that fails is a failure of the store, and no answer is taken back", "[store][group]") {
  Written written;
  written.backend.set(written.backend.tidy_fails, true);
  CHECK(written.append("a").get());
  CHECK(Written::soon([&] { return written.failures == 1; }));
  CHECK(Written::soon([&] { return written.writer->healthy(); }));
}

TEST_CASE("a task runs between two groups, and is refused while the store cannot be written", "[store][group]") {
  Written written;
  CHECK(written.writer->between_groups([] { return Expected<std::uint64_t>(7); }).value() == 7);
  const auto bad = written.writer->between_groups(
      []() -> Expected<std::uint64_t> { return fail(ProblemCode::kInvalidArgument, "task", "no"); });
  CHECK_FALSE(bad);
  CHECK(written.writer->healthy());

  written.backend.set(written.backend.fails, true);
  const auto broken = written.writer->between_groups(
      []() -> Expected<std::uint64_t> { return fail(ProblemCode::kInternal, "task", "the disk is full"); });
  CHECK_FALSE(broken);
  CHECK_FALSE(written.writer->healthy());
  std::atomic<bool> ran = false;
  CHECK_FALSE(written.writer->between_groups([&] {
    ran = true;
    return Expected<std::uint64_t>(0);
  }));
  CHECK_FALSE(ran);
}

TEST_CASE("over its bound the queue takes nothing more, and says so at once", "[store][group]") {
  Written written;
  auto first = written.hold_up();
  std::size_t taken = 0;
  while (written.writer->plan(plan("more"))) ++taken;
  CHECK(taken == kMaxQueuedWrites);
  const auto refused = written.append("a").get();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ProblemCode::kOverloaded);
  CHECK(written.writer->append_and_wait(StoredEvent{}).error().code == ProblemCode::kOverloaded);
  written.backend.set(written.backend.gate_is_open, true);
  CHECK(first.get());
}
