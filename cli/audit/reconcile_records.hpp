// What the records of a log show of names that certificates were issued for. Pure.
//
// The log is read once, in its order, and only what bears on one of the names is kept: about 400 octets for each check
// of such a record. Nothing is verified here: that is `mpic audit verify`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "cli/audit/reconcile_certificates.hpp"
#include "coordinator/audit/log_reader.hpp"
#include "mpic/v1/record.pb.h"

namespace mpic::cli {

// How far a check can carry an issuance.
enum class Standing : std::uint8_t { kBasis, kNotBasis, kNotCorroborated };

// One check of one record.
struct RecordedCheck {
  std::uint64_t leaf = 0;
  std::string record_id;
  std::string applied_for;          // as records have names
  std::string adn;                  // of DCV; of an address the address
  std::optional<DcvMethod> method;  // of DCV
  CertificateType type = CertificateType::kTlsServer;
  Standing standing = Standing::kNotCorroborated;
  TimePoint decided{};
  TimePoint until{};  // the last moment at which an issuance may rest on it; only of kBasis
  Outcome primary{};
  std::vector<std::pair<std::uint32_t, Outcome>> remotes;  // who, as ReconcileIndex::perspective() names them
  std::string fraction;                                    // "5/6"
  std::uint8_t rirs = 0;                                   // bit n: Rir n, of the remotes that corroborate
  std::uint32_t clause = 0;                                // as ReconcileIndex::clause() has it
  std::string found_at;                                    // of CAA; empty: there is no record at all
  std::string label;                                       // of CAA: the method it was asked for (RFC 8657 4), or any
};

class ReconcileIndex {
 public:
  explicit ReconcileIndex(std::span<const IssuedCertificate> certificates);

  // Any leaf of the log; those of other kinds are passed over.
  void add(const coordinator::LoggedLeaf& leaf);
  // Once, after the last leaf.
  void finish();

  // Oldest first.
  using Checks = std::vector<const RecordedCheck*>;
  // CAA of exactly this name.
  [[nodiscard]] const Checks& caa_of(const Identifier& name) const;
  // DCV that was applied for with exactly this name.
  [[nodiscard]] const Checks& control_of(const Identifier& name) const;
  // DCV that validated exactly this Authorization Domain Name, whatever was applied for.
  [[nodiscard]] const Checks& control_at(const std::string& adn) const;

  [[nodiscard]] const std::string& perspective(std::uint32_t number) const { return perspectives_.texts[number]; }
  [[nodiscard]] const std::string& clause(std::uint32_t number) const { return clauses_.texts[number]; }
  [[nodiscard]] std::uint64_t records() const { return records_; }
  [[nodiscard]] std::uint64_t pruned() const { return pruned_; }          // that cannot be looked into any more
  [[nodiscard]] std::uint64_t unreadable() const { return unreadable_; }  // whose body is no record

 private:
  // Texts that many have, each kept once.
  struct Texts {
    std::uint32_t number_of(const std::string& text);
    std::vector<std::string> texts;
    std::unordered_map<std::string, std::uint32_t> numbers;
  };
  using ByName = std::unordered_map<std::string, Checks>;

  [[nodiscard]] bool is_of_interest(const RecordedCheck& common) const;
  void add_check(const RecordedCheck& common, const v1::CheckResult& check, const v1::Decision& decision);

  std::unordered_set<std::string> names_;  // of certificates
  std::unordered_set<std::string> adns_;   // at or above them
  Texts perspectives_;
  Texts clauses_;
  std::vector<std::unique_ptr<RecordedCheck>> checks_;
  ByName caa_;
  ByName control_;
  ByName control_at_;
  std::uint64_t records_ = 0;
  std::uint64_t pruned_ = 0;
  std::uint64_t unreadable_ = 0;
};

}  // namespace mpic::cli
