#include "common/config/events.hpp"

namespace mpic::config {

std::filesystem::path events_file(YamlMap& root) {
  const auto text = root.text_if("events");
  if (!text) return {};
  return *text == "-" ? std::filesystem::path("-") : root.path("events");
}

}  // namespace mpic::config
