#include "common/rules/dns_message.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/observed.hpp"

namespace mpic::rules {
namespace {

using test::answered;
using test::failed;
using test::refused_with;

DnsLookup servfail(std::vector<ExtendedDnsError> errors) {
  DnsLookup lookup = refused_with(kServfail, "example.com", RecordType::kTxt);
  lookup.extended_errors = std::move(errors);
  return lookup;
}

}  // namespace

TEST_CASE("a failed lookup has one code and tells what to do", "[dns]") {
  struct Row {
    const char* rule;
    DnsLookup lookup;
    ProblemCode code;
    const char* says;
  };
  const auto rcode = [](std::uint16_t number) { return refused_with(number, "example.com", RecordType::kA); };
  const auto status = [](DnsStatus kind) { return failed(kind, "example.com", RecordType::kA); };
  const Row rows[] = {
      {"NXDOMAIN", rcode(kNxdomain), ProblemCode::kDnsNxdomain,
       "check that a DNS record exists for this domain"},
      {"SERVFAIL", rcode(kServfail), ProblemCode::kDnsServfail,
       "the domain's nameservers may be malfunctioning"},
      {"REFUSED", rcode(kRefused), ProblemCode::kDnsRefused, "REFUSED looking up A for example.com"},
      {"NOTIMP", rcode(4), ProblemCode::kDnsOtherRcode, "NOTIMP looking up A for example.com"},
      {"FORMERR", rcode(1), ProblemCode::kDnsOtherRcode, "FORMERR"},
      {"an extended RCODE", rcode(23), ProblemCode::kDnsOtherRcode, "RCODE 23"},
      {"a timeout", status(DnsStatus::kTimeout), ProblemCode::kDnsTimeout, "query timed out"},
      {"truncation", status(DnsStatus::kTruncated), ProblemCode::kDnsTruncated, "response was truncated"},
      {"a reply that cannot be read", status(DnsStatus::kMalformed), ProblemCode::kDnsMalformed,
       "cannot be read"},
      {"no resolver", status(DnsStatus::kUnreachable), ProblemCode::kResolverUnavailable,
       "resolver does not answer"},
      {"EDE 6 is bogus", servfail({{6, ""}}), ProblemCode::kDnsBogus, "DNSSEC: Bogus, looking up TXT"},
      {"EDE 7", servfail({{7, ""}}), ProblemCode::kDnsBogus, "DNSSEC: Signature Expired"},
      {"EDE 12 is the last of validation", servfail({{12, ""}}), ProblemCode::kDnsBogus,
       "DNSSEC: NSEC Missing"},
      {"EDE 1 with a text", servfail({{1, "oh no"}}), ProblemCode::kDnsServfail,
       "DNSSEC: Unsupported DNSKEY Algorithm: oh no"},
      {"EDE 5 is not yet bogus", servfail({{5, ""}}), ProblemCode::kDnsServfail, "DNSSEC: Indeterminate"},
      {"EDE 22", servfail({{22, ""}}), ProblemCode::kDnsServfail, "No Reachable Authority"},
      {"an unknown EDE", servfail({{1337, "what"}}), ProblemCode::kDnsServfail,
       "Unknown Extended DNS Error code 1337: what"},
      {"bogus beside others", servfail({{22, ""}, {9, "no key"}}), ProblemCode::kDnsBogus,
       "DNSSEC: DNSKEY Missing: no key"},
      {"a hostile text", servfail({{22, "a\x1B[2Jb"}}), ProblemCode::kDnsServfail, "a\\x1b[2Jb"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const auto problem = problem_of(row.lookup);
      REQUIRE(problem);
      CHECK(problem->code == row.code);
      CHECK(problem->where == "example.com");
      CHECK_THAT(problem->detail, Catch::Contains(row.says));
    }
}

TEST_CASE("an answer is empty without such records, or by NXDOMAIN", "[dns]") {
  CHECK(is_empty_answer(answered("example.com", RecordType::kCaa)));
  CHECK(is_empty_answer(refused_with(kNxdomain, "example.com", RecordType::kCaa)));
  CHECK_FALSE(is_empty_answer(answered("example.com", RecordType::kCaa, {{0, 1, 'a'}})));
  CHECK_FALSE(is_empty_answer(refused_with(kServfail, "example.com", RecordType::kCaa)));
  CHECK_FALSE(is_empty_answer(failed(DnsStatus::kTimeout, "example.com", RecordType::kCaa)));
  CHECK_FALSE(problem_of(answered("example.com", RecordType::kCaa)));
}

}  // namespace mpic::rules
