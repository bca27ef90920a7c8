// A log in a SQLite file is verified while it is written: what is read at several moments is not taken for damage.
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

TEST_CASE("a log that is pruned while it is verified is whole", "[verification][live]") {
  const Folder folder;
  SampleLog log = sample_log(10, kMoreThanIsReadAtOnce);
  const auto store = coordinator::SqliteStore::open(folder.file(), log.origin).value();
  write_leaves(*store, log, {log.checkpoint});
  const auto open = [&] { return coordinator::read_sqlite(folder.file()); };
  CHECK(all_of(faults_while_it_is_pruned(*store, log, open)).empty());
}

}  // namespace mpic::test
