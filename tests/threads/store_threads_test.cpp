// The record store under many threads at once: writers, planners, readers. For the thread sanitizer; what is counted
// holds without it too.
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <thread>

#include "coordinator/audit/sqlite_store.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::coordinator;

namespace {

constexpr int kWriters = 4;
constexpr int kRecordsEach = 40;

std::string id_of(int writer, int number) { return "w" + std::to_string(writer) + "-" + std::to_string(number); }

StoredRecord record(const std::string& id) {
  StoredRecord out;
  out.record_id = id;
  out.client = "tester";
  out.request_id = "request of " + id;
  out.identifier = "www.example.com";
  out.verdict = "CORROBORATED";
  out.body = "the body of " + id;
  out.statement = "the statement";
  out.rows = {{"aa", "eu-west", "remote", "RIPE", "caa", "corroborates", ""}};
  return out;
}

// Plans and appends one record after the other, as a request does; every other record gets an addendum.
asio::awaitable<int> write_all(SqliteStore& store, int writer) {
  int kept = 0;
  for (int number = 0; number < kRecordsEach; ++number) {
    const std::string id = id_of(writer, number);
    (void)store.plan(StoredPlan(id, "a plan", TimePoint{}));
    StoredRecord next = record(id);
    const auto written = co_await store.append(std::move(next));
    if (written) ++kept;
    if (number % 2 != 0) continue;
    StoredAddendum late(id, "us-east", "late", TimePoint{});
    const auto added = co_await store.append_addendum(std::move(late));
    if (!added) --kept;
  }
  co_return kept;
}

}  // namespace

TEST_CASE("many threads write and read at once, and nothing is lost", "[store][threads]") {
  const auto folder = std::filesystem::temp_directory_path() / ("mpic-store-threads-" + std::to_string(getpid()));
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  std::array<asio::io_context, kWriters> contexts;  // they outlive the store, whose writer posts to them
  {
    const auto store = SqliteStore::open(folder / "records.sqlite", "mpic.test/threads").value();
    std::atomic<int> kept = 0;
    std::atomic<bool> writing = true;
    std::atomic<int> found = 0;
    std::vector<std::thread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([&, writer] {
        asio::io_context& io = contexts[static_cast<std::size_t>(writer)];
        asio::co_spawn(io, write_all(*store, writer), [&](std::exception_ptr, int count) { kept += count; });
        io.run();
      });
    }
    std::thread reader([&] {
      for (int turn = 0; writing; ++turn) {
        const auto id = id_of(turn % kWriters, turn / kWriters % kRecordsEach);
        const auto read = store->find(id);
        if (read && *read && (*read)->body == "the body of " + id) ++found;
        (void)store->find_request("tester", "request of " + id);
        (void)store->open_plans();
        (void)store->healthy();
      }
    });
    std::thread others([&] {
      for (std::uint8_t number = 0; number < 20; ++number) {
        (void)store->keep_snapshot(Digest{number}, "a snapshot");
        (void)store->append_event({"an event", TimePoint{}});
        const TreeHead head = store->tree_head();
        (void)store->keep_checkpoint({head.size, TimePoint{}, "a note"});
        (void)evidence::tree_root(*store, head.size);
        (void)store->prune(0, 10);
        (void)store->fault();
      }
    });
    for (std::thread& writer : writers) writer.join();
    others.join();
    // All is written: a last whole turn of the reader must find it.
    found = 0;
    while (found < kWriters * kRecordsEach) std::this_thread::yield();
    writing = false;
    reader.join();
    CHECK(kept == kWriters * kRecordsEach);
    CHECK(store->tree_head().size == kWriters * kRecordsEach * 3 / 2 + 40);
    CHECK(store->open_plans()->empty());
    CHECK(store->healthy());
  }
  std::filesystem::remove_all(folder);
}
