// The record of dns-persistent (BR 3.2.2.4.22, 3.2.2.5.8; draft-ietf-acme-dns-persist for what the BR leave open).
// Pure; fuzzed.
//
//   issuer-domain-name *( ";" tag "=" value )      the issue-value grammar of RFC 8659 4.2
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/domain/dcv.hpp"
#include "common/domain/observation.hpp"

namespace mpic::rules {

struct PersistentRecord {
  std::string issuer_domain;  // lower case
  std::string account_uri;
  bool wildcard_policy = false;               // policy=wildcard, in any case
  std::optional<std::int64_t> persist_until;  // Unix seconds; usable up to and including that second
};

// Why a record grants nothing. Other CAs' records stand at the same name, and are nobody's mistake.
struct PersistentFault {
  bool another_issuer = false;  // not ours, whatever else is wrong with it
  // kRecordMalformed, kAccountMismatch, kRecordExpired, kScopeTooNarrow, in this order; not ours: kDnsNoRecord. `where`
  // is for the caller to fill.
  Problem problem;
};

// One TXT record (its strings joined) against the question. `covers_more`: the certificate is for a wildcard or a name
// below the Authorization Domain Name, so policy=wildcard is needed. Tags are compared without case; accounturi, policy
// and persistUntil may come once each, unknown ones are ignored however often they come. What breaks the grammar is
// ours if the text before the first ";" is one of our names, also with a final dot or between quotes, which break it
// themselves.
[[nodiscard]] tl::expected<PersistentRecord, PersistentFault> check_persistent_record(std::string_view text,
                                                                                      const DnsPersistent& question,
                                                                                      bool covers_more, TimePoint when);

// persistUntil as a moment; none for a record without it. From the year 2200 on, that year's beginning is told: no
// TimePoint holds every number of seconds.
[[nodiscard]] std::optional<TimePoint> expiry_of(const PersistentRecord& record);

}  // namespace mpic::rules
