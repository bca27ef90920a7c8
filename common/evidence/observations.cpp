#include "common/evidence/observations.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/evidence/dsse.hpp"
#include "common/evidence/merkle.hpp"
#include "common/wire/convert.hpp"

namespace mpic::evidence {
namespace {

std::string to_string(const Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

std::optional<Digest> to_digest(std::string_view octets) {
  Digest digest{};
  if (octets.size() != digest.size()) return std::nullopt;
  std::copy(octets.begin(), octets.end(), digest.begin());
  return digest;
}

Unexpected invalid(const Expectation& expected, std::string detail) {
  return fail(ProblemCode::kEvidenceInvalid, expected.assignment.perspective.text(), std::move(detail));
}

// The root that the signature vouches for, when a pinned key that is valid now made it.
Expected<v1::ObservationsRoot> verify_root(const ReceivedRoot& received, const Expectation& expected) {
  const v1::SignedRoot& signed_root = received.message();
  const auto pinned = std::find_if(expected.keys.begin(), expected.keys.end(), [&](const PinnedKey& candidate) {
    return candidate.key.id() == signed_root.key_id();
  });
  if (pinned == expected.keys.end()) {
    return invalid(expected, fmt::format("signed by key {}, which is not pinned for this perspective",
                                         printable(signed_root.key_id(), 64)));
  }
  if (expected.received < pinned->not_before || expected.received > pinned->not_after) {
    return invalid(expected, fmt::format("signed by key {} outside its validity", signed_root.key_id()));
  }
  auto root = received.verified_by(pinned->key);
  if (!root) return invalid(expected, "the signature does not verify, or is over no root of observations");
  if (root->perspective_id() != expected.assignment.perspective.text() || root->key_id() != signed_root.key_id()) {
    return invalid(expected, "the signed root names another perspective or key");
  }
  return *std::move(root);
}

Expected<void> verify_binding(const Observation& seen, const Expectation& expected) {
  const Assignment& asked = expected.assignment;
  if (seen.assignment_sha256 != sha256(expected.assignment_octets)) {
    return invalid(expected, "the observation answers another assignment");
  }
  if (seen.nonce != asked.nonce) return invalid(expected, "the observation carries another nonce");
  if (seen.perspective != asked.perspective) return invalid(expected, "the observation is of another perspective");
  if (seen.role != asked.role) return invalid(expected, "the observation was made in another role");
  if (seen.rir != expected.rir) {
    return invalid(expected, fmt::format("the observation is from {}, the configured region is {}",
                                         mpic::to_string(seen.rir), mpic::to_string(expected.rir)));
  }
  if (seen.ended < seen.started || seen.started < asked.issued - kMaxClockDifference ||
      seen.ended > expected.received + kMaxClockDifference) {
    return invalid(expected, "the observation's times are more than 30 s from ours");
  }
  if (seen.dcv.has_value() != asked.dcv.has_value() || seen.caa.has_value() != asked.caa.has_value()) {
    return invalid(expected, "the observation holds other checks than were asked");
  }
  return {};
}

}  // namespace

std::optional<v1::ObservationsRoot> ReceivedRoot::verified_by(const VerifyingKey& key) const {
  const std::lock_guard lock(mutex_);
  if (tried_ == key.id()) return content_;
  tried_ = key.id();
  content_.reset();
  v1::ObservationsRoot content;
  const bool good = key.verify(pae(kObservationsType, root_.payload()), root_.signature());
  if (good && content.ParseFromString(root_.payload())) content_ = std::move(content);
  return content_;
}

void sign_observations(const PerspectiveId& perspective, const SigningKey& key, std::vector<Leaf> leaves,
                       v1::FromAgent& message) {
  if (leaves.empty()) return;
  std::vector<Digest> hashes;
  hashes.reserve(leaves.size());
  for (const Leaf& leaf : leaves) hashes.push_back(leaf_hash(leaf.observation));
  const MerkleTree tree = merkle_tree(hashes);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    v1::Evidence& evidence = *message.add_items()->mutable_evidence();
    evidence.set_attempt_id(leaves[i].attempt.data(), leaves[i].attempt.size());
    evidence.set_observation(std::move(leaves[i].observation));
    evidence.set_leaf_index(i);
    for (const Digest& sibling : tree.paths[i]) evidence.add_path(to_string(sibling));
  }
  v1::ObservationsRoot root;
  root.set_perspective_id(perspective.text());
  root.set_key_id(key.id());
  root.set_tree_size(leaves.size());
  root.set_root(to_string(tree.root));
  v1::SignedRoot& signed_root = *message.mutable_signed_root();
  root.SerializeToString(signed_root.mutable_payload());
  signed_root.set_key_id(key.id());
  signed_root.set_signature(key.sign(pae(kObservationsType, signed_root.payload())));
}

Expected<Observation> verify_evidence(const v1::Evidence& evidence, const ReceivedRoot& signed_root,
                                      const Expectation& expected) {
  const auto root = verify_root(signed_root, expected);
  if (!root) return Unexpected(root.error());

  const auto root_hash = to_digest(root->root());
  std::vector<Digest> path;
  for (const std::string& sibling : evidence.path()) {
    const auto digest = to_digest(sibling);
    if (!digest) return invalid(expected, "an inclusion path with a hash that is not 32 octets");
    path.push_back(*digest);
  }
  if (!root_hash || !verify_inclusion(leaf_hash(evidence.observation()), evidence.leaf_index(), root->tree_size(), path,
                                      *root_hash)) {
    return invalid(expected, "the observation is not in the tree that was signed");
  }

  auto seen = wire::decode_observation(evidence.observation());
  if (!seen) return Unexpected(seen.error());
  if (const auto bound = verify_binding(*seen, expected); !bound) return Unexpected(bound.error());
  return seen;
}

}  // namespace mpic::evidence
