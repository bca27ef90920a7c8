// One look at the real local system by one validation method, as a perspective does it, judged as the coordinator
// judges it.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "agent/service/look.hpp"
#include "common/rules/judgement.hpp"
#include "tests/integration/system.hpp"

namespace mpic::test {

struct Validation {
  Observation seen;
  rules::Judgement judged;
};

// A perspective in front of the system under test.
struct Sightseer {
  LabRelaxations lab = system_under_test().lab;
  Ipv6 ipv6 = Ipv6::kLoopback;
  std::chrono::milliseconds budget{10'000};

  // `authorization_domain`: the ADN, where it is not the identifier's own name.
  [[nodiscard]] Validation validate(const std::string& identifier, DcvQuestion question,
                                    const std::string& authorization_domain = "") const;
  // Whether the tests' CA may issue; other questions are `question`'s affair.
  [[nodiscard]] Validation read_caa(const std::string& identifier, CaaQuestion question) const;

 private:
  [[nodiscard]] Observation look(Assignment& assignment) const;
};

// None: it corroborates.
using Ending = std::optional<ProblemCode>;

// Checks outcome, problem and key against `expected`; `words` stand in the problem's text.
void check_ending(const Validation& validation, Ending expected, const std::string& words = "");
// What was looked up, as TYPE/NAME, in its order.
[[nodiscard]] std::vector<std::string> looked_up(const Observation& seen);

// The tests' questions.
[[nodiscard]] DcvQuestion dns_01();
[[nodiscard]] DcvQuestion http_01();
[[nodiscard]] DcvQuestion tls_alpn_01();
[[nodiscard]] CaaQuestion caa_of_our_issuer();

}  // namespace mpic::test
