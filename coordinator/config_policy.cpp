#include "coordinator/config_policy.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace mpic::coordinator {
namespace {

using config::YamlMap;

constexpr std::int64_t kMostRemotes = 1'000;
constexpr std::int64_t kMostRirs = 5;

std::vector<Profile> load_profiles(YamlMap& map) {
  std::vector<Profile> out;
  for (const std::string& name : map.one_or_more("profile")) {
    const auto profile = profile_from(name);
    if (!profile) {
      map.fail("profile", fmt::format("\"{}\" is not a profile; accepted here: {}", printable(name),
                                      fmt::join(names_of(kProfiles), ", ")));
    }
    if (std::find(out.begin(), out.end(), *profile) != out.end()) {
      map.fail("profile", fmt::format("{} is given twice; once is accepted", name));
    }
    out.push_back(*profile);
  }
  if (out.size() > 1 && std::find(out.begin(), out.end(), Profile::kCustom) != out.end()) {
    map.fail("profile",
             "custom stands alone: beside it no verdict would be a basis for issuance either; accepted here: "
             "custom, or one or more of the others");
  }
  return out;
}

std::optional<std::size_t> number_if(YamlMap& map, const std::string& key, std::int64_t most) {
  if (!map.has(key)) return std::nullopt;
  return static_cast<std::size_t>(map.integer(key, 1, 1, most));
}

CustomQuorum load_custom(YamlMap map) {
  CustomQuorum custom;
  custom.min_remotes = number_if(map, "min_remotes", kMostRemotes);
  custom.min_rirs = number_if(map, "min_rirs", kMostRirs);
  map.finish();
  return custom;
}

}  // namespace

void load_policy(YamlMap map, Deployment& deployment) {
  deployment.profiles = load_profiles(map);
  if (auto custom = map.map_if("custom")) {
    if (!deployment.is_custom()) {
      map.fail("custom",
               "only the profile custom has numbers of its own: those of the others are in the Baseline "
               "Requirements");
    }
    deployment.custom_quorum = load_custom(*std::move(custom));
  }
  map.finish();
}

}  // namespace mpic::coordinator
