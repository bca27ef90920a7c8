// What the self-test of the perspective's own resolver says: does it answer, and does it validate (BR 4.2.2.2.1)?
//
// A state machine without clock or network: it is told what the lookups of a round saw, and when. One bad round is
// chance, and one good one proves enough, so a trait falls after two bad rounds in a row and rises after one good. What
// tells nothing of the resolver, such as a test name whose own servers are down, keeps the last good state for a grace:
// else all perspectives would fall together with one name that is none of theirs.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/async/clock.hpp"

namespace mpic::agent {

// Names whose A records are looked up again and again.
struct ResolverTests {
  std::vector<std::string> probes{"."};                  // one that is answered is enough
  std::string signed_name;                               // to be answered with AD; empty: not tested
  std::string bogus_name;                                // to be SERVFAIL; empty: not tested
  [[nodiscard]] std::vector<std::string> names() const;  // all of them: probes, signed, bogus
};

struct ResolverSign {
  enum class Kind : std::uint8_t { kGood, kBad, kUnclear };
  Kind kind = Kind::kUnclear;
  std::string why;  // of what is not good
};

// Bad: the resolver itself is gone, or refuses us.
[[nodiscard]] ResolverSign sign_of_probes(std::span<const DnsLookup> seen);
// Bad: NOERROR without AD.
[[nodiscard]] ResolverSign sign_of_signed(const DnsLookup& seen);
// Bad: NOERROR. With AD it has been repaired, which is no sign of the resolver.
[[nodiscard]] ResolverSign sign_of_bogus(const DnsLookup& seen);

// One thing that is tested; not good until it has been seen so.
class ResolverTrait {
 public:
  ResolverTrait(std::chrono::seconds grace, std::string fault_at_first)
      : grace_(grace), fault_(std::move(fault_at_first)) {}
  void observe(ResolverSign sign, SteadyPoint now);
  [[nodiscard]] const std::string& fault() const { return fault_; }  // empty: good

 private:
  std::chrono::seconds grace_;
  std::string fault_;
  int bad_in_a_row_ = 0;
  std::optional<SteadyPoint> last_good_;
};

class ResolverHealth {
 public:
  static constexpr std::chrono::seconds kAnswerGrace{30};
  static constexpr std::chrono::seconds kValidationGrace{600};

  explicit ResolverHealth(const ResolverTests& tests);

  // A round: `seen` are the lookups of ResolverTests::names(), in that order. True when all of it was good.
  bool observe(std::span<const DnsLookup> seen, SteadyPoint now);

  // Why the perspective is not ready; empty: it is.
  [[nodiscard]] std::string fault() const;
  // Why validation is not known to work; empty: it is, or it is not tested.
  [[nodiscard]] std::string validation_fault() const;

 private:
  std::size_t probes_;
  ResolverTrait answers_;
  std::optional<ResolverTrait> shows_signed_;
  std::optional<ResolverTrait> hides_bogus_;
};

}  // namespace mpic::agent
