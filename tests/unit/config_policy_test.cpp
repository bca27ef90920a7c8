// The section `policy`: what is taken, and what is refused with which words.
#include "coordinator/config_policy.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::coordinator;

namespace {

Deployment load(const std::string& keys) {
  const auto file = std::filesystem::temp_directory_path() / ("mpic-policy-" + std::to_string(getpid()) + ".yaml");
  std::ofstream(file) << "policy: {" << keys << "}\n";
  auto root = config::YamlMap::load(file);
  std::filesystem::remove(file);
  Deployment deployment;
  load_policy(root.map("policy"), deployment);
  return deployment;
}

std::string error(const std::string& keys) {
  try {
    (void)load(keys);
  } catch (const config::ConfigError& e) {
    return e.what();
  }
  return "";
}

using Profiles = std::vector<Profile>;

}  // namespace

TEST_CASE("the profiles of a deployment", "[config][policy]") {
  CHECK(load("profile: cabf-tls-br").profiles == Profiles{Profile::kTls});
  CHECK(load("profile: cabf-smime-br").profiles == Profiles{Profile::kSmime});
  CHECK(load("profile: custom").profiles == Profiles{Profile::kCustom});
  CHECK(load("profile: [cabf-tls-br]").profiles == Profiles{Profile::kTls});
  CHECK(load("profile: [cabf-tls-br, cabf-smime-br]").profiles == Profiles{Profile::kTls, Profile::kSmime});
  CHECK(load("profile: [cabf-smime-br, cabf-tls-br]").profiles == Profiles{Profile::kSmime, Profile::kTls});
  CHECK_FALSE(load("profile: custom").custom_quorum.min_remotes);
  CHECK_FALSE(load("profile: custom").custom_quorum.min_rirs);
}

TEST_CASE("custom may have numbers of its own, for trials", "[config][policy]") {
  const CustomQuorum both = load("profile: custom, custom: {min_remotes: 1, min_rirs: 1}").custom_quorum;
  CHECK(both.min_remotes == 1);
  CHECK(both.min_rirs == 1);
  const CustomQuorum one = load("profile: custom, custom: {min_remotes: 7}").custom_quorum;
  CHECK(one.min_remotes == 7);
  CHECK_FALSE(one.min_rirs);
  CHECK(load("profile: [custom], custom: {min_rirs: 5}").custom_quorum.min_rirs == 5);
}

TEST_CASE("what a policy must not be is told with what is accepted", "[config][policy]") {
  struct Row {
    const char* rule;
    const char* keys;
    const char* says;
  };
  const Row rows[] = {
      {"none", "", "policy.profile: missing, but required"},
      {"none in a sequence", "profile: []", "policy.profile: a sequence of nothing; at least one text is accepted"},
      {"another", "profile: cabf-ev",
       "policy.profile: \"cabf-ev\" is not a profile; accepted here: cabf-tls-br, cabf-smime-br, custom"},
      {"another beside a good one", "profile: [cabf-tls-br, tls]", "\"tls\" is not a profile; accepted here:"},
      {"twice the same", "profile: [cabf-tls-br, cabf-smime-br, cabf-tls-br]",
       "policy.profile: cabf-tls-br is given twice; once is accepted"},
      {"custom beside another", "profile: [cabf-tls-br, custom]", "policy.profile: custom stands alone"},
      {"a mapping", "profile: {name: custom}", "policy.profile: a mapping; text, or a sequence of texts, is accepted"},
      {"an empty one in a sequence", "profile: ['']", "policy.profile[0]: empty; text is accepted"},
      {"numbers of another profile", "profile: cabf-tls-br, custom: {min_remotes: 2}",
       "policy.custom: only the profile custom has numbers of its own"},
      {"no remotes", "profile: custom, custom: {min_remotes: 0}",
       "policy.custom.min_remotes: \"0\"; a whole number from 1 to 1000 is accepted"},
      {"no region", "profile: custom, custom: {min_rirs: 0}",
       "policy.custom.min_rirs: \"0\"; a whole number from 1 to 5 is accepted"},
      {"more regions than there are", "profile: custom, custom: {min_rirs: 6}", "a whole number from 1 to 5"},
      {"something else of custom", "profile: custom, custom: {remotes: 2}", "policy.custom.remotes: unknown key"},
      {"something else", "profile: custom, min_remotes: 2", "policy.min_remotes: unknown key"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) CHECK_THAT(error(row.keys), Catch::Contains(row.says));
}
