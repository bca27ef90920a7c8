// The store on a disk that refuses: nothing refused is ever answered or found, and it comes back by itself.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "coordinator/audit/sqlite.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/log_check.hpp"
#include "tests/support/lossy_vfs.hpp"
#include "tests/support/store_on_disk.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace mpic::test;

namespace {

using namespace std::chrono_literals;

// A store with a short memory, and what it told of its health.
struct Watched {
  explicit Watched(const Folder& folder, const std::string& vfs) {
    SqliteOptions options;
    options.vfs = vfs;
    options.writer.probe_pause = 2ms;
    options.patience = 50ms;
    options.checkpoint_pages = 12;  // a checkpoint every few groups
    options.writer.on_health = [this](bool healthy, const std::string& why) {
      ++(healthy ? recoveries : failures);
      if (!healthy && why.empty()) unexplained = true;
    };
    store = SqliteStore::open(folder.file(), kLog, options).value();
  }

  // A checkpoint fails after the answers that it follows.
  bool has_noticed() const {
    return soon([this] { return failures > 0; });
  }
  bool recovers() const {
    return soon([this] { return store->healthy(); });
  }
  static bool soon(const std::function<bool()>& condition) {
    for (int i = 0; i < 1'000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(2ms);
    }
    return false;
  }

  std::atomic<int> failures{0};
  std::atomic<int> recoveries{0};
  std::atomic<bool> unexplained{false};
  std::unique_ptr<SqliteStore> store;  // last: it tells the others
};

struct Kind {
  const char* name;
  DiskFault what;
  int code;
};
constexpr Kind kKinds[] = {{"the disk is full", DiskFault::kWrites, SQLITE_FULL},
                           {"writes fail", DiskFault::kWrites, SQLITE_IOERR_WRITE},
                           {"syncs fail", DiskFault::kSyncs, SQLITE_IOERR_FSYNC}};

struct Asked {
  std::string id;
  Expected<std::uint64_t> result;
};

// Several at once, each with its plan.
std::vector<Asked> ask(SqliteStore& store, const std::string& prefix) {
  std::vector<Asked> asked(4);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    asked[i].id = prefix + std::to_string(i);
    (void)store.plan(plan_of(asked[i].id));
    threads.emplace_back([&store, &one = asked[i]] { one.result = append(store, record_of(one.id)); });
  }
  for (std::thread& thread : threads) thread.join();
  return asked;
}

// There is a moment without a reader while the file is opened anew.
Expected<std::optional<StoredRecord>> find(SqliteStore& store, const std::string& id) {
  auto found = store.find(id);
  Watched::soon([&] { return (found = store.find(id)).has_value(); });
  return found;
}

// Answered means whole; refused means not there. `refused_may_be`: its fate is not known yet, but it is never a half.
void check(SqliteStore& store, const std::vector<Asked>& asked, bool refused_may_be) {
  for (const Asked& one : asked) {
    const auto found = find(store, one.id);
    REQUIRE(found);
    if (one.result || (refused_may_be && *found)) {
      CHECK(fault_of(found, one.id).value_or("") == "");
    } else {
      CHECK(one.result.error().code == ProblemCode::kInternal);
      CHECK_FALSE(found->has_value());
    }
  }
}

// `step`: in turn nothing, some and all of what was not synced is kept.
void check_after_power_loss(LossyVfs& disk, int step, const std::vector<Asked>& asked, bool refused_may_be) {
  const DiskImage image = disk.after_power_loss(step % 3 * 0.5);
  const Folder elsewhere;
  image.write_to(elsewhere.path());
  LossyVfs good(1);
  const Watched after(elsewhere, good.name());
  check(*after.store, asked, refused_may_be);
  CHECK(faults_of_log(*read_sqlite(elsewhere.file()).value(), after.store->tree_head()) == std::vector<std::string>{});
}

bool is_planned(SqliteStore& store, const std::string& id) {
  const auto plans = store.open_plans();
  return std::any_of(plans->begin(), plans->end(), [&](const StoredPlan& plan) { return plan.record_id == id; });
}

}  // namespace

TEST_CASE("a disk that refuses any step of any group", "[store][durable]") {
  const Kind kind = kKinds[GENERATE(0, 1, 2)];
  const int count = GENERATE(1, 1'000'000);  // once, or from then on
  INFO(kind.name << (count == 1 ? ", once" : ", and go on to fail"));
  bool reached = true;
  int steps = 0;
  for (; reached && steps < 200; ++steps) {
    INFO("step " << steps);
    const Folder folder;
    LossyVfs disk(static_cast<std::uint64_t>(steps));
    Watched watched(folder, disk.name());
    SqliteStore& store = *watched.store;
    std::vector<Asked> asked = ask(store, "before");
    disk.fail(kind.what, kind.code, steps, count);
    for (const char* prefix : {"during", "still"}) {
      for (Asked& one : ask(store, prefix)) asked.push_back(std::move(one));
    }
    check(store, asked, false);
    if (count != 1) check_after_power_loss(disk, steps, asked, true);

    disk.heal();
    reached = disk.failed() != 0;
    if (reached) REQUIRE(watched.has_noticed());
    REQUIRE(watched.recovers());
    for (Asked& one : ask(store, "after")) asked.push_back(std::move(one));
    CHECK(asked.back().result);
    CHECK(watched.recoveries == watched.failures);
    CHECK_FALSE(watched.unexplained);
    check(store, asked, false);
    CHECK(faults_of_log(*read_sqlite(folder.file()).value(), store.tree_head()) == std::vector<std::string>{});
    check_after_power_loss(disk, steps, asked, false);
    for (const Asked& one : asked) CHECK(is_planned(store, one.id) == !one.result);  // its next start closes it
  }
  CHECK(steps > 5);
  CHECK_FALSE(reached);  // every step was failed
}

// Linux says once that a sync failed; what it could not write it forgets, and the next sync of the same file is good.
TEST_CASE("after a failed sync nothing durable rests on what the disk forgot", "[store][durable]") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(1, 21)));
  const Folder folder;
  LossyVfs disk(seed);
  {
    SqliteOptions options;
    options.vfs = disk.name();
    const auto store = SqliteStore::open(folder.file(), kLog, options).value();
    REQUIRE(append(*store, record_of("r1")));
    CHECK(store->plan(plan_of("r2")));  // committed, not synced: nobody waits for it
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    disk.fail(DiskFault::kSyncs, SQLITE_IOERR_FSYNC, 0, 1);
    CHECK_FALSE(append(*store, record_of("r2")));
    REQUIRE(append(*store, record_of("r3")));
    const DiskImage image = disk.after_power_loss(0);
    const Folder elsewhere;
    image.write_to(elsewhere.path());
    const auto after = SqliteStore::open(elsewhere.file(), kLog, options).value();
    INFO("seed " << seed);
    CHECK(fault_of(after->find("r1"), "r1").value_or("") == "");
    CHECK(fault_of(after->find("r3"), "r3").value_or("") == "");
    CHECK_FALSE(after->find("r2").value());
  }
}

TEST_CASE("a snapshot is durable when it is kept, whatever was written before", "[store][durable]") {
  const Folder folder;
  LossyVfs disk(1);
  const Watched watched(folder, disk.name());
  CHECK(watched.store->plan(plan_of("r1")));
  std::this_thread::sleep_for(5ms);  // the last commit was not synced
  REQUIRE(watched.store->keep_snapshot(evidence::sha256("the snapshot"), "the snapshot"));
  const DiskImage image = disk.after_power_loss(0);
  const Folder elsewhere;
  image.write_to(elsewhere.path());
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(elsewhere.file().c_str(), &database) == SQLITE_OK);
  {
    Statement snapshot(database, "SELECT body FROM snapshots");
    REQUIRE(snapshot.step() == SQLITE_ROW);
    CHECK(snapshot.column(0) == "the snapshot");
  }
  sqlite3_close(database);
}

TEST_CASE("nothing is answered from a file that was moved away", "[store][durable]") {
  const std::string suffix = GENERATE("", "-wal");
  const Folder folder;
  const Watched watched(folder, "");
  REQUIRE(append(*watched.store, record_of("r1")));
  const std::string name = folder.file().string() + suffix;
  std::filesystem::rename(name, name + ".old");
  const auto refused = append(*watched.store, record_of("r2"));
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().detail, Catch::Matchers::Contains(name) && Catch::Matchers::Contains("moved"));
  CHECK_FALSE(watched.store->healthy());
  std::this_thread::sleep_for(20ms);
  CHECK_FALSE(watched.store->healthy());
  CHECK_FALSE(std::filesystem::exists(name));  // no new one is begun in its place
  std::filesystem::rename(name + ".old", name);
  CHECK(watched.recovers());
  CHECK(append(*watched.store, record_of("r2")));
  CHECK(fault_of(watched.store->find("r1"), "r1").value_or("") == "");
}

TEST_CASE("a file that has lost answered records is not written to", "[store][durable]") {
  struct Row {
    const char* what;
    const char* lose;
    const char* find_again;
    const char* told;
  };
  const Row rows[] = {
      {"an older copy of it was put in its place", "DELETE FROM leaves WHERE idx = 2",
       "INSERT INTO leaves SELECT * FROM kept WHERE idx = 2", "it has 2 leaves, and had 3"},
      {"an empty one was", "DELETE FROM leaves", "INSERT INTO leaves SELECT * FROM kept", "it has 0 leaves, and had 3"},
      {"its last leaf is another", "UPDATE leaves SET body_sha256 = zeroblob(32) WHERE idx = 2",
       "REPLACE INTO leaves SELECT * FROM kept", "its first 3 leaves are others"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.what) {
      const Folder folder;
      const Watched watched(folder, "");
      for (const char* id : {"r1", "r2", "r3"}) REQUIRE(append(*watched.store, record_of(id)));
      const TreeHead answered = watched.store->tree_head();
      sqlite3* other = nullptr;
      REQUIRE(sqlite3_open(folder.file().c_str(), &other) == SQLITE_OK);
      REQUIRE(execute(other, "BEGIN IMMEDIATE"));
      REQUIRE(execute(other, "CREATE TABLE kept AS SELECT * FROM leaves"));
      REQUIRE(execute(other, row.lose));
      CHECK_FALSE(append(*watched.store, record_of("r4")));  // its file is locked: a failure as any other
      REQUIRE(execute(other, "COMMIT"));
      CHECK(Watched::soon([&] { return watched.store->has_lost_records(); }));
      CHECK_FALSE(append(*watched.store, record_of("r5")));
      CHECK_FALSE(watched.store->healthy());
      CHECK_THAT(watched.store->fault(),
                 Catch::Matchers::Contains("lost records that were answered") && Catch::Matchers::Contains(row.told));
      CHECK(watched.store->tree_head().root == answered.root);
      while (!execute(other, row.find_again)) std::this_thread::sleep_for(1ms);  // between two tries
      REQUIRE(watched.recovers());
      CHECK_FALSE(watched.store->has_lost_records());
      CHECK(append(*watched.store, record_of("r6")).value() == 3);
      sqlite3_close(other);
    }
}

TEST_CASE("a file that another program holds is waited for, then refused, then used again", "[store][durable]") {
  const Folder folder;
  const Watched watched(folder, "");
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(folder.file().c_str(), &other) == SQLITE_OK);
  REQUIRE(execute(other, "BEGIN IMMEDIATE"));
  const auto refused = append(*watched.store, record_of("r1"));
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().detail, Catch::Matchers::Contains("locked"));
  CHECK_FALSE(watched.store->healthy());
  CHECK_THAT(watched.store->fault(), Catch::Matchers::Contains("locked"));
  REQUIRE(execute(other, "ROLLBACK"));
  sqlite3_close(other);
  CHECK(watched.recovers());
  CHECK(watched.store->fault().empty());
  CHECK(append(*watched.store, record_of("r2")));
  CHECK_FALSE(watched.store->find("r1").value());
}
