// Which addresses an agent may connect to: never one in the IANA special-purpose registries (RFC 6890), multicast, or
// an IPv4 address embedded in IPv6 (mapped, NAT64, 6to4, Teredo). BR 3.2.2.5 and 1.6.1 "Reserved IP Address"; multicast
// and embedded forms are ours.
//
// Pure. Applied after resolution, to the very address that is dialled, at every hop.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "common/domain/identifier.hpp"
#include "common/domain/lab.hpp"

namespace mpic::rules {

// One row of a registry.
struct SpecialPurpose {
  std::string_view prefix;
  std::string_view name;       // as in the registry: "Private-Use"
  std::string_view reference;  // "RFC 1918"
};

// The registries as data, dated; the source is stated beside the table.
[[nodiscard]] std::span<const SpecialPurpose> special_purpose_registry();
inline constexpr std::string_view kSpecialPurposeDate = "2025-10-09";

// The row that forbids `address`, the most specific one; none when it is an ordinary global address.
[[nodiscard]] std::optional<SpecialPurpose> special_purpose(const IpAddress& address);

// kAddressForbidden with the row's name and reference, unless a lab relaxation names the range.
[[nodiscard]] Expected<void> check_address(const IpAddress& address, std::span<const Prefix> lab_addresses = {});

}  // namespace mpic::rules
