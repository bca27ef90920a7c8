// The record store in a real PostgreSQL server.
#include "coordinator/audit/postgres_store.hpp"

#include <atomic>
#include <thread>

#include "coordinator/audit/postgres_schema.hpp"
#include "coordinator/audit/verification.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/live_log.hpp"
#include "tests/support/log_check.hpp"
#include "tests/support/log_on_disk.hpp"
#include "tests/support/postgres_server.hpp"

namespace mpic::coordinator {
namespace {

using namespace test;
using namespace std::chrono_literals;

constexpr const char* kMissing = "PostgreSQL is not installed, so its store is NOT tested: apt-get install postgresql";

bool is_there() {
  if (!PostgresServer::is_installed()) WARN(kMissing);
  return PostgresServer::is_installed();
}

PostgresOptions impatient() {
  PostgresOptions options;
  options.writer.probe_pause = 50ms;
  return options;
}

std::unique_ptr<PostgresStore> opened(const PostgresServer& server, const std::string& origin = kLog) {
  auto store = PostgresStore::open(server.connection(), origin, impatient());
  if (!store) FAIL(store.error().detail);
  return *std::move(store);
}

std::string refusal(const PostgresServer& server, const std::string& origin = kLog) {
  const auto store = PostgresStore::open(server.connection(), origin, impatient());
  return store ? "" : store.error().detail;
}

template <class Condition>
bool comes(const Condition& condition) {
  for (int i = 0; i < 400; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(25ms);
  }
  return false;
}

}  // namespace

TEST_CASE("a log in PostgreSQL is whole, is read by an auditor, and goes on after a restart", "[postgres]") {
  if (!is_there()) return;
  const PostgresServer server;
  SampleLog log = sample_log(20, 250);
  {
    const auto store = opened(server, log.origin);
    write_leaves(*store, log, {log.checkpoint});
    CHECK(store->tree_head().size == log.leaves.size());
    CHECK(store->tree_head().root == log.tree.tree().root());
    const auto id = std::string("000102030405060708090a0b0c0d0e0f");
    const auto record = store->find(id);
    REQUIRE(record);
    REQUIRE(*record);
    CHECK((*record)->addenda.size() == 1);
    CHECK((*record)->leaf == (*store->find_request("pipeline", "order-17/www"))->leaf);
    CHECK(refusal(server, log.origin).find("another coordinator writes the log") != std::string::npos);
  }
  const auto again = opened(server, log.origin);
  CHECK(again->tree_head().root == log.tree.tree().root());

  const auto reader = read_postgres(server.connection(), "");
  REQUIRE(reader);
  VerifyOptions options;
  options.log_keys = {evidence::NoteVerifier::from_vkey(log.vkey).value()};
  options.checkpoints = {log.checkpoint};
  const auto report = verify_log(**reader, options);
  REQUIRE(report);
  for (const Fault& fault : report->faults) UNSCOPED_INFO(fault.place << ": " << fault.why);
  CHECK(report->faults.empty());
  CHECK(report->records == 20);
  CHECK(report->covered == log.leaves.size());

  RecordQuery query;
  query.identifier = "*.example.com";
  CHECK((*reader)->find(query)->size() == 20);
  query.identifier = "www.example.com";
  query.perspective = "pdx";
  query.outcome = "contradicts";
  CHECK((*reader)->find(query)->size() == 4);
  query.most = 2;
  CHECK((*reader)->find(query)->size() == 2);
}

TEST_CASE("a log in PostgreSQL that is written while it is verified is whole", "[postgres]") {
  if (!is_there()) return;
  const PostgresServer server;
  SampleLog log = sample_log(10, 1'100);
  const auto store = opened(server, log.origin);
  write_leaves(*store, log, {log.checkpoint});
  const auto open = [&] { return read_postgres(server.connection(), ""); };
  for (const std::string& fault : faults_while_it_grows(*store, log, open)) FAIL_CHECK(fault);
  for (const std::string& fault : faults_while_it_is_pruned(*store, log, open)) FAIL_CHECK(fault);
}

TEST_CASE("rows in PostgreSQL that are no leaf of the log are told, with their place", "[postgres]") {
  if (!is_there()) return;
  const PostgresServer server;
  const SampleLog log = sample_log(1, 1);
  write_leaves(*opened(server, log.origin), log, {log.checkpoint});
  const auto connection = PgConnection::connect(server.connection(), 10s).value();
  VerifyOptions options;
  options.log_keys = {evidence::NoteVerifier::from_vkey(log.vkey).value()};
  struct Row {
    const char* what;
    const char* sql;
    const char* undo;
    const char* place;
  };
  const Row rows[] = {
      {"a record beyond the end",
       "INSERT INTO records SELECT log, 90, 'r', client, 'x', '', identifier, verdict, 1, 1, body, statement FROM "
       "records",
       "DELETE FROM records WHERE leaf = 90", "leaf 90 of the table records"},
      {"a record where an addendum would stand",
       "INSERT INTO records SELECT log, 0, 'r', client, 'x', '', identifier, verdict, 1, 1, body, statement FROM "
       "records",
       "DELETE FROM records WHERE leaf = 0", "leaf 0 of the table records"},
      {"attempts of nothing", "INSERT INTO attempts SELECT log, -7, 0, '', '', '', '', '', '', '' FROM logs",
       "DELETE FROM attempts WHERE leaf = -7", "leaf -7 of the table attempts"},
      {"an attempt before the first", "INSERT INTO attempts SELECT log, 2, -1, '', '', '', '', '', '', '' FROM logs",
       "DELETE FROM attempts WHERE n = -1", "leaf 2, record"},
      {"an attempt far beyond the last",
       "INSERT INTO attempts SELECT log, 2, 2000000000, '', '', '', '', '', '', '' FROM logs",
       "DELETE FROM attempts WHERE n = 2000000000", "leaf 2, record"},
      {"a leaf before the first", "INSERT INTO leaves SELECT log, -3, 1, 'x' FROM logs",
       "DELETE FROM leaves WHERE idx = -3", "leaf -3 of the table leaves"},
      {"a leaf that is gone", "UPDATE leaves SET idx = 99 WHERE idx = 1", "UPDATE leaves SET idx = 1 WHERE idx = 99",
       "leaf 2, record"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    REQUIRE(connection->run(row.sql));
    const auto report = verify_log(**read_postgres(server.connection(), ""), options);
    REQUIRE(connection->run(row.undo));
    REQUIRE(report);
    std::string told;
    for (const Fault& fault : report->faults) told += fault.place + ": " + fault.why + "\n";
    CHECK_THAT(told, Catch::Contains(row.place));
  }
  CHECK(verify_log(**read_postgres(server.connection(), ""), options)->faults.empty());
}

TEST_CASE("two logs in one database do not see each other", "[postgres]") {
  if (!is_there()) return;
  const PostgresServer server;
  const auto one = opened(server, "mpic.test/one");
  const auto other = opened(server, "mpic.test/other");
  CHECK(append(*one, record_of("a")) == std::uint64_t{0});
  CHECK(append(*other, record_of("a")) == std::uint64_t{0});
  CHECK(append(*other, record_of("b")) == std::uint64_t{1});
  CHECK_FALSE(fault_of(one->find("a"), "a"));
  CHECK(fault_of(one->find("b"), "b"));
  const auto several = read_postgres(server.connection(), "");
  REQUIRE_FALSE(several);
  CHECK_THAT(several.error().detail, Catch::Contains("mpic.test/one, mpic.test/other"));
}

TEST_CASE("an id that is there already is refused, and its neighbours are written", "[postgres]") {
  if (!is_there()) return;
  const PostgresServer server;
  const auto store = opened(server);
  CHECK(append(*store, record_of("a")));
  const auto twice = append(*store, record_of("a"));
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == ProblemCode::kInvalidArgument);
  CHECK(store->healthy());
  CHECK(append(*store, record_of("b")) == std::uint64_t{1});
  const auto reader = read_postgres(server.connection(), "");
  CHECK(faults_of_log(**reader, store->tree_head()).empty());
}

TEST_CASE("bodies are pruned and the tree stays", "[postgres]") {
  if (!is_there()) return;
  const PostgresServer server;
  const auto store = opened(server);
  for (const char* id : {"a", "b", "c"}) REQUIRE(append(*store, record_of(id)));
  const TreeHead before = store->tree_head();
  CHECK(store->prune(2, 1) == std::size_t{1});
  CHECK(store->prune(2, 10) == std::size_t{1});
  CHECK(store->prune(2, 10) == std::size_t{0});
  CHECK((*store->find("a"))->body.empty());
  CHECK((*store->find("a"))->rows.empty());
  CHECK_FALSE(fault_of(store->find("c"), "c"));
  CHECK(store->tree_head().root == before.root);
}

TEST_CASE("no answered record is missing after the server has crashed in the middle, again and again", "[postgres]") {
  if (!is_there()) return;
  PostgresServer server;
  std::vector<std::string> answered;
  std::mutex mutex;
  std::atomic<bool> stop{false};
  {
    const auto store = opened(server);
    std::vector<std::thread> clients;
    for (int client = 0; client < 4; ++client) {
      clients.emplace_back([&, client] {
        for (int number = 0; !stop; ++number) {
          const std::string id = std::to_string(client) + "-" + std::to_string(number);
          if (!store->plan(plan_of(id))) continue;
          if (append(*store, record_of(id))) {
            const std::lock_guard lock(mutex);
            answered.push_back(id);
          } else {
            std::this_thread::sleep_for(10ms);
          }
        }
      });
    }
    for (int round = 0; round < 5; ++round) {
      std::this_thread::sleep_for(200ms);
      server.crash_and_start();
      CHECK(comes([&] { return store->healthy(); }));
    }
    std::this_thread::sleep_for(200ms);
    stop = true;
    for (std::thread& client : clients) client.join();
    const auto reader = read_postgres(server.connection(), "");
    REQUIRE(reader);
    CHECK(faults_of_log(**reader, store->tree_head()).empty());
    for (const std::string& id : answered) {
      const auto fault = fault_of(store->find(id), id);
      if (fault) FAIL_CHECK(*fault);
    }
  }
  CHECK(answered.size() > 100);
  const auto again = opened(server);  // and it opens by itself
  CHECK(again->tree_head().size >= answered.size());
}

TEST_CASE("while the server is away everything is refused at once, and why is told", "[postgres]") {
  if (!is_there()) return;
  PostgresServer server;
  const auto store = opened(server);
  REQUIRE(append(*store, record_of("a")));
  server.stop_hard();
  CHECK_FALSE(append(*store, record_of("b")));
  CHECK(comes([&] { return !store->healthy(); }));
  CHECK_FALSE(store->fault().empty());
  const auto began = std::chrono::steady_clock::now();
  CHECK_FALSE(store->find_request("tester", "request of a"));
  CHECK(std::chrono::steady_clock::now() - began < 500ms);
  server.start();
  CHECK(comes([&] { return store->healthy(); }));
  CHECK(append(*store, record_of("c")));
  CHECK_FALSE(fault_of(store->find("a"), "a"));
}

TEST_CASE("what could be lost or overheard is refused at the start", "[postgres]") {
  if (!is_there()) return;
  const PostgresServer server;
  {
    const auto admin = PgConnection::connect(server.connection(), 5s).value();
    REQUIRE(admin->run("ALTER SYSTEM SET full_page_writes = off"));
    REQUIRE(admin->run("SELECT pg_reload_conf()"));
    CHECK(comes([&] { return admin->run("SHOW full_page_writes")->text(0, 0) == "off"; }));
    CHECK_THAT(refusal(server), Catch::Contains("full_page_writes is off"));
    REQUIRE(admin->run("ALTER SYSTEM RESET full_page_writes"));
    REQUIRE(admin->run("SELECT pg_reload_conf()"));
    CHECK(comes([&] { return admin->run("SHOW full_page_writes")->text(0, 0) == "on"; }));
    CHECK(refusal(server).empty());
    REQUIRE(admin->run("INSERT INTO schema_version VALUES (99)"));
    CHECK_THAT(refusal(server), Catch::Contains("use the newer program"));
  }
  struct Row {
    const char* rule;
    const char* connection;
    const char* why;
  };
  const Row rows[] = {
      {"TLS that is not verified", "host=db.example sslmode=require", "only verify-full"},
      {"no TLS", "host=db.example sslmode=disable", "only verify-full"},
      {"one of several hosts over a network", "host=127.0.0.1,db.example sslmode=prefer", "only verify-full"},
      {"a password in the configuration", "host=/tmp password=secret", "passfile"},
      {"no connection string", "host='", "no connection string"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const auto refused = PgConnection::connect(row.connection, 1s);
      REQUIRE_FALSE(refused);
      CHECK_THAT(refused.error().detail, Catch::Contains(row.why));
      CHECK(refused.error().detail.find("secret") == std::string::npos);
    }
}

}  // namespace mpic::coordinator
