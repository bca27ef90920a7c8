// The deployment as configured: fixed between two loads of the configuration, shared read-only by all requests.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/lab.hpp"
#include "common/evidence/observations.hpp"
#include "coordinator/access/api_keys.hpp"
#include "coordinator/policy/compliance.hpp"
#include "coordinator/policy/profile.hpp"
#include "coordinator/policy/retention.hpp"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::coordinator {

struct PerspectiveEntry {
  DeployedPerspective where;
  std::string provider;
  std::string address;                    // host:port of its gRPC service
  std::string tls_name;                   // dNSName that its certificate must carry
  std::vector<evidence::PinnedKey> keys;  // one or two, for rotation
  bool drained = false;                   // by the operator: planned onto only when there is nobody to take its place
};

// What a client may ask for; what is empty is no limit.
struct ClientRights {
  std::vector<DcvMethod> methods;
  std::vector<std::string> issuer_domains;  // of CAA questions and of dns-persistent; lower case
  bool enforce = true;                      // may ask for a verdict that an issuance rests on
  bool monitor = true;                      // may ask in Mode MONITOR
  friend bool operator==(const ClientRights&, const ClientRights&) = default;
};

// How many requests in the course of time: a bucket of `burst` that fills by `per_second`.
struct ClientRate {
  double per_second = 0;  // 0: no limit
  std::size_t burst = 0;
  friend bool operator==(const ClientRate&, const ClientRate&) = default;
};

// Who may ask, and for what.
struct ClientEntry {
  std::string name;              // as it stands in records
  std::string san;               // of the client's certificate; empty: it has API keys alone
  std::vector<ApiKey> api_keys;  // those of `api_keys` that are this client's, expired ones too
  ClientRights rights;
  ClientRate rate;
  std::size_t open_requests = 0;   // in progress at a time; 0: as many as the coordinator takes
  bool reads_all_records = false;  // by GetRecord; else its own
  // The Primary that this client may speak for (BR 1.3.2: its own determination): where it stands. No address, no keys.
  std::optional<PerspectiveEntry> asserted_primary;
};

// How long bodies are kept, by the time of the decision.
struct Retention {
  std::chrono::days keep{0};          // 0: for ever
  bool below_floor_accepted = false;  // the operator has said so
  bool caa_is_reused = false;         // by the CA, which lets what remotes saw stand (BR 3.2.2.9)
  bool operator==(const Retention&) const = default;
};

struct Deployment {
  std::string log_origin;
  std::vector<Profile> profiles;  // that are served, each once: kCustom alone, or the others
  CustomQuorum custom_quorum;
  LabRelaxations lab;
  std::vector<PerspectiveEntry> perspectives;  // in the order of the configuration
  Planning planning;
  std::vector<ClientEntry> clients;
  Retention retention;

  [[nodiscard]] std::vector<DeployedPerspective> places() const;
  [[nodiscard]] const PerspectiveEntry* find(const PerspectiveId& id) const;
  // The configured Primary; null where every client speaks for its own.
  [[nodiscard]] const PerspectiveEntry* primary() const;
  [[nodiscard]] const ClientEntry* client(std::string_view name) const;
  // The client whose SAN is among those of a verified certificate; null: not listed.
  [[nodiscard]] const ClientEntry* client_with(const std::vector<std::string>& sans) const;
  // The moment that policy is evaluated at: `now`, unless the lab sets another.
  [[nodiscard]] TimePoint policy_time(TimePoint now) const { return lab.policy_clock.value_or(now); }
  [[nodiscard]] bool serves(Profile profile) const;
  [[nodiscard]] bool is_custom() const { return serves(Profile::kCustom); }
  // What a certificate of that kind is under; none: this deployment does not serve it.
  [[nodiscard]] std::optional<Profile> profile_for(CertificateType certificate) const;
  // What the policy is held against, by all profiles that are served or by one. `this` outlives it.
  [[nodiscard]] PolicySubject policy_subject() const { return subject_of(profiles); }
  [[nodiscard]] PolicySubject policy_subject(Profile profile) const { return subject_of({&profile, 1}); }
  // What the policy of that moment, and of phases to come, says of places and planning.
  [[nodiscard]] DeploymentFindings findings_at(TimePoint policy_time) const;
  [[nodiscard]] DeploymentFindings findings_at(Profile profile, TimePoint policy_time) const;
  // What the policy of that moment demands, by all profiles or by one; under `custom` what its configuration says,
  // where it says something. kDeploymentPolicy when no phase is in force.
  [[nodiscard]] Expected<QuorumPolicy> quorum_at(TimePoint policy_time) const;
  [[nodiscard]] Expected<QuorumPolicy> quorum_at(Profile profile, TimePoint policy_time) const;
  // Why bodies are kept too short, by what may still rest on them then; none: they are not.
  [[nodiscard]] std::optional<std::string> below_floor_at(TimePoint policy_time) const;
  // Why no verdict of this deployment may be relied on; empty when it may.
  [[nodiscard]] std::vector<std::string> not_enforceable() const;

 private:
  [[nodiscard]] PolicySubject subject_of(std::span<const Profile> held) const;
};

[[nodiscard]] v1::PerspectiveInfo describe(const PerspectiveEntry& entry);
[[nodiscard]] v1::PolicyStamp policy_stamp(const Deployment& deployment, Profile profile, TimePoint now);
// What a re-derivation needs to know of the deployment, without volatile fields.
[[nodiscard]] v1::DeploymentSnapshot snapshot(const Deployment& deployment,
                                              const evidence::VerifyingKey& coordinator_key);
// The deployment that a snapshot describes, as far as verdicts rest on it: without addresses, and of the clients only
// those who may speak for a Primary. kEvidenceInvalid, naming what no configuration could have said.
[[nodiscard]] Expected<Deployment> deployment_of(const v1::DeploymentSnapshot& snapshot);

}  // namespace mpic::coordinator
