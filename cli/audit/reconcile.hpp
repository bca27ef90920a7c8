// Certificates that were issued against what the log shows: on which records each name of each rests, or why on none.
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/audit/reconcile_records.hpp"

namespace mpic::cli {

enum class Found : std::uint8_t {
  kFound,
  kNoRecord,         // none that was decided before the issuance
  kTooOld,           // a basis for issuance, but only until before the issuance
  kNotBasis,         // CORROBORATED, or it would be, but no basis for issuance
  kNotCorroborated,  // or not determined
  kNoIdentifier,     // nothing that is validated here
};
[[nodiscard]] std::string_view to_string(Found found);  // "found", "no_record"

// Of one check. `check`: the newest that the issuance may rest on; else, where there are some, the newest of those that
// come nearest, in the order of Found.
struct Finding {
  Found found = Found::kNoRecord;
  const RecordedCheck* check = nullptr;
};

struct ReconciledName {
  Finding control;
  Finding caa;  // kFound without a check: none is needed
  [[nodiscard]] bool is_found() const { return control.found == Found::kFound && caa.found == Found::kFound; }
};

// Of one name of the certificate, which was issued at `at` (BR 4.2.1, 4.2.2.1; docs/auditing.md). Records of
// at most 30 s later count, since clocks differ (common/evidence/issuance.hpp).
//
// Control: a validation that was applied for with this name, or one for another name whose Authorization Domain Name is
// this name or above it, where the method allows that (BR 3.2.2.4); of the certificate's method, if that is told.
// CAA: of exactly this name (BR 4.2.2.1); an address needs none.
[[nodiscard]] ReconciledName reconcile(const ReconcileIndex& index, const IssuedCertificate& certificate,
                                       const CertifiedName& name, TimePoint at);

// Whether a validation for another name shows control over this one too.
[[nodiscard]] bool covers(const RecordedCheck& check, const Identifier& name);

// A line of the report, column by column: title and value.
using ReportLine = std::vector<std::pair<std::string_view, std::string>>;
[[nodiscard]] ReportLine report_line(const ReconcileIndex& index, const IssuedCertificate& certificate,
                                     const CertifiedName& name, const ReconciledName& reconciled);
[[nodiscard]] std::string csv_titles();
[[nodiscard]] std::string csv_line(const ReportLine& line);
[[nodiscard]] std::string json_line(const ReportLine& line);

// A field of CSV (RFC 4180) that a spreadsheet takes for text: what begins as a formula does gets an apostrophe first.
[[nodiscard]] std::string csv_field(std::string_view text);

}  // namespace mpic::cli
