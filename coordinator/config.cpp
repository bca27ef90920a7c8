#include "coordinator/config.hpp"

#include <fmt/format.h>

#include "common/config/events.hpp"
#include "coordinator/config_clients.hpp"
#include "coordinator/config_log.hpp"
#include "coordinator/config_parts.hpp"
#include "coordinator/config_planning.hpp"
#include "coordinator/config_policy.hpp"

namespace mpic::coordinator {
namespace {

using config::YamlMap;

Expected<Role> parse_role(const std::string& text) {
  if (const auto role = role_from(text)) return *role;
  return fail(ProblemCode::kInvalidArgument, "role",
              fmt::format("\"{}\" is no role; accepted here: primary, remote, shadow", printable(text)));
}

// "2026-12-15" or "2026-12-15T08:00:00Z".
Expected<TimePoint> parse_moment(const std::string& text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  int end = 0;
  const auto size = static_cast<int>(text.size());
  const bool date_only = std::sscanf(text.c_str(), "%4d-%2u-%2u%n", &year, &month, &day, &end) == 3 && end == size;
  const bool full = !date_only &&
                    std::sscanf(text.c_str(), "%4d-%2u-%2uT%2u:%2u:%2uZ%n", &year, &month, &day, &hour, &minute,
                                &second, &end) == 6 &&
                    end == size && hour < 24 && minute < 60 && second < 60;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  // A TimePoint counts nanoseconds in 64 bits: it ends in 2262, and would wrap round silently.
  if ((!date_only && !full) || !date.ok() || year < 1970 || year > 2200) {
    return fail(ProblemCode::kInvalidArgument, "time",
                "not a UTC time of the years 1970 to 2200; accepted here: 2026-12-15, 2026-12-15T08:00:00Z");
  }
  return TimePoint(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

evidence::PinnedKey load_key(YamlMap map) {
  const auto file = map.file("public_key");
  auto key = evidence::VerifyingKey::from_pem(config::read_file(file));
  if (!key) map.fail("public_key", fmt::format("{}: {}", file.string(), key.error().detail));
  evidence::PinnedKey pinned{*std::move(key)};
  if (map.has("not_before")) pinned.not_before = map.parsed("not_before", parse_moment);
  if (map.has("not_after")) pinned.not_after = map.parsed("not_after", parse_moment);
  map.finish();
  return pinned;
}

PerspectiveEntry load_perspective(YamlMap map) {
  // Each into a local first: g++ 12 destroys members twice when an initializer of an aggregate throws.
  PerspectiveId id = map.parsed("id", [](const std::string& text) { return PerspectiveId::parse(text); });
  const Role role = map.parsed("role", parse_role);
  const Rir rir = map.parsed("rir", parse_rir);
  Place place = load_place(map.map("place"));
  DeployedPerspective where{.id = std::move(id), .role = role, .rir = rir, .place = std::move(place)};
  where.resolver_place = where.place;
  where.resolver_rir = where.rir;
  if (auto resolver = map.map_if("resolver_place")) where.resolver_place = load_place(*std::move(resolver));
  if (map.has("resolver_rir")) where.resolver_rir = map.parsed("resolver_rir", parse_rir);
  PerspectiveEntry entry{.where = std::move(where)};
  entry.provider = map.text_if("provider").value_or("");
  entry.address = map.text("address");
  entry.tls_name = map.text("tls_name");
  entry.drained = map.boolean("drained", false);
  if (entry.drained && role != Role::kRemote) map.fail("drained", "only a remote has others that can take its place");
  for (YamlMap& key : map.maps("keys")) entry.keys.push_back(load_key(std::move(key)));
  if (entry.keys.empty() || entry.keys.size() > 2) {
    map.fail("keys", "one pinned signing key is needed, or two while keys are rotated");
  }
  map.finish();
  return entry;
}

LabRelaxations load_lab(YamlMap map) {
  LabRelaxations lab;
  lab.top_level_domains = map.texts("top_level_domains");
  for (const std::string& text : map.texts("addresses")) {
    auto prefix = Prefix::parse(text);
    if (!prefix) map.fail("addresses", prefix.error().detail);
    lab.addresses.push_back(*std::move(prefix));
  }
  if (map.has("policy_clock")) lab.policy_clock = map.parsed("policy_clock", parse_moment);
  lab.records_nowhere = map.boolean("records_nowhere", false);
  map.finish();
  return lab;
}

std::size_t sized(std::int64_t value) { return static_cast<std::size_t>(value); }

void load_store(YamlMap& store, Config& out) {
  const bool is_postgres = store.has("postgres");
  if (is_postgres && store.has("sqlite")) {
    store.fail("postgres", "sqlite is given too; one of the two is accepted");
  }
  if (is_postgres) {
    out.postgres = store.text("postgres");
  } else {
    out.sqlite = store.path("sqlite");
  }
}

}  // namespace

Config load_config(const std::filesystem::path& file) {
  YamlMap root = YamlMap::load(file);
  Config out;
  out.deployment.log_origin = load_log_origin(root);
  out.listen = config::endpoint(root, "listen", true);
  out.admin = config::endpoint(root, "admin", true);
  YamlMap tls = root.map("tls");
  out.tls = {tls.file("ca"), tls.file("certificate"), tls.file("key")};
  tls.finish();
  YamlMap signing = root.map("signing");
  out.signing_key = signing.file("key");
  signing.finish();
  out.checkpoint_key = load_checkpoint_key(root);
  out.events = config::events_file(root);
  YamlMap store = root.map("store");
  load_store(store, out);
  out.deployment.retention = load_retention(store);
  store.finish();
  load_policy(root.map("policy"), out.deployment);
  for (YamlMap& map : root.maps("perspectives"))
    out.deployment.perspectives.push_back(load_perspective(std::move(map)));
  if (out.deployment.perspectives.empty()) root.fail("perspectives", "none is configured");
  if (root.has("api_keys")) out.api_keys = root.file("api_keys");
  load_clients(root, out.api_keys, out.deployment);
  if (auto planning = root.map_if("planning")) load_planning(*std::move(planning), out.deployment);
  if (auto lab = root.map_if("lab")) out.deployment.lab = load_lab(*std::move(lab));
  if (auto rest = root.map_if("rest")) {
    out.rest = load_rest(*rest);
    out.open_mpic = load_open_mpic(*rest);
    load_perspectives_served(*rest, out.perspectives_served, out.user_agent);
    rest->finish();
  }
  if (auto limits = root.map_if("limits")) {
    out.limits.default_deadline = std::chrono::milliseconds(limits->integer("deadline_ms", 20'000, 1'000, 120'000));
    out.limits.look = std::chrono::milliseconds(limits->integer("look_ms", 10'000, 500, 60'000));
    out.admission.open_requests = sized(limits->integer("open_requests", 1'000, 1, 1'000'000));
    out.admission.open_requests_per_target = sized(limits->integer("open_requests_per_target", 100, 1, 1'000'000));
    limits->finish();
  }
  out.threads = static_cast<unsigned>(root.integer("threads", 1, 1, 64));
  root.finish();
  return out;
}

}  // namespace mpic::coordinator
