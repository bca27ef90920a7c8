#include "coordinator/policy/profile.hpp"

namespace mpic::coordinator {

std::string_view to_string(Profile profile) {
  switch (profile) {
    case Profile::kTls:
      return "cabf-tls-br";
    case Profile::kSmime:
      return "cabf-smime-br";
    case Profile::kCustom:
      return "custom";
  }
  return "custom";
}

std::optional<Profile> profile_from(std::string_view text) {
  for (const Profile profile : kProfiles) {
    if (text == to_string(profile)) return profile;
  }
  return std::nullopt;
}

std::vector<std::string_view> names_of(std::span<const Profile> profiles) {
  std::vector<std::string_view> out;
  for (const Profile profile : profiles) out.push_back(to_string(profile));
  return out;
}

Profile profile_of(CertificateType certificate) {
  return certificate == CertificateType::kSmime ? Profile::kSmime : Profile::kTls;
}

}  // namespace mpic::coordinator
