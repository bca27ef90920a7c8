#include "coordinator/config_parts.hpp"

#include <fmt/format.h>

namespace mpic::coordinator {

Expected<Rir> parse_rir(const std::string& text) {
  if (const auto rir = rir_from(text)) return *rir;
  return fail(ProblemCode::kInvalidArgument, "rir",
              fmt::format("\"{}\" is no RIR; accepted here: AFRINIC, APNIC, ARIN, LACNIC, RIPE", printable(text)));
}

Place load_place(config::YamlMap map) {
  Place place;
  place.name = map.text("name");
  place.latitude = map.number("latitude", -90, 90);
  place.longitude = map.number("longitude", -180, 180);
  map.finish();
  return place;
}

}  // namespace mpic::coordinator
