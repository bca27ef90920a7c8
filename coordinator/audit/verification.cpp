#include "coordinator/audit/verification.hpp"

#include <algorithm>
#include <future>

#include "coordinator/audit/log_ledger.hpp"
#include "coordinator/audit/verify_record.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::size_t kBatch = 1'024;  // leaves read at once

// A leaf that is judged by itself: a record, or an addendum beside the record that it belongs to.
struct Task {
  const LoggedLeaf* leaf;
  const std::string* record;  // the body of an addendum's record; null: the leaf is a record
};

class LogVerification {
 public:
  LogVerification(LogReader& log, const VerifyOptions& options)
      : log_(log),
        options_(options),
        ledger_(log, options, report_),
        roots_(std::max<std::size_t>(1, options.threads)) {}

  Expected<VerifyReport> run() {
    report_.origin = log_.origin();
    auto head = log_.head();
    if (!head) return Unexpected(head.error());
    const std::uint64_t size = head->size;
    if (const auto begun = ledger_.begin(*std::move(head)); !begun) return Unexpected(begun.error());
    if (const auto read = read_to(size); !read) return Unexpected(read.error());
    if (ledger_.misses_bodies()) {
      if (const auto further = look_further(); !further) return Unexpected(further.error());
    }
    if (const auto ended = ledger_.end(); !ended) return Unexpected(ended.error());
    return std::move(report_);
  }

 private:
  Expected<void> read_to(std::uint64_t size) {
    while (read_ < size && !ledger_.is_full()) {
      auto batch = log_.leaves(read_, std::min<std::uint64_t>(kBatch, size - read_));
      if (!batch) return Unexpected(batch.error());
      if (batch->empty()) break;
      for (const LoggedLeaf& leaf : *batch) {
        if (const auto entered = ledger_.enter(leaf); !entered) return entered;
      }
      if (const auto judged = judge(*batch, before_); !judged) return judged;
      read_ += batch->size();
      before_ = *std::move(batch);
      options_.progress(std::min(read_, size), size);
    }
    return {};
  }

  // Retention may have taken them while this read: then the log has grown by the event that says so.
  Expected<void> look_further() {
    auto head = log_.head();
    if (!head) return Unexpected(head.error());
    const std::uint64_t size = head->size;
    if (size <= read_) return {};
    ledger_.go_on(*std::move(head));
    return read_to(size);
  }

  Expected<void> judge(const std::vector<LoggedLeaf>& batch, const std::vector<LoggedLeaf>& before) {
    std::vector<std::unique_ptr<std::string>> fetched;
    const auto tasks = tasks_of(batch, before, fetched);
    if (!tasks) return Unexpected(tasks.error());
    // Each thread takes every n-th, with a cache of its own: what came in one message lies close together.
    std::vector<std::future<std::vector<std::pair<std::uint64_t, Fault>>>> parts;
    for (std::size_t i = 0; i < roots_.size(); ++i) {
      parts.push_back(std::async(std::launch::async, [&, i] {
        std::vector<std::pair<std::uint64_t, Fault>> faults;
        for (std::size_t at = i; at < tasks->size(); at += roots_.size()) {
          const Task& task = (*tasks)[at];
          for (Fault& fault : faults_of(task, roots_[i])) faults.emplace_back(task.leaf->index, std::move(fault));
        }
        return faults;
      }));
    }
    std::vector<std::pair<std::uint64_t, Fault>> all;
    for (auto& part : parts) {
      auto found = part.get();
      std::move(found.begin(), found.end(), std::back_inserter(all));
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [leaf, fault] : all) ledger_.add({std::move(fault)});
    return {};
  }

  Expected<std::vector<Task>> tasks_of(const std::vector<LoggedLeaf>& batch, const std::vector<LoggedLeaf>& before,
                                       std::vector<std::unique_ptr<std::string>>& fetched) {
    std::vector<Task> out;
    for (const LoggedLeaf& leaf : batch) {
      if (leaf.body.empty()) continue;
      if (leaf.kind == evidence::LeafKind::kRecord) {
        out.push_back({&leaf, nullptr});
        ++report_.records;
      }
      if (leaf.kind != evidence::LeafKind::kAddendum) continue;
      const auto record = record_of(leaf, batch, before, fetched);
      if (!record) return Unexpected(record.error());
      if (*record != nullptr) out.push_back({&leaf, *record});
    }
    return out;
  }

  // The body of an addendum's record: mostly it was read a moment ago. Null: there is none, which is told or is right.
  Expected<const std::string*> record_of(const LoggedLeaf& addendum, const std::vector<LoggedLeaf>& batch,
                                         const std::vector<LoggedLeaf>& before,
                                         std::vector<std::unique_ptr<std::string>>& fetched) {
    v1::Addendum message;
    if (!message.ParseFromString(addendum.body)) return nullptr;
    const auto index = ledger_.record_before(message.record_id(), addendum);
    if (!index) return nullptr;
    for (const auto* leaves : {&batch, &before}) {
      if (leaves->empty() || *index < leaves->front().index) continue;
      const std::uint64_t at = *index - leaves->front().index;
      if (at >= leaves->size() || (*leaves)[at].index != *index) continue;
      const std::string& body = (*leaves)[at].body;
      return body.empty() ? nullptr : &body;
    }
    auto record = log_.record(message.record_id());
    if (!record) return Unexpected(record.error());
    if (!*record || (*record)->body.empty()) return nullptr;
    fetched.push_back(std::make_unique<std::string>(std::move((*record)->body)));
    return fetched.back().get();
  }

  std::vector<Fault> faults_of(const Task& task, RootCache& roots) const {
    v1::RecordBody body;
    if (!body.ParseFromString(task.record == nullptr ? task.leaf->body : *task.record)) return {};  // told already
    const KnownSnapshot* snapshot = ledger_.snapshot_of(body.snapshot_sha256());
    if (snapshot == nullptr) return {};  // the same
    if (task.record == nullptr) return verify_record(*task.leaf, *snapshot, ledger_.statement_keys(), roots);
    v1::Addendum addendum;
    if (!addendum.ParseFromString(task.leaf->body)) return {};
    std::vector<Fault> out;
    for (Deviation& one : rederive(addendum, body, snapshot->deployment, roots)) {
      out.push_back({kind_of(one, body.policy(), *snapshot), place_of(*task.leaf), std::move(one.why)});
    }
    return out;
  }

  LogReader& log_;
  const VerifyOptions& options_;
  VerifyReport report_;
  LogLedger ledger_;
  std::vector<RootCache> roots_;    // one for each thread
  std::uint64_t read_ = 0;          // leaves
  std::vector<LoggedLeaf> before_;  // the last that were read
};

}  // namespace

bool VerifyReport::is_tampered() const {
  return std::any_of(faults.begin(), faults.end(),
                     [](const Fault& fault) { return fault.kind == FaultKind::kTampered; });
}

Expected<VerifyReport> verify_log(LogReader& log, const VerifyOptions& options) {
  return LogVerification(log, options).run();
}

}  // namespace mpic::coordinator
