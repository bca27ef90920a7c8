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
      {"NXDOMAIN", rcode(kNxdomain), ProblemCode::kDnsNxdomain, "check that a DNS record exists for this domain"},
      {"SERVFAIL", rcode(kServfail), ProblemCode::kDnsServfail, "the domain's nameservers may be malfunctioning"},
      {"REFUSED", rcode(kRefused), ProblemCode::kDnsRefused, "REFUSED looking up A for example.com"},
      {"NOTIMP", rcode(4), ProblemCode::kDnsOtherRcode, "NOTIMP looking up A for example.com"},
      {"FORMERR", rcode(1), ProblemCode::kDnsOtherRcode, "FORMERR"},
      {"an extended RCODE", rcode(23), ProblemCode::kDnsOtherRcode, "RCODE 23"},
      {"a timeout", status(DnsStatus::kTimeout), ProblemCode::kDnsTimeout, "query timed out"},
      {"truncation", status(DnsStatus::kTruncated), ProblemCode::kDnsTruncated, "response was truncated"},
      {"a reply that cannot be read", status(DnsStatus::kMalformed), ProblemCode::kDnsMalformed, "cannot be read"},
      {"no resolver", status(DnsStatus::kUnreachable), ProblemCode::kResolverUnavailable, "resolver does not answer"},
      {"EDE 6 is bogus", servfail({{6, ""}}), ProblemCode::kDnsBogus, "DNSSEC: Bogus, looking up TXT"},
      {"EDE 7", servfail({{7, ""}}), ProblemCode::kDnsBogus, "DNSSEC: Signature Expired"},
      {"EDE 12 is the last of validation", servfail({{12, ""}}), ProblemCode::kDnsBogus, "DNSSEC: NSEC Missing"},
      {"EDE 1 with a text", servfail({{1, "oh no"}}), ProblemCode::kDnsServfail,
       "DNSSEC: Unsupported DNSKEY Algorithm: oh no"},
      {"EDE 5 is not yet bogus", servfail({{5, ""}}), ProblemCode::kDnsServfail, "DNSSEC: Indeterminate"},
      {"EDE 2", servfail({{2, ""}}), ProblemCode::kDnsServfail, "DNSSEC: Unsupported DS Digest Type, looking up TXT"},
      {"EDE 25, of the registry", servfail({{25, ""}}), ProblemCode::kDnsBogus,
       "DNSSEC: Signature Expired before Valid"},
      {"EDE 27", servfail({{27, ""}}), ProblemCode::kDnsServfail, "DNSSEC: Unsupported NSEC3 Iterations Value"},
      {"EDE 22", servfail({{22, ""}}), ProblemCode::kDnsServfail,
       "SERVFAIL looking up TXT for example.com - the domain's nameservers do not answer, or cannot be reached - "
       "No Reachable Authority"},
      {"EDE 23", servfail({{23, "192.0.2.1:53 rcode=REFUSED"}}), ProblemCode::kDnsServfail,
       "do not answer, or cannot be reached - Network Error: 192.0.2.1:53 rcode=REFUSED"},
      {"EDE 0", servfail({{0, "why"}}), ProblemCode::kDnsServfail,
       "SERVFAIL looking up TXT for example.com - the domain's nameservers may be malfunctioning - Other Error: why"},
      {"EDE 13", servfail({{13, ""}}), ProblemCode::kDnsServfail, "may be malfunctioning - Cached Error"},
      {"the text of a resolver",
       servfail(
           {{7, "validation failure <example.com. TXT IN>: signature expired from 192.0.2.1 for key example.com."}}),
       ProblemCode::kDnsBogus,
       "DNSSEC: Signature Expired: validation failure <example.com. TXT IN>: signature expired from 192.0.2.1 for key "
       "example.com., looking up TXT for example.com"},
      {"DNSSEC before the network", servfail({{22, ""}, {5, ""}}), ProblemCode::kDnsServfail, "DNSSEC: Indeterminate"},
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

TEST_CASE("a person reads what DNSSEC says, not SERVFAIL (RFC 8914 4)", "[dns]") {
  // By number; the rest of validation is between them.
  const std::pair<std::uint16_t, const char*> bogus[] = {
      {6, "DNSSEC: Bogus"},          {7, "DNSSEC: Signature Expired"}, {8, "DNSSEC: Signature Not Yet Valid"},
      {9, "DNSSEC: DNSKEY Missing"}, {10, "DNSSEC: RRSIGs Missing"},   {11, "DNSSEC: No Zone Key Bit Set"},
      {12, "DNSSEC: NSEC Missing"},
  };
  for (const auto& [code, text] : bogus) {
    const auto problem = problem_of(servfail({{code, ""}}));
    REQUIRE(problem);
    CHECK(problem->code == ProblemCode::kDnsBogus);
    CHECK(problem->detail == std::string(text) + ", looking up TXT for example.com");
  }
  for (const std::uint16_t code : {1, 2, 5, 25, 27}) {
    CHECK_THAT(problem_of(servfail({{code, ""}}))->detail, !Catch::Contains("SERVFAIL"));
  }
}

TEST_CASE("algorithms that a resolver does not know make a zone insecure, and are no problem (RFC 8914 4.2, 4.3)",
          "[dns]") {
  for (const std::uint16_t code : {1, 2}) {
    DnsLookup lookup = answered("example.com", RecordType::kA, {{192, 0, 2, 1}});
    lookup.extended_errors = {{code, "oh no"}};
    CHECK_FALSE(problem_of(lookup));
    lookup.rcode = kNxdomain;
    CHECK_THAT(problem_of(lookup)->detail, Catch::Contains("NXDOMAIN") && Catch::Contains("DNSSEC: Unsupported"));
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
