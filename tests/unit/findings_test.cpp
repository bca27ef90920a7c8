// What the pattern over perspectives suggests: a row for each pattern, and for what must not be taken for
// one.
#include "coordinator/pipeline/findings.hpp"

#include <deque>
#include <map>

#include "tests/support/catch.hpp"
#include "tests/support/observed.hpp"

namespace mpic::coordinator {
namespace {

using Code = ProblemCode;

// What a perspective did, by one letter.
const std::map<char, Code> kProblems = {{'t', Code::kConnectionTimeout},  {'r', Code::kConnectionRefused},
                                        {'x', Code::kConnectionReset},    {'h', Code::kHttpStatus},
                                        {'n', Code::kNetworkUnreachable}, {'m', Code::kChallengeMismatch},
                                        {'0', Code::kDnsNoRecord},        {'k', Code::kKeyDiffersFromPrimary},
                                        {'s', Code::kDnsServfail},        {'b', Code::kDnsBogus},
                                        {'q', Code::kDnsTimeout},         {'6', Code::kNoIpv6Egress},
                                        {'u', Code::kUnreachable},        {'e', Code::kEvidenceInvalid},
                                        {'o', Code::kOverloaded},         {'w', Code::kNotWaitedFor},
                                        {'f', Code::kCaaForbids}};

// A check with the Primary in ARIN, and remotes r1, r2, ... A pair of letters is one perspective: its RIR,
// and "+" or the letter of its problem; "v" corroborates with a dead IPv6 address. A shadow has "S" for its
// RIR.
class Check {
 public:
  Check(CheckKind kind, std::string_view pairs) : decision{.kind = kind, .verdict = Verdict::kNotDetermined} {
    for (std::size_t i = 0; i < pairs.size(); i += 3) add(pairs[i], pairs[i + 1], i / 3);
  }

  CheckDecision decision;

 private:
  void add(char region, char did, std::size_t number) {
    PerspectiveEntry& entry = entries_.emplace_back(PerspectiveEntry{
        .where = {.id = PerspectiveId::parse(number == 0 ? "primary" : "r" + std::to_string(number)).value()}});
    entry.where.role = number == 0 ? Role::kPrimary : region == 'S' ? Role::kShadow : Role::kRemote;
    entry.where.rir = region == 'A'   ? Rir::kArin
                      : region == 'R' ? Rir::kRipe
                      : region == 'L' ? Rir::kLacnic
                                      : Rir::kApnic;
    PerspectiveRow row{.perspective = &entry, .outcome = Outcome::kCorroborates, .problem = {}, .saw = {}};
    if (did == 'v') row.ipv6_failed = test::ip("2001:db8::1");
    if (did == 'V') row.ipv6_failed = test::ip("2001:db8::2");
    if (const auto problem = kProblems.find(did); problem != kProblems.end()) {
      row.problem = Problem(problem->second, "where", "the reason of " + entry.where.id.text());
      row.outcome = outcome_of(problem->second);
    }
    decision.rows.push_back(std::move(row));
  }

  std::deque<PerspectiveEntry> entries_;
};

constexpr const char* kElse =
    "saw something else than the Primary: a hijacked route, a stale copy, or a site that answers by region";
constexpr const char* kFar = "could not reach the target although the Primary could: a firewall, or routing";
constexpr const char* kOld = "old value still served by some name servers, or by caches for up to its TTL: ";
constexpr const char* kOldTail =
    " saw another record, or none, while others saw the right one; where that lasts, suspect a hijacked "
    "route";
constexpr const char* kAway = "did not answer us: our own deployment, not the site";

}  // namespace

TEST_CASE("what a pattern over the perspectives suggests", "[findings]") {
  struct Row {
    const char* pattern;
    DcvMethod method;
    const char* rows;
    std::vector<std::string> findings;
  };
  constexpr auto kHttp = DcvMethod::kAcmeHttp01;
  constexpr auto kDns = DcvMethod::kAcmeDns01;
  const Row rows[] = {
      {"nothing to tell", kHttp, "A+ R+ R+ P+ L+", {}},
      {"one region times out, others get through",
       kHttp,
       "A+ R+ R+ Pt Pt L+",
       {"only APNIC perspectives time out: probably geo-blocking (r3 (APNIC), r4 (APNIC))"}},
      {"a region of one",
       kHttp,
       "A+ R+ P+ Lt",
       {"only LACNIC perspectives time out: probably geo-blocking (r3 (LACNIC))"}},
      {"refused instead",
       kHttp,
       "A+ R+ R+ Pr Pr",
       {"only APNIC perspectives are refused: probably geo-blocking (r3 (APNIC), r4 (APNIC))"}},
      {"reset instead", kHttp, "A+ R+ Px", {"only APNIC perspectives are cut off: probably geo-blocking (r2 (APNIC))"}},
      {"403 instead",
       kHttp,
       "A+ R+ Ph Ph",
       {"only APNIC perspectives get an error status: probably geo-blocking (r2 (APNIC), r3 (APNIC))"}},
      {"in several ways",
       kHttp,
       "A+ R+ Pt Ph",
       {"only APNIC perspectives do not get through: probably geo-blocking (r2 (APNIC), r3 (APNIC))"}},
      {"two regions",
       kHttp,
       "A+ R+ Pt Lt",
       {"only APNIC and LACNIC perspectives time out: probably geo-blocking (r2 (APNIC), r3 (LACNIC))"}},
      {"the name servers of a domain, too",
       kDns,
       "A+ R+ Pq Pq",
       {"only APNIC perspectives time out: probably geo-blocking (r2 (APNIC), r3 (APNIC))"}},
      {"who is away says nothing of the region",
       kHttp,
       "A+ R+ Pt Pu",
       {"only APNIC perspectives time out: probably geo-blocking (r2 (APNIC))", std::string("r3 (APNIC) ") + kAway}},
      {"one of the region gets through: no geo-blocking", kHttp, "A+ R+ Pt P+", {std::string("r2 (APNIC) ") + kFar}},
      {"the Primary's own region gets through", kHttp, "A+ At R+ P+", {std::string("r1 (ARIN) ") + kFar}},
      {"nobody but the Primary gets through: no region stands out",
       kHttp,
       "A+ Rt Pt Lt",
       {std::string("r1 (RIPE), r2 (APNIC), r3 (LACNIC) ") + kFar}},
      {"no route is routing", kHttp, "A+ R+ Pn", {std::string("r2 (APNIC) ") + kFar}},
      {"a shadow is never spoken of", kHttp, "A+ R+ P+ St", {}},

      {"a few see something else: a hijack?", kHttp, "A+ R+ Rm P+", {std::string("r2 (RIPE) ") + kElse}},
      {"records differ, by a DNS method",
       kDns,
       "A+ R+ Rm P0 L+",
       {kOld + std::string("r2 (RIPE), r3 (APNIC)") + kOldTail}},
      {"another key than the Primary's", kDns, "A+ R+ Rk", {kOld + std::string("r2 (RIPE)") + kOldTail}},
      {"nobody else sees the record: not a matter of caches",
       kDns,
       "A+ Rm P0",
       {std::string("r1 (RIPE), r2 (APNIC) ") + kElse}},

      {"DNSSEC fails on the way to the remotes alone",
       kDns,
       "A+ Rb Pb",
       {std::string("r1 (RIPE), r2 (APNIC) ") + kFar}},
      {"DNSSEC is broken for the Primary, who alone was asked",
       kDns,
       "Ab",
       {"DNSSEC of the domain is broken: the reason of primary"}},
      {"DNSSEC is broken for all", kDns, "Ab Rb Pb", {"DNSSEC of the domain is broken: the reason of primary"}},
      {"a Primary that cannot look says nothing of the rest", kHttp, "At R+ P+", {}},

      {"no IPv6 here: our own",
       kHttp,
       "A+ R6 P+ L+",
       {"the name has only IPv6 addresses, and there is no IPv6 at r1 (RIPE): our own deployment, not the "
        "site"}},
      {"no IPv6 at all",
       kHttp,
       "A6",
       {"the name has only IPv6 addresses, and there is no IPv6 at any perspective that was asked: our own "
        "deployment, not the site"}},

      {"IPv6 is dead while IPv4 works",
       kHttp,
       "A+ Rv P+ Lv",
       {"the IPv6 address 2001:db8::1 does not answer in time while IPv4 works, met by 2 of 4 perspectives: mend it, "
        "or remove its AAAA record"}},
      {"two dead ones",
       kHttp,
       "Av RV P+",
       {"the IPv6 addresses 2001:db8::1 and 2001:db8::2 do not answer in time while IPv4 works, met by 2 of 3 "
        "perspectives: mend it, or remove its AAAA record"}},

      {"faults of our own are told as such",
       kHttp,
       "A+ Re Pu Lo R+",
       {"r1 (RIPE) sent evidence that does not verify: treat the agent as compromised until it is explained",
        std::string("r2 (APNIC) ") + kAway, "r3 (LACNIC) refused the assignment: our own deployment, not the site"}},
      {"who was not waited for is nobody's fault", kHttp, "A+ R+ P+ Lw", {}},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.pattern) {
      const Check check(CheckKind::kDcv, row.rows);
      std::vector<std::string> expected;
      for (const std::string& finding : row.findings) expected.push_back("DCV: " + finding);
      CHECK(findings_of({check.decision}, row.method) == expected);
    }
}

TEST_CASE("each check has findings of its own, and CAA is not a matter of old values", "[findings]") {
  const Check caa(CheckKind::kCaa, "A+ R+ Rf P+");
  const Check dcv(CheckKind::kDcv, "A+ R+ Rm P+");
  CHECK(findings_of({dcv.decision, caa.decision}, DcvMethod::kAcmeDns01) ==
        std::vector<std::string>{std::string("DCV: ") + kOld + "r2 (RIPE)" + kOldTail,
                                 std::string("CAA: r2 (RIPE) ") + kElse});
}

TEST_CASE("a finding quotes what came from outside escaped and cut", "[findings]") {
  Check check(CheckKind::kDcv, "Ab");
  check.decision.rows.front().problem->detail = "DNSSEC: \x1b]0;owned\x07 " + std::string(5'000, 'x');
  const auto findings = findings_of({check.decision}, DcvMethod::kAcmeDns01);
  REQUIRE(findings.size() == 1);
  CHECK(findings.front().size() < 400);
  CHECK(findings.front().find('\x1b') == std::string::npos);
  CHECK_THAT(findings.front(), Catch::Contains("\\x1b]0;owned\\x07"));
}

}  // namespace mpic::coordinator
