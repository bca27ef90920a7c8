// Problems: why something could not be done, or was seen to be otherwise.
//
// One closed list for the whole system. The numbers are those of mpic.v1.ProblemCode and of every record ever
// written, so they are never reused. Which outcome a problem of one perspective makes is told by outcome_of().
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace mpic {

enum class ProblemCode : std::uint16_t {
  // The domain's DNS.
  kDnsNxdomain = 1,
  kDnsNoAddresses = 2,
  kDnsServfail = 3,
  kDnsBogus = 4,
  kDnsRefused = 5,
  kDnsTimeout = 6,
  kDnsMalformed = 7,
  kDnsTruncated = 8,
  kDnsOtherRcode = 9,
  kDnsTooManyRecords = 10,
  kDnsNoRecord = 11,
  kDnsNoAlias = 12,
  // Reaching the site.
  kAddressForbidden = 20,
  kConnectionRefused = 21,
  kConnectionTimeout = 22,
  kConnectionReset = 23,
  kNetworkUnreachable = 24,
  kReadTimeout = 25,
  kTlsFailed = 26,
  kNoIpv6Egress = 27,
  kConnectionClosed = 28,
  kTlsTimeout = 29,
  kOutpaced = 30,
  // What the site answered.
  kHttpMalformed = 40,
  kHttpVersion = 41,
  kHttpStatus = 42,
  kHttpBodyTooLarge = 43,
  kHttpHeaderTooLarge = 44,
  kRedirectForbidden = 45,
  kRedirectLoop = 46,
  kTooManyRedirects = 47,
  kChallengeMismatch = 48,
  kCertificateMismatch = 49,
  kKeyDiffersFromPrimary = 50,
  kHttpEncoding = 51,
  kAlpnNotAgreed = 52,
  kRecordMalformed = 53,
  kRecordExpired = 54,
  kAccountMismatch = 55,
  kScopeTooNarrow = 56,
  // CAA.
  kCaaForbids = 60,
  kCaaCriticalUnknown = 61,
  // Our own machinery.
  kUnreachable = 80,
  kOverloaded = 81,
  kAssignmentStale = 82,
  kAssignmentNotMine = 83,
  kAssignmentInvalid = 84,
  kEvidenceInvalid = 85,
  kBudgetExhausted = 86,
  kCancelled = 87,
  kNotWaitedFor = 88,
  kNoResult = 89,
  kInternal = 90,
  kResolverUnavailable = 91,
  // The request or the deployment.
  kInvalidArgument = 100,
  kPolicy = 101,
  kNotSupported = 102,
  kQuorumNotReached = 103,
  kDeploymentPolicy = 104,
  kUnauthenticated = 105,
  kNoRight = 106,
};

struct Problem {
  ProblemCode code = ProblemCode::kInternal;
  std::string where;   // name, address, URL or field concerned
  std::string detail;  // one sentence; text from outside is escaped by whoever puts it here (printable())

  // A user-declared constructor, since g++ 12 destroys aggregates twice inside co_await (docs/toolchain.md).
  Problem() = default;
  Problem(ProblemCode c, std::string w, std::string d) : code(c), where(std::move(w)), detail(std::move(d)) {}
  friend bool operator==(const Problem&, const Problem&) = default;
};

template <class T>
using Expected = tl::expected<T, Problem>;
using Unexpected = tl::unexpected<Problem>;

inline Unexpected fail(ProblemCode code, std::string where, std::string detail) {
  return Unexpected(Problem(code, std::move(where), std::move(detail)));
}

// How one check by one perspective ends. Only kCorroborates counts for the quorum (BR 3.2.2.9: missing evidence is
// never agreement). Numbers as mpic.v1.Outcome.
enum class Outcome : std::uint8_t {
  kCorroborates = 1,
  kContradicts = 2,
  kCouldNotLook = 3,
  kEvidenceInvalid = 4,
  kUnreachable = 5,
  kRefused = 6,
  kNotWaitedFor = 7,
  kNoResult = 8,
};

// The outcome that a problem stands for. A target that does not answer is "could not look"; one that answers something
// else contradicts.
[[nodiscard]] Outcome outcome_of(ProblemCode code);

// "DNS_NXDOMAIN", as in the contract without its prefix; for records, metrics and people.
[[nodiscard]] std::string_view to_string(ProblemCode code);
[[nodiscard]] std::string_view to_string(Outcome outcome);  // "corroborates", "could_not_look"

// `text` from outside made fit for a terminal, a log and UTF-8 JSON: control and direction characters, backslashes and
// octets that are not UTF-8 become \xNN. The result has at most `limit` octets; when something was left out it ends in
// "...".
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 256);
// The same between double quotes, with those inside as \x22: for text from outside that a sentence of ours quotes.
[[nodiscard]] std::string quoted(std::string_view text, std::size_t limit = 256);
// For what should have been made fit already, by us or by an agent: backslashes stay, so that escapes are not escaped
// again. What is fit, and within `limit`, stays as it is.
[[nodiscard]] std::string presentable(std::string_view text, std::size_t limit);
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace mpic
