// agent.yaml and the files that it names, in a folder of a test's own.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "agent/config.hpp"

namespace mpic::test {

inline constexpr const char* kAgentConfig = R"(perspective: eu-west
role: remote
rir: RIPE
listen: 127.0.0.1:0
admin: 127.0.0.1:0
log_origin: mpic.example/log
tls: {ca: ca.pem, certificate: tls.pem, key: tls.key, clients: [coordinator.mpic.internal]}
signing: {key: signing.key}
resolver: {address: "127.0.0.1:53", configuration: unbound.conf}
)";

inline constexpr const char* kResolverConfig = R"(server:
  auto-trust-anchor-file: "root.key"
  cache-max-ttl: 60
  cache-max-negative-ttl: 60
)";

class AgentFolder {
 public:
  AgentFolder() : path_(std::filesystem::temp_directory_path() / ("mpic-agent-config-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
    write("unbound.conf", kResolverConfig);
    write("own-tree.conf", std::string(kResolverConfig) + "stub-zone:\n  name: test\n");
    write("insecure.conf", std::string(kResolverConfig) + "domain-insecure: example.com\nserve-expired: yes\n");
    write("empty.conf", "");
    for (const char* file : {"ca.pem", "tls.pem", "tls.key", "signing.key"}) std::ofstream(path_ / file) << "there\n";
  }
  ~AgentFolder() { std::filesystem::remove_all(path_); }

  void write(const std::string& file, const std::string& text) const { std::ofstream(path_ / file) << text; }
  agent::AgentConfig load(const std::string& text) {
    write("agent.yaml", text);
    return agent::load_config(path_ / "agent.yaml");
  }
  std::string error(const std::string& text) {
    try {
      load(text);
    } catch (const config::ConfigError& e) {
      return e.what();
    }
    return "";
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The configuration with a line added, or with that of `key` replaced.
inline std::string with(const std::string& key, const std::string& line) {
  std::string text = kAgentConfig;
  const auto at = text.find('\n' + key + ':');
  if (at == std::string::npos) return text + line + '\n';
  return text.replace(at + 1, text.find('\n', at + 1) - at - 1, line);
}

}  // namespace mpic::test
