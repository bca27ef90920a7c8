#include "common/domain/problem.hpp"

#include <array>
#include <cstddef>

namespace mpic {
namespace {

// Length of the well-formed UTF-8 character that begins `text`, 0 when none does (RFC 3629 4: no surrogates,
// nothing overlong, nothing over U+10FFFF), and its code point.
std::size_t utf8_character(std::string_view text, char32_t& code_point) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = octet(0);
  if (lead < 0x80) {
    code_point = lead;
    return 1;
  }
  std::size_t length = 0;
  if (lead >= 0xC2 && lead <= 0xDF) length = 2;
  if (lead >= 0xE0 && lead <= 0xEF) length = 3;
  if (lead >= 0xF0 && lead <= 0xF4) length = 4;
  if (length == 0 || text.size() < length) return 0;
  char32_t value = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((octet(i) & 0xC0U) != 0x80U) return 0;
    value = (value << 6U) | (octet(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return 0;
  code_point = value;
  return length;
}

// Characters that change what a person sees around them: controls, separators of lines, direction marks, zero
// widths.
bool deceives(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF0 && c <= 0xFFFB) ||
         (c >= 0xE0000 && c <= 0xE0FFF);
}

std::string escaped(std::string_view octets) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    out += {'\\', 'x', kHex[octet >> 4U], kHex[octet & 0xFU]};
  }
  return out;
}

// `also`: characters that are escaped beside those that deceive.
std::string made_fit(std::string_view text, std::size_t limit, std::string_view also) {
  constexpr std::string_view kDots = "...";
  const std::size_t room = limit > kDots.size() ? limit - kDots.size() : 0;
  std::string out;
  std::size_t fits = 0;  // length of `out` that leaves room for the dots
  while (!text.empty()) {
    char32_t code_point = 0;
    const std::size_t length = utf8_character(text, code_point);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    const bool as_is = length != 0 && !deceives(code_point) && also.find(character.front()) == std::string_view::npos;
    out += as_is ? std::string(character) : escaped(character);
    text.remove_prefix(character.size());
    if (out.size() <= room) fits = out.size();
    if (out.size() > limit) {
      out.resize(fits);
      out += kDots.substr(0, limit);
      return out;
    }
  }
  return out;
}

}  // namespace

// No default: a new code does not compile (-Wswitch) until its outcome is decided.
Outcome outcome_of(ProblemCode code) {
  switch (code) {
    // The target, or its DNS, answered, and said something else.
    case ProblemCode::kDnsNxdomain:
    case ProblemCode::kDnsNoAddresses:
    case ProblemCode::kDnsNoRecord:
    case ProblemCode::kDnsNoAlias:
    case ProblemCode::kAddressForbidden:
    case ProblemCode::kHttpMalformed:
    case ProblemCode::kHttpVersion:
    case ProblemCode::kHttpStatus:
    case ProblemCode::kHttpBodyTooLarge:
    case ProblemCode::kHttpHeaderTooLarge:
    case ProblemCode::kHttpEncoding:
    case ProblemCode::kRedirectForbidden:
    case ProblemCode::kRedirectLoop:
    case ProblemCode::kTooManyRedirects:
    case ProblemCode::kChallengeMismatch:
    case ProblemCode::kCertificateMismatch:
    case ProblemCode::kKeyDiffersFromPrimary:
    case ProblemCode::kAlpnNotAgreed:
    case ProblemCode::kRecordMalformed:
    case ProblemCode::kRecordExpired:
    case ProblemCode::kAccountMismatch:
    case ProblemCode::kScopeTooNarrow:
    case ProblemCode::kCaaForbids:
    case ProblemCode::kCaaCriticalUnknown:
      return Outcome::kContradicts;
    // The target could not be looked at from there. A budget that ran out is a target too slow for it; a
    // perspective without IPv6 would not do better at a second attempt, so it is not one of our own faults
    // worth a retry.
    case ProblemCode::kDnsServfail:
    case ProblemCode::kDnsBogus:
    case ProblemCode::kDnsRefused:
    case ProblemCode::kDnsTimeout:
    case ProblemCode::kDnsMalformed:
    case ProblemCode::kDnsTruncated:
    case ProblemCode::kDnsOtherRcode:
    case ProblemCode::kDnsTooManyRecords:
    case ProblemCode::kConnectionRefused:
    case ProblemCode::kConnectionTimeout:
    case ProblemCode::kConnectionReset:
    case ProblemCode::kConnectionClosed:
    case ProblemCode::kNetworkUnreachable:
    case ProblemCode::kReadTimeout:
    case ProblemCode::kTlsFailed:
    case ProblemCode::kTlsTimeout:
    case ProblemCode::kOutpaced:
    case ProblemCode::kNoIpv6Egress:
    case ProblemCode::kBudgetExhausted:
      return Outcome::kCouldNotLook;
    case ProblemCode::kEvidenceInvalid:
      return Outcome::kEvidenceInvalid;
    // Our own fault, worth a retry: the perspective is away, or blind because its own resolver is.
    case ProblemCode::kUnreachable:
    case ProblemCode::kResolverUnavailable:
      return Outcome::kUnreachable;
    // The perspective is there and declined. The codes of a whole request never belong to one perspective;
    // should an agent send one all the same, it declined.
    case ProblemCode::kOverloaded:
    case ProblemCode::kAssignmentStale:
    case ProblemCode::kAssignmentNotMine:
    case ProblemCode::kAssignmentInvalid:
    case ProblemCode::kInternal:
    case ProblemCode::kInvalidArgument:
    case ProblemCode::kPolicy:
    case ProblemCode::kNotSupported:
    case ProblemCode::kQuorumNotReached:
    case ProblemCode::kDeploymentPolicy:
    case ProblemCode::kUnauthenticated:
    case ProblemCode::kNoRight:
      return Outcome::kRefused;
    case ProblemCode::kCancelled:
    case ProblemCode::kNotWaitedFor:
      return Outcome::kNotWaitedFor;
    case ProblemCode::kNoResult:
      return Outcome::kNoResult;
  }
  return Outcome::kRefused;  // a number outside the list, which wire/ never lets in
}

std::string_view to_string(ProblemCode code) {
  switch (code) {
    case ProblemCode::kDnsNxdomain:
      return "DNS_NXDOMAIN";
    case ProblemCode::kDnsNoAddresses:
      return "DNS_NO_ADDRESSES";
    case ProblemCode::kDnsServfail:
      return "DNS_SERVFAIL";
    case ProblemCode::kDnsBogus:
      return "DNS_BOGUS";
    case ProblemCode::kDnsRefused:
      return "DNS_REFUSED";
    case ProblemCode::kDnsTimeout:
      return "DNS_TIMEOUT";
    case ProblemCode::kDnsMalformed:
      return "DNS_MALFORMED";
    case ProblemCode::kDnsTruncated:
      return "DNS_TRUNCATED";
    case ProblemCode::kDnsOtherRcode:
      return "DNS_OTHER_RCODE";
    case ProblemCode::kDnsTooManyRecords:
      return "DNS_TOO_MANY_RECORDS";
    case ProblemCode::kDnsNoRecord:
      return "DNS_NO_RECORD";
    case ProblemCode::kDnsNoAlias:
      return "DNS_NO_ALIAS";
    case ProblemCode::kAddressForbidden:
      return "ADDRESS_FORBIDDEN";
    case ProblemCode::kConnectionRefused:
      return "CONNECTION_REFUSED";
    case ProblemCode::kConnectionTimeout:
      return "CONNECTION_TIMEOUT";
    case ProblemCode::kConnectionReset:
      return "CONNECTION_RESET";
    case ProblemCode::kNetworkUnreachable:
      return "NETWORK_UNREACHABLE";
    case ProblemCode::kReadTimeout:
      return "READ_TIMEOUT";
    case ProblemCode::kTlsFailed:
      return "TLS_FAILED";
    case ProblemCode::kNoIpv6Egress:
      return "NO_IPV6_EGRESS";
    case ProblemCode::kConnectionClosed:
      return "CONNECTION_CLOSED";
    case ProblemCode::kTlsTimeout:
      return "TLS_TIMEOUT";
    case ProblemCode::kOutpaced:
      return "OUTPACED";
    case ProblemCode::kHttpMalformed:
      return "HTTP_MALFORMED";
    case ProblemCode::kHttpVersion:
      return "HTTP_VERSION";
    case ProblemCode::kHttpStatus:
      return "HTTP_STATUS";
    case ProblemCode::kHttpBodyTooLarge:
      return "HTTP_BODY_TOO_LARGE";
    case ProblemCode::kHttpHeaderTooLarge:
      return "HTTP_HEADER_TOO_LARGE";
    case ProblemCode::kRedirectForbidden:
      return "REDIRECT_FORBIDDEN";
    case ProblemCode::kRedirectLoop:
      return "REDIRECT_LOOP";
    case ProblemCode::kTooManyRedirects:
      return "TOO_MANY_REDIRECTS";
    case ProblemCode::kChallengeMismatch:
      return "CHALLENGE_MISMATCH";
    case ProblemCode::kCertificateMismatch:
      return "CERTIFICATE_MISMATCH";
    case ProblemCode::kKeyDiffersFromPrimary:
      return "KEY_DIFFERS_FROM_PRIMARY";
    case ProblemCode::kHttpEncoding:
      return "HTTP_ENCODING";
    case ProblemCode::kAlpnNotAgreed:
      return "ALPN_NOT_AGREED";
    case ProblemCode::kRecordMalformed:
      return "RECORD_MALFORMED";
    case ProblemCode::kRecordExpired:
      return "RECORD_EXPIRED";
    case ProblemCode::kAccountMismatch:
      return "ACCOUNT_MISMATCH";
    case ProblemCode::kScopeTooNarrow:
      return "SCOPE_TOO_NARROW";
    case ProblemCode::kCaaForbids:
      return "CAA_FORBIDS";
    case ProblemCode::kCaaCriticalUnknown:
      return "CAA_CRITICAL_UNKNOWN";
    case ProblemCode::kUnreachable:
      return "UNREACHABLE";
    case ProblemCode::kOverloaded:
      return "OVERLOADED";
    case ProblemCode::kAssignmentStale:
      return "ASSIGNMENT_STALE";
    case ProblemCode::kAssignmentNotMine:
      return "ASSIGNMENT_NOT_MINE";
    case ProblemCode::kAssignmentInvalid:
      return "ASSIGNMENT_INVALID";
    case ProblemCode::kEvidenceInvalid:
      return "EVIDENCE_INVALID";
    case ProblemCode::kBudgetExhausted:
      return "BUDGET_EXHAUSTED";
    case ProblemCode::kCancelled:
      return "CANCELLED";
    case ProblemCode::kNotWaitedFor:
      return "NOT_WAITED_FOR";
    case ProblemCode::kNoResult:
      return "NO_RESULT";
    case ProblemCode::kInternal:
      return "INTERNAL";
    case ProblemCode::kResolverUnavailable:
      return "RESOLVER_UNAVAILABLE";
    case ProblemCode::kInvalidArgument:
      return "INVALID_ARGUMENT";
    case ProblemCode::kPolicy:
      return "POLICY";
    case ProblemCode::kNotSupported:
      return "NOT_SUPPORTED";
    case ProblemCode::kQuorumNotReached:
      return "QUORUM_NOT_REACHED";
    case ProblemCode::kDeploymentPolicy:
      return "DEPLOYMENT_POLICY";
    case ProblemCode::kUnauthenticated:
      return "UNAUTHENTICATED";
    case ProblemCode::kNoRight:
      return "NO_RIGHT";
  }
  return "UNSPECIFIED";
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::kCorroborates:
      return "corroborates";
    case Outcome::kContradicts:
      return "contradicts";
    case Outcome::kCouldNotLook:
      return "could_not_look";
    case Outcome::kEvidenceInvalid:
      return "evidence_invalid";
    case Outcome::kUnreachable:
      return "unreachable";
    case Outcome::kRefused:
      return "refused";
    case Outcome::kNotWaitedFor:
      return "not_waited_for";
    case Outcome::kNoResult:
      return "no_result";
  }
  return "unspecified";
}

std::string printable(std::string_view text, std::size_t limit) { return made_fit(text, limit, "\\"); }

std::string quoted(std::string_view text, std::size_t limit) { return '"' + made_fit(text, limit, "\\\"") + '"'; }

std::string presentable(std::string_view text, std::size_t limit) { return made_fit(text, limit, {}); }

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    char32_t code_point = 0;
    const std::size_t length = utf8_character(text, code_point);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace mpic
