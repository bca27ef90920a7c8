#include "agent/config.hpp"

#include <algorithm>
#include <charconv>

#include "agent/service/resolver_policy.hpp"
#include "common/config/events.hpp"
#include "common/domain/version.hpp"
#include "common/evidence/merkle.hpp"

namespace mpic::agent {
namespace {

using config::YamlMap;

bool is_loopback(const IpAddress& address) {
  return address.is_v4() ? address.octets()[0] == 127 : address.text() == "::1";
}

Role role_of(YamlMap& map) {
  const auto role = role_from(map.text("role"));
  if (!role) map.fail("role", "no such role; accepted: primary, remote, shadow");
  return *role;
}

Rir rir_of(YamlMap& map) {
  const auto rir = rir_from(map.text("rir"));
  if (!rir) map.fail("rir", "no such RIR; accepted: ARIN, RIPE, APNIC, LACNIC, AFRINIC");
  return *rir;
}

std::uint16_t port_of(const YamlMap& map, const std::string& text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
    map.fail("ports", "\"" + text + "\" is not a port from 1 to 65535");
  }
  return port;
}

LabRelaxations lab_of(YamlMap& top) {
  LabRelaxations lab;
  auto section = top.map_if("lab");
  if (!section) return lab;
  for (const std::string& text : section->texts("addresses")) {
    const auto prefix = Prefix::parse(text);
    if (!prefix) section->fail("addresses", prefix.error().detail);
    lab.addresses.push_back(*prefix);
  }
  for (const auto& [from, to] : section->entries("ports")) {
    lab.ports.emplace(port_of(*section, from), port_of(*section, to));
  }
  lab.top_level_domains = section->texts("top_level_domains");
  lab.foreign_trust_anchor = section->boolean("foreign_trust_anchor", false);
  lab.redirects = static_cast<std::size_t>(section->integer("redirects", 0, 1, kMaxHopsInLab - 1));
  section->finish();
  return lab;
}

// Read first, put together last: g++ 12 destroys members twice when an initializer of a nested aggregate
// throws.
AgentIdentity identity_of(YamlMap& top) {
  PerspectiveId perspective = top.parsed("perspective", PerspectiveId::parse);
  const Role role = role_of(top);
  const Rir rir = rir_of(top);
  AgentIdentity me(std::move(perspective), role, rir);
  me.log_origin = top.text("log_origin");
  me.lab = lab_of(top);
  me.lab_stamps = me.lab.describe();
  return me;
}

std::optional<IpAddress> egress_of(YamlMap& section, const std::string& key, bool v4) {
  if (!section.has(key)) return std::nullopt;
  const IpAddress address = section.parsed(key, IpAddress::parse);
  if (address.is_v4() != v4) section.fail(key, "an address of the other family");
  return address;
}

void read_tls(YamlMap& top, AgentConfig& out) {
  YamlMap section = top.map("tls");
  out.tls.ca = section.file("ca");
  out.tls.certificate = section.file("certificate");
  out.tls.key = section.file("key");
  out.clients = section.texts("clients");
  if (out.clients.empty()) section.fail("clients", "names nobody; list the SANs of the coordinator's certificate");
  section.finish();
}

// A host name, or "." for the root.
std::string test_name(const YamlMap& section, const std::string& key, const std::string& text) {
  if (text == ".") return text;
  const auto name = DnsName::parse_host(text);
  if (!name) section.fail(key, name.error().detail);
  return name->text();
}

ResolverTests tests_of(YamlMap& section) {
  constexpr std::size_t kMostProbes = 8;
  ResolverTests tests;
  const auto old_probe = section.text_if("probe");
  const std::vector<std::string> probes = section.texts("probes");
  if (old_probe && !probes.empty()) section.fail("probe", "is for one name; put it among the probes");
  if (probes.size() > kMostProbes) section.fail("probes", "more than " + std::to_string(kMostProbes) + " names");
  if (old_probe) tests.probes = {test_name(section, "probe", *old_probe)};
  if (!probes.empty()) {
    tests.probes.clear();
    for (const std::string& name : probes) tests.probes.push_back(test_name(section, "probes", name));
  }
  for (auto [key, name] : {std::pair{"signed_name", &tests.signed_name}, std::pair{"bogus_name", &tests.bogus_name}}) {
    if (const auto text = section.text_if(key)) *name = test_name(section, key, *text);
  }
  return tests;
}

// The digest of what was checked, so that every observation tells what its resolver was held to.
Digest check_configuration(YamlMap& section, bool own_tree) {
  const std::filesystem::path file = section.file("configuration");
  const std::string text = config::read_file(file);
  const std::vector<ResolverFinding> findings = check_resolver_configuration(text, own_tree);
  if (findings.empty()) return evidence::sha256(text);
  const ResolverFinding& first = findings.front();
  const std::string line = first.line == 0 ? "" : ':' + std::to_string(first.line);
  const std::string more = findings.size() == 1 ? "" : " (and " + std::to_string(findings.size() - 1) + " more)";
  section.fail("configuration", printable(file.filename().string()) + line + ": " + first.text + more);
}

void read_resolver(YamlMap& top, AgentConfig& out) {
  YamlMap section = top.map("resolver");
  out.resolver = config::endpoint(section, "address");
  const bool allow_remote = section.boolean("allow_remote", false);
  const auto address = IpAddress::parse(out.resolver.address);
  if (!address) section.fail("address", address.error().detail);
  out.resolver_is_remote = !is_loopback(*address);
  if (out.resolver_is_remote && !allow_remote) {
    section.fail("address",
                 "not a loopback address: AD and RCODE are believed only from a resolver of this perspective "
                 "alone, on "
                 "this host. With allow_remote: true it is taken, with a warning");
  }
  out.resolver_tests = tests_of(section);
  const bool untested = out.resolver_tests.signed_name.empty() || out.resolver_tests.bogus_name.empty();
  if (out.identity.role == Role::kPrimary && untested && !out.identity.lab.foreign_trust_anchor) {
    section.fail("signed_name",
                 "a Primary needs both signed_name and bogus_name: else nobody would notice if its resolver ceased to "
                 "validate (BR 4.2.2.2.1)");
  }
  out.identity.resolver = out.resolver.text();
  out.identity.resolver_config_sha256 = check_configuration(section, out.identity.lab.foreign_trust_anchor);
  section.finish();
}

void read_egress(YamlMap& top, AgentConfig& out) {
  auto section = top.map_if("egress");
  if (!section) return;
  out.egress_ipv4 = egress_of(*section, "ipv4", true);
  out.egress_ipv6 = egress_of(*section, "ipv6", false);
  section->finish();
  if (out.egress_ipv4) out.identity.source_ipv4 = out.egress_ipv4->text();
  if (out.egress_ipv6) out.identity.source_ipv6 = out.egress_ipv6->text();
}

std::chrono::milliseconds milliseconds_of(YamlMap& section, const std::string& key, std::chrono::milliseconds fallback,
                                          std::int64_t min, std::int64_t max) {
  return std::chrono::milliseconds(section.integer(key, fallback.count(), min, max));
}

void read_limits(YamlMap& top, AgentConfig& out) {
  constexpr std::int64_t kMostChecks = 65536;
  auto section = top.map_if("limits");
  if (!section) return;
  const std::int64_t in_all = section->integer("concurrent_checks", 1024, 1, kMostChecks);
  const std::int64_t share = std::max<std::int64_t>(1, in_all / 4);
  const std::int64_t per_target = section->integer("concurrent_checks_per_target", share, 1, kMostChecks);
  out.limits = {static_cast<std::size_t>(in_all), static_cast<std::size_t>(per_target)};
  TargetLimits& target = out.target_limits;
  target.connect = milliseconds_of(*section, "connect_ms", target.connect, 100, 60'000);
  target.head_start = milliseconds_of(*section, "head_start_ms", target.head_start, 10, 2'000);
  target.handshake = milliseconds_of(*section, "handshake_ms", target.handshake, 100, 60'000);
  target.exchange = milliseconds_of(*section, "exchange_ms", target.exchange, 100, 120'000);
  section->finish();
}

std::string user_agent_of(YamlMap& top) {
  std::string text = top.text_if("user_agent")
                         .value_or("mpic/" + std::string(kSoftwareVersion) +
                                   " (multi-perspective domain validation for certificates)");
  const auto unfit = [](unsigned char c) { return c < 0x20 || c > 0x7e; };
  if (std::any_of(text.begin(), text.end(), unfit) || text.size() > 256) {
    top.fail("user_agent", "must be at most 256 octets of printable ASCII");
  }
  return text;
}

}  // namespace

AgentConfig load_config(const std::filesystem::path& file) {
  constexpr std::int64_t kMostThreads = 64;
  YamlMap top = YamlMap::load(file);
  AgentConfig out(identity_of(top));
  out.listen = config::endpoint(top, "listen", true);
  out.admin = config::endpoint(top, "admin", true);
  out.user_agent = user_agent_of(top);
  read_tls(top, out);
  YamlMap signing = top.map("signing");
  out.signing_key = signing.file("key");
  signing.finish();
  out.events = config::events_file(top);
  read_resolver(top, out);
  read_egress(top, out);
  out.threads = static_cast<std::size_t>(top.integer("threads", 1, 1, kMostThreads));
  read_limits(top, out);
  top.finish();
  return out;
}

}  // namespace mpic::agent
