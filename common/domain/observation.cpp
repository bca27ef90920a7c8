#include "common/domain/observation.hpp"

namespace mpic {

std::string to_string(RecordType type) {
  switch (type) {
    case RecordType::kA:
      return "A";
    case RecordType::kCname:
      return "CNAME";
    case RecordType::kPtr:
      return "PTR";
    case RecordType::kTxt:
      return "TXT";
    case RecordType::kAaaa:
      return "AAAA";
    case RecordType::kCaa:
      return "CAA";
  }
  return "TYPE" + std::to_string(static_cast<unsigned>(type));  // RFC 3597 5
}

}  // namespace mpic
