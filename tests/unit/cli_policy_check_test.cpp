// `mpic policy check`: a coordinator.yaml held against the policy of a day, without a coordinator.
#include "cli/policy_check.hpp"

#include <fmt/format.h>

#include <fstream>

#include "cli/exit_status.hpp"
#include "tests/support/cli_run.hpp"
#include "tests/support/worldwide.hpp"

using namespace mpic;
using namespace mpic::cli;
using coordinator::Profile;

namespace {

using namespace std::chrono_literals;

TimePoint at(std::chrono::year_month_day day) { return TimePoint(std::chrono::sys_days(day)); }

coordinator::Deployment with_remotes(std::size_t remotes) {
  coordinator::Deployment out = test::worldwide();
  out.perspectives.resize(1 + remotes, out.perspectives.front());
  return out;
}

// A configuration as it stands in a folder with the keys that it names.
class Files {
 public:
  Files() { folder_.make_keys("keys"); }
  [[nodiscard]] std::string write(std::size_t remotes, const std::string& policy, const std::string& more = "") const {
    const std::string file = (folder_.path() / "coordinator.yaml").string();
    std::ofstream out(file);
    out << "log_origin: mpic.test/cli\nlisten: 127.0.0.1:0\nadmin: 127.0.0.1:0\n"
           "tls: {ca: keys/ca.pem, certificate: keys/coordinator/tls.pem, key: keys/coordinator/tls.key}\n"
           "clients: [{name: operator, san: operator.example}]\n"
           "signing: {key: keys/coordinator/signing.key}\n"
           "checkpoint_key: keys/coordinator/checkpoint-key.pem\nstore: {sqlite: records.sqlite}\n"
        << "policy: {" << policy << "}\n"
        << more << "perspectives:\n";
    for (const coordinator::PerspectiveEntry& entry : with_remotes(remotes).perspectives) {
      const DeployedPerspective& where = entry.where;
      out << fmt::format(
          "  - {{id: {}, role: {}, rir: {}, address: '{}', tls_name: {}, place: {{name: {}, latitude: {}, longitude: "
          "{}}}, keys: [{{public_key: keys/agents/a/signing.pub.pem}}]}}\n",
          where.id.text(), to_string(where.role), to_string(where.rir), entry.address, entry.tls_name, where.place.name,
          where.place.latitude, where.place.longitude);
    }
    return file;
  }

 private:
  using DeployedPerspective = coordinator::DeployedPerspective;
  Folder folder_;
};

}  // namespace

TEST_CASE("cli: the exit status of policy check says whether it complies, and for how long", "[cli][policy]") {
  struct Row {
    const char* rule;
    std::size_t remotes;
    std::vector<Profile> profiles;
    TimePoint day;
    int status;
  };
  using P = Profile;
  const Row rows[] = {
      {"six remotes comply, now and later", 6, {P::kTls}, at(2026y / 11 / 23), kExitCorroborated},
      {"four comply until December", 4, {P::kTls}, at(2026y / 11 / 23), kExitNotForLong},
      {"four do not comply in December", 4, {P::kTls}, at(2026y / 12 / 15), kExitNotCorroborated},
      {"three do not comply now, which is worse than later", 3, {P::kTls}, at(2026y / 11 / 23), kExitNotCorroborated},
      {"not the next change but the one after it counts too", 4, {P::kTls}, at(2026y / 4 / 1), kExitNotForLong},
      {"five comply after the last change", 5, {P::kTls}, at(2040y / 1 / 1), kExitCorroborated},
      {"of several profiles all count", 4, {P::kTls, P::kSmime}, at(2026y / 11 / 23), kExitNotForLong},
      {"before any quorum is in force nothing is answered", 6, {P::kSmime}, at(2025y / 4 / 1), kExitNotCorroborated},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      coordinator::Deployment deployment = with_remotes(row.remotes);
      deployment.profiles = row.profiles;
      CHECK(exit_status(check_policy(deployment, "c.yaml", row.day, TimePoint{})) == row.status);
    }
}

TEST_CASE("cli: a policy check is read by people", "[cli][policy]") {
  coordinator::Deployment deployment = with_remotes(4);
  const PolicyCheck check = check_policy(deployment, "coordinator.yaml", at(2026y / 11 / 23), TimePoint{});
  CHECK(render(check, Style{.colour = false, .unicode = true, .width = 120}) == R"(coordinator.yaml on 2026-11-23

cabf-tls-br: TLS Baseline Requirements 2.3.1, table of 2026-10-04
  required: 4 remote perspectives in 2 RIR regions, any two perspectives 500 km apart (BR 3.2.2.9)
  ✓ complies at that date
  ✗ does not comply from 2026-12-15
    - BR 3.2.2.9 asks for 5 remote perspectives; this deployment has 4
  what changes next, and what is known of later
  FROM        STANDING     CLAUSE         WHAT
  2026-12-15  in 22 days   BR 3.2.2.9     5 remote perspectives in 2 RIR regions are needed
  2027-03-15  in 112 days  BR 3.2.2.4.16  contact-phone-txt MUST NOT be used any more, nor what it showed before
  2027-03-15  in 112 days  BR 3.2.2.4.17  contact-phone-caa MUST NOT be used any more, nor what it showed before
  2027-03-15  in 112 days  BR 3.2.2.5.3   reverse-address-lookup MUST NOT be used any more, nor what it showed before
  2027-03-15  in 112 days  BR 4.2.1       a validation is at most 100 days old when a certificate is issued
  2027-03-15  in 112 days  BR 6.3.2       a TLS server certificate is valid for 100 days at most
  2027-03-15  in 112 days  BR 4.2.2.1.2   accounturi and validationmethods of CAA (RFC 8657) must be obeyed
  2028-03-15  in 478 days  BR 3.2.2.4.13  contact-email-caa MUST NOT be used any more, nor what it showed before
  2028-03-15  in 478 days  BR 3.2.2.4.14  contact-email-txt MUST NOT be used any more, nor what it showed before
  2029-03-15  in 843 days  BR 4.2.1       a validation is at most 10 days old when a certificate is issued
  2029-03-15  in 843 days  BR 6.3.2       a TLS server certificate is valid for 47 days at most
)");
}

TEST_CASE("cli: each profile that is served has a part of its own, with what it is warned of", "[cli][policy]") {
  coordinator::Deployment deployment = with_remotes(6);
  deployment.profiles = {Profile::kTls, Profile::kSmime};
  deployment.lab.policy_clock = at(2026y / 12 / 20);
  const PolicyCheck check = check_policy(deployment, "c.yaml", std::nullopt, at(2026y / 11 / 23));
  const std::string text = render(check, Style{});
  CHECK_THAT(text, Catch::StartsWith("c.yaml on 2026-12-20, the policy_clock of its lab\n\ncabf-tls-br: "));
  CHECK_THAT(text, Catch::Contains("\ncabf-smime-br: S/MIME Baseline Requirements 1.0.10, table of 2026-10-04\n"));
  CHECK_THAT(text, Catch::Contains("  ! this program's table is of the S/MIME Baseline Requirements 1.0.10;"));
  CHECK_THAT(text, Catch::Contains("its verdicts are no basis for issuance:\n    - lab: policy-clock"));
  CHECK_THAT(render(check_policy(deployment, "c.yaml", at(2026y / 12 / 1), TimePoint{}), Style{}),
             Catch::StartsWith("c.yaml on 2026-12-01\n"));
  deployment.lab.policy_clock.reset();
  CHECK_THAT(render(check_policy(deployment, "c.yaml", std::nullopt, at(2026y / 11 / 23)), Style{}),
             Catch::StartsWith("c.yaml on 2026-11-23\n"));
}

TEST_CASE("cli: policy check reads the file as the coordinator does, and its status is for scripts", "[cli][policy]") {
  const Files files;
  const auto check = [](const std::string& file, const std::string& day, bool json = false) {
    std::vector<std::string> arguments = {"policy", "check", "--config", file, "--at", day};
    if (json) arguments.emplace_back("--json");
    return mpic_run(arguments);
  };
  SECTION("four remotes in November, and in December") {
    const std::string file = files.write(4, "profile: cabf-tls-br");
    const Result november = check(file, "2026-11-23");
    CHECK(november.status == 3);
    CHECK(november.errors.empty());
    CHECK_THAT(november.out, Catch::Contains("✓ complies at that date\n  ✗ does not comply from 2026-12-15\n"));
    const Result december = check(file, "2026-12-15");
    CHECK(december.status == 1);
    CHECK_THAT(december.out, Catch::Contains("✗ does not comply at that date\n    - BR 3.2.2.9 asks for 5 "));
  }
  SECTION("JSON is one object on one line") {
    const Result result = check(files.write(4, "profile: [cabf-tls-br, cabf-smime-br]"), "2026-11-23", true);
    CHECK(result.status == 3);
    CHECK(std::count(result.out.begin(), result.out.end(), '\n') == 1);
    CHECK_THAT(result.out, Catch::StartsWith("{\"config\":\""));
    CHECK_THAT(result.out, Catch::Contains("\"at\":\"2026-11-23\",\"by_policy_clock\":false,\"complies\":true,"
                                           "\"complies_later\":false,\"profiles\":[{\"profile\":\"cabf-tls-br\","
                                           "\"report\":{"));
    CHECK_THAT(result.out,
               Catch::Contains("\"later\":[{\"from\":\"2026-12-15\",\"min_remotes\":5,\"min_rirs\":2,\"clause\":\"BR "
                               "3.2.2.9\",\"complies\":false,\"violations\":[\"BR 3.2.2.9 asks for 5 remote "
                               "perspectives; this deployment has 4\"]}]"));
    CHECK_THAT(result.out, Catch::Contains("{\"profile\":\"cabf-smime-br\",\"report\":{"));
    CHECK_THAT(result.out, Catch::Contains("{\"from\":\"2029-03-15\",\"what\":\"a TLS server certificate is valid for "
                                           "47 days at most\",\"clause\":\"BR 6.3.2\"}"));
  }
  SECTION("the policy_clock of a lab, when no day is given") {
    const std::string file = files.write(4, "profile: cabf-tls-br", "lab: {policy_clock: 2026-12-15}\n");
    const Result result = mpic_run({"policy", "check", "--config", file});
    CHECK(result.status == 1);
    CHECK_THAT(result.out, Catch::Contains(" on 2026-12-15, the policy_clock of its lab\n"));
    CHECK(check(file, "2026-12-14").status == 3);
  }
  SECTION("custom numbers, for a trial") {
    const std::string file = files.write(2, "profile: custom, custom: {min_remotes: 2, min_rirs: 2}");
    const Result result = check(file, "2026-12-15");
    CHECK(result.status == 0);
    CHECK_THAT(result.out, Catch::Contains("required: 2 remote perspectives in 2 RIR regions, any"));
    CHECK_THAT(result.out, Catch::Contains("policy: the profile is custom"));
  }
  SECTION("what cannot be read") {
    const Result missing = check("/nonexistent/coordinator.yaml", "2026-11-23");
    CHECK(missing.status == 64);
    CHECK_FALSE(missing.errors.empty());
    CHECK(missing.out.empty());
    const Result unknown = check(files.write(6, "profile: cabf-ev"), "2026-11-23");
    CHECK(unknown.status == 64);
    CHECK_THAT(unknown.errors, Catch::Contains("policy.profile: \"cabf-ev\" is not a profile"));
    CHECK(check(files.write(6, "profile: cabf-tls-br"), "yesterday").status == 64);
    CHECK(mpic_run({"policy", "check"}).status == 64);
    CHECK_THAT(mpic_run({"policy", "check", "--help"}).out, Catch::Contains("3 it complies, and will not from"));
  }
}
