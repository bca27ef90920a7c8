#include "coordinator/program/changes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "common/domain/hex.hpp"

namespace mpic::coordinator {
namespace {

// What a thing is by, and what it has: compared as text, so that whatever is configured can be. Texts that are secret
// are compared and never told.
struct Described {
  std::string name;
  std::map<std::string, std::string> fields;
};

std::string text_of(const Place& place) { return fmt::format("{} {} {}", place.name, place.latitude, place.longitude); }

std::string text_of(const std::vector<evidence::PinnedKey>& keys) {
  std::string out;
  for (const evidence::PinnedKey& pinned : keys) {
    out += fmt::format("{} {} {} ", pinned.key.id(), pinned.not_before.time_since_epoch().count(),
                       pinned.not_after.time_since_epoch().count());
  }
  return out;
}

Described describe_fields(const PerspectiveEntry& entry) {
  return {entry.where.id.text(),
          {{"role", std::string(to_string(entry.where.role))},
           {"rir", std::string(to_string(entry.where.rir))},
           {"place", text_of(entry.where.place)},
           {"resolver_place", text_of(entry.where.resolver_place)},
           {"resolver_rir", std::string(to_string(entry.where.resolver_rir))},
           {"provider", entry.provider},
           {"address", entry.address},
           {"tls_name", entry.tls_name},
           {"keys", text_of(entry.keys)},
           {"drained", entry.drained ? "true" : "false"}}};
}

// Whose key it is, by which name; hashes are not told.
Described describe_fields(const ApiKey& key) {
  const auto day = [](TimePoint when) { return std::to_string(when.time_since_epoch().count()); };
  return {fmt::format("{} ({}) of {}", key.id, key.name, key.client),
          {{"created", day(key.created)},
           {"expires", key.expires ? day(*key.expires) : "never"},
           {"sha256", hex(key.sha256)}}};
}

std::string text_of(const ClientRights& rights) {
  std::vector<std::string_view> methods;
  for (const DcvMethod method : rights.methods) methods.push_back(to_string(method));
  return fmt::format("{}; {}; {} {}", fmt::join(methods, " "), fmt::join(rights.issuer_domains, " "), rights.enforce,
                     rights.monitor);
}

Described describe_fields(const ClientEntry& client) {
  std::string asserted;
  if (client.asserted_primary) {
    const Described primary = describe_fields(*client.asserted_primary);
    asserted = fmt::format("{} {}", primary.name, fmt::join(primary.fields, " "));
  }
  return {client.name,
          {{"san", client.san},
           {"rights", text_of(client.rights)},
           {"rate", fmt::format("{} {}", client.rate.per_second, client.rate.burst)},
           {"open_requests", std::to_string(client.open_requests)},
           {"reads_all_records", client.reads_all_records ? "true" : "false"},
           {"asserted_primary", asserted}}};
}

template <class Entry>
std::map<std::string, Described> by_name(const std::vector<Entry>& entries) {
  std::map<std::string, Described> out;
  for (const Entry& entry : entries) {
    Described described = describe_fields(entry);
    std::string name = described.name;
    out.emplace(std::move(name), std::move(described));
  }
  return out;
}

std::vector<std::string> differing(const Described& before, const Described& after) {
  std::vector<std::string> out;
  for (const auto& [field, value] : after.fields) {
    const auto was = before.fields.find(field);
    if (was == before.fields.end() || was->second != value) out.push_back(field);
  }
  return out;
}

struct Words {
  const char* added = "added";
  const char* removed = "removed";
};

template <class Entry>
void compare(const char* kind, const std::vector<Entry>& before, const std::vector<Entry>& after,
             std::vector<std::string>& out, const Words& words = {}) {
  const auto was = by_name(before);
  const auto is = by_name(after);
  for (const auto& [name, described] : is) {
    const auto found = was.find(name);
    if (found == was.end()) {
      out.push_back(fmt::format("{} {} {}", kind, name, words.added));
      continue;
    }
    const auto fields = differing(found->second, described);
    if (!fields.empty()) out.push_back(fmt::format("{} {}: {}", kind, name, fmt::join(fields, ", ")));
  }
  for (const auto& [name, described] : was) {
    if (!is.contains(name)) out.push_back(fmt::format("{} {} {}", kind, name, words.removed));
  }
}

std::vector<ApiKey> api_keys_of(const Deployment& deployment) {
  std::vector<ApiKey> out;
  for (const ClientEntry& client : deployment.clients) {
    out.insert(out.end(), client.api_keys.begin(), client.api_keys.end());
  }
  return out;
}

template <class T>
void compare(const char* name, const T& before, const T& after, std::vector<std::string>& out) {
  if (before != after) out.push_back(fmt::format("{}: {} to {}", name, before, after));
}

std::string profiles_of(const Deployment& deployment) {
  std::vector<std::string_view> names;
  for (const Profile profile : deployment.profiles) names.push_back(to_string(profile));
  return fmt::format("{}", fmt::join(names, " "));
}

std::string number_of(const std::optional<std::size_t>& number) {
  return number ? std::to_string(*number) : "the day's";
}

std::string lab_of(const Deployment& deployment) {
  const auto relaxations = deployment.lab.describe();
  return relaxations.empty() ? "none" : fmt::format("{}", fmt::join(relaxations, "; "));
}

std::string below_floor_of(const Deployment& deployment) {
  return deployment.retention.below_floor_accepted ? "accepted" : "refused";
}

std::string checkpoint_key_of(const Settings& settings) {
  return settings.checkpoint_key ? fmt::format("{:08x}", settings.checkpoint_key->verifier().key_id()) : "none";
}

void compare_planning(const Planning& before, const Planning& after, std::vector<std::string>& out) {
  compare("planning.remotes", before.remotes, after.remotes, out);
  compare("planning.cohorts", before.cohorts, after.cohorts, out);
  compare("planning.separate_caa", before.separate_caa, after.separate_caa, out);
  compare("planning.parallel", before.parallel, after.parallel, out);
  if (before.secret != after.secret) out.emplace_back("planning.secret");
}

}  // namespace

std::vector<std::string> changes(const Settings& before, const Settings& after) {
  std::vector<std::string> out;
  const Deployment& was = before.deployment;
  const Deployment& is = after.deployment;
  compare("client", was.clients, is.clients, out);
  compare("API key", api_keys_of(was), api_keys_of(is), out, {.added = "is new", .removed = "is gone"});
  compare("perspective", was.perspectives, is.perspectives, out);
  compare("signing key", before.key.id(), after.key.id(), out);
  compare("policy.profile", profiles_of(was), profiles_of(is), out);
  compare("custom minimum of remotes", number_of(was.custom_quorum.min_remotes),
          number_of(is.custom_quorum.min_remotes), out);
  compare("custom minimum of RIRs", number_of(was.custom_quorum.min_rirs), number_of(is.custom_quorum.min_rirs), out);
  compare_planning(was.planning, is.planning, out);
  compare("limits.deadline_ms", before.limits.default_deadline.count(), after.limits.default_deadline.count(), out);
  compare("limits.look_ms", before.limits.look.count(), after.limits.look.count(), out);
  compare("limits.open_requests", before.admission.open_requests, after.admission.open_requests, out);
  compare("limits.open_requests_per_target", before.admission.open_requests_per_target,
          after.admission.open_requests_per_target, out);
  compare("lab", lab_of(was), lab_of(is), out);
  compare("store.keep_days", was.retention.keep.count(), is.retention.keep.count(), out);
  compare("store.below_floor", below_floor_of(was), below_floor_of(is), out);
  compare("store.caa_reuse", was.retention.caa_is_reused, is.retention.caa_is_reused, out);
  compare("checkpoint key", checkpoint_key_of(before), checkpoint_key_of(after), out);
  return out;
}

namespace {

// Where the REST port is; the rest of the section may change.
std::string text_of(const std::optional<RestConfig>& rest) {
  if (!rest) return "";
  const std::string tls = rest->tls ? fmt::format("{} {} {}", rest->tls->ca.string(), rest->tls->certificate.string(),
                                                  rest->tls->key.string())
                                    : "";
  return fmt::format("{} {} {} {}", rest->listen ? rest->listen->text() : "", rest->plain, rest->unix_socket.string(),
                     tls);
}

}  // namespace

std::vector<std::string> fixed_keys_changed(const Config& before, const Config& after) {
  std::vector<std::string> out;
  const auto fixed = [&](const char* key, const auto& was, const auto& is) {
    if (was != is) out.emplace_back(key);
  };
  fixed("log_origin", before.deployment.log_origin, after.deployment.log_origin);
  fixed("listen", before.listen.text(), after.listen.text());
  fixed("admin", before.admin.text(), after.admin.text());
  fixed("tls.ca", before.tls.ca, after.tls.ca);
  fixed("tls.certificate", before.tls.certificate, after.tls.certificate);
  fixed("tls.key", before.tls.key, after.tls.key);
  fixed("store.sqlite", before.sqlite, after.sqlite);
  fixed("store.postgres", before.postgres, after.postgres);
  fixed("lab.records_nowhere", before.deployment.lab.records_nowhere, after.deployment.lab.records_nowhere);
  // Whether a certificate is asked of everybody who connects.
  fixed("api_keys", before.api_keys.empty(), after.api_keys.empty());
  fixed("threads", before.threads, after.threads);
  fixed("events", before.events, after.events);
  fixed("rest", text_of(before.rest), text_of(after.rest));
  return out;
}

}  // namespace mpic::coordinator
