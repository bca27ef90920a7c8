// What a running agent takes from a changed configuration, and what makes it keep the old one.
#include "agent/reload.hpp"

#include <sstream>

#include "cli/keys_dev.hpp"
#include "tests/support/agent_folder.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::test;

namespace {

// An agent's folder with real signing keys: keys/agents/{one,two}/signing.key.
class KeyedFolder : public AgentFolder {
 public:
  KeyedFolder() {
    cli::KeysDevOptions options;
    options.directory = path() / "keys";
    options.agents = {"one", "two"};
    options.clients = {"nobody"};
    std::ostringstream ignored;
    REQUIRE(cli::run_keys_dev(options, ignored, ignored) == cli::kKeysDevDone);
  }
  agent::Reloaded reload(const agent::AgentConfig& running, const std::string& text) {
    write("agent.yaml", text);
    return agent::read_again(path() / "agent.yaml", running);
  }
  [[nodiscard]] std::string key_of(const std::string& who) const {
    return "signing: {key: keys/agents/" + who + "/signing.key}";
  }
};

}  // namespace

TEST_CASE("an agent takes another signing key, other clients and other TLS files", "[agent][reload]") {
  KeyedFolder folder;
  const agent::AgentConfig running = folder.load(with("signing", folder.key_of("one")));
  const evidence::KeyId first = agent::load_signing_key(running).id();
  std::string text = with("signing", folder.key_of("two"));
  const std::string clients = "clients: [coordinator.mpic.internal]";
  text.replace(text.find(clients), clients.size(), "clients: [a.example, b.example]");
  text.replace(text.find("ca: ca.pem"), 10, "ca: keys/ca.pem");
  const agent::Reloaded fresh = folder.reload(running, text);
  CHECK(fresh.key.id() != first);
  CHECK(fresh.config.clients == std::vector<std::string>{"a.example", "b.example"});
  CHECK(fresh.config.tls.ca == folder.path() / "keys/ca.pem");
}

TEST_CASE("the same configuration is no difference, and neither is another key in the same file", "[agent][reload]") {
  KeyedFolder folder;
  const std::string text = with("signing", folder.key_of("one"));
  const agent::AgentConfig running = folder.load(text);
  const evidence::KeyId first = agent::load_signing_key(running).id();
  CHECK(folder.reload(running, text).key.id() == first);
  folder.write("keys/agents/one/signing.key", config::read_file(folder.path() / "keys/agents/two/signing.key"));
  CHECK(folder.reload(running, text).key.id() != first);
}

TEST_CASE("what cannot change at run time is named, and nothing is taken", "[agent][reload]") {
  KeyedFolder folder;
  const agent::AgentConfig running = folder.load(with("signing", folder.key_of("one")));
  folder.write("other.conf", std::string(kResolverConfig) + "  ede: yes\n");
  const std::string resolver = "resolver: {address: \"127.0.0.1:53\", configuration: unbound.conf";
  struct Row {
    const char* names;
    std::string key;
    std::string line;
  };
  const Row rows[] = {
      {"role", "role", "role: shadow"},
      {"rir", "rir", "rir: ARIN"},
      {"log_origin", "log_origin", "log_origin: another.example/log"},
      {"listen", "listen", "listen: 127.0.0.1:4711"},
      {"admin", "admin", "admin: 127.0.0.1:4711"},
      {"resolver.address", "resolver", "resolver: {address: \"127.0.0.1:54\", configuration: unbound.conf}"},
      {"resolver.configuration", "resolver", "resolver: {address: \"127.0.0.1:53\", configuration: other.conf}"},
      {"resolver.probes", "resolver", resolver + ", probes: [example.com]}"},
      {"resolver.signed_name", "resolver", resolver + ", signed_name: example.com}"},
      {"resolver.bogus_name", "resolver", resolver + ", bogus_name: example.com}"},
      {"egress.ipv4", "egress", "egress: {ipv4: 192.0.2.7}"},
      {"egress.ipv6", "egress", "egress: {ipv6: \"2001:db8::7\"}"},
      {"threads", "threads", "threads: 2"},
      {"limits.concurrent_checks_per_target", "limits", "limits: {concurrent_checks_per_target: 5}"},
      {"limits.concurrent_checks, limits.concurrent_checks_per_target", "limits", "limits: {concurrent_checks: 5}"},
      {"limits.connect_ms", "limits", "limits: {connect_ms: 1000}"},
      {"limits.head_start_ms", "limits", "limits: {head_start_ms: 100}"},
      {"limits.handshake_ms", "limits", "limits: {handshake_ms: 1000}"},
      {"limits.exchange_ms", "limits", "limits: {exchange_ms: 1000}"},
      {"user_agent", "user_agent", "user_agent: another"},
      {"lab", "lab", "lab: {ports: {80: 8080}}"},
  };
  for (const Row& row : rows) {
    INFO(row.line);
    std::string text = with(row.key, row.line);
    text.replace(text.find("signing: {key: signing.key}"), 27, folder.key_of("two"));
    CHECK_THROWS_WITH(folder.reload(running, text),
                      Catch::Matchers::Contains(": " + std::string(row.names) + " cannot change at run time"));
  }
  std::string text = with("signing", folder.key_of("one"));
  text.replace(text.find("eu-west"), 7, "eu-east");
  CHECK_THROWS_WITH(folder.reload(running, text), Catch::Matchers::Contains(": perspective cannot change"));
}

TEST_CASE("a configuration or a key that is at fault is refused", "[agent][reload]") {
  KeyedFolder folder;
  const agent::AgentConfig running = folder.load(with("signing", folder.key_of("one")));
  CHECK_THROWS_WITH(folder.reload(running, "perspective: ["), Catch::Matchers::Contains("agent.yaml"));
  CHECK_THROWS_WITH(folder.reload(running, with("singing", "singing: {}")), Catch::Matchers::Contains("unknown key"));
  CHECK_THROWS_WITH(folder.reload(running, with("signing", "signing: {key: nowhere.key}")),
                    Catch::Matchers::Contains("nowhere.key"));
  CHECK_THROWS_WITH(folder.reload(running, with("signing", "signing: {key: tls.key}")),  // holds no key
                    Catch::Matchers::Contains("tls.key"));
}
