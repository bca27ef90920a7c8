// coordinator.yaml: refused by a ConfigError, or a configuration that says what it is. Input: the file.
#include <set>

#include "coordinator/config.hpp"
#include "tests/fuzz/scratch_folder.hpp"

namespace mpic::fuzz {
namespace {

void hold_policy(const coordinator::Deployment& deployment) {
  const std::set<coordinator::Profile> profiles(deployment.profiles.begin(), deployment.profiles.end());
  hold(!profiles.empty() && profiles.size() == deployment.profiles.size(), "each profile is served once");
  hold(!deployment.is_custom() || profiles.size() == 1, "custom stands alone");
  const auto& [min_remotes, min_rirs] = deployment.custom_quorum;
  hold(deployment.is_custom() || (!min_remotes && !min_rirs), "only custom has numbers of its own");
  hold(min_remotes != 0U && min_rirs != 0U, "a quorum is of somebody");
}

void hold_fit(const coordinator::Config& config) {
  hold(config.threads >= 1 && config.threads <= 64, "threads are bounded");
  hold(config.admission.open_requests >= 1, "somebody is served");
  hold(!config.deployment.clients.empty(), "somebody may ask");
  std::set<std::string> sans;
  std::set<std::string> names;
  for (const auto& client : config.deployment.clients) {
    hold(client.san.empty() || sans.insert(client.san).second, "a SAN is one client");
    hold(!client.san.empty() || !client.api_keys.empty(), "a client can show something");
    hold(client.rights.enforce || client.rights.monitor, "a client may ask in some mode");
    hold((client.rate.per_second > 0) == (client.rate.burst > 0), "a rate has a burst");
    hold(names.insert(client.name).second, "a name is one client");
    if (!client.asserted_primary) continue;
    const auto& primary = client.asserted_primary->where;
    hold(config.deployment.find(primary.id) == nullptr, "what is asserted is not what is observed");
    hold(coordinator::check_primary_place(config.deployment.places(), primary).empty(), "it stands where it may");
  }
  for (const auto& entry : config.deployment.perspectives) {
    hold(!entry.keys.empty() && entry.keys.size() <= 2, "one key is pinned, or two");
    for (const Place& place : {entry.where.place, entry.where.resolver_place}) {
      hold(place.latitude >= -90 && place.latitude <= 90 && place.longitude >= -180 && place.longitude <= 180,
           "a place is on earth");
    }
  }
  hold_policy(config.deployment);
  const coordinator::Retention& retention = config.deployment.retention;
  hold(retention.keep.count() >= 0 && retention.keep.count() <= 36'500,
       "bodies are kept for a bounded time, or for ever");
  hold(!config.deployment.log_origin.empty() && config.deployment.log_origin.size() <= 255, "a log has a name");
  hold(!config.checkpoint_key.empty(), "checkpoints have a key");
  hold((config.deployment.lab.any() || config.deployment.is_custom()) != config.deployment.not_enforceable().empty(),
       "a lab enforces nothing");
  // Whatever it is, it can be checked and recorded.
  const TimePoint now{std::chrono::sys_days(std::chrono::year(2026) / 11 / 23)};
  const coordinator::Planning& planning = config.deployment.planning;
  hold(planning.cohorts >= 1 && planning.cohorts <= 8, "cohorts are few, and not none");
  hold(planning.secret.empty() || planning.secret.size() >= 32, "a secret is long");
  for (const auto& violation : config.deployment.findings_at(config.deployment.policy_time(now)).violations) {
    hold_presentable(violation.detail);
  }
  (void)coordinator::policy_stamp(config.deployment, config.deployment.profiles.front(), now).SerializeAsString();
}

void run(Octets octets) {
  try {
    hold_fit(coordinator::load_config(config_file(text_of(octets))));
  } catch (const config::ConfigError& error) {
    hold_config_error(error.what());
  }
}

const Target kTarget("coordinator_config", run);

}  // namespace
}  // namespace mpic::fuzz
