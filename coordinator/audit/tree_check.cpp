#include "coordinator/audit/tree_check.hpp"

#include <fmt/format.h>

#include "common/evidence/checkpoint.hpp"

namespace mpic::coordinator {
namespace {

Unexpected not_sound(std::string why) { return fail(ProblemCode::kInternal, "record store", std::move(why)); }

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
                                             const std::optional<StoredCheckpoint>& last) {
  if (last) {
    if (const auto sound = check(hashes, size, *last); !sound) return Unexpected(sound.error());
  }
  return evidence::GrowingTree::at(hashes, size);
}

}  // namespace mpic::coordinator
