#include "coordinator/program/recovery.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <deque>
#include <future>

#include "coordinator/log/decision_events.hpp"
#include "coordinator/pipeline/recover.hpp"
#include "coordinator/program/load.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::size_t kClosedTogether = 500;  // so that they share commits; few enough for the store's queue

}  // namespace

std::size_t close_what_was_left(RecordStore& store, const evidence::SigningKey& key, const Clock& clock,
                                IoThreads& threads, telemetry::EventLog& events) {
  const Recovered left = close_open_plans(or_stop(store.open_plans()), clock.now(), key);
  for (const std::string& id : left.unreadable) {
    spdlog::error("record store: the plan of {} cannot be read; it is kept", id);
  }
  std::deque<std::future<Expected<std::uint64_t>>> written;
  const auto wait_for_one = [&] {
    or_stop(written.front().get());
    written.pop_front();
  };
  for (const StoredRecord& record : left.records) {
    if (written.size() == kClosedTogether) wait_for_one();
    written.push_back(asio::co_spawn(threads.next(), store.append(record), asio::use_future));
  }
  while (!written.empty()) wait_for_one();
  for (const StoredRecord& record : left.records) {
    spdlog::warn("record {}: closed as \"no result\"; the coordinator had stopped before its answer", record.record_id);
    v1::RecordBody body;
    if (body.ParseFromString(record.body)) events.write(no_result_event(body));
  }
  return left.records.size();
}

}  // namespace mpic::coordinator
