// A statement and an issuance that it covers, to be changed in one thing; and keys to sign it with.
#pragma once

#include "common/domain/observation.hpp"
#include "common/evidence/issuance.hpp"

namespace mpic::test {

enum class Signer : std::uint8_t { kOurs, kStranger, kP256 };  // only the second is not pinned

extern const TimePoint kDecided;   // 2026-11-25 10:00 UTC; the keys are valid in that year
extern const TimePoint kCaaUntil;  // 8 hours later
extern const TimePoint kDcvUntil;  // 110 days later

[[nodiscard]] const evidence::SigningKey& signing_key(Signer signer);

struct Draft {
  v1::StatementBody said;
  evidence::Issuance issuance;
  Signer signer = Signer::kOurs;
  void (*after)(v1::Statement&) = nullptr;  // it was signed

  v1::StatedCheck& dcv() { return *said.mutable_checks(0); }
  v1::StatedCheck& caa() { return *said.mutable_checks(1); }
};

// DCV by http-01 and CAA, of one account; everything that can be stated is.
[[nodiscard]] Draft covered_draft();
[[nodiscard]] v1::Statement sign(const v1::StatementBody& said, Signer signer);
[[nodiscard]] v1::Statement sign(const Draft& draft);

// Another draft that is covered.
void only_dcv(Draft& draft);
void only_caa(Draft& draft);
void wildcard(Draft& draft);
void smime(Draft& draft);
void address(Draft& draft, const char* stated);
void persistent(Draft& draft);

}  // namespace mpic::test
