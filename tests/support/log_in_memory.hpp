// A log to be read, in memory, that holds whatever a test puts there.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "common/evidence/merkle.hpp"
#include "coordinator/audit/log_reader.hpp"
#include "mpic/v1/record.pb.h"
#include "tests/support/sample_log.hpp"

namespace mpic::test {

class LogInMemory final : public coordinator::LogReader {
 public:
  explicit LogInMemory(const SampleLog& log) : origin_(log.origin) {
    for (const SampleLog::Leaf& leaf : log.leaves) add(leaf);
  }
  // As an export has it: without an index.
  void add(const SampleLog::Leaf& leaf) {
    coordinator::LoggedLeaf& out = held.emplace_back();
    out.index = held.size() - 1;
    out.kind = leaf.kind;
    out.body = leaf.body;
    out.body_sha256 = evidence::sha256(leaf.body);
    out.statement = leaf.statement;
  }

  [[nodiscard]] std::string origin() const override { return origin_; }
  [[nodiscard]] std::string source() const override { return "memory"; }
  [[nodiscard]] Expected<std::uint64_t> size() override { return held.size() + missing; }
  [[nodiscard]] Expected<std::vector<coordinator::LoggedLeaf>> leaves(std::uint64_t first, std::size_t most) override {
    if (first >= fails_at) return fail(ProblemCode::kInternal, "memory", "it cannot be read");
    const auto begin = held.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(first, held.size()));
    const auto count = std::min<std::ptrdiff_t>(held.end() - begin, static_cast<std::ptrdiff_t>(most));
    return std::vector<coordinator::LoggedLeaf>(begin, begin + count);
  }
  [[nodiscard]] Expected<coordinator::LogHead> head() override {
    coordinator::LogHead out;
    out.size = held.size() + missing;
    if (!notes.empty()) out.newest = notes.back();
    return out;
  }
  [[nodiscard]] Expected<std::vector<coordinator::StoredCheckpoint>> checkpoints(std::optional<std::uint64_t> after,
                                                                                 std::size_t most) override {
    std::vector<coordinator::StoredCheckpoint> out;
    for (const coordinator::StoredCheckpoint& note : notes) {
      if ((!after || note.size > *after) && out.size() < most) out.push_back(note);
    }
    return out;
  }
  [[nodiscard]] Expected<std::vector<coordinator::StrayRow>> stray_rows(std::size_t) override {
    return std::vector<coordinator::StrayRow>();
  }
  [[nodiscard]] bool keeps_nodes() const override { return false; }
  [[nodiscard]] Expected<std::vector<coordinator::StoredRecord>> find(const coordinator::RecordQuery&) override {
    return std::vector<coordinator::StoredRecord>();
  }
  [[nodiscard]] Expected<std::optional<coordinator::StoredRecord>> record(const std::string& record_id) override {
    for (const coordinator::LoggedLeaf& leaf : held) {
      v1::RecordBody body;
      if (leaf.kind != evidence::LeafKind::kRecord || !body.ParseFromString(leaf.body)) continue;
      if (body.record_id() != record_id) continue;
      coordinator::StoredRecord out;
      out.record_id = record_id;
      out.body = leaf.body;
      return out;
    }
    return std::nullopt;
  }
  [[nodiscard]] Expected<std::optional<std::string>> snapshot(const Digest& hash) override {
    for (const coordinator::LoggedLeaf& leaf : held) {
      if (leaf.kind == evidence::LeafKind::kSnapshot && leaf.body_sha256 == hash) return leaf.body;
    }
    return std::nullopt;
  }

  std::vector<coordinator::LoggedLeaf> held;
  std::vector<coordinator::StoredCheckpoint> notes;  // in the order of size
  std::uint64_t missing = 0;                         // leaves that it says it has beside those
  std::uint64_t fails_at = ~std::uint64_t{0};        // the first leaf that cannot be read

 private:
  const std::string origin_;
};

}  // namespace mpic::test
