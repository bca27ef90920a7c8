#include "coordinator/policy/methods.hpp"

#include <algorithm>
#include <array>

namespace mpic::coordinator {
namespace {

using std::chrono::sys_days;
using namespace std::chrono_literals;

constexpr sys_days k2026Mar15(2026y / 3 / 15);
constexpr sys_days k2027Mar15(2027y / 3 / 15);
constexpr sys_days k2028Mar15(2028y / 3 / 15);
constexpr std::nullopt_t kNever = std::nullopt;

constexpr std::array<MethodRow, 17> kRows = {{
    {DcvMethod::kDnsChange, false, "BR 3.2.2.4.7", kNever, kNever},
    {DcvMethod::kAcmeDns01, false, "BR 3.2.2.4.7", kNever, kNever},
    {DcvMethod::kIpAddress, false, "BR 3.2.2.4.8", kNever, k2026Mar15},
    {DcvMethod::kContactEmailCaa, false, "BR 3.2.2.4.13", k2026Mar15, k2028Mar15},
    {DcvMethod::kContactEmailTxt, false, "BR 3.2.2.4.14", k2026Mar15, k2028Mar15},
    {DcvMethod::kContactPhoneTxt, false, "BR 3.2.2.4.16", k2026Mar15, k2027Mar15},
    {DcvMethod::kContactPhoneCaa, false, "BR 3.2.2.4.17", k2026Mar15, k2027Mar15},
    {DcvMethod::kWebsiteChange, false, "BR 3.2.2.4.18", kNever, kNever},
    {DcvMethod::kAcmeHttp01, false, "BR 3.2.2.4.19", kNever, kNever},
    {DcvMethod::kAcmeTlsAlpn01, false, "BR 3.2.2.4.20", kNever, kNever},
    {DcvMethod::kAcmeDnsAccount01, false, "BR 3.2.2.4.21", kNever, kNever},
    {DcvMethod::kDnsPersistent, false, "BR 3.2.2.4.22", kNever, kNever},
    {DcvMethod::kWebsiteChange, true, "BR 3.2.2.5.1", kNever, kNever},
    {DcvMethod::kReverseAddressLookup, true, "BR 3.2.2.5.3", kNever, k2027Mar15},
    {DcvMethod::kAcmeHttp01, true, "BR 3.2.2.5.6", kNever, kNever},
    {DcvMethod::kAcmeTlsAlpn01, true, "BR 3.2.2.5.7", kNever, kNever},
    {DcvMethod::kDnsPersistent, true, "BR 3.2.2.5.8", kNever, kNever},
}};

std::string named(const MethodRow& row) {
  return std::string(to_string(row.method)) + " (" + std::string(row.clause) + ")";
}

}  // namespace

std::span<const MethodRow> method_rows() { return kRows; }

bool applies_to(const MethodRow& row, Profile profile) { return profile != Profile::kSmime || !row.for_ip; }

const MethodRow* method_row(DcvMethod method, bool for_ip) {
  const auto found = std::find_if(kRows.begin(), kRows.end(),
                                  [&](const MethodRow& row) { return row.method == method && row.for_ip == for_ip; });
  return found == kRows.end() ? nullptr : &*found;
}

Expected<std::optional<std::string>> method_at(DcvMethod method, bool for_ip, TimePoint when) {
  const MethodRow* row = method_row(method, for_ip);
  if (row == nullptr) {
    return fail(ProblemCode::kPolicy, "method",
                std::string(to_string(method)) + " does not validate " + (for_ip ? "IP addresses" : "names"));
  }
  if (!row->must_not) return std::nullopt;
  if (when >= *row->must_not) {
    return fail(
        ProblemCode::kPolicy, "method",
        named(*row) + ": retired " + to_string(*row->must_not) + "; its earlier results may not be used either");
  }
  std::string warning = named(*row);
  if (row->should_not && when >= *row->should_not) {
    warning += " SHOULD NOT be used since " + to_string(*row->should_not) + ", and";
  }
  return warning + " MUST NOT be used from " + to_string(*row->must_not) + " on, nor may its earlier results";
}

std::optional<TimePoint> method_end(DcvMethod method, bool for_ip) {
  const MethodRow* row = method_row(method, for_ip);
  if (row == nullptr || !row->must_not) return std::nullopt;
  return TimePoint(*row->must_not);
}

// No default: a new method does not compile (-Wswitch) until it is said whether it is whole.
std::string_view missing_half(DcvMethod method) {
  switch (method) {
    case DcvMethod::kContactEmailCaa:
    case DcvMethod::kContactEmailTxt:
      return "the contact must answer an e-mail with the Random Value that it holds";
    case DcvMethod::kContactPhoneTxt:
    case DcvMethod::kContactPhoneCaa:
      return "the contact must confirm the name by the call";
    case DcvMethod::kIpAddress:
      return "control of the address must be validated too (BR 3.2.2.5)";
    case DcvMethod::kReverseAddressLookup:
      return "control of the name that the address leads to must be validated too (BR 3.2.2.4)";
    case DcvMethod::kDnsChange:
    case DcvMethod::kAcmeDns01:
    case DcvMethod::kWebsiteChange:
    case DcvMethod::kAcmeHttp01:
    case DcvMethod::kAcmeTlsAlpn01:
    case DcvMethod::kAcmeDnsAccount01:
    case DcvMethod::kDnsPersistent:
      break;
  }
  return {};
}

}  // namespace mpic::coordinator
