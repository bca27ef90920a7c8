// Perspectives: who looks, from where, and how far apart they are (BR 3.2.2.9, 1.6.1).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/domain/problem.hpp"

namespace mpic {

// Numbers as mpic.v1.Rir. The region is that of the place, not of the address block (ours).
enum class Rir : std::uint8_t { kArin = 1, kRipe = 2, kApnic = 3, kLacnic = 4, kAfrinic = 5 };
enum class Role : std::uint8_t { kPrimary = 1, kRemote = 2, kShadow = 3 };

[[nodiscard]] std::string_view to_string(Rir rir);  // "RIPE"
[[nodiscard]] std::optional<Rir> rir_from(std::string_view text);
[[nodiscard]] std::string_view to_string(Role role);  // "remote"
[[nodiscard]] std::optional<Role> role_from(std::string_view text);

// 1 to 63 octets of lower-case letters, digits and inner hyphens; it becomes a DNS label in certificates.
class PerspectiveId {
 public:
  [[nodiscard]] static Expected<PerspectiveId> parse(std::string_view text);
  [[nodiscard]] const std::string& text() const { return text_; }
  friend auto operator<=>(const PerspectiveId&, const PerspectiveId&) = default;

 private:
  explicit PerspectiveId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// Where unencapsulated traffic is first handed to the network.
struct Place {
  std::string name;
  double latitude = 0;   // degrees, WGS 84, -90 to 90
  double longitude = 0;  // degrees, -180 to 180
};

// Great-circle distance by the haversine formula on a sphere of radius 6,371.0088 km (IUGG mean). It differs from the
// ellipsoid by less than 0.56 %; the margin of 5 km in kMinDistanceKm is for that at 500 km, and the BR's "straight
// line" is shorter than the arc by 0.13 km there.
[[nodiscard]] double distance_km(const Place& a, const Place& b);

// BR 3.2.2.9 asks for 500 km; ours: under 505 km is refused.
inline constexpr double kMinDistanceKm = 505;

}  // namespace mpic
