// What an observation means for one check. The agent, the coordinator and the offline verifier all call judge().
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/domain/assignment.hpp"
#include "common/domain/observation.hpp"

namespace mpic::rules {

struct CaaFinding {
  std::string found_at;               // empty: no CAA record on the whole climb
  std::vector<std::string> relevant;  // presentation form: 0 issue "ca.example"; escaped
  std::uint32_t ttl = 0;              // lowest over the chain, as answered; 0 when there is no record
  std::vector<std::string> iodef;     // contacts (mailto:, http:, https:), when issuance is prevented
};

struct Judgement {
  Outcome outcome = Outcome::kCouldNotLook;  // kCorroborates (positive), kContradicts, kCouldNotLook, kEvidenceInvalid
  std::optional<Problem> problem;            // none exactly when positive
  std::string key;                           // what "the same" means for the method (BR 3.2.2.9); empty unless positive
  std::string saw;                           // one line for people, escaped
  bool dnssec_authenticated = false;         // every lookup that counted carried AD
  std::optional<CaaFinding> caa;
};

// kEvidenceInvalid: what is claimed cannot have been seen by an agent that keeps the rules. `where` names the part.
[[nodiscard]] Judgement invalid_evidence(std::string where, std::string why);

// RFC 8659 3: climb, relevant set, issue and issuewild, critical, RFC 8657. BR 4.2.2.1. The lookups must be those of the
// climb from `identifier`, leaf first, as many as needed (more do not matter); others, or too few, are kEvidenceInvalid.
// An error below or at the deciding set is a lookup failure, never permission: also NXDOMAIN of the TLD (ours), a set
// that was cut, and whatever the question says of acceptable failures, since no proof of an insecure zone is observed.
[[nodiscard]] Judgement judge_caa(const Identifier& identifier, const CaaQuestion& question, const CaaObservation& seen);

// RFC 8555 8.3, BR 3.2.2.4.19, 3.2.2.5.6. Every hop is derived again from the one before; a URL, port or address that the
// rules would not have led to is kEvidenceInvalid. The key is the ACME token's key authorization.
// `lab` are the observation's own stamps: the ranges they name are not held against the registries, and the ports they
// map are dialled as mapped.
[[nodiscard]] Judgement judge_http_01(const Identifier& identifier, const AcmeHttp01& question,
                                      const HttpObservation& seen, const std::vector<std::string>& lab);

// The DCV half of an observation, by its method. kEvidenceInvalid when it answers another method than was asked. What
// does not follow because the observation was cut is kDnsTooManyRecords: a target can make it so, and no agent is a liar
// for that.
[[nodiscard]] Judgement judge_dcv(const Assignment& assignment, const Observation& observation);
// The CAA half; the same for what was cut.
[[nodiscard]] Judgement judge_caa(const Assignment& assignment, const Observation& observation);

}  // namespace mpic::rules
