#include "agent/config.hpp"

#include "common/evidence/merkle.hpp"
#include "tests/support/agent_folder.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;

TEST_CASE("an agent's configuration, with what it leaves out", "[agent][config]") {
  AgentFolder folder;
  const auto config = folder.load(kAgentConfig);
  CHECK(config.identity.perspective.text() == "eu-west");
  CHECK(config.identity.role == Role::kRemote);
  CHECK(config.identity.rir == Rir::kRipe);
  CHECK(config.identity.log_origin == "mpic.example/log");
  CHECK(config.identity.resolver == "127.0.0.1:53");
  CHECK(config.identity.resolver_config_sha256 == evidence::sha256(kResolverConfig));
  CHECK(config.identity.lab_stamps.empty());
  CHECK(config.tls.ca == folder.path() / "ca.pem");
  CHECK(config.signing_key == folder.path() / "signing.key");
  CHECK(config.clients == std::vector<std::string>{"coordinator.mpic.internal"});
  CHECK(config.threads == 1);
  CHECK(config.limits.in_all == 1024);
  CHECK(config.limits.per_target == 256);
  CHECK_FALSE(config.egress_ipv6);
  CHECK(config.user_agent.starts_with("mpic/"));
  CHECK(config.resolver_tests.probes == std::vector<std::string>{"."});
  CHECK(config.resolver_tests.signed_name.empty());
  CHECK(config.resolver_tests.bogus_name.empty());
  CHECK(config.target_limits.connect == 3s);
  CHECK(config.target_limits.head_start == 250ms);
  CHECK(config.target_limits.handshake == 5s);
  CHECK(config.target_limits.exchange == 10s);
}

TEST_CASE("egress, limits and lab", "[agent][config]") {
  AgentFolder folder;
  const auto config = folder.load(std::string(kAgentConfig) + R"(egress: {ipv4: 203.113.9.9, ipv6: "2a02:6b8::9"}
threads: 4
limits: {concurrent_checks: 32, connect_ms: 100, head_start_ms: 10, handshake_ms: 60000, exchange_ms: 120000}
user_agent: validator/1
lab:
  addresses: [127.77.0.0/16]
  ports: {80: 17380, 443: 17443}
  top_level_domains: [test]
  foreign_trust_anchor: true
)");
  CHECK(config.identity.source_ipv4 == "203.113.9.9");
  CHECK(config.identity.source_ipv6 == "2a02:6b8::9");
  CHECK(config.egress_ipv6->text() == "2a02:6b8::9");
  CHECK(config.threads == 4);
  CHECK(config.limits.in_all == 32);
  CHECK(config.limits.per_target == 8);
  CHECK(config.target_limits.connect == 100ms);
  CHECK(config.target_limits.head_start == 10ms);
  CHECK(config.target_limits.handshake == 1min);
  CHECK(config.target_limits.exchange == 2min);
  CHECK(config.user_agent == "validator/1");
  CHECK(config.identity.lab.ports.at(443) == 17443);
  CHECK(config.identity.lab_stamps.size() == 4);
}

TEST_CASE("what is wrong is said with its key", "[agent][config]") {
  struct Row {
    const char* key;
    const char* line;
    const char* says;
  };
  const Row rows[] = {
      {"role", "role: boss", "role"},
      {"role", "role: primary", "both signed_name and bogus_name"},
      {"rir", "rir: NIRVANA", "rir"},
      {"perspective", "perspective: Eu West", "perspective"},
      {"log_origin", "", "log_origin"},
      {"listen", "listen: localhost", "listen"},
      {"tls", "tls: {ca: ca.pem, certificate: tls.pem, key: tls.key, clients: []}", "tls.clients"},
      {"tls", "tls: {ca: ca.pem, certifcate: tls.pem, key: tls.key, clients: [a]}", "certif"},
      {"resolver", "resolver: {address: \"9.9.9.9:53\", configuration: unbound.conf}", "allow_remote"},
      {"resolver", "resolver: {address: \"127.0.0.1:53\", configuration: missing.conf}", "missing.conf"},
      {"resolver", "resolver: {address: \"127.0.0.1:53\", configuration: insecure.conf}",
       "insecure.conf:5: domain-insecure is a negative trust anchor: it switches validation off (BR 4.2.2.2.4) (and 1 "
       "more)"},
      {"resolver", "resolver: {address: \"127.0.0.1:53\", configuration: own-tree.conf}", "own-tree.conf:5: stub-zone"},
      {"resolver", "resolver: {address: \"127.0.0.1:53\", configuration: empty.conf}",
       "empty.conf: there is no trust anchor"},
      {"resolver",
       "resolver: {address: \"127.0.0.1:53\", configuration: unbound.conf, probe: a.test, probes: [b.test]}",
       "resolver.probe"},
      {"resolver", "resolver: {address: \"127.0.0.1:53\", configuration: unbound.conf, probes: [a_b.test]}",
       "resolver.probes"},
      {"resolver", "resolver: {address: \"127.0.0.1:53\", configuration: unbound.conf, probes: [a,b,c,d,e,f,g,h,i]}",
       "resolver.probes"},
      {"resolver", "resolver: {address: \"127.0.0.1:53\", configuration: unbound.conf, signed_name: \"a b\"}",
       "resolver.signed_name"},
      {"resolver", "resolver: {address: \"127.0.0.1:53\", configuration: unbound.conf, bogus_name: 127.0.0.1}",
       "resolver.bogus_name"},
      {"egress", "egress: {ipv4: \"::1\"}", "egress.ipv4"},
      {"egress", "egress: {ipv6: 203.113.9.9}", "egress.ipv6"},
      {"lab", "lab: {addresses: [127.77.0.1/16]}", "lab.addresses"},
      {"lab", "lab: {ports: {80: 70000}}", "lab.ports"},
      {"limits", "limits: {concurrent_checks: 0}", "limits.concurrent_checks"},
      {"share", "limits: {concurrent_checks_per_target: 0}", "limits.concurrent_checks_per_target"},
      {"limits", "limits: {connect_ms: 99}", "limits.connect_ms"},
      {"limits", "limits: {head_start_ms: 2001}", "limits.head_start_ms"},
      {"limits", "limits: {handshake_ms: 0}", "limits.handshake_ms"},
      {"limits", "limits: {exchange_ms: 120001}", "limits.exchange_ms"},
      {"threads", "threads: 1000", "threads"},
      {"user_agent", "user_agent: \"a\\r\\nHost: b\"", "user_agent"},
      {"colour", "colour: red", "colour"},
  };
  AgentFolder folder;
  for (const Row& row : rows) DYNAMIC_SECTION(row.line) {
      CHECK_THAT(folder.error(with(row.key, row.line)), Catch::Matchers::Contains(row.says));
    }
}

TEST_CASE("a resolver elsewhere is taken only when that is said", "[agent][config]") {
  AgentFolder folder;
  const auto config = folder.load(
      with("resolver", "resolver: {address: \"9.9.9.9:53\", configuration: unbound.conf, allow_remote: true}"));
  CHECK(config.resolver_is_remote);
}

TEST_CASE("a laboratory with a root of its own says where its zones are", "[agent][config]") {
  AgentFolder folder;
  const std::string text = with("resolver", "resolver: {address: \"127.0.0.1:53\", configuration: own-tree.conf}");
  CHECK_THAT(folder.error(text), Catch::Matchers::Contains("stub-zone"));
  CHECK(folder.load(text + "lab: {foreign_trust_anchor: true}\n").identity.lab.foreign_trust_anchor);
}

TEST_CASE("what the resolver is tested with", "[agent][config]") {
  AgentFolder folder;
  const auto tests = [&](const std::string& keys) {
    return folder
        .load(with("resolver", "resolver: {address: \"127.0.0.1:53\", configuration: unbound.conf, " + keys + "}"))
        .resolver_tests;
  };
  CHECK(tests("probe: Example.COM").probes == std::vector<std::string>{"example.com"});
  const auto all = tests("probes: [., example.com], signed_name: signed.example., bogus_name: bogus.example");
  CHECK(all.probes == std::vector<std::string>{".", "example.com"});
  CHECK(all.signed_name == "signed.example");
  CHECK(all.bogus_name == "bogus.example");
  CHECK(all.names().size() == 4);
}
