#include "coordinator/audit/tree_check.hpp"

#include <fmt/format.h>

#include "common/evidence/checkpoint.hpp"

namespace mpic::coordinator {
namespace {

Unexpected not_sound(std::string why) { return fail(ProblemCode::kInternal, "record store", std::move(why)); }

Unexpected has_lost(std::string how) {
  return fail(ProblemCode::kEvidenceInvalid, "record store",
              fmt::format("the store has lost records that were answered: {}", how));
}

Expected<void> check_that_nothing_is_lost(evidence::HashSource& hashes, std::uint64_t size, const TreeHead& answered) {
  if (answered.size == 0) return {};
  if (size < answered.size) return has_lost(fmt::format("it has {} leaves, and had {}", size, answered.size));
  const auto root = evidence::tree_root(hashes, answered.size);
  if (!root) return Unexpected(root.error());
  if (*root == answered.root) return {};
  return has_lost(fmt::format("its first {} leaves are others", answered.size));
}

Expected<void> check(evidence::HashSource& hashes, std::uint64_t size, const StoredCheckpoint& kept) {
  if (kept.size > size) {
    return not_sound(
        fmt::format("leaves of its log are missing: there are {}, a checkpoint was signed over {}", size, kept.size));
  }
  const auto said = evidence::read_checkpoint(kept.note);
  if (!said || said->size != kept.size) {
    return not_sound(fmt::format("its checkpoint of size {} cannot be read", kept.size));
  }
  const auto root = evidence::tree_root(hashes, kept.size);
  if (!root) return Unexpected(root.error());
  if (*root == said->root) return {};
  return not_sound(fmt::format(
      "its log was changed: its first {} leaves are not those that its checkpoint of that size was signed over",
      kept.size));
}

}  // namespace

Expected<evidence::GrowingTree> checked_tree(evidence::HashSource& hashes, std::uint64_t size,
                                             const std::optional<StoredCheckpoint>& last, const TreeHead& answered) {
  if (const auto whole = check_that_nothing_is_lost(hashes, size, answered); !whole) return Unexpected(whole.error());
  if (last) {
    if (const auto sound = check(hashes, size, *last); !sound) return Unexpected(sound.error());
  }
  return evidence::GrowingTree::at(hashes, size);
}

}  // namespace mpic::coordinator
