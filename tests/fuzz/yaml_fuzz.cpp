// Typed reading of YAML: any octets are refused by a ConfigError or read within the bounds that were asked for.
// Input: one octet that chooses what is asked, then the file.
#include "common/config/yaml.hpp"
#include "tests/fuzz/scratch_folder.hpp"

namespace mpic::fuzz {
namespace {

using config::YamlMap;

constexpr int kDeepest = 4;

// Asks a mapping for everything in every way; a wrong kind is refused, which ends the file.
void ask(YamlMap map, unsigned how, int depth) {
  const auto text = map.text_if("text");
  hold(!text || !text->empty(), "a text is not empty");
  const auto whole = map.integer("integer", 5, -10, 10);
  hold(whole >= -10 && whole <= 10, "a whole number is in its range");
  (void)map.boolean("boolean", true);
  if (map.has("number")) {
    const double number = map.number("number", -90, 90);
    hold(number >= -90 && number <= 90, "a number is in its range");
  }
  for (const std::string& item : map.texts("texts")) hold(!item.empty(), "an item is not empty");
  for (const auto& [key, value] : map.entries("entries")) hold(!value.empty() || key.empty(), "a value is not empty");
  if (map.has("endpoint")) {
    const auto endpoint = config::endpoint(map, "endpoint", true);
    hold(!endpoint.address.empty() && endpoint.text().size() < 64, "an endpoint is an address and a port");
  }
  if (map.has("path")) hold(map.path("path").is_absolute(), "a path does not depend on where we run");
  if (map.has("file")) (void)map.file("file");
  if (depth < kDeepest) {
    if (auto inner = map.map_if("map")) ask(*std::move(inner), how, depth + 1);
    for (YamlMap& inner : map.maps("maps")) ask(std::move(inner), how, depth + 1);
  }
  if ((how & 1U) != 0) (void)map.text("required");
  if ((how & 2U) != 0) map.fail("texts[1]", "not what is wanted");
  if ((how & 4U) != 0) map.finish();
}

void run(Octets octets) {
  if (octets.empty()) return;
  const auto file = config_file(text_of(octets.subspan(1)));
  try {
    ask(YamlMap::load(file), octets.front(), 0);
  } catch (const config::ConfigError& error) {
    hold_config_error(error.what());
  }
}

const Target kTarget("yaml", run);

}  // namespace
}  // namespace mpic::fuzz
