#include "tests/scenarios/scenario.hpp"

#include <algorithm>
#include <cstdlib>

#include "tests/support/catch.hpp"

using namespace mpic::test;

TEST_CASE("scenarios in virtual time", "[scenario]") {
  const char* folder = std::getenv("MPIC_SCENARIOS");
  REQUIRE(folder != nullptr);
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".scenario") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  REQUIRE(files.size() >= 20);
  for (const auto& file : files) {
    const Scenario scenario = load_scenario(file);
    DYNAMIC_SECTION(scenario.title << " (" << file.filename().string() << ")") {
      std::string failures;
      for (const std::string& failure : run_scenario(scenario)) failures += failure + "\n";
      CHECK(failures.empty());
      if (!failures.empty()) FAIL_CHECK(failures);
    }
  }
}
