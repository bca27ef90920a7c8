#include "common/domain/problem.hpp"

#include <set>
#include <vector>

#include "common/wire/convert.hpp"
#include "tests/support/catch.hpp"

namespace mpic {
namespace {

using Code = ProblemCode;

const std::vector<Code> kAnsweredOtherwise = {
    Code::kDnsNxdomain,        Code::kDnsNoAddresses,     Code::kDnsNoRecord,         Code::kAddressForbidden,
    Code::kHttpMalformed,      Code::kHttpVersion,        Code::kHttpStatus,          Code::kHttpBodyTooLarge,
    Code::kHttpHeaderTooLarge, Code::kHttpEncoding,       Code::kRedirectForbidden,   Code::kRedirectLoop,
    Code::kTooManyRedirects,   Code::kChallengeMismatch,  Code::kCertificateMismatch, Code::kKeyDiffersFromPrimary,
    Code::kCaaForbids,         Code::kCaaCriticalUnknown, Code::kDnsNoAlias,          Code::kAlpnNotAgreed,
    Code::kRecordMalformed,    Code::kRecordExpired,      Code::kAccountMismatch,     Code::kScopeTooNarrow};
const std::vector<Code> kNotSeen = {
    Code::kDnsServfail,        Code::kDnsBogus,          Code::kDnsRefused,      Code::kDnsTimeout,
    Code::kDnsMalformed,       Code::kDnsTruncated,      Code::kDnsOtherRcode,   Code::kDnsTooManyRecords,
    Code::kConnectionRefused,  Code::kConnectionTimeout, Code::kConnectionReset, Code::kConnectionClosed,
    Code::kNetworkUnreachable, Code::kReadTimeout,       Code::kTlsFailed,       Code::kNoIpv6Egress,
    Code::kTlsTimeout,         Code::kOutpaced,          Code::kBudgetExhausted};
const std::vector<Code> kOurs = {Code::kUnreachable,
                                 Code::kResolverUnavailable,
                                 Code::kOverloaded,
                                 Code::kAssignmentStale,
                                 Code::kAssignmentNotMine,
                                 Code::kAssignmentInvalid,
                                 Code::kEvidenceInvalid,
                                 Code::kCancelled,
                                 Code::kNotWaitedFor,
                                 Code::kNoResult,
                                 Code::kInternal,
                                 Code::kInvalidArgument,
                                 Code::kPolicy,
                                 Code::kNotSupported,
                                 Code::kQuorumNotReached,
                                 Code::kDeploymentPolicy,
                                 Code::kUnauthenticated,
                                 Code::kNoRight};

}  // namespace

TEST_CASE("every problem code has one outcome, and none is a corroboration (BR 3.2.2.9)", "[problem]") {
  for (const Code code : kAnsweredOtherwise) {
    INFO(to_string(code));
    CHECK(outcome_of(code) == Outcome::kContradicts);
  }
  for (const Code code : kNotSeen) {
    INFO(to_string(code));
    CHECK(outcome_of(code) == Outcome::kCouldNotLook);
  }
  CHECK(outcome_of(Code::kUnreachable) == Outcome::kUnreachable);
  CHECK(outcome_of(Code::kResolverUnavailable) == Outcome::kUnreachable);
  CHECK(outcome_of(Code::kEvidenceInvalid) == Outcome::kEvidenceInvalid);
  CHECK(outcome_of(Code::kCancelled) == Outcome::kNotWaitedFor);
  CHECK(outcome_of(Code::kNotWaitedFor) == Outcome::kNotWaitedFor);
  CHECK(outcome_of(Code::kNoResult) == Outcome::kNoResult);
  for (const Code code : {Code::kOverloaded, Code::kAssignmentStale, Code::kAssignmentNotMine, Code::kAssignmentInvalid,
                          Code::kInternal, Code::kInvalidArgument, Code::kPolicy, Code::kNotSupported,
                          Code::kQuorumNotReached, Code::kDeploymentPolicy, Code::kUnauthenticated, Code::kNoRight}) {
    INFO(to_string(code));
    CHECK(outcome_of(code) == Outcome::kRefused);
  }
}

TEST_CASE("names of codes and outcomes are distinct and complete", "[problem]") {
  std::set<std::string_view> names;
  for (const auto* group : {&kAnsweredOtherwise, &kNotSeen, &kOurs}) {
    for (const Code code : *group) {
      CHECK(to_string(code) != "UNSPECIFIED");
      names.insert(to_string(code));
    }
  }
  CHECK(names.size() == kAnsweredOtherwise.size() + kNotSeen.size() + kOurs.size());
  // A number that this list lacks must be added to a group above.
  std::size_t known = 0;
  for (unsigned number = 0; number < 200; ++number)
    known += to_string(static_cast<Code>(number)) != "UNSPECIFIED" ? 1U : 0U;
  CHECK(known == names.size());
  CHECK(to_string(Code::kDnsNxdomain) == "DNS_NXDOMAIN");
  // The contract has the same codes by the same names.
  for (unsigned number = 1; number < 200; ++number) {
    const auto code = static_cast<Code>(number);
    const std::string name = v1::ProblemCode_IsValid(static_cast<int>(number))
                                 ? v1::ProblemCode_Name(static_cast<v1::ProblemCode>(number))
                                 : "PROBLEM_CODE_UNSPECIFIED";
    CHECK(name == "PROBLEM_CODE_" + std::string(to_string(code)));
  }

  std::set<std::string_view> outcomes;
  for (unsigned number = 1; number <= 8; ++number) outcomes.insert(to_string(static_cast<Outcome>(number)));
  CHECK(outcomes.size() == 8);
  CHECK(to_string(Outcome::kCouldNotLook) == "could_not_look");
}

TEST_CASE("text from outside is made fit to be shown", "[problem][hostile]") {
  struct Row {
    const char* rule;
    std::string text;
    const char* shown;
  };
  const Row rows[] = {
      {"ordinary text passes", "404 from http://example.com/", "404 from http://example.com/"},
      {"quotes of a sentence pass", "got \"x\"", "got \"x\""},
      {"UTF-8 passes", "caf\xC3\xA9 \xE6\x97\xA5 \xF0\x9F\x98\x80", "caf\xC3\xA9 \xE6\x97\xA5 \xF0\x9F\x98\x80"},
      {"control characters", "a\x1B[31m\r\nb\x7F", "a\\x1b[31m\\x0d\\x0ab\\x7f"},
      {"a zero octet", std::string("a\0b", 3), "a\\x00b"},
      {"a backslash, so that escapes cannot be forged", "a\\x41", "a\\x5cx41"},
      {"C1 controls",
       "a\xC2\x9B"
       "b",
       "a\\xc2\\x9b"
       "b"},
      {"a mark that turns the direction of text",
       "a\xE2\x80\xAE"
       "b",
       "a\\xe2\\x80\\xae"
       "b"},
      {"a zero-width space",
       "a\xE2\x80\x8B"
       "b",
       "a\\xe2\\x80\\x8b"
       "b"},
      {"a byte order mark",
       "\xEF\xBB\xBF"
       "a",
       "\\xef\\xbb\\xbf"
       "a"},
      {"a line separator", "a\xE2\x80\xA8", "a\\xe2\\x80\\xa8"},
      {"a lone continuation", "a\x80", "a\\x80"},
      {"a character cut short", "a\xE2\x98", "a\\xe2\\x98"},
      {"an overlong form", "\xC0\xAF", "\\xc0\\xaf"},
      {"a surrogate", "\xED\xA0\x80", "\\xed\\xa0\\x80"},
      {"over U+10FFFF", "\xF4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
      {"format directives are only text", "%s%n{}", "%s%n{}"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(printable(row.text) == row.shown);
    }
}

TEST_CASE("shown text has a bound and never ends inside a character", "[problem][hostile]") {
  CHECK(printable("abcdef", 6) == "abcdef");
  CHECK(printable("abcdefg", 6) == "abc...");
  CHECK(printable("ab\nz\n", 8) == "ab...");
  CHECK(printable("caf\xC3\xA9!!!!", 8) == "caf\xC3\xA9...");
  CHECK(printable("ca\xC3\xA9!!!!!", 6) == "ca...");
  CHECK(printable("abc", 2) == "..");
  CHECK(printable("abc", 0).empty());
  CHECK(printable(std::string(100'000, '\x01'), 256).size() <= 256);
  for (std::size_t limit = 0; limit < 40; ++limit) {
    const std::string shown = printable("caf\xC3\xA9\x01\\ \xF0\x9F\x98\x80 caf\xC3\xA9", limit);
    CHECK(shown.size() <= limit);
    CHECK(is_utf8(shown));
  }
  CHECK(quoted("say \"hi\"") == "\"say \\x22hi\\x22\"");
}

}  // namespace mpic
