#include "tests/support/live_log.hpp"

#include <atomic>
#include <stdexcept>
#include <thread>

#include "coordinator/audit/verification.hpp"
#include "tests/support/log_on_disk.hpp"

namespace mpic::test {
namespace {

using namespace coordinator;

template <class T>
T or_throw(Expected<T> done) {
  if (!done) throw std::runtime_error(done.error().detail);
  return *std::move(done);
}

void append_and_sign(RecordStore& store, SampleLog& log, const SampleLog::Leaf& event) {
  or_throw(store.append_event({event.body, TimePoint(std::chrono::seconds(1))}));
  add(log, event);
  const auto signed_one =
      store.keep_checkpoint({log.leaves.size(), TimePoint{}, checkpoint_of(log, log.leaves.size())});
  if (!signed_one) throw std::runtime_error(signed_one.error().detail);
}

void verify(const OpenLog& open, VerifyOptions options, const SampleLog& log, std::vector<std::string>& faults) {
  options.log_keys = {evidence::NoteVerifier::from_vkey(log.vkey).value()};
  const auto reader = or_throw(open());
  for (const Fault& fault : or_throw(verify_log(*reader, options)).faults) {
    if (fault.why.find("the index has another time") != std::string::npos) continue;  // ours, of no interest here
    faults.push_back(fault.place + ": " + fault.why);
  }
}

}  // namespace

std::vector<std::string> faults_while_it_grows(RecordStore& store, SampleLog& log, const OpenLog& open) {
  constexpr int kVerifications = 25;
  std::vector<std::string> faults;
  const SampleLog known = log;
  std::atomic<bool> done = false;
  std::thread writer([&] {
    while (!done) append_and_sign(store, log, log.leaves[SampleLog::kStarted]);
  });
  for (int i = 0; i < kVerifications; ++i) verify(open, {}, known, faults);
  done = true;
  writer.join();
  return faults;
}

std::vector<std::string> faults_while_it_is_pruned(RecordStore& store, SampleLog& log, const OpenLog& open) {
  std::vector<std::string> faults;
  bool is_pruned = false;
  VerifyOptions options;
  options.progress = [&](std::uint64_t, std::uint64_t) {
    if (std::exchange(is_pruned, true)) return;
    const std::uint64_t all = log.leaves.size();
    append_and_sign(store, log, pruned_event(log, all));
    while (or_throw(store.prune(all, all)) != 0) continue;
  };
  verify(open, options, log, faults);
  return faults;
}

}  // namespace mpic::test
