#include "coordinator/perspectives/deployment.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/domain/version.hpp"
#include "common/evidence/merkle.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/perspectives/registries.hpp"

namespace mpic::coordinator {
namespace {

void write(const Place& place, v1::Place& out) {
  out.set_name(place.name);
  out.set_latitude(place.latitude);
  out.set_longitude(place.longitude);
}

void write(const Planning& planning, v1::Planning& out) {
  out.set_remotes(static_cast<std::uint32_t>(planning.remotes));
  out.set_cohorts(static_cast<std::uint32_t>(planning.cohorts));
  out.set_separate_caa(planning.separate_caa);
  out.set_parallel(planning.parallel);
  if (planning.secret.empty()) return;
  const Digest digest = evidence::sha256(planning.secret);
  out.set_secret_sha256(digest.data(), digest.size());
}

Expected<QuorumPolicy> quorum_of(std::span<const QuorumPhase> phases, TimePoint when) {
  if (const auto phase = phase_at(phases, when)) {
    return QuorumPolicy{.min_remotes = phase->min_remotes, .min_rirs = phase->min_rirs};
  }
  return fail(ProblemCode::kDeploymentPolicy, "policy",
              "no phase of BR 3.2.2.9 is in force at the policy clock's date");
}

}  // namespace

std::vector<DeployedPerspective> Deployment::places() const {
  std::vector<DeployedPerspective> out;
  for (const PerspectiveEntry& entry : perspectives) out.push_back(entry.where);
  return out;
}

const PerspectiveEntry* Deployment::find(const PerspectiveId& id) const {
  const auto found = std::find_if(perspectives.begin(), perspectives.end(),
                                  [&](const PerspectiveEntry& entry) { return entry.where.id == id; });
  return found == perspectives.end() ? nullptr : &*found;
}

const PerspectiveEntry* Deployment::primary() const {
  const auto found = std::find_if(perspectives.begin(), perspectives.end(),
                                  [](const PerspectiveEntry& entry) { return entry.where.role == Role::kPrimary; });
  return found == perspectives.end() ? nullptr : &*found;
}

const ClientEntry* Deployment::client(std::string_view name) const {
  const auto found =
      std::find_if(clients.begin(), clients.end(), [&](const ClientEntry& entry) { return entry.name == name; });
  return found == clients.end() ? nullptr : &*found;
}

const ClientEntry* Deployment::client_with(const std::vector<std::string>& sans) const {
  for (const std::string& san : sans) {
    const auto found = std::find_if(clients.begin(), clients.end(),
                                    [&](const ClientEntry& entry) { return !entry.san.empty() && entry.san == san; });
    if (found != clients.end()) return &*found;
  }
  return nullptr;
}

bool Deployment::serves(Profile profile) const {
  return std::find(profiles.begin(), profiles.end(), profile) != profiles.end();
}

std::optional<Profile> Deployment::profile_for(CertificateType certificate) const {
  if (is_custom()) return Profile::kCustom;
  const Profile wanted = profile_of(certificate);
  return serves(wanted) ? std::optional(wanted) : std::nullopt;
}

PolicySubject Deployment::subject_of(std::span<const Profile> held) const {
  const auto asserts = [](const ClientEntry& client) { return client.asserted_primary.has_value(); };
  const bool all_assert = !clients.empty() && std::all_of(clients.begin(), clients.end(), asserts);
  return {.perspectives = places(),
          .planning = planning,
          .terms = {.phases = phases_of(held, custom_quorum), .primary_is_asserted = all_assert}};
}

DeploymentFindings Deployment::findings_at(TimePoint when) const {
  return coordinator::findings_at(policy_subject(), when);
}

DeploymentFindings Deployment::findings_at(Profile profile, TimePoint when) const {
  return coordinator::findings_at(policy_subject(profile), when);
}

Expected<QuorumPolicy> Deployment::quorum_at(TimePoint when) const {
  return quorum_of(phases_of(profiles, custom_quorum), when);
}

Expected<QuorumPolicy> Deployment::quorum_at(Profile profile, TimePoint when) const {
  return quorum_of(phases_of({&profile, 1}, custom_quorum), when);
}

std::optional<std::string> Deployment::below_floor_at(TimePoint policy_time) const {
  const RetentionFloor floor = retention_floor(profiles, retention.caa_is_reused, policy_time);
  if (retention.keep == std::chrono::days{0} || retention.keep >= floor.keep) return std::nullopt;
  return fmt::format(
      "store.keep_days is {}, and records must be kept for {} days (BR 5.4.3, 5.5.2): {} of reuse and {} of validity "
      "({}), and 730 after the certificate's end",
      retention.keep.count(), floor.keep.count(), floor.phase.reuse.count(), floor.phase.validity.count(),
      floor.phase.clauses);
}

std::vector<std::string> Deployment::not_enforceable() const {
  std::vector<std::string> reasons;
  for (const std::string& relaxation : lab.describe()) reasons.push_back("lab: " + relaxation);
  if (is_custom()) reasons.emplace_back("policy: the profile is custom, which takes more than the BR allow");
  return reasons;
}

v1::PerspectiveInfo describe(const PerspectiveEntry& entry) {
  v1::PerspectiveInfo out;
  out.set_id(entry.where.id.text());
  out.set_role(static_cast<v1::Role>(entry.where.role));
  out.set_rir(static_cast<v1::Rir>(entry.where.rir));
  write(entry.where.place, *out.mutable_place());
  write(entry.where.resolver_place, *out.mutable_resolver_place());
  out.set_provider(entry.provider);
  out.set_drained(entry.drained);
  for (const evidence::PinnedKey& pinned : entry.keys) {
    v1::SigningKey& key = *out.add_keys();
    key.set_key_id(pinned.key.id());
    key.set_public_key(pinned.key.spki_der());
    if (pinned.not_before != TimePoint::min()) *key.mutable_not_before() = wire::encode(pinned.not_before);
    if (pinned.not_after != TimePoint::max()) *key.mutable_not_after() = wire::encode(pinned.not_after);
  }
  return out;
}

v1::PolicyStamp policy_stamp(const Deployment& deployment, Profile profile, TimePoint now) {
  v1::PolicyStamp out;
  const RulesVersion rules = rules_version(profile);
  out.set_profile(std::string(to_string(profile)));
  out.set_br_version(std::string(rules.version));
  out.set_table_date(to_string(rules.compared));
  *out.mutable_evaluated_at() = wire::encode(deployment.policy_time(now));
  out.set_clock_is_real(!deployment.lab.policy_clock);
  out.set_software_version(std::string(kSoftwareVersion));
  out.set_ruleset_version(std::string(kRulesetVersion));
  return out;
}

v1::DeploymentSnapshot snapshot(const Deployment& deployment, const evidence::VerifyingKey& coordinator_key) {
  v1::DeploymentSnapshot out;
  out.set_log_origin(deployment.log_origin);
  for (const PerspectiveEntry& entry : deployment.perspectives) *out.add_perspectives() = describe(entry);
  for (const std::string& relaxation : deployment.lab.describe()) out.add_lab_relaxations(relaxation);
  for (const Profile profile : deployment.profiles) out.add_profiles(std::string(to_string(profile)));
  if (!deployment.profiles.empty()) {
    const RulesVersion rules = rules_version(deployment.profiles.front());
    out.set_policy_profile(out.profiles(0));
    out.set_br_version(std::string(rules.version));
    out.set_table_date(to_string(rules.compared));
  }
  write(deployment.planning, *out.mutable_planning());
  if (deployment.is_custom()) {
    const auto number = [](const std::optional<std::size_t>& told) {
      return static_cast<std::uint32_t>(told.value_or(0));
    };
    out.mutable_custom_quorum()->set_min_remotes(number(deployment.custom_quorum.min_remotes));
    out.mutable_custom_quorum()->set_min_rirs(number(deployment.custom_quorum.min_rirs));
  }
  for (const ClientEntry& client : deployment.clients) {
    if (!client.asserted_primary) continue;
    v1::AssertingClient& asserting = *out.add_asserting();
    asserting.set_client(client.name);
    *asserting.mutable_primary() = describe(*client.asserted_primary);
  }
  out.set_software_version(std::string(kSoftwareVersion));
  out.set_ruleset_version(std::string(kRulesetVersion));
  out.mutable_coordinator_key()->set_key_id(coordinator_key.id());
  out.mutable_coordinator_key()->set_public_key(coordinator_key.spki_der());
  for (v1::DataSource& registry : registries()) *out.add_registries() = std::move(registry);
  return out;
}

}  // namespace mpic::coordinator
