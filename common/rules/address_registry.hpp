// The registries of special-purpose addresses as rows, in the order of the registries. See
// address_registry.cpp.
#pragma once

#include <span>

#include "common/rules/address_policy.hpp"

namespace mpic::rules {

[[nodiscard]] std::span<const SpecialPurpose> address_registry_rows();

}  // namespace mpic::rules
