#include "coordinator/config_clients.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "coordinator/config_parts.hpp"

namespace mpic::coordinator {
namespace {

using config::YamlMap;

constexpr std::size_t kLongestName = 64;
constexpr std::int64_t kMostOpenRequests = 1'000'000;

Expected<std::string> parse_name(const std::string& text) {
  const auto is_graphic = [](char c) { return c > ' ' && c <= '~'; };
  if (text.size() <= kLongestName && std::all_of(text.begin(), text.end(), is_graphic)) return text;
  return fail(ProblemCode::kInvalidArgument, "name",
              fmt::format("accepted here: 1 to {} octets of printable ASCII without blanks", kLongestName));
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
  std::string name = map.parsed("name", parse_name);
  std::string san = map.text("san");
  ClientEntry client{.name = std::move(name), .san = std::move(san)};
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
    if (other.san == client.san) map.fail("san", "another client has the same SAN");
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

}  // namespace

void load_clients(YamlMap& root, Deployment& deployment) {
  for (YamlMap& map : root.maps("clients")) {
    ClientEntry client = load_client(map);
    check_distinct(map, client, deployment.clients);
    check_asserted_primary(map, client, deployment);
    deployment.clients.push_back(std::move(client));
  }
  if (deployment.clients.empty()) {
    root.fail("clients", "at least one client is needed: {name: pipeline, san: pipeline.example.net}");
  }
}

}  // namespace mpic::coordinator
