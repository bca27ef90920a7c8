// A log in a SQLite file is verified while it is written: what is read at several moments is not taken for damage.
#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "tests/support/catch.hpp"
#include "tests/support/live_log.hpp"
#include "tests/support/log_on_disk.hpp"
#include "tests/support/store_on_disk.hpp"

namespace mpic::test {
namespace {

constexpr std::size_t kMoreThanIsReadAtOnce = 1'100;

std::string all_of(const std::vector<std::string>& faults) {
  std::string out;
  for (const std::string& fault : faults) out += fault + "\n";
  return out.substr(0, 1'000);
}

}  // namespace

TEST_CASE("a log that grows while it is verified is whole", "[verification][live]") {
  const Folder folder;
  SampleLog log = sample_log(3, 250);
  const auto store = coordinator::SqliteStore::open(folder.file(), log.origin).value();
  write_leaves(*store, log, {log.checkpoint});
  CHECK(all_of(faults_while_it_grows(*store, log, [&] { return coordinator::read_sqlite(folder.file()); })).empty());
}

TEST_CASE("what a log was is told of one moment", "[verification][live]") {
  const Folder folder;
  const SampleLog log = sample_log(1, 1);
  write_log(folder.file(), log, {log.checkpoint});
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (std::size_t size = 1'000; !done; ++size) {  // a leaf and the checkpoint over it, at once
      run_sql(folder.file(), fmt::format("PRAGMA synchronous = OFF; BEGIN; INSERT INTO leaves VALUES ({}, 4, x'00'); "
                                         "INSERT INTO checkpoints VALUES ({}, 1, 'a note'); COMMIT",
                                         size - 1, size));
    }
  });
  const auto reader = coordinator::read_sqlite(folder.file()).value();
  int apart = 0;
  for (int look = 0; look < 20'000; ++look) {
    const auto head = reader->head();
    if (!head || head->newest->size > head->size) ++apart;
  }
  done = true;
  writer.join();
  CHECK(apart == 0);
}

TEST_CASE("a log that is pruned while it is verified is whole", "[verification][live]") {
  const Folder folder;
  SampleLog log = sample_log(10, kMoreThanIsReadAtOnce);
  const auto store = coordinator::SqliteStore::open(folder.file(), log.origin).value();
  write_leaves(*store, log, {log.checkpoint});
  const auto open = [&] { return coordinator::read_sqlite(folder.file()); };
  CHECK(all_of(faults_while_it_is_pruned(*store, log, open)).empty());
}

}  // namespace mpic::test
