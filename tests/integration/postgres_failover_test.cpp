// The record store beside a PostgreSQL server that is replaced by an older one, stalls, or loses sight of a dead host.
#include <atomic>
#include <thread>

#include "coordinator/audit/postgres_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/log_check.hpp"
#include "tests/support/postgres_server.hpp"

namespace mpic::coordinator {
namespace {

using namespace test;
using namespace std::chrono_literals;
using Catch::Contains;

bool is_there() {
  if (!PostgresServer::is_installed()) {
    WARN("PostgreSQL is not installed, so its store is NOT tested: apt-get install postgresql");
  }
  return PostgresServer::is_installed();
}

constexpr auto kPatience = 1s;
constexpr auto kRefused = kPatience + 2s;  // by then a stalled server has been given up

// A store, and what it told of its health.
struct Watched {
  explicit Watched(const PostgresServer& server) {
    PostgresOptions options;
    options.patience = kPatience;
    options.writer.probe_pause = 50ms;
    options.writer.on_health = [this](bool healthy, const std::string&) { ++(healthy ? recoveries : failures); };
    store = PostgresStore::open(server.connection(), kLog, options).value();
  }

  std::atomic<int> failures{0};
  std::atomic<int> recoveries{0};
  std::unique_ptr<PostgresStore> store;  // last: it tells the others
};

template <class Condition>
bool comes(const Condition& condition, std::chrono::milliseconds within = 10s) {
  const auto end = std::chrono::steady_clock::now() + within;
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return true;
    std::this_thread::sleep_for(25ms);
  }
  return false;
}

template <class Do>
std::chrono::steady_clock::duration time_of(const Do& action) {
  const auto began = std::chrono::steady_clock::now();
  action();
  return std::chrono::steady_clock::now() - began;
}

std::unique_ptr<PgConnection> administrator(const PostgresServer& server) {
  auto out = PgConnection::connect(server.connection() + " application_name=administrator", 20s).value();
  REQUIRE(out->run("SET synchronous_commit = local"));
  return out;
}

// Of the coordinator's connections, `how` ends or cancels what they do; the number of them.
std::size_t to_all(PgConnection& administrator, const std::string& how, const std::string& which = "true") {
  const auto done =
      administrator.run("SELECT " + how + "(pid) FROM pg_stat_activity WHERE application_name = 'mpic' AND " + which);
  REQUIRE(done);
  return done->size();
}

void set(PgConnection& administrator, const std::string& setting) {
  REQUIRE(administrator.run("ALTER SYSTEM " + setting));
  REQUIRE(administrator.run("SELECT pg_reload_conf()"));
}

// As the server would wait for a synchronous standby that is away.
constexpr const char* kStandbyAway = "SET synchronous_standby_names = 'away'";
constexpr const char* kNoStandby = "RESET synchronous_standby_names";

std::vector<std::string> faults(const PostgresServer& server, const PostgresStore& store) {
  const auto reader = read_postgres(server.connection(), kLog);
  REQUIRE(reader);
  return faults_of_log(**reader, store.tree_head());
}

}  // namespace

TEST_CASE("a database that has lost answered records is not written to", "[postgres]") {
  if (!is_there()) return;
  struct Row {
    const char* what;
    const char* lose;
    const char* find_again;
    const char* told;
  };
  const Row rows[] = {
      {"a standby had not got the last", "UPDATE leaves SET log = 2 WHERE log = 1 AND idx = 2",
       "UPDATE leaves SET log = 1 WHERE log = 2", "it has 2 leaves, and had 3"},
      {"it is from before all of them", "UPDATE leaves SET log = 2 WHERE log = 1",
       "UPDATE leaves SET log = 1 WHERE log = 2", "it has 0 leaves, and had 3"},
      {"its last leaf is another",
       "UPDATE leaves SET body_sha256 = overlay(body_sha256 PLACING '\\xffff' FROM 40) WHERE log = 1 AND idx = 2",
       "UPDATE leaves SET body_sha256 = substr(body_sha256, 1, 32) WHERE log = 1 AND idx = 2",
       "its first 3 leaves are others"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.what) {
      const PostgresServer server;
      const Watched watched(server);
      PostgresStore& store = *watched.store;
      for (const char* id : {"a", "b", "c"}) REQUIRE(append(store, record_of(id)));
      const TreeHead answered = store.tree_head();
      const auto admin = administrator(server);
      REQUIRE(admin->run("INSERT INTO logs (origin) VALUES ('elsewhere')"));
      REQUIRE(admin->run(row.lose));
      CHECK(to_all(*admin, "pg_terminate_backend") == 1);

      CHECK(comes([&] {
        (void)append(store, record_of("d"));
        return store.has_lost_records();
      }));
      CHECK_FALSE(store.healthy());
      CHECK_THAT(store.fault(), Contains("lost records that were answered") && Contains(row.told));
      CHECK(watched.recoveries == 0);
      CHECK(store.tree_head().root == answered.root);
      CHECK(admin->run("SELECT count(*) FROM records WHERE record_id = 'd'")->number(0, 0) == 0);

      REQUIRE(admin->run(row.find_again));
      CHECK(comes([&] { return store.healthy(); }));
      CHECK_FALSE(store.has_lost_records());
      CHECK(append(store, record_of("e")) == std::uint64_t{3});
      CHECK(faults(server, store).empty());
    }
}

TEST_CASE("a server that stands still is given up, and used again when it goes on", "[postgres]") {
  if (!is_there()) return;
  PostgresServer server;
  const Watched watched(server);
  PostgresStore& store = *watched.store;
  REQUIRE(append(store, record_of("a")));
  REQUIRE(store.find("a"));
  server.stand_still();
  SECTION("what is written is refused") {
    CHECK(time_of([&] { CHECK_FALSE(append(store, record_of("b"))); }) < kRefused);
    CHECK_FALSE(store.healthy());
    CHECK_THAT(store.fault(), Contains("no answer"));
    CHECK(time_of([&] {
            CHECK_FALSE(append(store, record_of("c")));
            CHECK_FALSE(store.append_event({"an event", TimePoint()}));
            CHECK_FALSE(store.prune(1, 1));
            CHECK_FALSE(store.find_request("tester", "request of a"));
          }) < 500ms);
  }
  SECTION("what is read is refused, and nothing is written any more") {
    CHECK(time_of([&] { CHECK_FALSE(store.find("a")); }) < kRefused);
    CHECK_FALSE(store.healthy());
    CHECK(time_of([&] { CHECK_FALSE(append(store, record_of("b"))); }) < 500ms);
  }
  server.resume();
  CHECK(comes([&] { return store.healthy(); }));
  CHECK(watched.failures == 1);
  CHECK(append(store, record_of("z")));
  CHECK_FALSE(fault_of(store.find("a"), "a"));
  CHECK(faults(server, store).empty());
}

TEST_CASE("a store ends although its server stands still", "[postgres]") {
  if (!is_there()) return;
  PostgresServer server;
  auto watched = std::make_unique<Watched>(server);
  REQUIRE(append(*watched->store, record_of("a")));
  server.stand_still();
  CHECK(watched->store->plan(plan_of("b")));  // which is being written when it ends
  CHECK(time_of([&] { watched.reset(); }) < 10s);
}

TEST_CASE("nothing is answered that a synchronous standby has not got", "[postgres]") {
  if (!is_there()) return;
  const PostgresServer server;
  const Watched watched(server);
  PostgresStore& store = *watched.store;
  REQUIRE(append(store, record_of("a")));
  const auto admin = administrator(server);
  set(*admin, kStandbyAway);
  CHECK(comes([&] { return admin->run("SHOW synchronous_standby_names")->text(0, 0) == "away"; }));
  SECTION("the commit is given up") {
    CHECK(time_of([&] { CHECK_FALSE(append(store, record_of("b"))); }) < kRefused);
    CHECK(time_of([&] { CHECK_FALSE(append(store, record_of("c"))); }) < 500ms);
    // Neither while its last session has the log, nor after.
    CHECK_FALSE(comes([&] { return store.healthy(); }, 500ms));
    CHECK(to_all(*admin, "pg_terminate_backend", "wait_event = 'SyncRep'") > 0);
    CHECK_FALSE(comes([&] { return store.healthy(); }, 2s));
  }
  SECTION("somebody cancels its waiting, and the server says that it has committed") {
    std::thread canceller([&] {
      CHECK(comes([&] { return to_all(*admin, "pg_cancel_backend", "wait_event = 'SyncRep'") > 0; }, kPatience));
    });
    CHECK_FALSE(append(store, record_of("b")));
    canceller.join();
    CHECK_FALSE(comes([&] { return store.healthy(); }, 500ms));
  }
  CHECK(watched.recoveries == 0);
  set(*admin, kNoStandby);
  CHECK(comes([&] { return store.healthy(); }));
  CHECK(append(store, record_of("z")));
  CHECK_FALSE(fault_of(store.find("b"), "b"));  // as somebody who asks again is told
  CHECK(faults(server, store).empty());
}

TEST_CASE("a server notices within seconds that a coordinator's host is dead", "[postgres]") {
  if (!is_there()) return;
  const PostgresServer server(PostgresServer::Reach::kLoopbackToo);
  const auto connected = PgConnection::connect(server.loopback_connection(), 5s);
  REQUIRE(connected);
  struct Row {
    const char* setting;
    const char* value;
  };
  const Row rows[] = {{"tcp_keepalives_idle", "5"},
                      {"tcp_keepalives_interval", "2"},
                      {"tcp_keepalives_count", "3"},
                      {"tcp_user_timeout", "8000"}};  // as the kernel has it for this connection
  for (const Row& row : rows) DYNAMIC_SECTION(row.setting) {
      CHECK((*connected)->run(std::string("SHOW ") + row.setting)->text(0, 0) == row.value);
    }
  CHECK(PgConnection::connect(server.connection(), 5s));  // where there is nothing to be set
}

}  // namespace mpic::coordinator
