// The rule sets that a request can be under. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/domain/caa.hpp"

namespace mpic::coordinator {

// By what the certificate is for: the TLS Baseline Requirements, the S/MIME ones; or `custom`, for trials, under which
// more is taken than either allows and nothing is a basis for issuance.
enum class Profile : std::uint8_t { kTls, kSmime, kCustom };

[[nodiscard]] std::string_view to_string(Profile profile);  // "cabf-tls-br", "cabf-smime-br", "custom"
[[nodiscard]] std::optional<Profile> profile_from(std::string_view text);
[[nodiscard]] Profile profile_of(CertificateType certificate);  // never kCustom

}  // namespace mpic::coordinator
