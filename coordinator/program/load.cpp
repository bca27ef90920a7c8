#include "coordinator/program/load.hpp"

#include <fmt/format.h>

#include "common/evidence/merkle.hpp"
#include "common/rpc/credentials.hpp"

namespace mpic::coordinator {
namespace {

void check_compliance(const Deployment& deployment, TimePoint now) {
  if (deployment.is_custom()) return;
  const TimePoint at = deployment.policy_time(now);
  std::string violations;
  for (const Problem& violation : deployment.findings_at(at).violations) {
    if (!violations.empty()) violations += "; ";
    violations += violation.where.empty() ? violation.detail : violation.where + ": " + violation.detail;
  }
  if (violations.empty()) return;
  throw StartError(
      fmt::format("this deployment does not satisfy the policy of {}, and would not be allowed to answer: {}",
                  to_string(std::chrono::floor<std::chrono::days>(at)), violations));
}

void check_retention(const Deployment& deployment, TimePoint now) {
  const auto below = deployment.below_floor_at(deployment.policy_time(now));
  if (!below || deployment.retention.below_floor_accepted) return;
  throw StartError(*below + ". With store.below_floor: accepted it is taken, with a warning every day");
}

evidence::NoteSigner load_checkpoint_key(const Config& config) {
  auto key = evidence::NoteSigner::from_pem(config.deployment.log_origin, config::read_file(config.checkpoint_key));
  if (!key) throw StartError(fmt::format("{}: {}", config.checkpoint_key.string(), key.error().detail));
  return *std::move(key);
}

// With what is no part of the deployment, and yet in force.
v1::DeploymentSnapshot snapshot_of(const Loaded& loaded) {
  v1::DeploymentSnapshot out = snapshot(loaded.config.deployment, loaded.key.public_key());
  const RequestLimits& limits = loaded.config.limits;
  out.set_default_deadline_ms(static_cast<std::uint32_t>(limits.default_deadline.count()));
  out.set_look_ms(static_cast<std::uint32_t>(limits.look.count()));
  const evidence::NoteVerifier& log_key = loaded.checkpoint_key.verifier();
  out.mutable_checkpoint_key()->set_key_id(fmt::format("{:08x}", log_key.key_id()));
  out.mutable_checkpoint_key()->set_public_key(log_key.spki_der());
  return out;
}

}  // namespace

Loaded load(const std::filesystem::path& file, TimePoint now) {
  Config config = load_config(file);
  or_stop(rpc::check_tls_files(config.tls));
  if (config.rest && config.rest->tls) or_stop(rpc::check_tls_files(*config.rest->tls));
  auto key = or_stop(evidence::SigningKey::from_pem(config::read_file(config.signing_key)));
  auto checkpoint_key = load_checkpoint_key(config);
  check_compliance(config.deployment, now);
  check_retention(config.deployment, now);
  return {std::move(config), std::move(key), std::move(checkpoint_key)};
}

SettingsPtr settle_in(const Loaded& loaded, RecordStore& store) {
  const Config& config = loaded.config;
  const std::string body = snapshot_of(loaded).SerializeAsString();
  const Digest hash = evidence::sha256(body);
  or_stop(store.keep_snapshot(hash, body));
  return std::make_shared<const Settings>(Settings{config.deployment, hash, loaded.key, config.limits, config.admission,
                                                   config.open_mpic, config.perspectives_served, config.user_agent,
                                                   loaded.checkpoint_key});
}

}  // namespace mpic::coordinator
