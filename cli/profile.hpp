// Whom the command line tool asks, and as whom:
//
//   coordinator: mpic.ca.example:7443
//   tls_name: coordinator.mpic.internal   # name in its certificate; default: the host above
//   ca: ca.pem                            # files: relative to the profile's folder
//   certificate: operator.pem
//   key: operator.key
//   log_key: checkpoint.vkey              # of its log; or the key itself. Without it proofs are not verified
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "common/evidence/checkpoint.hpp"
#include "common/rpc/credentials.hpp"

namespace mpic::cli {

struct Profile {
  std::string coordinator;  // host and port
  std::string tls_name;
  rpc::TlsFiles tls;
  std::optional<evidence::NoteVerifier> log_key;
};

// The file to use: the option's, else MPIC_PROFILE's, else ~/.config/mpic/profile.yaml.
struct ProfileChoice {
  std::filesystem::path file;
  bool named = false;  // by option or variable: then it must be there
};
[[nodiscard]] ProfileChoice choose_profile(const std::string& option);

// Throws config::ConfigError; when there is no such file, the text says how to make one.
[[nodiscard]] Profile load_profile(const std::filesystem::path& file);
// None when nobody named a profile and the default one does not exist.
[[nodiscard]] std::optional<Profile> load_profile_if(const ProfileChoice& choice);

}  // namespace mpic::cli
