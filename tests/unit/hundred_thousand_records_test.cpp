// How long it takes to verify a hundred thousand records. Not of every run: `[hundred-thousand]` asks for it, as
// `tests/run soak` does. MPIC_RECORDS sets how many, MPIC_THREADS on how many threads.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <future>
#include <iostream>
#include <thread>

#include "common/async/io_threads.hpp"
#include "common/evidence/merkle.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/audit/sqlite.hpp"
#include "coordinator/audit/verification.hpp"
#include "coordinator/pipeline/recorded.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/sample_log.hpp"
#include "tests/support/store_on_disk.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace mpic::test;

namespace {

std::size_t number(const char* name, std::size_t otherwise) {
  const char* told = std::getenv(name);
  return told == nullptr ? otherwise : std::stoul(told);
}

// Many at a time, so that they share commits.
class Filling {
 public:
  explicit Filling(SqliteStore& store) : store_(store) {}

  void add(const SampleLog::Leaf& leaf) {
    if (leaf.kind == evidence::LeafKind::kSnapshot) {
      REQUIRE(store_.keep_snapshot(evidence::sha256(leaf.body), leaf.body));
    } else if (leaf.kind == evidence::LeafKind::kRecord) {
      v1::RecordBody body;
      v1::Statement statement;
      REQUIRE((body.ParseFromString(leaf.body) && statement.ParseFromString(leaf.statement)));
      wait_for(
          asio::co_spawn(thread_.next(), store_.append(stored_record(body, leaf.body, statement)), asio::use_future));
    } else if (leaf.kind == evidence::LeafKind::kAddendum) {
      v1::Addendum late;
      REQUIRE(late.ParseFromString(leaf.body));
      StoredAddendum stored(late.record_id(), late.perspective_id(), leaf.body, *wire::decode(late.received()));
      wait_for(asio::co_spawn(thread_.next(), store_.append_addendum(std::move(stored)), asio::use_future));
    }
  }
  void finish() {
    for (; !open_.empty(); open_.pop_front()) REQUIRE(open_.front().get());
  }

 private:
  void wait_for(std::future<Expected<std::uint64_t>> one) {
    constexpr std::size_t kAtOnce = 500;
    open_.push_back(std::move(one));
    if (open_.size() < kAtOnce) return;
    REQUIRE(open_.front().get());
    open_.pop_front();
  }

  SqliteStore& store_;
  IoThreads thread_{1};
  std::deque<std::future<Expected<std::uint64_t>>> open_;
};

}  // namespace

TEST_CASE("a hundred thousand records are verified in a minute or two", "[.][hundred-thousand]") {
  const Folder folder;
  const std::size_t records = number("MPIC_RECORDS", 100'000);
  {
    const auto store = SqliteStore::open(folder.file(), "mpic.example/log").value();
    Filling filling(*store);
    sample_log(records, [&](const SampleLog::Leaf& leaf) { filling.add(leaf); });
    filling.finish();
  }
  VerifyOptions options;
  options.threads = number("MPIC_THREADS", std::thread::hardware_concurrency());
  const auto reader = read_sqlite(folder.file().string()).value();
  const auto began = std::chrono::steady_clock::now();
  const auto report = verify_log(*reader, options);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  REQUIRE(report);
  for (const Fault& fault : report->faults) UNSCOPED_INFO(fault.place << ": " << fault.why);
  CHECK(report->faults.empty());
  CHECK(report->records == records);
  std::cout << report->records << " records and " << report->addenda << " addenda on " << options.threads
            << " threads in " << took.count() << " s" << std::endl;
}
