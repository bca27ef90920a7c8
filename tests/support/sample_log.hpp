// A small log, made by the coordinator's own stages with fixed keys, times and random octets: the same octets every
// time. Of its six remotes one contradicts, and one is heard only after the answer.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/evidence/keys.hpp"
#include "tests/support/fake_hash_source.hpp"

namespace mpic::test {

// Ed25519, of a secret of 32 octets; PKCS#8.
[[nodiscard]] std::string ed25519_pem(std::string_view secret);
// The octets 00 01 02 … 1f: the key that signs checkpoints.
[[nodiscard]] std::string checkpoint_secret();

struct SampleLog {
  struct Leaf {
    evidence::LeafKind kind;
    std::string body;
    std::string statement;  // of a record
  };
  std::string origin;
  std::vector<Leaf> leaves;  // a snapshot, a start, a record, an addendum
  FakeHashSource tree;
  std::string checkpoint;  // over all of them
  std::string vkey;

  static constexpr std::size_t kSnapshot = 0, kStarted = 1, kRecord = 2, kAddendum = 3;
};

[[nodiscard]] SampleLog sample_log();
// The same with more of it: so many starts, then so many records, of several courses, each with what came late.
// `salt`: as somebody without our keys would make it; all of its keys are others.
[[nodiscard]] SampleLog sample_log(std::size_t records, std::size_t events, char salt = 0);
// A log of any length, without being kept: each leaf as it is made.
void sample_log(std::size_t records, const std::function<void(SampleLog::Leaf)>& take);
// What retention says in it.
[[nodiscard]] SampleLog::Leaf pruned_event(const SampleLog& log, std::uint64_t minimum_index);
// One leaf more, in the tree too; no checkpoint is over it.
void add(SampleLog& log, SampleLog::Leaf leaf);
// That signs its statements.
[[nodiscard]] evidence::SigningKey statement_key(char salt = 0);

}  // namespace mpic::test
