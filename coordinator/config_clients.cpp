#include "coordinator/config_clients.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "coordinator/access/api_keys_file.hpp"
#include "coordinator/config_parts.hpp"

namespace mpic::coordinator {
namespace {

using config::YamlMap;

constexpr std::int64_t kMostOpenRequests = 1'000'000;
constexpr double kSlowest = 0.001;  // requests per second
constexpr double kFastest = 1'000'000;
constexpr DcvMethod kLastMethod = DcvMethod::kReverseAddressLookup;

std::optional<DcvMethod> method_named(std::string_view name) {
  for (int number = 1; number <= static_cast<int>(kLastMethod); ++number) {
    const auto method = static_cast<DcvMethod>(number);
    if (to_string(method) == name) return method;
  }
  return std::nullopt;
}

std::string every_method() {
  std::string out;
  for (int number = 1; number <= static_cast<int>(kLastMethod); ++number) {
    if (!out.empty()) out += ", ";
    out += to_string(static_cast<DcvMethod>(number));
  }
  return out;
}

// What is not said is no limit, so an empty list cannot be meant.
std::vector<std::string> limited_to(YamlMap& map, const std::string& key) {
  if (!map.has(key)) return {};
  std::vector<std::string> out = map.texts(key);
  if (out.empty()) map.fail(key, "names nobody and nothing; leave it out where there is no limit");
  return out;
}

ClientRights load_rights(YamlMap map) {
  ClientRights rights;
  for (const std::string& name : limited_to(map, "methods")) {
    const auto method = method_named(name);
    if (!method) {
      map.fail("methods", fmt::format("\"{}\" is no method; accepted here: {}", printable(name), every_method()));
    }
    rights.methods.push_back(*method);
  }
  for (const std::string& text : limited_to(map, "issuer_domains")) {
    const auto domain = DnsName::parse(text);
    if (!domain) map.fail("issuer_domains", domain.error().detail);
    rights.issuer_domains.push_back(domain->text());
  }
  const auto modes = limited_to(map, "modes");
  for (const std::string& mode : modes) {
    if (mode == "enforce" || mode == "monitor") continue;
    map.fail("modes", fmt::format("\"{}\" is no mode; accepted here: enforce, monitor", printable(mode)));
  }
  if (!modes.empty()) {
    rights.enforce = std::find(modes.begin(), modes.end(), "enforce") != modes.end();
    rights.monitor = std::find(modes.begin(), modes.end(), "monitor") != modes.end();
  }
  map.finish();
  return rights;
}

ClientRate load_rate(YamlMap map) {
  ClientRate rate;
  rate.per_second = map.number("per_second", kSlowest, kFastest);
  const auto as_many = static_cast<std::int64_t>(std::ceil(rate.per_second));
  rate.burst = static_cast<std::size_t>(map.integer("burst", as_many, 1, static_cast<std::int64_t>(kFastest)));
  map.finish();
  return rate;
}

PerspectiveEntry load_asserted_primary(YamlMap map) {
  // Each into a local first: g++ 12 destroys members twice when an initializer of an aggregate throws.
  PerspectiveId id = map.parsed("id", [](const std::string& text) { return PerspectiveId::parse(text); });
  const Rir rir = map.parsed("rir", parse_rir);
  Place place = load_place(map.map("place"));
  DeployedPerspective where{.id = std::move(id), .role = Role::kPrimary, .rir = rir, .place = std::move(place)};
  where.resolver_place = where.place;
  where.resolver_rir = where.rir;
  if (auto resolver = map.map_if("resolver_place")) where.resolver_place = load_place(*std::move(resolver));
  if (map.has("resolver_rir")) where.resolver_rir = map.parsed("resolver_rir", parse_rir);
  if (!map.boolean("validates_dnssec", false)) {
    map.fail("validates_dnssec",
             "must be true, and so: the Primary validates DNSSEC to the IANA root (BR 4.2.2.2.1), and nobody here can "
             "see whether this one does");
  }
  map.finish();
  return PerspectiveEntry{.where = std::move(where)};
}

ClientEntry load_client(YamlMap& map) {
  std::string name = map.parsed("name", parse_api_key_name);
  std::string san = map.has("san") ? map.text("san") : std::string();
  ClientEntry client{.name = std::move(name), .san = std::move(san)};
  if (auto rights = map.map_if("rights")) client.rights = load_rights(*std::move(rights));
  if (auto rate = map.map_if("rate")) client.rate = load_rate(*std::move(rate));
  client.open_requests = static_cast<std::size_t>(map.integer("open_requests", 0, 1, kMostOpenRequests));
  client.reads_all_records = map.boolean("reads_all_records", false);
  if (auto asserted = map.map_if("asserted_primary")) {
    client.asserted_primary = load_asserted_primary(*std::move(asserted));
  }
  map.finish();
  return client;
}

// Records would not tell them apart, and rights are found by either.
void check_distinct(const YamlMap& map, const ClientEntry& client, const std::vector<ClientEntry>& others) {
  for (const ClientEntry& other : others) {
    if (!client.san.empty() && other.san == client.san) map.fail("san", "another client has the same SAN");
    if (other.name == client.name) map.fail("name", "another client has the same name");
  }
}

void check_asserted_primary(const YamlMap& map, const ClientEntry& client, const Deployment& deployment) {
  if (!client.asserted_primary) return;
  const DeployedPerspective& primary = client.asserted_primary->where;
  if (deployment.find(primary.id) != nullptr) {
    map.fail("asserted_primary", fmt::format("\"{}\" is the id of a configured perspective; records could not tell "
                                             "what was observed from what was asserted",
                                             primary.id.text()));
  }
  const auto violations = check_primary_place(deployment.places(), primary);
  if (!violations.empty()) map.fail("asserted_primary", violations.front().detail);
}

void give_out_keys(const std::filesystem::path& file, std::vector<ClientEntry>& clients) {
  std::map<std::string, ClientEntry*> by_name;
  for (ClientEntry& client : clients) by_name.emplace(client.name, &client);
  auto keys = load_api_keys_of(file, [&](const std::string& name) { return by_name.contains(name); });
  for (ApiKey& key : keys) {
    ClientEntry& client = *by_name.at(key.client);
    client.api_keys.push_back(std::move(key));
  }
}

}  // namespace

void load_clients(YamlMap& root, const std::filesystem::path& api_keys, Deployment& deployment) {
  std::vector<YamlMap> maps = root.maps("clients");
  for (YamlMap& map : maps) {
    ClientEntry client = load_client(map);
    check_distinct(map, client, deployment.clients);
    check_asserted_primary(map, client, deployment);
    deployment.clients.push_back(std::move(client));
  }
  if (deployment.clients.empty()) {
    root.fail("clients", "at least one client is needed: {name: pipeline, san: pipeline.example.net}");
  }
  if (!api_keys.empty()) give_out_keys(api_keys, deployment.clients);
  for (std::size_t i = 0; i < maps.size(); ++i) {
    const ClientEntry& client = deployment.clients[i];
    if (client.san.empty() && client.api_keys.empty()) {
      maps[i].fail("san",
                   fmt::format("is missing, and client {} has no API key either: mpic keys api create --client {}",
                               client.name, client.name));
    }
  }
}

}  // namespace mpic::coordinator
