#include "common/evidence/dsse.hpp"

#include <fmt/format.h>

namespace mpic::evidence {

std::string pae(std::string_view payload_type, std::string_view payload) {
  return fmt::format("DSSEv1 {} {} {} {}", payload_type.size(), payload_type, payload.size(), payload);
}

}  // namespace mpic::evidence
