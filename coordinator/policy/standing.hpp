// Whether a perspective is fit to be planned onto (seam).
#pragma once

#include <string>

#include "common/domain/perspective.hpp"

namespace mpic::coordinator {

struct Standing {
  bool ready = true;
  std::string why;  // not ready; one clause for people: "no connection for 12 s"
};

// Safe from any thread. Damped: a perspective that fails now and then stays ready, and one that was not becomes so only
// after a while without trouble; so plans do not change from one request to the next.
class Standings {
 public:
  virtual ~Standings() = default;
  [[nodiscard]] virtual Standing standing(const PerspectiveId& perspective) const = 0;
};

}  // namespace mpic::coordinator
