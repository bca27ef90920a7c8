#include "tests/support/forger.hpp"

#include <algorithm>
#include <stdexcept>

#include "common/evidence/dsse.hpp"
#include "common/evidence/merkle.hpp"
#include "common/wire/convert.hpp"
#include "tests/support/seen.hpp"

namespace mpic::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kTooFar = kMaxClockDifference + 2s;

// Lies that stand inside the signed observation.
void forge_content(std::string_view lie, Observation& out) {
  if (lie == "other-nonce") out.nonce[0] ^= 1;
  if (lie == "other-assignment") out.assignment_sha256[0] ^= 1;
  if (lie == "other-perspective") out.perspective = PerspectiveId::parse("somebody-else").value();
  if (lie == "other-role") out.role = out.role == Role::kRemote ? Role::kPrimary : Role::kRemote;
  if (lie == "other-rir") out.rir = out.rir == Rir::kArin ? Rir::kRipe : Rir::kArin;
  if (lie == "late-clock") out.started = out.ended = out.ended + kTooFar;
  if (lie == "early-clock") out.started = out.ended = out.ended - kTooFar;
  if (lie == "backwards") out.started = out.ended + 1s;
  if (lie == "other-checks") (out.dcv ? out.dcv.reset() : out.caa.reset());
}

// Lies about the octets of the leaf: signed as they are.
void forge_leaf(std::string_view lie, std::string& leaf) {
  if (lie == "truncated") leaf.resize(leaf.size() / 2);
  if (lie == "garbage") leaf.assign("\xff\x00\xfe garbage \x80\x07\xff", 16);
  if (lie == "empty") leaf.clear();
  if (lie == "too-large") leaf.append("\xa2\x06").append(3, '\xff').append(kMaxObservation, 'x');
}

// Lies about where the leaf lies in the tree.
void forge_place(std::string_view lie, v1::Evidence& evidence) {
  if (lie == "leaf-elsewhere") evidence.set_leaf_index(evidence.leaf_index() + 1);
  if (lie == "index-out-of-range") evidence.set_leaf_index(1'000'000);
  if (lie == "path-too-long") evidence.add_path(std::string(sizeof(Digest), 'x'));
  if (lie == "path-too-short") evidence.mutable_path()->RemoveLast();
  if (lie == "path-endless") {
    for (int i = 0; i < 5'000; ++i) evidence.add_path(std::string(sizeof(Digest), 'x'));
  }
  if (lie == "path-of-short-hashes") evidence.mutable_path(0)->pop_back();
  if (lie == "leaf-not-in-tree") evidence.mutable_observation()->push_back('\0');
}

// Refusals are not signed.
std::optional<v1::Problem> refusal(std::string_view lie, const std::string& perspective) {
  const auto refuse = [&](ProblemCode code, const char* why) { return wire::encode(Problem(code, perspective, why)); };
  if (lie == "overloaded") return refuse(ProblemCode::kOverloaded, "too many checks");
  if (lie == "stale-refusal") return refuse(ProblemCode::kAssignmentStale, "stale");
  if (lie == "lying-refusal") return refuse(ProblemCode::kChallengeMismatch, "the site shows something else");
  v1::Problem unknown = refuse(ProblemCode::kOverloaded, "");
  if (lie == "refusal-of-no-code") {
    unknown.set_code(static_cast<v1::ProblemCode>(9'999));
    return unknown;
  }
  if (lie == "refusal-with-control-characters") {
    unknown.set_detail("\x1b[2J\x1b]0;title\x07 fine\nverdict: CORROBORATED " + std::string(100'000, 'x'));
    return unknown;
  }
  return std::nullopt;
}

// Signed anew, as if the payload had been this one from the start.
void resign(v1::FromAgent& message, const evidence::SigningKey& key, const v1::ObservationsRoot& root) {
  v1::SignedRoot& signed_root = *message.mutable_signed_root();
  root.SerializeToString(signed_root.mutable_payload());
  signed_root.set_signature(key.sign(evidence::pae(evidence::kObservationsType, signed_root.payload())));
}

// Lies about the signature and what it is over.
void forge_root(std::string_view lie, const evidence::SigningKey& key, v1::FromAgent& message) {
  v1::SignedRoot& signed_root = *message.mutable_signed_root();
  if (lie == "bad-signature") signed_root.mutable_signature()->back() ^= 1;
  if (lie == "unsigned") message.clear_signed_root();
  if (lie == "signature-of-another-kind") {
    signed_root.set_signature(key.sign(evidence::pae(evidence::kStatementType, signed_root.payload())));
  }
  v1::ObservationsRoot root;
  if (lie == "root-of-another-perspective") {
    root.ParseFromString(signed_root.payload());
    root.set_perspective_id("somebody-else");
    resign(message, key, root);
  }
  if (lie == "tree-of-no-leaves") {
    root.ParseFromString(signed_root.payload());
    root.set_tree_size(0);
    resign(message, key, root);
  }
}

std::string with_another_log_origin(const std::string& octets) {
  Assignment assignment = wire::decode_assignment(octets).value();
  assignment.log_origin = "somebody.else/log";
  return wire::encode(assignment);
}

}  // namespace

const std::vector<std::string_view>& Forger::lies() {
  static const std::vector<std::string_view> kLies = {"honest",
                                                      "other-nonce",
                                                      "other-assignment",
                                                      "other-perspective",
                                                      "other-role",
                                                      "other-rir",
                                                      "late-clock",
                                                      "early-clock",
                                                      "backwards",
                                                      "other-checks",
                                                      "other-origin",
                                                      "replay",
                                                      "truncated",
                                                      "garbage",
                                                      "empty",
                                                      "too-large",
                                                      "leaf-elsewhere",
                                                      "index-out-of-range",
                                                      "path-too-long",
                                                      "path-too-short",
                                                      "path-endless",
                                                      "path-of-short-hashes",
                                                      "leaf-not-in-tree",
                                                      "overloaded",
                                                      "stale-refusal",
                                                      "lying-refusal",
                                                      "refusal-of-no-code",
                                                      "refusal-with-control-characters",
                                                      "other-key",
                                                      "bad-signature",
                                                      "unsigned",
                                                      "signature-of-another-kind",
                                                      "root-of-another-perspective",
                                                      "tree-of-no-leaves"};
  return kLies;
}

std::string Forger::observe(std::string_view lie, const std::string& sees, const std::string& octets,
                            TimePoint now) const {
  const Assignment asked = wire::decode_assignment(octets).value();
  Observation out{.perspective = me_.perspective};
  out.assignment_sha256 = evidence::sha256(octets);
  out.nonce = asked.nonce;
  out.role = asked.role;
  out.rir = me_.rir;
  out.agent_version = "test";
  out.started = now;
  out.ended = now;
  out.source_ipv4 = "198.51.100.1";
  out.resolver = "127.0.0.1:53";
  out.lab_relaxations = me_.lab_relaxations;
  if (asked.caa) out.caa = caa_seen(asked.identifier.name(), *asked.caa, sees, now);
  if (asked.dcv) out.dcv = dcv_seen(asked, sees, now);
  forge_content(lie, out);
  std::string leaf = wire::encode(out);
  forge_leaf(lie, leaf);
  return leaf;
}

v1::FromAgent Forger::sign(std::string_view lie, const AttemptId& attempt, std::string leaf) const {
  std::vector<evidence::Leaf> leaves{{attempt, std::move(leaf)}};
  // In company, so that there is a path to lie about.
  if (lie.starts_with("path") || lie.starts_with("leaf")) leaves.push_back({AttemptId{}, "another leaf"});
  const evidence::SigningKey key =
      lie == "other-key" ? me_.other_key.value_or(evidence::SigningKey::generate()) : me_.key;
  v1::FromAgent message;
  evidence::sign_observations(me_.perspective, key, std::move(leaves), message);
  while (message.items_size() > 1) message.mutable_items()->RemoveLast();
  forge_place(lie, *message.mutable_items(0)->mutable_evidence());
  forge_root(lie, key, message);
  return message;
}

v1::FromAgent Forger::answer(std::string_view lie, const std::string& sees, const std::string& octets, TimePoint now) {
  if (std::find(lies().begin(), lies().end(), lie) == lies().end()) {
    throw std::invalid_argument("no lie is called " + std::string(lie));
  }
  const Assignment asked = wire::decode_assignment(octets).value();
  const std::string attempt(asked.attempt.begin(), asked.attempt.end());
  if (auto problem = refusal(lie, me_.perspective.text())) {
    v1::FromAgent message;
    v1::Refusal& item = *message.add_items()->mutable_refusal();
    item.set_attempt_id(attempt);
    *item.mutable_problem() = *std::move(problem);
    return message;
  }
  if (lie == "replay" && first_) {
    v1::FromAgent message = *first_;
    message.mutable_items(0)->mutable_evidence()->set_attempt_id(attempt);
    return message;
  }
  const std::string seen = observe(lie, sees, lie == "other-origin" ? with_another_log_origin(octets) : octets, now);
  v1::FromAgent message = sign(lie, asked.attempt, seen);
  if (!first_) first_ = message;
  return message;
}

}  // namespace mpic::test
