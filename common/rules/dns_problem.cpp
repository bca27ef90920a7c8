// The texts of lookups that failed; see dns_message.hpp.
#include <algorithm>
#include <array>

#include "common/rules/dns_message.hpp"

namespace mpic::rules {
namespace {

// IANA, Extended DNS Error Codes (RFC 8914 5.2), by number; 2024-09. Those that begin "DNSSEC: " are told so
// apart.
constexpr std::array<std::string_view, 31> kExtendedErrors = {
    "Other Error",
    "DNSSEC: Unsupported DNSKEY Algorithm",
    "DNSSEC: Unsupported DS Digest Type",
    "Stale Answer",
    "Forged Answer",
    "DNSSEC: Indeterminate",
    "DNSSEC: Bogus",
    "DNSSEC: Signature Expired",
    "DNSSEC: Signature Not Yet Valid",
    "DNSSEC: DNSKEY Missing",
    "DNSSEC: RRSIGs Missing",
    "DNSSEC: No Zone Key Bit Set",
    "DNSSEC: NSEC Missing",
    "Cached Error",
    "Not Ready",
    "Blocked",
    "Censored",
    "Filtered",
    "Prohibited",
    "Stale NXDomain Answer",
    "Not Authoritative",
    "Not Supported",
    "No Reachable Authority",
    "Network Error",
    "Invalid Data",
    "Signature Expired before Valid",
    "Too Early",
    "Unsupported NSEC3 Iterations Value",
    "Unable to conform to policy",
    "Synthesized",
    "Invalid Query Type",
};

std::string text_of(const ExtendedDnsError& error) {
  std::string text = error.code < kExtendedErrors.size()
                         ? std::string(kExtendedErrors[error.code])
                         : "Unknown Extended DNS Error code " + std::to_string(error.code);
  if (!error.text.empty()) text += ": " + printable(error.text, 256);
  return text;
}

// RFC 8914 4.7 to 4.13: the resolver validated, and the data failed.
bool tells_bogus(const ExtendedDnsError& error) { return error.code >= 6 && error.code <= 12; }

// The error that tells most: one of DNSSEC before others.
const ExtendedDnsError* most_telling(const std::vector<ExtendedDnsError>& errors) {
  const auto bogus = std::find_if(errors.begin(), errors.end(), tells_bogus);
  if (bogus != errors.end()) return &*bogus;
  return errors.empty() ? nullptr : &errors.front();
}

std::string rcode_text(std::uint16_t rcode) {
  switch (rcode) {
    case 1:
      return "FORMERR";
    case kServfail:
      return "SERVFAIL";
    case kNxdomain:
      return "NXDOMAIN";
    case 4:
      return "NOTIMP";
    case kRefused:
      return "REFUSED";
    case 9:
      return "NOTAUTH";
    case 16:
      return "BADVERS";
    default:
      return "RCODE " + std::to_string(rcode);
  }
}

Problem rcode_problem(const DnsLookup& lookup, const std::string& where) {
  const std::string asked = "looking up " + to_string(lookup.type) + " for " + where;
  const ExtendedDnsError* extended = most_telling(lookup.extended_errors);
  const std::string more = extended == nullptr ? "" : " - " + text_of(*extended);
  switch (lookup.rcode) {
    case kNxdomain:
      return {ProblemCode::kDnsNxdomain, where,
              "NXDOMAIN " + asked + " - check that a DNS record exists for this domain" + more};
    case kServfail:
      if (extended != nullptr && tells_bogus(*extended)) {
        return {ProblemCode::kDnsBogus, where, text_of(*extended) + ", " + asked};
      }
      return {ProblemCode::kDnsServfail, where,
              "SERVFAIL " + asked + " - the domain's nameservers may be malfunctioning" + more};
    case kRefused:
      return {ProblemCode::kDnsRefused, where, "REFUSED " + asked + more};
    default:
      return {ProblemCode::kDnsOtherRcode, where, rcode_text(lookup.rcode) + " " + asked + more};
  }
}

}  // namespace

std::optional<Problem> problem_of(const DnsLookup& lookup) {
  const std::string where = printable(lookup.name);
  const std::string asked = "looking up " + to_string(lookup.type) + " for " + where;
  switch (lookup.status) {
    case DnsStatus::kAnswered:
      if (lookup.rcode == kNoError) return std::nullopt;
      return rcode_problem(lookup, where);
    case DnsStatus::kTimeout:
      return Problem(ProblemCode::kDnsTimeout, where, "query timed out " + asked);
    case DnsStatus::kUnreachable:
      return Problem(ProblemCode::kResolverUnavailable, where,
                     "the perspective's own resolver does not answer, " + asked);
    case DnsStatus::kTruncated:
      return Problem(ProblemCode::kDnsTruncated, where, "response was truncated, also over TCP, " + asked);
    case DnsStatus::kMalformed:
      break;
  }
  return Problem(ProblemCode::kDnsMalformed, where,
                 "the reply cannot be read, or answers another question, " + asked);
}

}  // namespace mpic::rules
