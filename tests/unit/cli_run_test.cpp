// The whole tool but its main(): options, profile, mutual TLS to a coordinator in this process, output, exit
// status.
#include <cstdlib>
#include <fstream>

#include "cli/failure.hpp"
#include "tests/support/cli_run.hpp"

namespace {

using namespace mpic;
using namespace mpic::cli;

class FakeCorroborator final : public v1::Corroborator::Service {
 public:
  grpc::Status Corroborate(grpc::ServerContext*, const v1::CorroborateRequest* request,
                           v1::CorroborateResponse* response) override {
    if (request->identifier() == "refused.example") {
      return {grpc::StatusCode::INVALID_ARGUMENT, "identifier: it is refused"};
    }
    if (request->identifier() == "full.example") return {grpc::StatusCode::UNAVAILABLE, "no durable record"};
    if (request->identifier() == "stranger.example") return {grpc::StatusCode::PERMISSION_DENIED, "not listed"};
    response->set_identifier(request->identifier());
    response->set_verdict(v1::VERDICT_NOT_DETERMINED);
    response->set_would_be(v1::VERDICT_NOT_CORROBORATED);
    return grpc::Status::OK;
  }
  grpc::Status ListPerspectives(grpc::ServerContext*, const v1::ListPerspectivesRequest*,
                                v1::ListPerspectivesResponse* response) override {
    response->add_perspectives()->set_id("eu-west");
    return grpc::Status::OK;
  }
  grpc::Status GetPolicy(grpc::ServerContext*, const v1::GetPolicyRequest* request,
                         v1::GetPolicyResponse* response) override {
    response->set_complies_now(request->at().seconds() < 1'797'292'800);  // 2026-12-15
    response->mutable_stamp()->set_profile(request->profile().empty() ? "cabf-smime-br" : request->profile());
    return grpc::Status::OK;
  }
};

}  // namespace

TEST_CASE("cli: usage errors are 64, and help is no error", "[cli]") {
  CHECK(mpic_run({"--help"}).status == 0);
  CHECK_THAT(mpic_run({"check", "caa", "--help"}).out, Catch::Contains("Examples:"));
  CHECK_THAT(mpic_run({"--version"}).out, Catch::StartsWith("mpic "));
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"chekc"},
      {"check", "caa", "a.example"},
      {"check", "caa", "a.example", "--issuer"},
      {"check", "caa", "a.example", "--issuer", "ca.example", "--deadline", "0"},
      {"check", "http-01", "a.example", "--token", "t"},
      {"check", "http-01", "a.example", "--token", "t", "--key-authorization", "t.k", "--account", "u"},
      {"check", "caa", "☃.example", "--issuer", "ca.example"},
      {"check", "dns-01", "a.example"},
      {"check", "dns-01", "a.example", "--key-authorization", "t.k", "--digest", "d"},
      {"check", "dns-01", "a.example", "--key-authorization", "t.k", "--account", "u"},
      {"check", "tls-alpn-01", "a.example", "--digest", "not hexadecimal"},
      {"check", "http-01", "a.example", "--token", "t", "--key-authorization", "t.k", "--adn", "example"},
      {"check", "dns-account-01", "a.example", "--key-authorization", "t.k"},
      {"check", "dns-persistent", "a.example", "--account", "u"},
      {"check", "dns-persistent", "a.example", "--issuer", "ca.example"},
      {"check", "website", "a.example", "--path", "a.txt"},
      {"check", "dns-change", "a.example", "--value", "v", "--type", "MX"},
      {"check", "contact-email", "a.example", "--contact", "a@a.example"},
      {"check", "contact-phone", "a.example", "--contact", "+1", "--via", "post"},
      {"check", "ip-address", "a.example"},
      {"check", "reverse", "192.0.2.1"},
      {"check", "reverse", "192.0.2.1", "--fqdn", "a.example", "--issuer", "ca.example"},  // no CAA for addresses
      {"policy", "show", "--at", "tomorrow"},
      {"policy", "show", "--profile-name", "cabf-ev"},
      {"perspectives", "--profile", "/nonexistent/profile.yaml"},
  };
  for (const auto& arguments : wrong) {
    const Result result = mpic_run(arguments);
    INFO(result.errors);
    CHECK(result.status == 64);
    CHECK_FALSE(result.errors.empty());
    CHECK(result.out.empty());
  }
  CHECK_THAT(mpic_run(wrong.back()).errors,
             Catch::Contains("there is no such profile") && Catch::Contains("ca: keys/ca.pem"));
}

TEST_CASE("cli: every method has its help, with examples and their exit status", "[cli][methods]") {
  for (const char* method : {"http-01", "dns-01", "tls-alpn-01", "dns-account-01", "dns-persistent", "website",
                             "dns-change", "contact-email", "contact-phone", "ip-address", "reverse"}) {
    INFO(method);
    const Result help = mpic_run({"check", method, "--help"});
    CHECK(help.status == 0);
    CHECK_THAT(help.out, Catch::Contains(std::string("mpic check ") + method + " ") && Catch::Contains("(BR 3.2.2.") &&
                             Catch::Contains("Exit status: 0 corroborated"));
    CHECK_THAT(mpic_run({"check", "--help"}).out, Catch::Contains(std::string("  ") + method + " "));
  }
}

TEST_CASE("cli: asks a coordinator over mutual TLS", "[cli]") {
  rpc::restrict_tls();
  ::setenv("GRPC_VERBOSITY", "NONE", 0);
  const Folder folder;
  folder.make_keys("keys");
  folder.make_keys("other");
  const Coordinator<FakeCorroborator> coordinator(folder.path() / "keys");
  const std::string file = (folder.path() / "profile.yaml").string();
  const auto use = [&](const std::string& text) { std::ofstream(file) << text; };
  const auto check = [&](const std::string& name) {
    return mpic_run({"check", "caa", name, "--issuer", "ca.example", "--profile", file});
  };
  const std::string name = "coordinator.mpic.internal";
  use(profile_text(coordinator.port(), name, "keys", "keys"));

  SECTION("a verdict, and its exit status") {
    const Result result = check("bücher.example");
    CHECK(result.status == 2);
    CHECK_THAT(result.out, Catch::StartsWith("? NOT_DETERMINED, would be NOT_CORROBORATED  xn--bcher-kva.example\n"));
    CHECK(result.errors == "bücher.example is asked as xn--bcher-kva.example\n");
    CHECK(mpic_run({"--profile", file, "check", "caa", "a.example", "--issuer", "ca.example", "--would-be"}).status ==
          1);
  }
  SECTION("JSON is one object on one line") {
    const Result result = mpic_run({"--profile", file, "check", "http-01", "a.example", "--token", "t",
                                    "--key-authorization", "t.k", "--issuer", "ca.example", "--json"});
    CHECK(result.status == 2);
    CHECK_THAT(result.out, Catch::StartsWith("{\"record_id\":\"\"") && Catch::EndsWith("}\n"));
    CHECK(result.errors.empty());
  }
  SECTION("perspectives") {
    const Result result = mpic_run({"perspectives", "--profile", file});
    CHECK(result.status == 0);
    CHECK_THAT(result.out, Catch::StartsWith("0 of 1 perspectives connected\n"));
    CHECK_THAT(mpic_run({"perspectives", "--json", "--profile", file}).out, Catch::StartsWith("{\"perspectives\":["));
  }
  SECTION("policy, with the deployment's standing as exit status") {
    const Result now = mpic_run({"policy", "show", "--at", "2026-12-14", "--profile", file});
    CHECK(now.status == 0);
    CHECK_THAT(now.out, Catch::Contains("✓ complies at that date"));
    const Result later = mpic_run({"policy", "show", "--at", "2026-12-15", "--profile", file});
    CHECK(later.status == 1);
    CHECK_THAT(later.out, Catch::Contains("✗ does not comply at that date"));
    // The tables are those of what the deployment serves first, unless another is asked for.
    CHECK_THAT(now.out,
               Catch::StartsWith("CA/Browser Forum S/MIME ") && Catch::Contains("  profile cabf-smime-br, SBR"));
    const Result tls =
        mpic_run({"policy", "show", "--at", "2026-12-14", "--profile-name", "cabf-tls-br", "--profile", file});
    CHECK_THAT(tls.out, Catch::StartsWith("CA/Browser Forum TLS ") && Catch::Contains("  profile cabf-tls-br, BR"));
  }
  SECTION("what the coordinator refuses") {
    const Result refused = check("refused.example");
    CHECK(refused.status == 64);
    CHECK(refused.errors == "mpic: the request is refused: identifier: it is refused\n");
    const Result full = check("full.example");
    CHECK(full.status == 2);
    CHECK_THAT(full.errors, Catch::EndsWith(" gives no answer: no durable record\n"));
    const Result stranger = check("stranger.example");
    CHECK(stranger.status == 2);
    CHECK_THAT(stranger.errors, Catch::StartsWith("mpic: permission denied ") && Catch::EndsWith(": not listed\n"));
  }
  SECTION("a coordinator of another CA") {
    use(profile_text(coordinator.port(), name, "other", "keys"));
    const Result result = check("a.example");
    CHECK(result.status == 2);
    CHECK_THAT(result.errors, Catch::EndsWith(" does not come from the profile's ca\n"));
  }
  SECTION("another name than the coordinator's") {
    use(profile_text(coordinator.port(), "other.mpic.internal", "keys", "keys"));
    const Result result = check("a.example");
    CHECK(result.status == 2);
    CHECK_THAT(result.errors, Catch::EndsWith(" is not for the profile's tls_name\n"));
  }
  SECTION("a certificate that the coordinator does not trust") {
    use(profile_text(coordinator.port(), name, "keys", "other"));
    const Result result = check("a.example");
    CHECK(result.status == 2);
    CHECK_THAT(result.errors, Catch::Contains("it may not accept this client's certificate"));
  }
  SECTION("nobody listens; the policy's table is shown all the same") {
    use(profile_text(1, name, "keys", "keys"));
    const Result result = check("a.example");
    CHECK(result.status == 2);
    CHECK_THAT(result.errors, Catch::StartsWith("mpic: cannot reach the coordinator at 127.0.0.1:1: is it running"));
    const Result policy = mpic_run({"policy", "show", "--at", "2026-12-15", "--profile", file});
    CHECK(policy.status == 2);
    CHECK_THAT(policy.out, Catch::Contains("2026-12-15        5         1     2  ◀ in force"));
    CHECK_THAT(policy.errors, Catch::StartsWith("mpic: cannot reach the coordinator"));
  }
}

TEST_CASE("cli: a profile's mistakes are told with file and line", "[cli]") {
  const Folder folder;
  folder.make_keys("keys");
  const std::string file = (folder.path() / "profile.yaml").string();
  const std::string good = profile_text(7443, "c.example", "keys", "keys");
  struct Row {
    std::string text;
    const char* error;
  };
  const Row rows[] = {
      {"coordinator: c.example\n", "profile.yaml:1: coordinator: a host and a port are accepted: "},
      {"coordinator: https://c.example:7443\n", "profile.yaml:1: coordinator: a host and a port are accepted: "},
      {"coordinator: c.example:0\n", "profile.yaml:1: coordinator: a host and a port are accepted: "},
      {"coordinator: c.example:7443\n", "profile.yaml:1: ca: missing, but required"},
      {good + "tls_nam: d\n", "profile.yaml:6: tls_nam: unknown key; did you mean \"tls_name\"?"},
      {profile_text(7443, "c.example", "none", "keys"), "none/ca.pem: there is no such file"},
  };
  for (const Row& row : rows) {
    std::ofstream(file) << row.text;
    const Result result = mpic_run({"perspectives", "--profile", file});
    INFO(row.text);
    CHECK(result.status == 64);
    CHECK_THAT(result.errors, Catch::Contains(row.error));
  }
}
