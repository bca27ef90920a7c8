// Whether each name of an issued certificate rests on records of the log (BR 3.2.2.9, 4.2.1, 4.2.2.1, 5.4.1).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/audit/certificates.hpp"
#include "coordinator/audit/log_reader.hpp"
#include "mpic/v1/record.pb.h"

namespace mpic::cli {

// A record that a certificate's name rests on, or why there is none.
struct Support {
  std::optional<v1::RecordBody> record;
  std::uint64_t leaf = 0;
  std::string why_not;  // empty: found
};

struct ReconciledName {
  std::string told_by;  // the certificate
  std::string name;
  TimePoint issued{};
  Support dcv;
  Support caa;  // of an address there need be none
  [[nodiscard]] bool is_covered() const { return dcv.why_not.empty() && caa.why_not.empty(); }
};

// For one log. DCV: the newest record of that name, or of a parent that was validated by a method which holds for names
// below (BR 3.2.2.4), that is a basis for issuance and was decided before, and until whose end the issuance came. CAA:
// the same of the very name. Records that were read are remembered, bounded.
class Reconciler {
 public:
  explicit Reconciler(coordinator::LogReader& log) : log_(log) {}
  // A Problem is the log's.
  [[nodiscard]] Expected<ReconciledName> reconcile(const IssuedCertificate& certificate, const std::string& name);

 private:
  struct Known {
    v1::RecordBody body;
    std::uint64_t leaf;
  };
  Expected<const std::vector<Known>*> records_of(const std::string& identifier);
  Expected<Support> find(const std::vector<std::string>& candidates, const std::string& name, v1::CheckKind kind,
                         const IssuedCertificate& certificate);

  coordinator::LogReader& log_;
  std::map<std::string, std::vector<Known>> known_;  // by identifier, newest first
};

// The auditor's table: its header, and one line.
[[nodiscard]] std::vector<std::string> reconciled_header();
[[nodiscard]] std::vector<std::string> reconciled_fields(const ReconciledName& name);
// A line of CSV, with its end (RFC 4180). A field that a spreadsheet would take for a formula gets a quote in front.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& fields);

}  // namespace mpic::cli
