// Forging evidence. Input: a list of changes to evidence that was really signed. However it is changed, what verifies
// holds the very octets that were signed for this assignment.
#include "common/evidence/observations.hpp"
#include "common/wire/convert.hpp"
#include "tests/fuzz/signed_case.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

constexpr int kMostChanges = 16;

// Replaces, flips a bit, cuts, or inserts, as the input says.
void change(std::string& text, Input& input) {
  const std::size_t at = text.empty() ? 0 : (input.octet() * 256U + input.octet()) % text.size();
  switch (input.below(4)) {
    case 0:
      text = input.piece();
      break;
    case 1:
      if (!text.empty()) text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ (1U << input.below(8)));
      break;
    case 2:
      text.erase(at);
      break;
    default:
      text.insert(at, input.piece());
  }
}

// The payload as its fields, one of them changed: what a forger without the key would sign, and cannot.
void change_root(v1::SignedRoot& signed_root, Input& input) {
  v1::ObservationsRoot root;
  if (!root.ParseFromString(signed_root.payload())) return;
  switch (input.below(4)) {
    case 0:
      root.set_tree_size(input.octet());
      break;
    case 1:
      change(*root.mutable_root(), input);
      break;
    case 2:
      root.set_perspective_id(std::string(input.piece()));
      break;
    default:
      root.set_key_id(std::string(input.piece()));
  }
  signed_root.set_payload(root.SerializeAsString());
}

void change_path(v1::Evidence& evidence, Input& input) {
  auto& path = *evidence.mutable_path();
  const int at = path.empty() ? 0 : static_cast<int>(input.below(static_cast<std::size_t>(path.size())));
  switch (input.below(4)) {
    case 0:
      if (!path.empty()) path.DeleteSubrange(at, 1);
      break;
    case 1:
      *path.Add() = input.piece();
      break;
    case 2:
      if (!path.empty()) path.SwapElements(at, static_cast<int>(input.below(static_cast<std::size_t>(path.size()))));
      break;
    default:
      if (!path.empty()) change(path[at], input);
  }
}

void change(v1::Evidence& evidence, v1::SignedRoot& root, Input& input) {
  const SignedCase& known = signed_case();
  switch (input.below(9)) {
    case 0:
      change(*evidence.mutable_observation(), input);
      break;
    case 1:
      evidence.set_leaf_index(input.octet());
      break;
    case 2:
      change_path(evidence, input);
      break;
    case 3:
      change(*root.mutable_signature(), input);
      break;
    case 4:
      change(*root.mutable_payload(), input);
      break;
    case 5:
      change_root(root, input);
      break;
    case 6:
      root.set_key_id(std::string(input.piece()));
      break;
    case 7:  // a neighbour's leaf with its own path
      evidence = known.message.items(static_cast<int>(input.below(5))).evidence();
      break;
    default:  // everything of another perspective, under the same key
      evidence = known.other.items(static_cast<int>(input.below(5))).evidence();
      root = known.other.signed_root();
  }
}

bool is_root_intact(const v1::SignedRoot& root) {
  return root.SerializeAsString() == signed_case().message.signed_root().SerializeAsString();
}

void run(Octets octets) {
  const SignedCase& known = signed_case();
  const v1::Evidence& ours = known.message.items(SignedCase::kOurs).evidence();
  Input input(octets);
  v1::Evidence evidence = ours;
  v1::SignedRoot root = known.message.signed_root();
  for (int i = 0; i < kMostChanges && !input.empty(); ++i) change(evidence, root, input);

  const evidence::ReceivedRoot received(root);
  const auto seen = evidence::verify_evidence(evidence, received, known.expectation());
  const auto again = evidence::verify_evidence(evidence, received, known.expectation());
  hold(seen.has_value() == again.has_value(), "a signature that is remembered is the signature");
  hold(seen || evidence::verify_evidence(ours, received, known.expectation()).has_value() == is_root_intact(root),
       "what is remembered of a root does not depend on who asked first");
  if (!seen) {
    hold(seen.error().code == ProblemCode::kEvidenceInvalid, "a forgery is invalid evidence");
    hold_presentable(seen.error().detail);
    return;
  }
  hold(evidence.observation() == ours.observation(), "only what was signed for this assignment verifies");
  hold(evidence.leaf_index() == ours.leaf_index() && evidence.SerializeAsString() == ours.SerializeAsString(),
       "at its one place in the tree");
  hold(root.payload() == known.message.signed_root().payload(), "under the one root");
  hold_equal(wire::encode(*seen), ours.observation(), "and says what was signed");
}

const Target kTarget("evidence", run);

}  // namespace
}  // namespace mpic::fuzz
