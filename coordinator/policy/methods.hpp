// Until when each validation method may be used: one row for each, dated (BR 3.2.2.4.x, 3.2.2.5.x). Pure.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/domain/dcv.hpp"
#include "coordinator/policy/baseline_requirements.hpp"

namespace mpic::coordinator {

// Days begin at 00:00 UTC (BR 1.6.4).
struct MethodRow {
  DcvMethod method;
  bool for_ip = false;  // validates an IP address: a clause of its own
  std::string_view clause;
  std::optional<std::chrono::sys_days> should_not;  // SHOULD NOT be used since that day
  std::optional<std::chrono::sys_days> must_not;    // MUST NOT from that day on; nor may what it gave before
  std::string_view br_version = kBrVersion;         // of the text that this row was last compared with
};

[[nodiscard]] std::span<const MethodRow> method_rows();
// Under S/MIME those for names: a mailbox is at one (SBR 3.2.2.1).
[[nodiscard]] bool applies_to(const MethodRow& row, Profile profile);
// Null for a pair that the BR do not have, such as dns-change for an address: check_subject() refuses it.
[[nodiscard]] const MethodRow* method_row(DcvMethod method, bool for_ip);

// kPolicy with clause and date when the method has ended at `when` ("retired 2026-03-15"), or when there is
// no such row. Else a warning that names the date, where an end is known: none when nothing is to be said.
[[nodiscard]] Expected<std::optional<std::string>> method_at(DcvMethod method, bool for_ip, TimePoint when);

// The first moment at which neither the method nor an earlier result of it may be used. None: no end is
// known.
[[nodiscard]] std::optional<TimePoint> method_end(DcvMethod method, bool for_ip);

// What is still to be done where only the DNS half of a method was corroborated (is_half_validation()):
// "...". Empty for whole methods.
[[nodiscard]] std::string_view missing_half(DcvMethod method);

}  // namespace mpic::coordinator
