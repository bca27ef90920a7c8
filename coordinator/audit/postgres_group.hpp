// What one group of writes comes to: statements of one transaction, a table each.
#pragma once

#include <span>

#include "coordinator/audit/postgres.hpp"
#include "coordinator/audit/write_backend.hpp"

namespace mpic::coordinator {

// Gathers what a group writes to each table. What is given to it outlives it.
class PostgresGroup {
 public:
  PostgresGroup(std::int64_t log, evidence::GrowingTree tree) : log_(log), tree_(std::move(tree)) {}

  // The leaf's index; 0 for a plan.
  std::uint64_t add(const StoredPlan& plan);
  std::uint64_t add(const StoredRecord& record);
  std::uint64_t add(const StoredAddendum& addendum);
  std::uint64_t add(const StoredSnapshot& snapshot);  // precondition: it is not there
  std::uint64_t add(const StoredEvent& event);

  [[nodiscard]] std::vector<PgStatement> statements() const;
  [[nodiscard]] const evidence::GrowingTree& tree() const { return tree_; }

 private:
  std::uint64_t leaf(evidence::LeafKind kind, const std::string& body);

  using Texts = std::vector<std::string_view>;
  using Numbers = std::vector<std::int64_t>;
  const std::int64_t log_;
  evidence::GrowingTree tree_;
  struct {
    Numbers index, kind;
    std::vector<std::string> hash;
  } leaves_;
  std::vector<evidence::TreeNode> nodes_;
  struct {
    Numbers leaf, received, decided;
    Texts id, client, request, trace, identifier, verdict, body, statement;
  } records_;
  struct {
    Numbers leaf, n;
    Texts attempt, perspective, role, rir, check, outcome, problem;
  } attempts_;
  struct {
    Numbers leaf, received;
    Texts record, perspective, body;
  } addenda_;
  struct {
    Numbers leaf;
    std::vector<std::string> hash;
    Texts body;
  } snapshots_;
  struct {
    Numbers leaf, at;
    Texts body;
  } events_;
  struct {
    Texts record, body;
    Numbers dispatched;
  } plans_;
};

}  // namespace mpic::coordinator
