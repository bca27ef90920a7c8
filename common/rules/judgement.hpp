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
  // Contacts (mailto:, http:, https:) when issuance is prevented: the first 16, those over 1,024 octets left out.
  std::vector<std::string> iodef;
};

struct Judgement {
  Outcome outcome = Outcome::kCouldNotLook;  // kCorroborates (positive), kContradicts, kCouldNotLook, kEvidenceInvalid
  std::optional<Problem> problem;            // none exactly when positive
  std::string key;                           // what "the same" means for the method (BR 3.2.2.9); empty unless positive
  std::string saw;                           // one line for people, escaped
  bool dnssec_authenticated = false;         // every lookup that counted carried AD
  std::optional<CaaFinding> caa;
  // An IPv6 address that failed although an IPv4 address answered (reached.hpp): no problem yet, worth telling. Only of
  // a positive judgement.
  std::optional<IpAddress> ipv6_failed;
  // The last moment at which the record itself still grants something (dns-persistent's persistUntil), and the TTL of
  // the records that a positive judgement rests on, where the method limits reuse by it.
  std::optional<TimePoint> record_expires;
  std::optional<std::uint32_t> record_ttl;
};

// kEvidenceInvalid: what is claimed cannot have been seen by an agent that keeps the rules. `where` names the part.
[[nodiscard]] Judgement invalid_evidence(std::string where, std::string why);

// RFC 8659 3: climb, relevant set, issue and issuewild, critical, RFC 8657. BR 4.2.2.1. The lookups must be those of
// the climb from `identifier`, leaf first, as many as needed (more do not matter); others, or too few, are
// kEvidenceInvalid. An error below or at the deciding set is a lookup failure, never permission: also NXDOMAIN of the
// TLD (ours), a set that was cut, and whatever the question says of acceptable failures, since no proof of an insecure
// zone is observed.
[[nodiscard]] Judgement judge_caa(const Identifier& identifier, const CaaQuestion& question,
                                  const CaaObservation& seen);

// The DCV half of an observation, by its method: judge_http (http_ask.hpp), judge_dns (dcv_dns.hpp), judge_tls_alpn
// (dcv_tls_alpn.hpp). kEvidenceInvalid when it answers another method than was asked. What
// does not follow because the observation was cut is kDnsTooManyRecords: a target can make it so, and no agent is a
// liar for that.
[[nodiscard]] Judgement judge_dcv(const Assignment& assignment, const Observation& observation);
// The CAA half; the same for what was cut.
[[nodiscard]] Judgement judge_caa(const Assignment& assignment, const Observation& observation);

}  // namespace mpic::rules
