// What follows from the looks: until when it may be used, what half a validation is worth, and what people
// are told of it.
#include <deque>

#include "common/wire/convert.hpp"
#include "coordinator/pipeline/recorded.hpp"
#include "coordinator/pipeline/stages.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/observed.hpp"

namespace mpic::coordinator {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::sys_days;

const TimePoint kStarted = TimePoint(sys_days(2026y / 11 / 25)) + 9h;

rules::Judgement positive(std::string key = "key") {
  rules::Judgement judgement;
  judgement.outcome = Outcome::kCorroborates;
  judgement.key = std::move(key);
  return judgement;
}

rules::Judgement negative(ProblemCode code) {
  rules::Judgement judgement;
  judgement.outcome = outcome_of(code);
  judgement.problem = Problem(code, "where", "a reason");
  return judgement;
}

// A deployment of a Primary and six remotes in three RIRs, all of whom agree until a test says otherwise.
class Attempt {
 public:
  explicit Attempt(DcvQuestion question, std::string_view identifier = "www.example.com") {
    request.original.set_identifier(std::string(identifier));
    request.identifier = test::identifier(identifier);
    request.dcv = std::move(question);
    request.quorum = {.min_remotes = 5, .min_rirs = 2};
    add("primary", Role::kPrimary, Rir::kArin);
    for (const Rir rir : {Rir::kRipe, Rir::kRipe, Rir::kApnic, Rir::kApnic, Rir::kArin, Rir::kArin}) {
      add(("r" + std::to_string(deployment.perspectives.size())).c_str(), Role::kRemote, rir);
    }
    for (const PerspectiveEntry& entry : deployment.perspectives) {
      JudgedLook look{.perspective = &entry, .dcv = positive(), .dcv_started = kStarted};
      (entry.where.role == Role::kPrimary ? primary : remotes.emplace_back()) = std::move(look);
    }
  }

  void ask_caa(const rules::Judgement& judgement) {
    request.caa.emplace();
    primary.caa = judgement;
    primary.caa_started = kStarted;
    for (JudgedLook& remote : remotes) remote.caa = judgement;
  }

  [[nodiscard]] Decision decided() const {
    static const std::string kAsked;
    return decide({request, deployment, primary, remotes, kAsked});
  }
  [[nodiscard]] v1::Decision told() const { return encode(decided(), request); }

  Deployment deployment{.log_origin = "mpic.test/unit", .profiles = {Profile::kTls, Profile::kSmime}};
  CheckedRequest request{.identifier = test::identifier("www.example.com"), .budget = 20s};
  JudgedLook primary{};
  std::vector<JudgedLook> remotes;

 private:
  void add(const char* id, Role role, Rir rir) {
    PerspectiveEntry entry{.where = {.id = PerspectiveId::parse(id).value(), .role = role, .rir = rir}};
    deployment.perspectives.reserve(7);  // the looks point into it
    deployment.perspectives.push_back(std::move(entry));
  }
};

const DcvQuestion kHttp{AcmeHttp01{}};
const DcvQuestion kPersistent{DnsPersistent{{"ca.example"}, "https://ca.example/acct/1"}};
const DcvQuestion kEmail{ContactLookup{DcvMethod::kContactEmailTxt, "hostmaster@example.com"}};

}  // namespace

TEST_CASE("until when an issuance may rest on a validation (BR 4.2.1)", "[decide][reuse]") {
  struct Row {
    const char* rule;
    DcvQuestion question;
    std::function<void(Attempt&)> change;
    TimePoint until;
  };
  const TimePoint mar15(sys_days(2027y / 3 / 15));
  const Row rows[] = {
      {"by the issuance's date", kHttp, [](Attempt&) {}, mar15 - 1s},
      {"from when the Primary began, not the remotes", kHttp,
       [](Attempt& a) { a.primary.dcv_started = TimePoint(sys_days(2027y / 1 / 1)); },
       TimePoint(sys_days(2027y / 1 / 1)) + days(100)},
      {"S/MIME has its own period", kHttp, [](Attempt& a) { a.request.certificate = CertificateType::kSmime; },
       kStarted + days(398)},
      {"dns-persistent: ten days", kPersistent, [](Attempt&) {}, kStarted + days(10)},
      {"no later than the record's own end", kPersistent,
       [](Attempt& a) { a.primary.dcv->record_expires = kStarted + 3h; }, kStarted + 3h},
      {"no longer than its TTL", kPersistent, [](Attempt& a) { a.primary.dcv->record_ttl = 300; }, kStarted + 300s},
      {"whichever is first", kPersistent,
       [](Attempt& a) {
         a.primary.dcv->record_ttl = 600;
         a.primary.dcv->record_expires = kStarted + 599s;
       },
       kStarted + 599s},
      {"the records that remotes saw do not count", kPersistent,
       [](Attempt& a) { a.remotes.front().dcv->record_ttl = 1; }, kStarted + days(10)},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      Attempt attempt(row.question);
      row.change(attempt);
      const Decision decision = attempt.decided();
      REQUIRE(decision.checks.front().verdict == Verdict::kCorroborated);
      CHECK(decision.checks.front().usable_until == row.until);
    }
}

TEST_CASE("what is not corroborated is usable never", "[decide][reuse]") {
  Attempt attempt(kHttp);
  for (JudgedLook& remote : attempt.remotes) remote.dcv = negative(ProblemCode::kConnectionTimeout);
  CHECK_FALSE(attempt.decided().checks.front().usable_until);
  attempt.primary.dcv = negative(ProblemCode::kChallengeMismatch);
  attempt.remotes.clear();
  CHECK_FALSE(attempt.decided().checks.front().usable_until);
}

TEST_CASE("each check counts only the remotes that were asked it (BR 3.2.2.9)", "[decide][planning]") {
  struct Row {
    const char* rule;
    std::function<void(Attempt&)> change;
    const char* dcv;
    Verdict dcv_verdict;
    const char* caa;
    Verdict caa_verdict;
  };
  // DCV of r1 to r5, CAA of r2 to r6.
  const Row rows[] = {
      {"each set meets the quorum", [](Attempt&) {}, "5/5", Verdict::kCorroborated, "5/5", Verdict::kCorroborated},
      {"a failure in one set is none in the other",
       [](Attempt& a) {
         a.remotes[0].dcv = negative(ProblemCode::kChallengeMismatch);
         a.remotes[1].dcv = negative(ProblemCode::kChallengeMismatch);
       },
       "3/5", Verdict::kNotCorroborated, "5/5", Verdict::kCorroborated},
      {"a perspective that is silent is silent for both",
       [](Attempt& a) {
         for (const std::size_t i : {1U, 2U}) {
           a.remotes[i].dcv = negative(ProblemCode::kUnreachable);
           a.remotes[i].caa = negative(ProblemCode::kUnreachable);
         }
       },
       "3/5", Verdict::kNotDetermined, "3/5", Verdict::kNotDetermined},
      {"a set that is too small is not filled from the other", [](Attempt& a) { a.remotes[4].dcv.reset(); }, "4/4",
       Verdict::kNotCorroborated, "5/5", Verdict::kCorroborated},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      Attempt attempt(kHttp);
      attempt.ask_caa(positive());
      attempt.remotes[0].caa.reset();
      attempt.remotes[5].dcv.reset();
      row.change(attempt);
      const Decision decision = attempt.decided();
      REQUIRE(decision.checks.size() == 2);
      CHECK(decision.checks[0].quorum.fraction() == row.dcv);
      CHECK(decision.checks[0].verdict == row.dcv_verdict);
      CHECK(decision.checks[1].quorum.fraction() == row.caa);
      CHECK(decision.checks[1].verdict == row.caa_verdict);
      CHECK(decision.checks[1].rows.front().perspective->where.id.text() == "primary");
      CHECK(decision.checks[1].rows[1].perspective->where.id.text() == "r2");
    }
}

TEST_CASE("contacts come from the remotes that were asked CAA", "[decide][caa][planning]") {
  Attempt attempt(kHttp);
  attempt.ask_caa(positive());
  attempt.primary.caa->caa.emplace();
  attempt.remotes[0].caa.reset();
  for (JudgedLook& remote : attempt.remotes) {
    if (!remote.caa) continue;
    remote.caa = negative(ProblemCode::kCaaForbids);
    remote.caa->caa.emplace().iodef = {"mailto:" + remote.perspective->where.id.text() + "@example.com"};
  }
  const Decision decision = attempt.decided();
  REQUIRE(decision.checks[1].verdict == Verdict::kNotCorroborated);
  CHECK(decision.checks[1].caa->iodef.size() == 5);
}

TEST_CASE("until when an issuance may rest on CAA (BR 4.2.2.1)", "[decide][caa]") {
  struct Row {
    const char* rule;
    std::optional<std::uint32_t> ttl;  // none: no record
    std::chrono::seconds usable;
  };
  const Row rows[] = {
      {"no record: eight hours", std::nullopt, 8h},
      {"a short TTL: eight hours", 60, 8h},
      {"exactly eight hours", 28'800, 8h},
      {"a longer TTL counts", 28'801, 28'801s},
      {"the longest that there is (RFC 2181 8)", 2'147'483'647, 2'147'483'647s},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      Attempt attempt(kHttp);
      rules::Judgement permitted = positive("permitted");
      permitted.caa.emplace();
      if (row.ttl) permitted.caa->ttl = *row.ttl;
      attempt.ask_caa(permitted);
      CHECK(attempt.decided().checks.back().usable_until == kStarted + row.usable);
    }
}

TEST_CASE("half a validation is no basis for issuance, and says what is missing (BR 3.2.2.4.13 and others)",
          "[decide][methods]") {
  struct Row {
    DcvQuestion question;
    const char* identifier;
    bool half;
    const char* missing;
  };
  const auto contact = [](DcvMethod method) { return DcvQuestion{ContactLookup{method, "a@example.com"}}; };
  const Row rows[] = {
      {kHttp, "www.example.com", false, ""},
      {DcvQuestion{AcmeDns01{}}, "www.example.com", false, ""},
      {kPersistent, "www.example.com", false, ""},
      {contact(DcvMethod::kContactEmailCaa), "www.example.com", true, "answer an e-mail"},
      {contact(DcvMethod::kContactEmailTxt), "www.example.com", true, "answer an e-mail"},
      {contact(DcvMethod::kContactPhoneTxt), "www.example.com", true, "by the call"},
      {contact(DcvMethod::kContactPhoneCaa), "www.example.com", true, "by the call"},
      {DcvQuestion{IpAddressLookup{test::ip("198.51.100.1")}}, "www.example.com", true, "control of the address"},
      {DcvQuestion{ReverseAddressLookup{test::dns_name("a.example")}}, "198.51.100.1", true, "control of the name"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(to_string(row.question.method())) {
      Attempt attempt(row.question, row.identifier);
      const v1::Decision told = attempt.told();
      CHECK(told.verdict() == v1::VERDICT_CORROBORATED);
      CHECK(told.basis_for_issuance() == !row.half);
      CHECK(told.not_enforceable_because().empty());
      CHECK(told.checks(0).dcv().half_validation() == row.half);
      const std::string& why = told.checks(0).explanation();
      CHECK((why.find("; lookup corroborated, validation not complete: ") != std::string::npos) == row.half);
      CHECK_THAT(why, Catch::Contains(row.missing));

      for (JudgedLook& remote : attempt.remotes) remote.dcv = negative(ProblemCode::kDnsNoRecord);
      CHECK_THAT(attempt.told().checks(0).explanation(), !Catch::Contains("lookup corroborated"));
    }
}

TEST_CASE("a method's warning, and the name that was validated, are told with the check", "[decide][methods]") {
  Attempt attempt(kEmail, "*.example.com");
  attempt.request.warnings = {"ends soon"};
  attempt.ask_caa(positive("permitted"));
  v1::Decision told = attempt.told();
  REQUIRE(told.checks(0).warnings_size() == 1);
  CHECK(told.checks(0).warnings(0) == "ends soon");
  CHECK(told.checks(1).warnings().empty());
  CHECK(told.checks(0).dcv().authorization_domain() == "example.com");
  attempt.request.authorization_domain = test::dns_name("mail.example.com");
  CHECK(attempt.told().checks(0).dcv().authorization_domain() == "mail.example.com");
}

TEST_CASE("each problem is explained once, with all that met it in the order of the rows", "[decide][explanation]") {
  Attempt attempt(kHttp);
  attempt.remotes[0].dcv = negative(ProblemCode::kConnectionTimeout);
  attempt.remotes[1].dcv = negative(ProblemCode::kHttpStatus);
  attempt.remotes[2].dcv = negative(ProblemCode::kConnectionTimeout);
  attempt.remotes[3].dcv = positive("another key");
  attempt.remotes[4].dcv = negative(ProblemCode::kNotWaitedFor);
  const v1::Decision told = attempt.told();
  struct Row {
    v1::ProblemCode code;
    std::vector<std::string> perspectives;
  };
  const Row rows[] = {{v1::PROBLEM_CODE_CONNECTION_TIMEOUT, {"r1", "r3"}},
                      {v1::PROBLEM_CODE_HTTP_STATUS, {"r2"}},
                      {v1::PROBLEM_CODE_KEY_DIFFERS_FROM_PRIMARY, {"r4"}}};
  REQUIRE(told.checks(0).explanations_size() == 3);
  for (int i = 0; i < 3; ++i) {
    const v1::Explanation& explanation = told.checks(0).explanations(i);
    CHECK(explanation.code() == rows[i].code);
    CHECK(std::vector<std::string>(explanation.perspectives().begin(), explanation.perspectives().end()) ==
          rows[i].perspectives);
    CHECK_FALSE(explanation.meaning().empty());
    CHECK_FALSE(explanation.advice().empty());
  }
}

TEST_CASE("whom to tell when CAA prevents an issuance (BR 4.2.2.1)", "[decide][caa]") {
  rules::Judgement forbidden = negative(ProblemCode::kCaaForbids);
  forbidden.caa.emplace();
  forbidden.caa->found_at = "example.com";
  forbidden.caa->iodef = {"mailto:caa@example.com"};
  rules::Judgement permitted = positive("permitted");
  permitted.caa.emplace();
  Attempt attempt(kHttp);
  const auto contacts = [&] {
    const v1::Decision told = attempt.told();
    const auto& iodef = told.checks(1).caa().iodef();
    return std::vector<std::string>(iodef.begin(), iodef.end());
  };

  SECTION("seen by the Primary") {
    attempt.ask_caa(forbidden);
    attempt.remotes.clear();
    CHECK(contacts() == std::vector<std::string>{"mailto:caa@example.com"});
  }
  SECTION("seen by the remotes: each contact once") {
    attempt.ask_caa(permitted);
    for (JudgedLook& remote : attempt.remotes) remote.caa = forbidden;
    attempt.remotes.back().caa->caa->iodef = {"https://example.com/report"};
    CHECK(contacts() == std::vector<std::string>{"mailto:caa@example.com", "https://example.com/report"});
  }
  SECTION("seen by one, and the quorum is met: nothing is prevented") {
    attempt.ask_caa(permitted);
    attempt.remotes.front().caa = forbidden;
    CHECK(contacts().empty());
  }
  SECTION("no more than is sensible") {
    attempt.ask_caa(permitted);
    for (JudgedLook& remote : attempt.remotes) {
      remote.caa = forbidden;
      for (int i = 0; i < 100; ++i) remote.caa->caa->iodef.push_back("mailto:" + std::to_string(i) + "@example.com");
    }
    CHECK(contacts().size() == 16);
  }
}

TEST_CASE("under the profile custom nothing is a basis for issuance", "[decide][policy]") {
  Attempt attempt(kHttp);
  attempt.deployment.profiles = {Profile::kCustom};
  const v1::Decision told = attempt.told();
  CHECK(told.verdict() == v1::VERDICT_NOT_DETERMINED);
  CHECK(told.would_be() == v1::VERDICT_CORROBORATED);
  CHECK_FALSE(told.basis_for_issuance());
  REQUIRE(told.not_enforceable_because_size() == 1);
  CHECK_THAT(told.not_enforceable_because(0), Catch::StartsWith("policy: the profile is custom"));
}

TEST_CASE("the statement is usable until the first of the checks is not", "[decide][record]") {
  Attempt attempt(kHttp);
  rules::Judgement permitted = positive("permitted");
  permitted.caa.emplace();
  attempt.ask_caa(permitted);
  const Caller caller{"tester"};
  const Settings settings{attempt.deployment, Digest{}, evidence::SigningKey::generate(), {}};
  const auto until = [&] {
    std::vector<Attempted> attempts(1);
    attempts[0].decision = attempt.decided();
    const Corroborated all{"id", caller, attempt.request, settings, kStarted, kStarted, attempts};
    return wire::decode(statement_of(record_body(all), "record").usable_until());
  };
  CHECK(until() == kStarted + 8h);  // CAA
  attempt.primary.dcv_started = kStarted - days(110);
  CHECK(until() == kStarted + 8h);
  attempt.primary.dcv->record_ttl = 60;
  CHECK(until() == kStarted - days(110) + 60s);
}

}  // namespace mpic::coordinator
