#include "cli/profile.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

#include "cli/log_standing.hpp"
#include "common/config/yaml.hpp"

namespace mpic::cli {
namespace {

constexpr std::string_view kHowToMakeOne = R"(
A profile says which coordinator to ask, and as whom. Write one:

  coordinator: 127.0.0.1:7443
  tls_name: coordinator.mpic.internal
  ca: keys/ca.pem
  certificate: keys/clients/operator/tls.pem
  key: keys/clients/operator/tls.key

and name it by --profile, by MPIC_PROFILE, or put it at ~/.config/mpic/profile.yaml.
`mpic keys dev` makes such keys for a development deployment.)";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The host of "host:port" or "[::1]:port"; empty when it is not that.
std::string host_of(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return "";
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + colon + 1, end, port);
  if (parsed.ec != std::errc{} || parsed.ptr != end || port == 0) return "";
  std::string host = text.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') return host.substr(1, host.size() - 2);
  return host.find_first_of(":/[]") == std::string::npos ? host : "";
}

}  // namespace

ProfileChoice choose_profile(const std::string& option) {
  ProfileChoice choice;
  choice.named = true;
  if (!option.empty()) {
    choice.file = option;
  } else if (const std::string variable = environment("MPIC_PROFILE"); !variable.empty()) {
    choice.file = variable;
  } else {
    choice.named = false;
    const std::string home = environment("HOME");
    choice.file = std::filesystem::path(home.empty() ? "/" : home) / ".config/mpic/profile.yaml";
  }
  return choice;
}

Profile load_profile(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    throw config::ConfigError(fmt::format("{}: there is no such profile\n{}", file.string(), kHowToMakeOne));
  }
  config::YamlMap map = config::YamlMap::load(file);
  Profile profile;
  profile.coordinator = map.text("coordinator");
  const std::string host = host_of(profile.coordinator);
  if (host.empty()) {
    map.fail("coordinator", "a host and a port are accepted: mpic.ca.example:7443, 127.0.0.1:7443 or [::1]:7443");
  }
  profile.tls_name = map.text_if("tls_name").value_or(host);
  profile.tls.ca = map.file("ca");
  profile.tls.certificate = map.file("certificate");
  profile.tls.key = map.file("key");
  if (const auto key = map.text_if("log_key")) {
    const bool is_key = evidence::NoteVerifier::from_vkey(*key).has_value();
    profile.log_key = load_log_key(is_key ? *key : map.file("log_key").string());
  }
  map.finish();
  if (const auto usable = rpc::check_tls_files(profile.tls); !usable) {
    throw config::ConfigError(fmt::format("{}: {} {}", file.string(), usable.error().where, usable.error().detail));
  }
  return profile;
}

std::optional<Profile> load_profile_if(const ProfileChoice& choice) {
  std::error_code error;
  if (!choice.named && !std::filesystem::exists(choice.file, error)) return std::nullopt;
  return load_profile(choice.file);
}

}  // namespace mpic::cli
