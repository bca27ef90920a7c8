#include "coordinator/audit/sqlite_tree.hpp"

#include "coordinator/audit/sqlite_rows.hpp"
#include "coordinator/audit/tree_check.hpp"

namespace mpic::coordinator {
namespace {

Unexpected not_sound(std::string why) { return fail(ProblemCode::kInternal, "record store", std::move(why)); }

// How many leaves there are, when none is missing in between.
Expected<std::uint64_t> count_leaves(SqliteStatements& from) {
  Query row(from, "SELECT count(*), min(idx), max(idx) FROM leaves");
  const auto found = row.next("counting leaves");
  if (!found) return Unexpected(found.error());
  const std::uint64_t count = row->index_at(0);
  if (count == 0 || (row->number(1) == 0 && row->index_at(2) == count - 1)) return count;
  return not_sound(fmt::format("leaves of its log are missing: there are {}, with indices from {} to {}", count,
                               row->number(1), row->number(2)));
}

}  // namespace

Expected<std::vector<Digest>> SqliteHashes::hashes(unsigned level, std::uint64_t first, std::size_t count) {
  Query rows(from_, level == 0 ? "SELECT idx, body_sha256, kind FROM leaves WHERE idx >= ? ORDER BY idx LIMIT ?"
                               : "SELECT idx, hash FROM nodes WHERE level = ? AND idx >= ? ORDER BY idx LIMIT ?");
  if (level != 0) rows->integer(level);
  rows->index(first).index(count);
  std::vector<Digest> out;
  while (out.size() < count) {
    const auto more = rows.next("reading the tree");
    if (!more) return Unexpected(more.error());
    const std::uint64_t wanted = first + out.size();
    if (!*more || rows->index_at(0) != wanted) {
      return not_sound(fmt::format("hash {} of level {} of its tree is missing", wanted, level));
    }
    const Digest hash = rows->digest(1);
    out.push_back(level == 0 ? evidence::log_leaf_hash(static_cast<evidence::LeafKind>(rows->number(2)), hash) : hash);
  }
  return out;
}

Expected<evidence::GrowingTree> learn_tree(SqliteStatements& from, const TreeHead& answered) {
  const auto size = count_leaves(from);
  if (!size) return Unexpected(size.error());
  const auto last = read_last_checkpoint(from);
  if (!last) return Unexpected(last.error());
  SqliteHashes hashes(from);
  return checked_tree(hashes, *size, *last, answered);
}

}  // namespace mpic::coordinator
