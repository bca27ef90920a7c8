// Certificates in PEM, by OpenSSL.
#include "cli/audit/reconcile_certificates.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "common/domain/hex.hpp"
#include "common/evidence/merkle.hpp"
#include "common/evidence/text_form.hpp"

namespace mpic::cli {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr std::string_view kMailboxInUtf8 = "1.3.6.1.5.5.7.8.9";  // RFC 9598

using Mistaken = tl::unexpected<std::string>;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* owned) const {
    Free(owned);
  }
};
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;

std::span<const std::uint8_t> octets_of(const ASN1_STRING* text) {
  return {ASN1_STRING_get0_data(text), static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string text_of(const ASN1_STRING* text) {
  const auto octets = octets_of(text);
  return {octets.begin(), octets.end()};
}

std::string address_of(const ASN1_STRING* text) {
  const auto address = IpAddress::from_octets(octets_of(text));
  return address
             ? address->text()
             : fmt::format("address {}", hex(octets_of(text).first(std::min<std::size_t>(64, octets_of(text).size()))));
}

bool is_mailbox_in_utf8(const OTHERNAME* name) {
  char oid[64] = {};
  OBJ_obj2txt(oid, sizeof oid, name->type_id, 1);
  return oid == kMailboxInUtf8;
}

// Other kinds of names are no affair of these validations.
void add_name(const GENERAL_NAME* name, IssuedCertificate& out) {
  switch (name->type) {
    case GEN_DNS:
      out.names.push_back(certified_name(text_of(name->d.dNSName)));
      if (is_mailbox(out.names.back().text)) out.names.back() = {out.names.back().text, {}, "no name of the DNS"};
      break;
    case GEN_EMAIL:
      out.type = CertificateType::kSmime;
      out.names.push_back(certified_name(text_of(name->d.rfc822Name)));
      if (!is_mailbox(out.names.back().text)) out.names.back() = {out.names.back().text, {}, "no mailbox"};
      break;
    case GEN_IPADD:
      out.names.push_back(certified_name(address_of(name->d.iPAddress)));
      break;
    case GEN_OTHERNAME:
      if (!is_mailbox_in_utf8(name->d.otherName)) break;
      out.type = CertificateType::kSmime;
      out.names.push_back({"SmtpUTF8Mailbox", {}, "a mailbox in UTF-8 is not read here"});
      break;
    default:
      break;
  }
}

tl::expected<void, std::string> add_names(const X509* certificate, IssuedCertificate& out) {
  int critical = -1;
  const Names names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, nullptr)));
  if (names == nullptr && critical != -1) return Mistaken("its subjectAltName cannot be read, or is there twice");
  const int count = names == nullptr ? 0 : sk_GENERAL_NAME_num(names.get());
  if (static_cast<std::size_t>(count) > kMostNames) return Mistaken(fmt::format("more than {} names", kMostNames));
  for (int i = 0; i < count; ++i) add_name(sk_GENERAL_NAME_value(names.get(), i), out);
  // It must not pass unnoticed.
  if (out.names.empty()) out.names.push_back({"", {}, "the certificate has no name that is validated here"});
  return {};
}

std::optional<TimePoint> time_of(const ASN1_TIME* when) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(when, &parts) != 1) return std::nullopt;
  constexpr int kFirstYear = 1970 - 1900;
  constexpr int kLastYear = 2200 - 1900;  // nanoseconds since 1970 must not overflow
  if (parts.tm_year < kFirstYear || parts.tm_year > kLastYear) return std::nullopt;
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

// What OpenSSL says of hostile input on any way out is nobody's who comes later.
struct NoErrorsLeft {
  NoErrorsLeft() = default;
  NoErrorsLeft(const NoErrorsLeft&) = delete;
  NoErrorsLeft& operator=(const NoErrorsLeft&) = delete;
  ~NoErrorsLeft() { ERR_clear_error(); }
};

// None: a CA certificate.
tl::expected<std::optional<IssuedCertificate>, std::string> read_certificate(std::string_view der) {
  const NoErrorsLeft none_left;
  const auto* octets = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* end = octets;
  const Certificate certificate(d2i_X509(nullptr, &end, static_cast<long>(der.size())));
  if (certificate == nullptr) return Mistaken("it cannot be read as a certificate");
  if (end != octets + der.size()) return Mistaken("octets follow the certificate");
  if ((X509_get_extension_flags(certificate.get()) & EXFLAG_CA) != 0) return std::nullopt;
  IssuedCertificate out;
  out.fingerprint = hex(evidence::sha256(der));
  out.serial = hex(octets_of(X509_get0_serialNumber(certificate.get())));
  const auto issued = time_of(X509_get0_notBefore(certificate.get()));
  if (!issued) return Mistaken("its notBefore is no time");
  out.issued = *issued;
  const auto added = add_names(certificate.get(), out);
  if (!added) return Mistaken(added.error());
  return out;
}

// Lines of a text, numbered from 1, without their ends.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  [[nodiscard]] std::optional<std::string_view> next() {
    if (rest_.empty()) return std::nullopt;
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    while (line.ends_with('\r') || line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
    ++number_;
    return line;
  }
  [[nodiscard]] std::size_t number() const { return number_; }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

// What stands between the line that was read last and the end that belongs to `label`.
tl::expected<std::string, std::string> armoured(Lines& lines, std::string_view label) {
  std::string text;
  bool is_too_long = false;
  while (const auto line = lines.next()) {
    if (line->starts_with(kBegin)) return Mistaken("it has no end before the next one begins");
    if (line->starts_with(kEnd)) {
      if (*line != fmt::format("{}{}{}", kEnd, label, kDashes)) return Mistaken("its end is that of something else");
      if (is_too_long) return Mistaken(fmt::format("longer than {} octets", kLongestCertificate));
      auto octets = evidence::from_base64(text);
      if (!octets) return Mistaken("it is no base64");
      return *std::move(octets);
    }
    is_too_long = is_too_long || text.size() + line->size() > kLongestCertificate / 3 * 4;
    if (!is_too_long) text += *line;
  }
  return Mistaken("it has no end");
}

bool has_pem(std::string_view text) {
  return text.starts_with(kBegin) || text.find(std::string("\n").append(kBegin)) != std::string_view::npos;
}

}  // namespace

IssuedList read_issued_pem(std::string_view text) {
  IssuedList out;
  out.is_pem = true;
  Lines lines(text);
  while (out.mistakes.size() < kMostMistakes) {
    const auto line = lines.next();
    if (!line) break;
    if (!line->starts_with(kBegin)) continue;
    const std::size_t begins = lines.number();
    const auto mistake = [&](std::string why) { out.mistakes.push_back({begins, std::move(why)}); };
    const std::string_view label = line->ends_with(kDashes) && line->size() >= kBegin.size() + kDashes.size()
                                       ? line->substr(kBegin.size(), line->size() - kBegin.size() - kDashes.size())
                                       : "";
    if (label != "CERTIFICATE" && label != "X509 CERTIFICATE") {
      mistake(fmt::format("{} is no certificate", quoted(label, 64)));
      continue;
    }
    const auto der = armoured(lines, label);
    auto read = der ? read_certificate(*der) : Mistaken(der.error());
    if (!read) {
      mistake(std::move(read.error()));
    } else if (!*read) {
      ++out.authorities;
    } else if (out.certificates.size() == kMostCertificates) {
      mistake(fmt::format("more than {} certificates; split the file", kMostCertificates));
      break;
    } else {
      out.certificates.push_back(**std::move(read));
    }
  }
  if (out.certificates.empty() && out.mistakes.empty()) out.mistakes.push_back({1, "there is no certificate"});
  return out;
}

IssuedList read_issued(std::string_view text) { return has_pem(text) ? read_issued_pem(text) : read_issued_csv(text); }

}  // namespace mpic::cli
