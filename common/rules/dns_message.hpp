// Reading of DNS replies. The message is hostile input: every length is checked by the library's reader (ns_initparse,
// ns_parserr of the C library), never by pointer arithmetic of ours. Pure; fuzzed.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "common/domain/caa.hpp"
#include "common/domain/observation.hpp"

namespace mpic::rules {

// Fills what a reply tells: status kAnswered, rcode (with the extended bits of OPT), AD, EDE, CNAME chain from `name`,
// records of `type` at its end, lowest TTL, records_cut. kTruncated when TC is set. kMalformed when the message cannot
// be read, is no response, answers another question, or holds a CNAME loop or more than kMaxCnames links.
// `name`, `type` and what the transport knows (server, tries, started) are the caller's. Owner names are compared
// without case. Names from the message are kept in presentation form, lower case, without the final dot.
[[nodiscard]] DnsLookup read_reply(std::span<const std::uint8_t> message, std::string_view name, RecordType type);

// RDATA of a CAA record (RFC 8659 4.1). kDnsMalformed when the tag is empty or longer than the data.
[[nodiscard]] Expected<CaaRecord> read_caa(std::span<const std::uint8_t> rdata);

// RDATA of a TXT record: its strings joined (RFC 7208 3.3's way, used by every method here).
[[nodiscard]] Expected<std::string> read_txt(std::span<const std::uint8_t> rdata);

// RDATA of a CNAME or PTR record, as read_reply() keeps it: one whole name, without compression. In presentation form,
// lower case, without the final dot; names are compared without case (RFC 4343).
[[nodiscard]] Expected<std::string> read_name(std::span<const std::uint8_t> rdata);

// The problem that a lookup stands for, none for NOERROR. NXDOMAIN is a problem here; a caller that treats it as "no
// records" asks `is_empty_answer`. Bogus DNSSEC (SERVFAIL with EDE 6 to 12, or 25) is told apart, and the text names
// the EDE as RFC 8914 does ("DNSSEC: Signature Expired"). A SERVFAIL that DNSSEC explains is told in its words alone.
[[nodiscard]] std::optional<Problem> problem_of(const DnsLookup& lookup);

// NOERROR without such records, or NXDOMAIN: nothing is there.
[[nodiscard]] bool is_empty_answer(const DnsLookup& lookup);

// Why no resolver can have answered so, none when one can: records lie at the end of a chain of CNAMEs that begins at
// the name asked, and a lookup that failed has none.
[[nodiscard]] std::optional<std::string> answer_fault(const DnsLookup& lookup);

}  // namespace mpic::rules
