// Certificates that were issued, as an auditor is given them: PEM or CSV. Input: the text.
#include <openssl/err.h>

#include <algorithm>

#include "cli/audit/reconcile_certificates.hpp"
#include "common/domain/problem.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

bool is_hexadecimal(const std::string& text) { return text.find_first_not_of("0123456789abcdef") == std::string::npos; }

void hold_certificate(const cli::IssuedCertificate& certificate, bool is_pem) {
  hold(!certificate.names.empty() && certificate.names.size() <= cli::kMostNames,
       "a certificate has some names, and not too many");
  hold(is_hexadecimal(certificate.fingerprint) && is_hexadecimal(certificate.serial), "numbers are hexadecimal");
  hold(!certificate.fingerprint.empty() || !certificate.serial.empty(), "certificates are told apart");
  if (is_pem) hold(certificate.fingerprint.size() == 64, "the fingerprint of PEM is ours");
  for (const cli::CertifiedName& name : certificate.names) {
    hold(name.identifier.has_value() == name.why_none.empty(), "a name is validated here, or it is said why not");
    if (!name.identifier) continue;
    const auto again = Identifier::parse(name.identifier->text());
    hold(again && *again == *name.identifier, "a name is as records have it");
    if (cli::is_mailbox(name.text)) {
      hold(certificate.type == CertificateType::kSmime, "a certificate with a mailbox is for S/MIME");
      hold(!name.identifier->is_ip() && !name.identifier->is_wildcard(), "a mailbox is at a name");
    }
  }
}

void run(Octets octets) {
  const std::string_view text = text_of(octets);
  const cli::IssuedList list = cli::read_issued(text);
  hold(ERR_peek_error() == 0, "no error of OpenSSL is left behind");
  hold(!list.certificates.empty() || !list.mistakes.empty(), "nothing at all is a mistake");
  hold(list.mistakes.size() <= cli::kMostMistakes, "not too many mistakes are told");
  const auto lines = 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  std::size_t last = 0;
  for (const cli::LineMistake& mistake : list.mistakes) {
    hold(mistake.line > last && mistake.line <= lines, "mistakes are in lines of their own, in their order");
    last = mistake.line;
    hold_presentable(mistake.text);
  }
  for (const cli::IssuedCertificate& certificate : list.certificates) hold_certificate(certificate, list.is_pem);
}

const Target kTarget("certificates", run);

}  // namespace
}  // namespace mpic::fuzz
