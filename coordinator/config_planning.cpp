#include "coordinator/config_planning.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mpic::coordinator {
namespace {

constexpr std::int64_t kMostRemotes = 1'000;
constexpr std::int64_t kMostCohorts = 8;
constexpr std::size_t kShortestSecret = 32;
constexpr std::size_t kLongestSecret = 4'096;

// Without the end of the line that an editor or a shell adds.
std::string load_secret(config::YamlMap& map) {
  const std::filesystem::path file = map.file("secret");
  std::string secret = config::read_file(file);
  secret.erase(secret.find_last_not_of("\r\n") + 1);
  if (secret.size() < kShortestSecret || secret.size() > kLongestSecret) {
    map.fail("secret", fmt::format("{} holds {} octets; accepted here: {} to {}, as of openssl rand -hex 32",
                                   file.string(), secret.size(), kShortestSecret, kLongestSecret));
  }
  return secret;
}

}  // namespace

void load_planning(config::YamlMap map, Deployment& deployment) {
  const auto is_remote = [](const PerspectiveEntry& entry) { return entry.where.role == Role::kRemote; };
  const auto configured = static_cast<std::size_t>(
      std::count_if(deployment.perspectives.begin(), deployment.perspectives.end(), is_remote));
  Planning& planning = deployment.planning;
  planning.remotes = static_cast<std::size_t>(map.integer("remotes", 0, 1, kMostRemotes));
  planning.cohorts = static_cast<std::size_t>(map.integer("cohorts", 1, 1, kMostCohorts));
  planning.separate_caa = map.boolean("separate_caa", false);
  planning.parallel = map.boolean("parallel", false);
  if (map.has("secret")) planning.secret = load_secret(map);
  if (planning.remotes > configured) {
    map.fail("remotes", fmt::format("{} are to be asked, and {} remotes are configured", planning.remotes, configured));
  }
  const bool chooses = planning.cohorts > 1 || (planning.remotes != 0 && planning.remotes < configured);
  if (chooses && planning.secret.empty()) {
    map.fail("secret",
             "needed where not all remotes are asked: else anybody could reckon which; make one with "
             "openssl rand -hex 32");
  }
  map.finish();
}

}  // namespace mpic::coordinator
