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

}  // namespace

Loaded load(const std::filesystem::path& file, TimePoint now) {
  Config config = load_config(file);
  or_stop(rpc::check_tls_files(config.tls));
  auto key = or_stop(evidence::SigningKey::from_pem(config::read_file(config.signing_key)));
  check_compliance(config.deployment, now);
  return {std::move(config), std::move(key)};
}

SettingsPtr settle_in(const Loaded& loaded, RecordStore& store) {
  const Config& config = loaded.config;
  const std::string body = snapshot(config.deployment, loaded.key.public_key()).SerializeAsString();
  const Digest hash = evidence::sha256(body);
  or_stop(store.keep_snapshot(hash, body));
  return std::make_shared<const Settings>(
      Settings{config.deployment, hash, loaded.key, config.limits, config.admission});
}

}  // namespace mpic::coordinator
