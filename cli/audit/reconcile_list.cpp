// Certificates in CSV.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/audit/reconcile_certificates.hpp"
#include "cli/audit/times.hpp"
#include "common/domain/ascii.hpp"
#include "coordinator/policy/methods.hpp"

namespace mpic::cli {
namespace {

using Mistaken = tl::unexpected<std::string>;

enum Column { kSerial, kFingerprint, kNames, kIssued, kMethod, kColumns };
constexpr std::array<std::string_view, kColumns> kTitles = {"serial", "fingerprint", "names", "issued", "method"};
constexpr std::size_t kAbsent = ~std::size_t{0};
constexpr std::size_t kMostDigits = 128;  // hexadecimal
constexpr std::string_view kBetweenNames = "; \t\r\n";

using Columns = std::array<std::size_t, kColumns>;

tl::expected<Columns, std::string> read_header(const CsvRecord& header) {
  Columns out;
  out.fill(kAbsent);
  for (std::size_t i = 0; i < header.fields.size(); ++i) {
    const auto title = std::find(kTitles.begin(), kTitles.end(), lowered(header.fields[i]));
    const std::string shown = quoted(header.fields[i], 64);
    if (title == kTitles.end()) {
      return Mistaken(
          fmt::format("the first line names the columns: serial, fingerprint, names, issued, method; not {}", shown));
    }
    std::size_t& place = out[static_cast<std::size_t>(title - kTitles.begin())];
    if (place != kAbsent) return Mistaken(fmt::format("the column {} is there twice", shown));
    place = i;
  }
  if (out[kSerial] == kAbsent && out[kFingerprint] == kAbsent) {
    return Mistaken("a column serial or fingerprint is needed");
  }
  for (const Column needed : {kNames, kIssued}) {
    if (out[needed] == kAbsent) return Mistaken(fmt::format("a column {} is needed", kTitles[needed]));
  }
  return out;
}

// "0A:1B" and "0a1b" are the same.
tl::expected<std::string, std::string> digits_of(std::string_view title, std::string_view text) {
  std::string out = lowered(text);
  out.erase(std::remove(out.begin(), out.end(), ':'), out.end());
  if (out.find_first_not_of("0123456789abcdef") != std::string::npos || out.size() > kMostDigits) {
    return Mistaken(fmt::format("{} {} is no hexadecimal number", title, quoted(text, 64)));
  }
  return out;
}

class Row {
 public:
  Row(const Columns& columns, const CsvRecord& record) : columns_(columns), record_(record) {}

  [[nodiscard]] tl::expected<IssuedCertificate, std::string> read() const {
    IssuedCertificate out;
    for (const Column column : {kSerial, kFingerprint}) {
      auto digits = digits_of(kTitles[column], field(column));
      if (!digits) return Mistaken(std::move(digits.error()));
      (column == kSerial ? out.serial : out.fingerprint) = *std::move(digits);
    }
    if (out.serial.empty() && out.fingerprint.empty()) return Mistaken("it has neither serial nor fingerprint");
    const auto issued = moment_of(field(kIssued));
    if (!issued) {
      return Mistaken(fmt::format("issued {} is no time, as 2026-11-25T08:00:00Z", quoted(field(kIssued), 64)));
    }
    out.issued = *issued;
    if (const std::string method = field(kMethod); !method.empty()) {
      out.methods = methods_from(method);
      if (out.methods.empty()) return Mistaken(fmt::format("{} is no method", quoted(method, 64)));
    }
    if (auto added = add_names(out); !added) return Mistaken(std::move(added.error()));
    return out;
  }

 private:
  [[nodiscard]] std::string field(Column column) const {
    const std::size_t at = columns_[column];
    return at < record_.fields.size() ? record_.fields[at] : "";
  }
  [[nodiscard]] tl::expected<void, std::string> add_names(IssuedCertificate& out) const {
    const std::string names = field(kNames);
    for (std::size_t at = names.find_first_not_of(kBetweenNames); at != std::string::npos;) {
      if (out.names.size() == kMostNames) return Mistaken(fmt::format("more than {} names", kMostNames));
      const std::size_t end = std::min(names.find_first_of(kBetweenNames, at), names.size());
      out.names.push_back(certified_name(names.substr(at, end - at)));
      if (is_mailbox(out.names.back().text)) out.type = CertificateType::kSmime;
      at = names.find_first_not_of(kBetweenNames, end);
    }
    if (out.names.empty()) return Mistaken("it has no names");
    return {};
  }

  const Columns& columns_;
  const CsvRecord& record_;
};

}  // namespace

bool is_mailbox(std::string_view text) { return text.find('@') != std::string_view::npos; }

CertifiedName certified_name(std::string text) {
  CertifiedName out;
  const std::size_t at = text.rfind('@');
  if (at == 0) {
    out.why_none = "a mailbox without a local part";
  } else if (at != std::string::npos) {
    const auto domain = DnsName::parse(std::string_view(text).substr(at + 1));
    if (domain) out.identifier = Identifier::of(*domain);
    if (!domain) out.why_none = domain.error().detail;
  } else {
    const auto identifier = Identifier::parse(text);
    if (identifier) out.identifier = *identifier;
    if (!identifier) out.why_none = identifier.error().detail;
  }
  out.text = std::move(text);
  return out;
}

std::vector<DcvMethod> methods_from(std::string_view text) {
  constexpr std::string_view kBr = "BR ";
  const std::string_view clause = text.starts_with(kBr) ? text.substr(kBr.size()) : text;
  std::vector<DcvMethod> out;
  for (const coordinator::MethodRow& row : coordinator::method_rows()) {
    const bool is_it = to_string(row.method) == text || row.clause.substr(kBr.size()) == clause;
    if (is_it && std::find(out.begin(), out.end(), row.method) == out.end()) out.push_back(row.method);
  }
  return out;
}

IssuedList read_issued_csv(std::string_view text) {
  IssuedList out;
  CsvReader reader(text);
  std::optional<Columns> columns;
  while (out.mistakes.size() < kMostMistakes) {
    const auto record = reader.next();
    if (!record) break;
    if (!*record) {
      out.mistakes.push_back(record->error());
      if (!columns) return out;
      continue;
    }
    const auto mistake = [&](std::string why) { out.mistakes.push_back({(*record)->line, std::move(why)}); };
    if (!columns) {
      auto header = read_header(**record);
      if (!header) {
        mistake(std::move(header.error()));
        return out;
      }
      columns = *header;
      continue;
    }
    if (out.certificates.size() == kMostCertificates) {
      mistake(fmt::format("more than {} certificates; split the file", kMostCertificates));
      break;
    }
    auto certificate = Row(*columns, **record).read();
    if (certificate) out.certificates.push_back(*std::move(certificate));
    if (!certificate) mistake(std::move(certificate.error()));
  }
  if (out.certificates.empty() && out.mistakes.empty()) out.mistakes.push_back({1, "there is no certificate"});
  return out;
}

}  // namespace mpic::cli
