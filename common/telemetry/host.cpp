#include "common/telemetry/host.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>

namespace mpic::telemetry {
namespace {

constexpr std::size_t kMaxUserAtHost = 256;

}  // namespace

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name.front() == '\0') return "unknown";
  return name.data();
}

std::string system_user() {
  std::array<char, 4'096> text{};
  passwd entry{};
  passwd* found = nullptr;
  const uid_t user = ::geteuid();
  if (::getpwuid_r(user, &entry, text.data(), text.size(), &found) == 0 && found != nullptr) return found->pw_name;
  return std::to_string(user);
}

std::string user_at_host() { return (system_user() + "@" + host_name()).substr(0, kMaxUserAtHost); }

}  // namespace mpic::telemetry
