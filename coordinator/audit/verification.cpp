#include "coordinator/audit/verification.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "coordinator/audit/log_ledger.hpp"
#include "coordinator/audit/verify_record.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::size_t kBatch = 1'024;  // leaves read at once

class LogVerification {
 public:
  LogVerification(LogReader& log, const VerifyOptions& options)
      : log_(log),
        options_(options),
        ledger_(log, options, report_),
        roots_(std::max<std::size_t>(1, options.threads)) {}

  Expected<VerifyReport> run() {
    report_.origin = log_.origin();
    const auto size = log_.size();
    if (!size) return Unexpected(size.error());
    if (const auto begun = ledger_.begin(); !begun) return Unexpected(begun.error());
    for (std::uint64_t first = 0; first < *size && !ledger_.is_full();) {
      const auto batch = log_.leaves(first, std::min<std::uint64_t>(kBatch, *size - first));
      if (!batch) return Unexpected(batch.error());
      if (batch->empty()) break;
      for (const LoggedLeaf& leaf : *batch) ledger_.enter(leaf);
      verify_records(*batch);
      first += batch->size();
      if (const auto late = verify_addenda(*batch); !late) return Unexpected(late.error());
      options_.progress(std::min(first, *size), *size);
    }
    if (const auto ended = ledger_.end(*size); !ended) return Unexpected(ended.error());
    return std::move(report_);
  }

 private:
  // Each thread takes every n-th, with a cache of its own: what came in one message lies close together.
  void verify_records(const std::vector<LoggedLeaf>& batch) {
    std::vector<std::future<std::vector<Fault>>> parts;
    for (std::size_t i = 0; i < roots_.size(); ++i) {
      parts.push_back(std::async(std::launch::async, [this, &batch, i] {
        std::vector<Fault> faults;
        for (std::size_t at = i; at < batch.size(); at += roots_.size()) {
          if (batch[at].kind != evidence::LeafKind::kRecord || batch[at].body.empty()) continue;
          const KnownSnapshot* snapshot = ledger_.snapshot_of(batch[at]);
          if (snapshot == nullptr) continue;  // told already
          auto found = verify_record(batch[at], *snapshot, ledger_.statement_keys(), roots_[i]);
          std::move(found.begin(), found.end(), std::back_inserter(faults));
        }
        return faults;
      }));
    }
    for (auto& part : parts) ledger_.add(part.get());
    for (const LoggedLeaf& leaf : batch) {
      if (leaf.kind == evidence::LeafKind::kRecord && !leaf.body.empty()) ++report_.records;
    }
  }

  // Beside the record that they belong to, which is read again.
  Expected<void> verify_addenda(const std::vector<LoggedLeaf>& batch) {
    for (const LoggedLeaf& leaf : batch) {
      v1::Addendum addendum;
      if (leaf.kind != evidence::LeafKind::kAddendum || leaf.body.empty()) continue;
      if (!addendum.ParseFromString(leaf.body) || !ledger_.is_record_before(addendum.record_id(), leaf)) continue;
      const auto record = log_.record(addendum.record_id());
      if (!record) return Unexpected(record.error());
      if (!*record || (*record)->body.empty()) continue;  // pruned: its addenda are too, or it is told
      v1::RecordBody body;
      if (!body.ParseFromString((*record)->body)) continue;  // told already
      const KnownSnapshot* snapshot = ledger_.snapshot_of(body.snapshot_sha256());
      if (snapshot == nullptr) continue;
      for (Deviation& one : rederive(addendum, body, snapshot->deployment, roots_[0])) {
        ledger_.add({{kind_of(one, body.policy()), place_of(leaf), std::move(one.why)}});
      }
    }
    return {};
  }

  LogReader& log_;
  const VerifyOptions& options_;
  VerifyReport report_;
  LogLedger ledger_;
  std::vector<RootCache> roots_;  // one for each thread
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
