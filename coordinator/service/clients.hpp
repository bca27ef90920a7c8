// Who may ask: the configured clients, which can be replaced while streams are open.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/config.hpp"

namespace mpic::coordinator {

// Safe from any thread.
class Clients {
 public:
  explicit Clients(std::vector<ClientEntry> entries) { replace(std::move(entries)); }

  // From the next message on, also on streams that are open.
  void replace(std::vector<ClientEntry> entries) {
    auto list = std::make_shared<const std::vector<ClientEntry>>(std::move(entries));
    const std::lock_guard lock(mutex_);
    list_.swap(list);
  }

  // The name of the client whose SAN is among those of a verified certificate; none: not listed.
  [[nodiscard]] std::optional<std::string> find(const std::vector<std::string>& sans) const {
    const auto list = current();
    for (const std::string& san : sans) {
      for (const ClientEntry& client : *list) {
        if (client.san == san) return client.name;
      }
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] std::shared_ptr<const std::vector<ClientEntry>> current() const {
    const std::lock_guard lock(mutex_);
    return list_;
  }

  mutable std::mutex mutex_;
  std::shared_ptr<const std::vector<ClientEntry>> list_;  // guarded by mutex_
};

}  // namespace mpic::coordinator
