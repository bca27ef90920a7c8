// The lines of the report.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "cli/audit/reconcile.hpp"
#include "cli/audit/times.hpp"

namespace mpic::cli {
namespace {

constexpr std::size_t kLongestValue = 4096;  // octets of what came from outside
constexpr int kLastRir = static_cast<int>(Rir::kAfrinic);

std::string result_of(const ReconciledName& name) {
  if (name.control.found != Found::kFound) return std::string(to_string(name.control.found));
  if (name.caa.found == Found::kFound) return "found";
  return fmt::format("caa_{}", to_string(name.caa.found));
}

std::string why(std::string_view what, const Finding& finding) {
  const RecordedCheck* check = finding.check;
  switch (finding.found) {
    case Found::kNoRecord:
      return fmt::format("{}: no record before the issuance", what);
    case Found::kTooOld:
      return fmt::format("{}: the newest was usable until {}", what, rfc3339(check->until));
    case Found::kNotBasis:
      return fmt::format("{}: corroborated at {}, but the record is no basis for issuance", what,
                         rfc3339(check->decided));
    case Found::kNotCorroborated:
      return fmt::format("{}: not corroborated at {}", what, rfc3339(check->decided));
    case Found::kFound:
    case Found::kNoIdentifier:
      break;
  }
  return "";
}

std::string why(const CertifiedName& name, const ReconciledName& reconciled) {
  if (!name.identifier) return name.why_none;
  const std::string control = why("control", reconciled.control);
  const std::string caa = why("CAA", reconciled.caa);
  return control + (control.empty() || caa.empty() ? "" : "; ") + caa;
}

std::string remotes_of(const ReconcileIndex& index, const RecordedCheck& check) {
  std::string out;
  for (const auto& [number, outcome] : check.remotes) {
    out += fmt::format("{}{}={}", out.empty() ? "" : " ", index.perspective(number), to_string(outcome));
  }
  return out;
}

std::string rirs_of(const RecordedCheck& check) {
  std::string out;
  for (int rir = 1; rir <= kLastRir; ++rir) {
    if ((check.rirs >> rir & 1U) == 0) continue;
    out += (out.empty() ? "" : " ") + std::string(to_string(static_cast<Rir>(rir)));
  }
  return out;
}

bool is_address(const std::string& text) { return IpAddress::parse(text).has_value(); }

void add_control(const ReconcileIndex& index, const RecordedCheck* check, ReportLine& line) {
  static const RecordedCheck kNone;
  const bool is_there = check != nullptr;
  const RecordedCheck& of = is_there ? *check : kNone;
  const auto add = [&](std::string_view title, const auto& value) {
    line.emplace_back(title, is_there ? std::string(value()) : std::string());
  };
  add("applied_for", [&] { return of.applied_for; });
  add("authorization_domain", [&] { return of.adn; });
  add("br_method", [&] { return clause_of(*of.method, is_address(of.applied_for)); });
  add("method", [&] { return to_string(*of.method); });
  add("time", [&] { return rfc3339(of.decided); });
  add("usable_until", [&] { return of.until == TimePoint{} ? "" : rfc3339(of.until); });
  add("record_id", [&] { return of.record_id; });
  add("leaf_index", [&] { return std::to_string(of.leaf); });
  add("primary", [&] { return to_string(of.primary); });
  add("remotes", [&] { return remotes_of(index, of); });
  add("fraction", [&] { return of.fraction; });
  add("rirs", [&] { return rirs_of(of); });
  add("clause", [&] { return index.clause(of.clause); });
}

void add_caa(const ReconcileIndex& index, const ReconciledName& name, ReportLine& line) {
  const Finding& caa = name.caa;
  static const RecordedCheck kNone;
  const bool is_there = caa.check != nullptr;
  const RecordedCheck& of = is_there ? *caa.check : kNone;
  const auto add = [&](std::string_view title, const auto& value) {
    line.emplace_back(title, is_there ? std::string(value()) : std::string());
  };
  line.emplace_back("caa", caa.found == Found::kFound && !is_there ? "not_needed" : to_string(caa.found));
  add("caa_found_at", [&] { return of.found_at; });
  add("caa_time", [&] { return rfc3339(of.decided); });
  add("caa_usable_until", [&] { return of.until == TimePoint{} ? "" : rfc3339(of.until); });
  add("caa_record_id", [&] { return of.record_id; });
  add("caa_leaf_index", [&] { return std::to_string(of.leaf); });
  add("caa_primary", [&] { return to_string(of.primary); });
  add("caa_remotes", [&] { return remotes_of(index, of); });
  add("caa_fraction", [&] { return of.fraction; });
  add("caa_rirs", [&] { return rirs_of(of); });
  add("caa_clause", [&] { return index.clause(of.clause); });
}

// Precondition: there is a cell.
template <class Part>
std::string joined(const ReportLine& line, Part part) {
  std::string out;
  for (const auto& cell : line) out += csv_field(part(cell)) + ",";
  out.back() = '\r';
  return out + "\n";
}

}  // namespace

ReportLine report_line(const ReconcileIndex& index, const IssuedCertificate& certificate, const CertifiedName& name,
                       const ReconciledName& reconciled) {
  ReportLine line = {{"result", result_of(reconciled)}, {"name", name.text},
                     {"why", why(name, reconciled)},    {"fingerprint", certificate.fingerprint},
                     {"serial", certificate.serial},    {"issued", rfc3339(certificate.issued)}};
  add_control(index, reconciled.control.check, line);
  add_caa(index, reconciled, line);
  for (auto& [title, value] : line) value = printable(value, kLongestValue);
  return line;
}

std::string csv_titles() {
  const ReconcileIndex nothing({});
  const auto title = [](const auto& cell) { return cell.first; };
  return joined(report_line(nothing, {}, {}, {}), title);
}

std::string csv_line(const ReportLine& line) {
  return joined(line, [](const auto& cell) { return std::string_view(cell.second); });
}

std::string json_line(const ReportLine& line) {
  boost::json::object out;
  for (const auto& [title, value] : line) out[title] = value;
  return boost::json::serialize(out) + "\n";
}

std::string csv_field(std::string_view text) {
  constexpr std::string_view kFormula = "=+-@\t\r";
  std::string safe = !text.empty() && kFormula.find(text.front()) != std::string_view::npos ? "'" : "";
  safe += text;
  if (safe.find_first_of(",\"\r\n") == std::string::npos) return safe;
  std::string out = "\"";
  for (const char c : safe) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace mpic::cli
