#include "agent/reload.hpp"

#include <fmt/format.h>

namespace mpic::agent {
namespace {

class Differences {
 public:
  template <class T>
  Differences& of(const char* key, const T& running, const T& fresh) {
    if (!(running == fresh)) keys_.emplace_back(key);
    return *this;
  }
  [[nodiscard]] const std::vector<std::string>& keys() const { return keys_; }

 private:
  std::vector<std::string> keys_;
};

}  // namespace

evidence::SigningKey load_signing_key(const AgentConfig& config) {
  auto key = evidence::SigningKey::from_pem(config::read_file(config.signing_key));
  if (!key) throw config::ConfigError(config.signing_key.string() + ": " + key.error().detail);
  return *std::move(key);
}

std::vector<std::string> fixed_differences(const AgentConfig& running, const AgentConfig& fresh) {
  const AgentIdentity& me = running.identity;
  const AgentIdentity& other = fresh.identity;
  const ResolverTests& tests = running.resolver_tests;
  const ResolverTests& other_tests = fresh.resolver_tests;
  const TargetLimits& target = running.target_limits;
  const TargetLimits& other_target = fresh.target_limits;
  return Differences()
      .of("perspective", me.perspective, other.perspective)
      .of("role", me.role, other.role)
      .of("rir", me.rir, other.rir)
      .of("log_origin", me.log_origin, other.log_origin)
      .of("listen", running.listen.text(), fresh.listen.text())
      .of("admin", running.admin.text(), fresh.admin.text())
      .of("resolver.address", me.resolver, other.resolver)
      .of("resolver.configuration", me.resolver_config_sha256, other.resolver_config_sha256)
      .of("resolver.probes", tests.probes, other_tests.probes)
      .of("resolver.signed_name", tests.signed_name, other_tests.signed_name)
      .of("resolver.bogus_name", tests.bogus_name, other_tests.bogus_name)
      .of("egress.ipv4", running.egress_ipv4, fresh.egress_ipv4)
      .of("egress.ipv6", running.egress_ipv6, fresh.egress_ipv6)
      .of("threads", running.threads, fresh.threads)
      .of("limits.concurrent_checks", running.limits.in_all, fresh.limits.in_all)
      .of("limits.concurrent_checks_per_target", running.limits.per_target, fresh.limits.per_target)
      .of("limits.connect_ms", target.connect, other_target.connect)
      .of("limits.head_start_ms", target.head_start, other_target.head_start)
      .of("limits.handshake_ms", target.handshake, other_target.handshake)
      .of("limits.exchange_ms", target.exchange, other_target.exchange)
      .of("user_agent", running.user_agent, fresh.user_agent)
      .of("events", running.events, fresh.events)
      .of("lab", me.lab_stamps, other.lab_stamps)
      .keys();
}

Reloaded read_again(const std::filesystem::path& file, const AgentConfig& running) {
  AgentConfig fresh = load_config(file);
  const std::vector<std::string> fixed = fixed_differences(running, fresh);
  if (!fixed.empty()) {
    throw config::ConfigError(
        fmt::format("{}: {} cannot change at run time: restart the agent, or put back what was there", file.string(),
                    fmt::join(fixed, ", ")));
  }
  evidence::SigningKey key = load_signing_key(fresh);
  return {std::move(fresh), std::move(key)};
}

}  // namespace mpic::agent
