// Lab relaxations: what a test system may do that a deployment must not. Each one is stamped into every observation
// and answer, and any one of them makes a verdict unusable for issuance.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/identifier.hpp"
#include "common/domain/observation.hpp"

namespace mpic {

// A CIDR prefix; bits beyond the length are zero.
struct Prefix {
  IpAddress address;
  std::uint8_t length = 0;
  [[nodiscard]] static Expected<Prefix> parse(std::string_view text);  // "127.77.0.0/16"
  [[nodiscard]] bool contains(const IpAddress& candidate) const;       // false for the other family
  [[nodiscard]] std::string text() const;
};

struct LabRelaxations {
  std::vector<Prefix> addresses;                 // targets allowed although special-purpose
  std::map<std::uint16_t, std::uint16_t> ports;  // dialled instead: 80 -> 18080
  std::vector<std::string> top_level_domains;    // treated as if in the root zone
  bool foreign_trust_anchor = false;             // the resolver validates to another root than IANA's
  std::optional<TimePoint> policy_clock;         // the date that policy is evaluated at
  bool records_nowhere = false;                  // nothing is recorded, for measurements of what that costs
  std::size_t redirects = 0;                     // followed at most instead of 10; 0: 10
  // Where these were read from a record rather than configured: what describe() had said then, and says again, also of
  // kinds that this program does not know.
  std::vector<std::string> recorded;

  [[nodiscard]] bool any() const;
  // One text per kind, values joined by commas: "addresses 127.77.0.0/16,::1/128", "foreign-trust-anchor",
  // "policy-clock 2026-12-15T00:00:00Z", "ports 80=18080", "records-nowhere", "redirects 20", "top-level-domains test".
  // Sorted, stable: part of evidence.
  [[nodiscard]] std::vector<std::string> describe() const;
};

// True when `stamp` (from describe()) is a relaxation of that kind: "addresses", "ports", ...
[[nodiscard]] bool stamped(const std::vector<std::string>& stamps, std::string_view kind);
// What such stamps allow, no more: the ranges; the port that is dialled for `port`. A stamp that cannot be read allows
// nothing.
[[nodiscard]] std::vector<Prefix> stamped_addresses(const std::vector<std::string>& stamps);
[[nodiscard]] std::uint16_t stamped_port(const std::vector<std::string>& stamps, std::uint16_t port);
[[nodiscard]] std::vector<std::string> stamped_top_level_domains(const std::vector<std::string>& stamps);
// How many redirects may be followed: kMaxHops - 1, or as many as a stamp says, up to kMaxHopsInLab - 1.
[[nodiscard]] std::size_t stamped_redirects(const std::vector<std::string>& stamps);
[[nodiscard]] std::optional<TimePoint> stamped_policy_clock(const std::vector<std::string>& stamps);

}  // namespace mpic
