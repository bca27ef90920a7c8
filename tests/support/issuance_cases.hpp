// Statements and issuances, and whether one covers the other: for the unit tests of check_issuance and check_record,
// and for tests/vectors/issuance, which the Python version is held to as well. Each refused case differs from one that
// is covered in one thing. Keys and signatures are real.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/evidence/checkpoint.hpp"
#include "common/evidence/issuance.hpp"

namespace mpic::test {

struct Refusal {
  ProblemCode code = ProblemCode::kPolicy;
  std::string why;  // the sentence; when it ends in ": ", the beginning of one
  bool operator==(const Refusal&) const = default;
};

struct IssuanceCase {
  std::string rule;
  v1::Statement statement;
  evidence::Issuance issuance;
  std::optional<Refusal> refused;
};

struct RecordCase {
  std::string rule;
  v1::Record record;
  v1::Statement statement;
  std::optional<Refusal> refused;
};

[[nodiscard]] const std::vector<evidence::PinnedKey>& statement_keys();
[[nodiscard]] const std::vector<evidence::NoteVerifier>& log_keys();
[[nodiscard]] std::vector<IssuanceCase> issuance_cases();
[[nodiscard]] std::vector<RecordCase> record_cases();

}  // namespace mpic::test
