// For the issuance step of a CA's pipeline: may this certificate rest on this answer?
//
// The answer's Statement is signed by the coordinator. What is about to be issued is compared with it, so that nothing
// in between (a queue, a database, a mistake) can put an answer under another name, account, method or time. Of DCV and
// CAA each may come from a statement of its own (BR 3.2.2.9 allows different sets): call it once for each statement,
// and issue when every check that the issuance needs is covered by one.
//
// A statement covers the identifier that was applied for, and no other: one for "*.example.com" covers exactly that,
// one for "example.com" neither "*.example.com" nor a name below. Where a method validated a parent (its Authorization
// Domain Name), names below count only through a statement of their own, whose identifier they are.
//
// Fail closed: whatever is missing, unknown or not understood is refused. A statement of an older coordinator may lack
// what is asked, one of a newer coordinator may hold a restriction that is not known here: ask again, or update this.
//
// Pure; link mpic_evidence. The Python version is docs/clients/python/mpic_issuance.py; both are held to the same cases
// (tests/vectors/issuance).
#pragma once

#include <span>
#include <string>

#include "common/evidence/observations.hpp"
#include "mpic/v1/record.pb.h"

namespace mpic::evidence {

inline constexpr std::size_t kMaxStatement = 64 * 1024;  // octets of a statement's payload; longer ones are refused

// One name of the certificate that is about to be issued, and what must have been checked for it.
struct Issuance {
  std::string identifier;             // as in the certificate: "example.com", "*.example.com", "192.0.2.1" (RFC 5952)
  TimePoint at{};                     // of issuance: at most 30 s before the statement's, for clocks differ
  v1::CertificateType certificate{};  // unspecified: TLS server
  bool needs_dcv = true;
  bool needs_caa = true;
  // The one that the CA records. Unspecified: whichever the statement has; not for CAA alone that was asked for the
  // label of a method, which permits that method only.
  v1::DcvMethod method{};
  // Of the applicant; octet for octet. Empty: a statement that names an account does not cover it. Else every account
  // that the statement names must be it, or have it among them, and a CAA check must have been asked for it.
  std::string account_uri;
  std::string issuer_domain;  // the CA's; empty: not compared
  std::string client;         // that asked; empty: not compared
  std::string log_origin;     // of the coordinator that is trusted; empty: whichever key fits
  bool accepts_asserted_primary = true;
};

// What the statement says, when it covers the issuance. Else one sentence with the first thing that stands against it:
// kEvidenceInvalid for a statement that is not what it claims to be, kPolicy for what is not covered, kInvalidArgument
// for an issuance that asks nothing or that names no identifier.
// `keys`: the coordinator's statement keys with their validity, which must hold at `decided`.
[[nodiscard]] Expected<v1::StatementBody> check_issuance(const v1::Statement& statement,
                                                         std::span<const PinnedKey> keys, const Issuance& issuance);

class NoteVerifier;
// That this record, as GetRecord gives it, is the one of the statement, unchanged, and that it is in the log: its proof
// leads to a checkpoint signed by one of `log_keys`, of the statement's own log. kEvidenceInvalid with the reason; a
// record without a proof, or whose body was pruned, too.
// Precondition: check_issuance() took `statement`; its signature is not looked at again. Addenda are not proven.
[[nodiscard]] Expected<void> check_record(const v1::Record& record, const v1::Statement& statement,
                                          std::span<const NoteVerifier> log_keys);

}  // namespace mpic::evidence
