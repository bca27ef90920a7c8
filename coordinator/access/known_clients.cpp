#include "coordinator/access/known_clients.hpp"

#include <fmt/format.h>

namespace mpic::coordinator {
namespace {

using Found = tl::expected<const ClientEntry*, Denial>;

tl::unexpected<Denial> denied(Why why, std::string what, std::string key = {}, std::string client = {}) {
  return tl::unexpected(Denial{why, std::move(what), std::move(key), std::move(client)});
}

}  // namespace

std::string_view to_string(Why why) {
  switch (why) {
    case Why::kNothing:
      return "nothing_shown";
    case Why::kCertificate:
      return "certificate";
    case Why::kNoKey:
      return "no_key";
    case Why::kUnknownKey:
      return "unknown_key";
    case Why::kWrongKey:
      return "wrong_key";
    case Why::kExpiredKey:
      return "expired_key";
    case Why::kTwoClients:
      return "two_clients";
  }
  return "unspecified";
}

KnownClients::KnownClients(const SettingsPtr& settings) : settings_(settings), clients_(settings->deployment.clients) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    ClientEntry& client = clients_[i];
    if (!client.san.empty()) sans_.emplace(client.san, i);
    for (ApiKey& key : client.api_keys) {
      std::string id = key.id;
      keys_.emplace(std::move(id), Key{std::move(key), i});
    }
    client.api_keys.clear();
  }
}

const ClientEntry* KnownClients::by_certificate(const std::vector<std::string>& sans) const {
  for (const std::string& san : sans) {
    const auto found = sans_.find(san);
    if (found != sans_.end()) return &clients_[found->second];
  }
  return nullptr;
}

Found KnownClients::find(const Credentials& who, TimePoint now) const {
  const ClientEntry* by_certificate = this->by_certificate(who.sans);
  if (who.api_key.empty()) {
    if (by_certificate != nullptr) return by_certificate;
    if (who.sans.empty()) return denied(Why::kNothing, "neither a certificate nor an API key was shown");
    return denied(Why::kCertificate, "no client with this certificate is configured");
  }
  Found found = by_key(who.api_key, now);
  if (found && by_certificate != nullptr && by_certificate != *found) {
    return denied(Why::kTwoClients,
                  fmt::format("the certificate is {}'s, the API key {}'s", by_certificate->name, (*found)->name),
                  api_key_id(who.api_key).value_or(""), (*found)->name);
  }
  return found;
}

Found KnownClients::by_key(const std::string& text, TimePoint now) const {
  auto id = api_key_id(text);
  if (!id) return denied(Why::kNoKey, "what was shown as an API key is none");
  const auto found = keys_.find(*id);
  if (found == keys_.end()) return denied(Why::kUnknownKey, "there is no API key with this id", *std::move(id));
  const ApiKey& key = found->second.key;
  const ClientEntry& client = clients_[found->second.client];
  if (!is_same(key, text)) {
    return denied(Why::kWrongKey, "the API key with this id is another one", *std::move(id), client.name);
  }
  if (key.expires && now >= *key.expires) {
    return denied(Why::kExpiredKey, "this API key has expired", *std::move(id), client.name);
  }
  return &client;
}

}  // namespace mpic::coordinator
