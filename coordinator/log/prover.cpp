#include "coordinator/log/prover.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace mpic::coordinator {
namespace {

using Hashes = Expected<std::vector<Digest>>;

std::string octets(const Digest& digest) { return {digest.begin(), digest.end()}; }

Hashes overloaded() {
  return fail(ProblemCode::kOverloaded, "record store", "too many proofs and records are being read; try again");
}

}  // namespace

asio::awaitable<std::optional<v1::InclusionProof>> Prover::inclusion(std::uint64_t leaf, Deadline deadline) {
  const auto checkpoint = co_await checkpoints_.covering(leaf, deadline.at_most(clock_, kLongestProof));
  if (!checkpoint) co_return std::nullopt;
  std::function<Hashes()> read = [this, leaf, size = checkpoint->size] {
    return evidence::inclusion_proof(store_, leaf, size);
  };
  const auto done = co_await done_elsewhere(elsewhere_, std::move(read));
  const Hashes path = done ? *done : overloaded();
  if (!path) {
    spdlog::warn("log: leaf {} cannot be proven: {}", leaf, path.error().detail);
    co_return std::nullopt;
  }
  v1::InclusionProof out;
  out.set_checkpoint(checkpoint->note);
  for (const Digest& hash : *path) out.add_path(octets(hash));
  co_return out;
}

asio::awaitable<Expected<std::optional<v1::GetCheckpointResponse>>> Prover::consistency(std::uint64_t since) {
  const auto last = checkpoints_.last();
  if (!last) co_return std::nullopt;
  if (since > last->size) {
    co_return fail(ProblemCode::kInvalidArgument, "since_size",
                   fmt::format("since_size: the log has {} leaves in its newest checkpoint, and never had {} in one",
                               last->size, since));
  }
  std::function<Hashes()> read = [this, since, size = last->size] {
    return evidence::consistency_proof(store_, since, size);
  };
  const auto done = co_await done_elsewhere(elsewhere_, std::move(read));
  const Hashes proof = done ? *done : overloaded();
  if (!proof) co_return Unexpected(proof.error());
  v1::GetCheckpointResponse out;
  out.set_checkpoint(last->note);
  for (const Digest& hash : *proof) out.add_consistency(octets(hash));
  co_return out;
}

}  // namespace mpic::coordinator
