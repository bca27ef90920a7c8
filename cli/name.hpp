// Names as people write them. The coordinator takes A-labels alone; here U-labels are turned into them. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/domain/problem.hpp"

namespace mpic::cli {

// IDNA2008 after UTS 46, non-transitional: "*.bücher.example" becomes "*.xn--bcher-kva.example". Text in
// ASCII is left as it is, for the coordinator to judge. kInvalidArgument says what is wrong with a name.
[[nodiscard]] Expected<std::string> to_a_labels(std::string_view name);

}  // namespace mpic::cli
