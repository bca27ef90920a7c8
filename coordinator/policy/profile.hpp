// The rule sets that a request can be under. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/domain/caa.hpp"

namespace mpic::coordinator {

// By what the certificate is for: the TLS Baseline Requirements, the S/MIME ones; or `custom`, for trials, under which
// more is taken than either allows and nothing is a basis for issuance.
enum class Profile : std::uint8_t { kTls, kSmime, kCustom };
inline constexpr std::array kProfiles = {Profile::kTls, Profile::kSmime, Profile::kCustom};

[[nodiscard]] std::string_view to_string(Profile profile);  // "cabf-tls-br", "cabf-smime-br", "custom"
[[nodiscard]] std::optional<Profile> profile_from(std::string_view text);
[[nodiscard]] Profile profile_of(CertificateType certificate);  // never kCustom

// In their order, for messages.
[[nodiscard]] std::vector<std::string_view> names_of(std::span<const Profile> profiles);

// Of the profile `custom`, instead of the day's numbers.
struct CustomQuorum {
  std::optional<std::size_t> min_remotes;
  std::optional<std::size_t> min_rirs;
};

}  // namespace mpic::coordinator
