// The texts of lookups that failed; see dns_message.hpp.
#include <algorithm>
#include <array>

#include "common/rules/dns_message.hpp"

namespace mpic::rules {
namespace {

// IANA, Extended DNS Error Codes (RFC 8914 5.2), by number; 2024-09. Those of DNSSEC say so, and come first in a text.
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
    "DNSSEC: Signature Expired before Valid",
    "Too Early",
    "DNSSEC: Unsupported NSEC3 Iterations Value",
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

// The resolver validated, and the data failed: RFC 8914 4.7 to 4.13, and 25 of the registry.
bool tells_bogus(const ExtendedDnsError& error) { return (error.code >= 6 && error.code <= 12) || error.code == 25; }

bool is_of_dnssec(const ExtendedDnsError& error) { return text_of(error).starts_with("DNSSEC: "); }

// RFC 8914 4.23, 4.24: no server could be asked.
bool tells_unreachable(const ExtendedDnsError& error) { return error.code == 22 || error.code == 23; }

// The error that tells most: bogus DNSSEC, else another of DNSSEC, else the first.
const ExtendedDnsError* most_telling(const std::vector<ExtendedDnsError>& errors) {
  for (const auto tells : {tells_bogus, is_of_dnssec}) {
    const auto found = std::find_if(errors.begin(), errors.end(), tells);
    if (found != errors.end()) return &*found;
  }
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

// A person is told what DNSSEC says, not the RCODE that stands for every failure.
Problem servfail_problem(const ExtendedDnsError* extended, const std::string& where, const std::string& asked) {
  const std::string servfail = "SERVFAIL " + asked + " - the domain's nameservers ";
  if (extended == nullptr) return {ProblemCode::kDnsServfail, where, servfail + "may be malfunctioning"};
  const std::string why = text_of(*extended);
  if (is_of_dnssec(*extended)) {
    const ProblemCode code = tells_bogus(*extended) ? ProblemCode::kDnsBogus : ProblemCode::kDnsServfail;
    return {code, where, why + ", " + asked};
  }
  const char* guess = tells_unreachable(*extended) ? "do not answer, or cannot be reached" : "may be malfunctioning";
  return {ProblemCode::kDnsServfail, where, servfail + guess + " - " + why};
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
      return servfail_problem(extended, where, asked);
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
  return Problem(ProblemCode::kDnsMalformed, where, "the reply cannot be read, or answers another question, " + asked);
}

}  // namespace mpic::rules
