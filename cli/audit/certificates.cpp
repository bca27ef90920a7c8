#include "cli/audit/certificates.hpp"

#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "cli/audit/times.hpp"
#include "cli/batch/csv.hpp"
#include "cli/exit_status.hpp"
#include "cli/failure.hpp"
#include "common/domain/hex.hpp"
#include "common/domain/identifier.hpp"

namespace mpic::cli {
namespace {

constexpr std::string_view kPemMark = "-----BEGIN CERTIFICATE-----";

[[noreturn]] void bad(const std::string& file, const std::string& where, const std::string& why) {
  throw Failure(kExitUsage, fmt::format("{}: {}: {}", file, where, why));
}

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Names = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;

std::string text_of(const ASN1_STRING* value) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
          static_cast<std::size_t>(ASN1_STRING_length(value))};
}

// None: a kind of name that nobody validates here.
std::string name_of(const GENERAL_NAME& name, bool& is_smime) {
  switch (name.type) {
    case GEN_DNS:
      return text_of(name.d.dNSName);
    case GEN_EMAIL: {
      is_smime = true;
      const std::string mailbox = text_of(name.d.rfc822Name);
      const std::size_t at = mailbox.rfind('@');
      return at == std::string::npos ? std::string() : mailbox.substr(at + 1);
    }
    case GEN_IPADD: {
      const std::string octets = text_of(name.d.iPAddress);
      const auto* from = reinterpret_cast<const std::uint8_t*>(octets.data());
      const auto address = IpAddress::from_octets({from, octets.size()});
      return address ? address->text() : std::string();
    }
    default:
      return {};
  }
}

TimePoint issued_at(const X509& certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notBefore(&certificate), &parts) != 1) return {};
  return TimePoint(std::chrono::seconds(timegm(&parts)));
}

IssuedCertificate read_one(X509& certificate) {
  IssuedCertificate out;
  std::uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  X509_digest(&certificate, EVP_sha256(), digest, &size);
  out.told_by = "sha256 " + hex({digest, size});
  out.issued = issued_at(certificate);
  const Names names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
                    GENERAL_NAMES_free);
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    std::string name = name_of(*sk_GENERAL_NAME_value(names.get(), i), out.is_smime);
    if (!name.empty() && out.names.size() <= kMostNames) out.names.push_back(std::move(name));
  }
  return out;
}

void check(const std::string& file, const std::string& where, const IssuedCertificate& certificate) {
  if (certificate.names.empty()) bad(file, where, "it has no name, address or mailbox that could have been validated");
  if (certificate.names.size() > kMostNames) bad(file, where, fmt::format("more than {} names", kMostNames));
  if (certificate.issued == TimePoint{}) bad(file, where, "when it was issued is not told");
}

std::vector<IssuedCertificate> read_pem(const std::string& file, std::string_view content) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())),
                                                     BIO_free);
  std::vector<IssuedCertificate> out;
  for (;;) {
    const Certificate next(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
    const std::string where = fmt::format("certificate {}", out.size() + 1);
    if (!next) {
      const unsigned long why = ERR_peek_last_error();
      ERR_clear_error();
      if (ERR_GET_LIB(why) == ERR_LIB_PEM && ERR_GET_REASON(why) == PEM_R_NO_START_LINE) return out;
      bad(file, where, "it cannot be read");
    }
    out.push_back(read_one(*next));
    check(file, where, out.back());
  }
}

std::vector<std::string> split(const std::string& names) {
  std::vector<std::string> out;
  std::size_t from = 0;
  while (from < names.size()) {
    const std::size_t end = std::min(names.find_first_of(" ;\t", from), names.size());
    if (end > from) out.push_back(names.substr(from, end - from));
    from = end + 1;
  }
  return out;
}

std::vector<IssuedCertificate> read_csv(const std::string& file, std::string_view content) {
  CsvReader reader(content);
  const auto header = reader.next();
  if (!header || !*header) bad(file, "line 1", "neither a PEM bundle nor CSV with a header");
  const auto column = [&](std::string_view name) -> std::optional<std::size_t> {
    const auto& fields = (*header)->fields;
    const auto found = std::find(fields.begin(), fields.end(), name);
    return found == fields.end() ? std::nullopt : std::optional<std::size_t>(found - fields.begin());
  };
  const auto told_by = column("fingerprint") ? column("fingerprint") : column("serial");
  const auto names = column("names");
  const auto issued = column("issued");
  if (!told_by || !names || !issued) bad(file, "line 1", "columns are missing: fingerprint or serial, names, issued");
  std::vector<IssuedCertificate> out;
  while (const auto line = reader.next()) {
    if (!*line) bad(file, fmt::format("line {}", line->error().line), line->error().text);
    const std::string where = fmt::format("line {}", (*line)->line);
    const std::vector<std::string>& fields = (*line)->fields;
    if (fields.size() <= std::max({*told_by, *names, *issued})) bad(file, where, "columns are missing");
    IssuedCertificate one{.told_by = fields[*told_by], .names = split(fields[*names])};
    one.is_smime = std::any_of(one.names.begin(), one.names.end(), [](std::string& name) {
      const std::size_t at = name.rfind('@');
      if (at != std::string::npos) name.erase(0, at + 1);
      return at != std::string::npos;
    });
    one.issued = time_of(fmt::format("{}: {}: issued", file, where), fields[*issued]);
    check(file, where, one);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

std::vector<IssuedCertificate> read_certificates(const std::string& file, std::string_view content) {
  if (content.find(kPemMark) != std::string_view::npos) return read_pem(file, content);
  return read_csv(file, content);
}

}  // namespace mpic::cli
