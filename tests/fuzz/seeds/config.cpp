#include "tests/fuzz/seeds/seeds.hpp"

namespace mpic::fuzz {
namespace {

constexpr const char* kAgent = R"(perspective: eu-west
role: remote
rir: RIPE
log_origin: mpic.ca.example/2026
listen: 127.0.0.1:7443
admin: "[::1]:9101"
user_agent: mpic test
tls: {ca: ca.pem, certificate: host.pem, key: host.key, clients: [coordinator.mpic.internal]}
signing:
  key: signing.pem
resolver:
  address: 127.0.0.1:53
  configuration: unbound.conf
  probes: [., example.com]
  signed_name: signed.example.com
  bogus_name: bogus.example.com
egress: {ipv4: 192.0.2.10, ipv6: "2001:db8::10"}
threads: 2
limits: {concurrent_checks: 64, connect_ms: 2000, head_start_ms: 300, handshake_ms: 4000, exchange_ms: 8000}
)";

constexpr const char* kLab = R"(lab:
  addresses: [127.77.0.0/16, "::1/128"]
  ports: {80: 18080, 443: 18443}
  top_level_domains: [test]
  foreign_trust_anchor: true
)";

constexpr const char* kUnbound = R"(# as docs/operations.md shows it
server:
  interface: 127.0.0.1
  module-config: "validator iterator"
  auto-trust-anchor-file: "/var/lib/unbound/root.key"
  val-permissive-mode: no
  ede: yes
  cache-max-ttl: 60
  cache-max-negative-ttl: 60
  serve-expired: no
  wait-limit: 0
)";

constexpr const char* kCoordinator = R"(log_origin: mpic.ca.example/2026
listen: 127.0.0.1:0
admin: 127.0.0.1:9100
tls: {ca: ca.pem, certificate: host.pem, key: host.key}
clients:
  - {name: pipeline, san: pipeline.clients.mpic.internal}
  - {name: batch, san: batch.clients.mpic.internal, open_requests: 5, reads_all_records: true}
  - name: issuance
    san: issuance.clients.mpic.internal
    asserted_primary:
      id: theirs
      rir: LACNIC
      place: {name: Lima, latitude: -12.05, longitude: -77.04}
      validates_dnssec: true
signing: {key: signing.pem}
checkpoint_key: checkpoint-key.pem
events: events.jsonl
store: {sqlite: records.sqlite, keep_days: 1200, caa_reuse: true, below_floor: accepted}
policy: {profile: cabf-tls-br}
perspectives:
  - id: primary
    role: primary
    rir: ARIN
    address: 192.0.2.9:7443
    tls_name: primary.agents.mpic.internal
    place: {name: Ashburn, latitude: 39.04, longitude: -77.49}
    keys:
      - {public_key: signing.pub, not_before: 2026-01-01, not_after: 2026-12-15T08:00:00Z}
  - id: eu-central
    role: remote
    rir: RIPE
    address: 192.0.2.10:7443
    tls_name: eu-central.agents.mpic.internal
    provider: example-cloud
    place: {name: Frankfurt, latitude: 50.11, longitude: 8.68}
    resolver_place: {name: Frankfurt, latitude: 50.11, longitude: 8.68}
    resolver_rir: RIPE
    keys: [{public_key: signing.pub}]
limits: {deadline_ms: 20000, look_ms: 10000, open_requests: 100}
threads: 1
)";

constexpr const char* kEverything = R"(text: hello
integer: -3
boolean: true
number: 12.5
texts: [a, "b", 'c']
entries: {80: 8080, a: b}
endpoint: "[::1]:80"
path: below/here
file: ca.pem
map: {text: x, map: {map: {map: {text: deep}}}}
maps: [{text: x}, {integer: 1}]
required: yes
)";

void add(Seeds& out, const char* target, const char* name, std::string text) {
  out.push_back({target, name, std::move(text)});
}

}  // namespace

void add_config(Seeds& out) {
  add(out, "agent_config", "full", kAgent);
  add(out, "agent_config", "lab", std::string(kAgent) + kLab);
  add(out, "agent_config", "remote-resolver",
      "perspective: a\nrole: shadow\nrir: ARIN\nlog_origin: x\nlisten: 127.0.0.1:1\nadmin: 127.0.0.1:2\n"
      "tls: {ca: ca.pem, certificate: host.pem, key: host.key, clients: [c]}\nsigning: {key: signing.pem}\n"
      "resolver: {address: 9.9.9.9:53, allow_remote: true, configuration: unbound.conf, probe: example.com}\n");
  add(out, "agent_config", "own-tree",
      "perspective: a\nrole: primary\nrir: ARIN\nlog_origin: x\nlisten: 127.0.0.1:1\nadmin: 127.0.0.1:2\n"
      "tls: {ca: ca.pem, certificate: host.pem, key: host.key, clients: [c]}\nsigning: {key: signing.pem}\n"
      "resolver: {address: 127.0.0.1:53, configuration: own-tree.conf}\nlab: {foreign_trust_anchor: true}\n");
  add(out, "agent_config", "misspelt", "perspectve: eu-west\n");
  add(out, "resolver_policy", "good", kUnbound);
  add(out, "resolver_policy", "own-tree",
      std::string(kUnbound) +
          "  local-zone: \"test.\" nodefault\nstub-zone:\n  name: test\n  stub-addr: 127.0.0.1@53\n");
  add(out, "resolver_policy", "insecure",
      std::string(kUnbound) + "  domain-insecure: 'a' val-permissive-mode: yes#no comment\n include:\"x\"");
  add(out, "resolver_policy", "iana-anchor",
      std::string(kUnbound) +
          "  trust-anchor: \". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D084 58E880409BBC683457104237C7F8EC8D\"\n");
  add(out, "resolver_policy", "open-quote", "server:\n directory: \"a\\\" b\ndomain-insecure: x\n");
  add(out, "resolver_policy", "nothing", "");
  add(out, "coordinator_config", "full", kCoordinator);
  add(out, "coordinator_config", "lab",
      std::string(kCoordinator) +
          "lab: {addresses: [127.77.0.0/16], top_level_domains: [test], policy_clock: 2026-12-15}\n");
  add(out, "coordinator_config", "misspelt", "log_orign: x\n");

  const auto yaml = [&](const char* name, const std::string& text, char how = 0) {
    add(out, "yaml", name, how + text);
  };
  yaml("everything", kEverything);
  yaml("finished", kEverything, 4);
  yaml("unknown-key", "txet: x\n", 4);
  yaml("missing", "text: x\n", 1);
  yaml("failing-item", "texts: [a, b]\n", 2);
  yaml("given-twice", "text: a\ntext: b\n");
  yaml("empty-value", "text:\ninteger:\n");
  yaml("wrong-kinds", "text: [a]\n");
  yaml("number-out-of-range", "integer: 99999999999999999999\n");
  yaml("not-finite", "number: .inf\n");
  yaml("two-documents", "text: a\n---\ntext: b\n");
  yaml("nothing", "");
  yaml("a-sequence", "- a\n- b\n");
  yaml("key-is-a-map", "? {a: b}\n: c\n");
  yaml("anchors", "map: &x {text: a, map: *x}\nmaps: [*x, *x]\n");
  yaml("many-aliases", "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\ntexts: *c\n");
  yaml("merge", "map: {<<: {text: a}}\n");
  yaml("tags", "text: !!binary aGVsbG8=\ninteger: !!str 5\nboolean: ! true\n");
  yaml("block-texts", "text: |+2\n    a\n   b\ntexts:\n- >-\n folded\n  text\n");
  yaml("escapes", "text: \"\\x1b[31m\\u202e\\U0001F512\\\n  x\"\n");
  yaml("not-utf8", "text: caf\xe9\n");
  yaml("byte-order-mark", "\xef\xbb\xbftext: a\n");
  yaml("utf16", std::string("\xff\xfet\0e\0x\0t\0:\0 \0a\0", 16));
  yaml("directive", "%YAML 1.2\n%TAG ! !x\n---\ntext: a\n...\n");
  yaml("unclosed", "texts: [a, {b: \"c");
  yaml("deep", "map: " + std::string(40, '[') + std::string(40, ']') + "\n");
  yaml("tab", "map:\n\ttext: a\n");
}

}  // namespace mpic::fuzz
