// For the issuance step of a CA's pipeline: may this certificate rest on this answer?
//
// The answer's Statement is signed by the coordinator. What is about to be issued is compared with it, so that nothing
// in between (a queue, a database, a mistake) can put an answer under another name, account, method or time. Of DCV and
// CAA each may come from a statement of its own (BR 3.2.2.9 allows different sets): call it once for each statement,
// and issue when every check that the issuance needs is covered by one.
//
// Pure; link mpic_evidence. The Python version is docs/clients/python/mpic_issuance.py.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/evidence/observations.hpp"
#include "mpic/v1/record.pb.h"

namespace mpic::evidence {

// One name of the certificate that is about to be issued, and what must have been checked for it.
struct Issuance {
  std::string identifier;             // as in the certificate: "example.com", "*.example.com", "192.0.2.1"
  TimePoint at{};                     // of issuance
  v1::CertificateType certificate{};  // unspecified: TLS server
  bool needs_dcv = true;
  bool needs_caa = true;
  v1::DcvMethod method{};     // the one that the CA records; unspecified: whichever the statement has
  std::string account_uri;    // of the applicant; empty: a statement that names an account does not cover it
  std::string issuer_domain;  // the CA's; empty: not compared
  std::string client;         // that asked; empty: not compared
  std::string log_origin;     // of the coordinator that is trusted; empty: whichever key fits
  bool accepts_asserted_primary = true;
};

// What the statement says, when it covers the issuance. Else kEvidenceInvalid for a statement that is not what it
// claims to be, or kPolicy with the first thing that is not covered, in one sentence.
// `keys`: the coordinator's statement keys with their validity, which must hold at `decided`.
[[nodiscard]] Expected<v1::StatementBody> check_issuance(const v1::Statement& statement,
                                                         std::span<const PinnedKey> keys, const Issuance& issuance);

// That this record, as GetRecord gives it, is the one of the statement, unchanged, and that it is in the log: its proof
// leads to a checkpoint signed by one of `log_keys`. kEvidenceInvalid with the reason; a record without a proof too.
class NoteVerifier;
[[nodiscard]] Expected<void> check_record(const v1::Record& record, const v1::Statement& statement,
                                          std::span<const NoteVerifier> log_keys);

}  // namespace mpic::evidence
