// The clients of one configuration, found by what they show. Pure.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "coordinator/access/credentials.hpp"
#include "coordinator/settings.hpp"

namespace mpic::coordinator {

// Why somebody is not known.
enum class Why : std::uint8_t { kNothing, kCertificate, kNoKey, kUnknownKey, kWrongKey, kExpiredKey, kTwoClients };
inline constexpr std::array kWhys = {Why::kNothing,  Why::kCertificate, Why::kNoKey,     Why::kUnknownKey,
                                     Why::kWrongKey, Why::kExpiredKey,  Why::kTwoClients};
inline constexpr std::size_t kDenials = kWhys.size();
[[nodiscard]] std::string_view to_string(Why why);  // for metrics: "nothing_shown", "unknown_key", ...

// For the log alone.
struct Denial {
  Why why = Why::kNothing;
  std::string what;    // one clause for people
  std::string key;     // id of the API key that was shown, where it has one
  std::string client;  // whose that key is, where it is somebody's
};

class KnownClients {
 public:
  explicit KnownClients(const SettingsPtr& settings);

  [[nodiscard]] bool is_of(const SettingsPtr& settings) const { return settings_.lock() == settings; }
  // Null: none has one of them.
  [[nodiscard]] const ClientEntry* by_certificate(const std::vector<std::string>& sans) const;
  // The client, without its API keys. `now`: by which keys expire.
  [[nodiscard]] tl::expected<const ClientEntry*, Denial> find(const Credentials& who, TimePoint now) const;

 private:
  struct Key {
    ApiKey key;
    std::size_t client;
  };
  [[nodiscard]] tl::expected<const ClientEntry*, Denial> by_key(const std::string& text, TimePoint now) const;

  // Not kept alive: what a reload has replaced must be able to go (Reloader::let_go).
  std::weak_ptr<const Settings> settings_;
  std::vector<ClientEntry> clients_;
  std::unordered_map<std::string, std::size_t> sans_;
  std::unordered_map<std::string, Key> keys_;  // by id
};

}  // namespace mpic::coordinator
