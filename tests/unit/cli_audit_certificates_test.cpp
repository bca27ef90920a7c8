// Certificates as `mpic audit reconcile` reads them.
#include <fmt/format.h>

#include "cli/audit/reconcile_certificates.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/validation_certificate.hpp"

using namespace mpic;
using namespace mpic::cli;

namespace {

// "2:why" for each mistake; without one, of each certificate its names, "!" before what is not validated here.
std::string told(const IssuedList& list) {
  std::string out;
  for (const LineMistake& mistake : list.mistakes) {
    out += fmt::format("{}{}:{}", out.empty() ? "" : " | ", mistake.line, mistake.text);
  }
  if (!out.empty()) return out;
  for (const IssuedCertificate& certificate : list.certificates) {
    out += out.empty() ? "" : " | ";
    out += certificate.type == CertificateType::kSmime ? "smime" : "tls";
    for (const CertifiedName& name : certificate.names) {
      out += " " + (name.identifier ? name.identifier->text() : "!" + name.text);
    }
  }
  return out;
}

std::string pem_of(const std::vector<Bytes>& names, bool is_authority = false) {
  test::CertificateShape shape;
  shape.key = test::CertificateKey::kEd25519;
  if (!names.empty()) shape.extensions.push_back(test::alt_names(names));
  if (is_authority) shape.extensions.push_back({"2.5.29.19", true, {0x30, 0x03, 0x01, 0x01, 0xFF}});
  return test::make_certificate(shape).certificate_pem;
}

Bytes mailbox(std::string_view text) { return test::tlv(0x81, Bytes(text.begin(), text.end())); }

}  // namespace

TEST_CASE("cli: certificates of a PEM bundle, and what is none", "[cli][audit]") {
  const std::string www = pem_of({test::dns_entry("WWW.example.com"), test::dns_entry("*.example.com")});
  test::CertificateShape twice;
  twice.key = test::CertificateKey::kEd25519;
  twice.extensions = {test::alt_names({test::dns_entry("a.example")}), test::alt_names({test::dns_entry("b.example")})};
  const auto at = [](std::string text, std::size_t line) {
    for (std::size_t i = 1; i < line; ++i) text.insert(0, "text between\n");
    return text;
  };
  struct Row {
    const char* rule;
    std::string text;
    std::string told;
  };
  const Row rows[] = {
      {"names are those of subjectAltName, in lower case", www, "tls www.example.com *.example.com"},
      {"several follow each other, with text between", www + "subject=x\n" + pem_of({test::dns_entry("b.example")}),
       "tls www.example.com *.example.com | tls b.example"},
      {"lines end in CRLF too",
       [&] {
         std::string text = www;
         for (std::size_t i = text.find('\n'); i != std::string::npos; i = text.find('\n', i + 2)) text.insert(i, "\r");
         return text;
       }(),
       "tls www.example.com *.example.com"},
      {"addresses", pem_of({test::address_entry({192, 0, 2, 1})}), "tls 192.0.2.1"},
      {"an address of another length is nothing that is validated", pem_of({test::address_entry({192, 0, 2})}),
       "tls !address c00002"},
      {"of a mailbox its domain, and the certificate is S/MIME", pem_of({mailbox("ann@Mail.example.com")}),
       "smime mail.example.com"},
      {"a mailbox that is none", pem_of({mailbox("example.com")}), "smime !example.com"},
      {"a mailbox as a dNSName is none", pem_of({test::dns_entry("ann@example.com")}), "tls !ann@example.com"},
      {"names that nobody validates are told, not left out", pem_of({test::dns_entry("a_b.example")}),
       "tls !a_b.example"},
      {"a NUL inside a name ends nothing", pem_of({test::dns_entry(std::string_view("a.example\0.b.example", 20))}),
       "tls !" + std::string("a.example\0.b.example", 20)},
      {"a certificate without names must not pass unnoticed", pem_of({}), "tls !"},
      {"CA certificates are left out", pem_of({}, true) + www, "tls www.example.com *.example.com"},
      {"two extensions of names", test::make_certificate(twice).certificate_pem,
       "1:its subjectAltName cannot be read, or is there twice"},
      {"what is no certificate", at("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 3),
       "3:\"PRIVATE KEY\" is no certificate"},
      {"what cannot be read", at("-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n" + www, 2),
       "2:it cannot be read as a certificate"},
      {"no base64", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", "1:it is no base64"},
      {"no end", www.substr(0, www.size() - 30), "1:it has no end"},
      {"an end of something else", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END X-----\n",
       "1:its end is that of something else"},
      {"one that begins before the end of another", "-----BEGIN CERTIFICATE-----\nAAAA\n" + www,
       "1:it has no end before the next one begins"},
      {"one that is too long",
       "-----BEGIN CERTIFICATE-----\n" + std::string(400'000, 'A') + "\n-----END CERTIFICATE-----\n",
       "1:longer than 262144 octets"},
      {"nothing but a CA", pem_of({}, true), ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.rule) {
      if (row.told.empty()) {
        CHECK(told(read_issued(row.text)) == "1:there is no certificate");
      } else {
        CHECK(told(read_issued(row.text)) == row.told);
      }
    }
  }
  const IssuedList list = read_issued(pem_of({}, true) + www);
  CHECK(list.is_pem);
  CHECK(list.authorities == 1);
  const IssuedCertificate& first = list.certificates.at(0);
  CHECK(first.issued == TimePoint(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)));
  CHECK(first.serial == "01");
  CHECK(first.fingerprint.size() == 64);
  CHECK(first.fingerprint.find_first_not_of("0123456789abcdef") == std::string::npos);
}

TEST_CASE("cli: certificates of a CSV file, and mistakes by their lines", "[cli][audit]") {
  const std::string titles = "serial,names,issued,method\n";
  struct Row {
    const char* rule;
    std::string text;
    const char* told;
  };
  const Row rows[] = {
      {"names are separated by blanks or semicolons", titles + "0A:1b,a.example;  *.b.example 192.0.2.1,2026-11-25,\n",
       "tls a.example *.b.example 192.0.2.1"},
      {"columns in any order and case", "Issued,NAMES,Fingerprint\n2026-11-25T08:00:00Z,a.example,00\n",
       "tls a.example"},
      {"a mailbox makes it S/MIME", titles + "1,ann@a.example,2026-11-25,\n", "smime a.example"},
      {"a name that nobody validates", titles + "1,localhost a.example,2026-11-25,\n", "tls !localhost a.example"},
      {"a method by our name or its clause",
       titles + "1,a.example,2026-11-25,acme-http-01\n2,a.example,2026-11-25,BR 3.2.2.4.7\n",
       "tls a.example | tls a.example"},
      {"a line that names no columns", "1,a.example,2026-11-25,\n",
       "1:the first line names the columns: serial, fingerprint, names, issued, method; not \"1\""},
      {"a column twice", "serial,names,Names,issued\n", "1:the column \"Names\" is there twice"},
      {"no column of names", "serial,issued\n", "1:a column names is needed"},
      {"no time", "serial,names\n", "1:a column issued is needed"},
      {"nothing that tells certificates apart", "names,issued\n", "1:a column serial or fingerprint is needed"},
      {"each mistake is told with its line",
       titles + "1,a.example,yesterday,\nx,a.example,2026-11-25,\n,a.example,2026-11-25,\n1,,2026-11-25,\n1,a.example,"
                "2026-11-25,guess\n",
       "2:issued \"yesterday\" is no time, as 2026-11-25T08:00:00Z | 3:serial \"x\" is no hexadecimal number | 4:it "
       "has "
       "neither serial nor fingerprint | 5:it has no names | 6:\"guess\" is no method"},
      {"a line that is no CSV", titles + "\"1,a.example\n", "2:a double quote is opened and never closed"},
      {"no lines", titles, "1:there is no certificate"},
      {"nothing at all", "", "1:there is no certificate"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.rule) { CHECK(told(read_issued(row.text)) == row.told); }
  }
  std::string many = titles;
  for (int i = 0; i < 100; ++i) many += "x,a.example,2026-11-25,\n";
  CHECK(read_issued(many).mistakes.size() == kMostMistakes);
  const IssuedList list = read_issued(titles + "0A:1b,a.example,2026-11-25T08:00:00Z,3.2.2.4.7\n");
  CHECK_FALSE(list.is_pem);
  CHECK(list.certificates.at(0).serial == "0a1b");
  CHECK(list.certificates.at(0).methods == std::vector{DcvMethod::kDnsChange, DcvMethod::kAcmeDns01});
}
