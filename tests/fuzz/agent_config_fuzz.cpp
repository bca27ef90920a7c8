// agent.yaml: refused by a ConfigError, or a configuration that an agent may start with. Input: the file.
#include "agent/config.hpp"
#include "tests/fuzz/scratch_folder.hpp"

namespace mpic::fuzz {
namespace {

void hold_fit(const agent::AgentConfig& config) {
  hold(config.threads >= 1 && config.threads <= 64, "threads are bounded");
  for (const std::size_t limit : {config.limits.in_all, config.limits.per_target}) {
    hold(limit >= 1 && limit <= 65536, "checks are bounded");
  }
  const agent::TargetLimits& target = config.target_limits;
  for (const auto limit : {target.connect, target.head_start, target.handshake, target.exchange}) {
    hold(limit >= std::chrono::milliseconds(10) && limit <= std::chrono::minutes(2), "a target's time is bounded");
  }
  const std::vector<std::string> tests = config.resolver_tests.names();
  hold(!config.resolver_tests.probes.empty() && tests.size() <= 10, "the resolver is tested, within bounds");
  for (const std::string& name : tests) {
    hold(name == "." || (DnsName::parse_host(name) && DnsName::parse_host(name)->text() == name),
         "a test asks for a name");
  }
  hold(!config.clients.empty(), "somebody may connect");
  hold(config.identity.lab_stamps == config.identity.lab.describe(), "every relaxation is stamped");
  hold(config.identity.lab_stamps.empty() != config.identity.lab.any(), "a relaxation cannot hide");
  hold(config.user_agent.size() <= 256 && config.user_agent.find_first_of("\r\n") == std::string::npos,
       "the user agent is one line");
  const auto resolver = IpAddress::parse(config.resolver.address).value();
  const bool loopback = resolver.is_v4() ? resolver.octets()[0] == 127 : resolver.text() == "::1";
  hold(config.resolver_is_remote != loopback, "a resolver elsewhere is known as such");
  hold(!config.egress_ipv4 || config.egress_ipv4->is_v4(), "IPv4 is IPv4");
  hold(!config.egress_ipv6 || !config.egress_ipv6->is_v4(), "IPv6 is IPv6");
}

void run(Octets octets) {
  try {
    hold_fit(agent::load_config(config_file(text_of(octets))));
  } catch (const config::ConfigError& error) {
    hold_config_error(error.what());
  }
}

const Target kTarget("agent_config", run);

}  // namespace
}  // namespace mpic::fuzz
