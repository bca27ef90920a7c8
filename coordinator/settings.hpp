// What one load of the configuration amounts to: fixed from then on, and held by each request from its first step to
// its last, so that a reload in the middle changes nothing for it.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>

#include "common/evidence/checkpoint.hpp"
#include "common/evidence/keys.hpp"
#include "coordinator/perspectives/deployment.hpp"

namespace mpic::coordinator {

struct RequestLimits {
  std::chrono::milliseconds default_deadline{20'000};
  std::chrono::milliseconds look{10'000};  // the most that one perspective gets
};

// How much may be in progress at a time: coordinator/pipeline/admission.hpp.
struct AdmissionLimits {
  std::size_t open_requests = 1'000;
  std::size_t open_requests_per_target = 100;  // of names under one registrable domain, or of one address
};

// How the Open MPIC API answers: docs/open_mpic.md.
struct OpenMpicSettings {
  std::vector<std::string> caa_domains;  // the CA's Issuer Domain Names, for requests that name none
  bool tell_would_be = false;  // `is_valid` tells what it would be where no verdict is enforceable, as in tests
  bool parallel = false;       // the remotes are asked beside the Primary, so that each answer has their rows
  bool wait_for_all = true;    // as other servers of the API do; false: until the outcome is settled
};

// Who may read where visits come from, over HTTP.
enum class PerspectivesServed : std::uint8_t { kNobody, kClients, kEverybody };

struct Settings {
  Deployment deployment;
  Digest snapshot{};         // of `deployment` and the public halves of the keys, as kept in the store
  evidence::SigningKey key;  // of statements
  RequestLimits limits;
  AdmissionLimits admission;
  OpenMpicSettings open_mpic;
  PerspectivesServed perspectives_served = PerspectivesServed::kClients;
  std::string user_agent;  // that perspectives send, as the operator says it to site owners; empty: not told
  std::optional<evidence::NoteSigner> checkpoint_key;  // none: no checkpoint can be signed, as in tests without a log
};
using SettingsPtr = std::shared_ptr<const Settings>;

// Safe from any thread.
class SettingsInForce {
 public:
  explicit SettingsInForce(SettingsPtr first) : settings_(std::move(first)) {}

  [[nodiscard]] SettingsPtr get() const {
    const std::lock_guard lock(mutex_);
    return settings_;
  }
  // For every request that begins from now on.
  void replace(SettingsPtr next) {
    const std::lock_guard lock(mutex_);
    settings_.swap(next);
  }

 private:
  mutable std::mutex mutex_;
  SettingsPtr settings_;  // guarded by mutex_
};

}  // namespace mpic::coordinator
