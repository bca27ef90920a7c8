#include "common/domain/perspective.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "common/domain/ascii.hpp"

namespace mpic {
namespace {

constexpr std::array kRirs = {Rir::kArin, Rir::kRipe, Rir::kApnic, Rir::kLacnic, Rir::kAfrinic};
constexpr std::array kRoles = {Role::kPrimary, Role::kRemote, Role::kShadow};

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

}  // namespace

std::string_view to_string(Rir rir) {
  switch (rir) {
    case Rir::kArin:
      return "ARIN";
    case Rir::kRipe:
      return "RIPE";
    case Rir::kApnic:
      return "APNIC";
    case Rir::kLacnic:
      return "LACNIC";
    case Rir::kAfrinic:
      return "AFRINIC";
  }
  return "UNSPECIFIED";
}

std::optional<Rir> rir_from(std::string_view text) {
  if (equal_without_case(text, "RIPE NCC")) return Rir::kRipe;
  for (const Rir rir : kRirs) {
    if (equal_without_case(text, to_string(rir))) return rir;
  }
  return std::nullopt;
}

std::string_view to_string(Role role) {
  switch (role) {
    case Role::kPrimary:
      return "primary";
    case Role::kRemote:
      return "remote";
    case Role::kShadow:
      return "shadow";
  }
  return "unspecified";
}

std::optional<Role> role_from(std::string_view text) {
  for (const Role role : kRoles) {
    if (text == to_string(role)) return role;
  }
  return std::nullopt;
}

Expected<PerspectiveId> PerspectiveId::parse(std::string_view text) {
  const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '-'; };
  if (text.empty() || text.size() > 63 || !std::all_of(text.begin(), text.end(), allowed) || text.front() == '-' ||
      text.back() == '-') {
    return fail(ProblemCode::kInvalidArgument, printable(text, 64),
                "a perspective id is 1 to 63 octets of lower-case letters, digits and inner hyphens");
  }
  return PerspectiveId(std::string(text));
}

double distance_km(const Place& a, const Place& b) {
  constexpr double kEarthRadiusKm = 6371.0088;
  const auto radians = [](double degrees) { return degrees * std::numbers::pi / 180; };
  const auto haversine = [](double angle) { return std::sin(angle / 2) * std::sin(angle / 2); };
  const double h = haversine(radians(b.latitude - a.latitude)) + std::cos(radians(a.latitude)) *
                                                                     std::cos(radians(b.latitude)) *
                                                                     haversine(radians(b.longitude - a.longitude));
  // Rounding may carry antipodes a hair over 1, where asin has no value.
  return 2 * kEarthRadiusKm * std::asin(std::sqrt(std::min(1.0, h)));
}

}  // namespace mpic
