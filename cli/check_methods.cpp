// A subcommand of `mpic check` for each method of validating domain control. What each looks at is told in
// docs/methods.md.
#include <CLI/CLI.hpp>

#include "cli/check_parts.hpp"

namespace mpic::cli {
namespace {

constexpr const char* kName = "What the certificate is for: a name";
constexpr const char* kNameOrWildcard = "What the certificate is for: a name, or *.name";
constexpr const char* kNameOrAddress = "What the certificate is for: a name, or an IP address";

void add_adn(const CheckCommand& command, const char* also = "") {
  add_text(command, "--adn", command.options.adn, "DOMAIN",
           std::string("Authorization Domain Name that is validated instead: a parent of NAME") + also);
}

constexpr const char* kOrAlias = ", or what it is an alias (CNAME) of";

void add_key_authorization(const CheckCommand& command, const char* digest_help) {
  CLI::Option* whole = add_text(command, "--key-authorization", command.options.key_authorization, "TEXT",
                                "TOKEN.THUMBPRINT (RFC 8555 8.1)");
  add_text(command, "--digest", command.options.digest, "TEXT", digest_help)->excludes(whole);
}

constexpr const char* kDnsDigest = "Instead of it: base64url of its SHA-256, as it stands in the record";

void add_http_01(CLI::App& check, Surroundings& around) {
  constexpr CheckText kText{"http-01", "Is the ACME http-01 challenge served?",
                            R"(Fetches http://NAME/.well-known/acme-challenge/TOKEN from every perspective, and follows
redirects as the Baseline Requirements allow (BR 3.2.2.4.19, 3.2.2.5.6; RFC 8555 8.3).

Examples:
  mpic check http-01 www.example.com --token "$token" --key-authorization "$token.$thumbprint"
  mpic check http-01 www.example.com --token "$token" --key-authorization "$token.$thumbprint" \
      --issuer ca.example --deadline 20
  mpic check http-01 2001:db8::1 --token "$token" --key-authorization "$token.$thumbprint"
)",
                            kNameOrAddress};
  const CheckCommand command = add_check_command(check, kText, http_01_question, around);
  add_text(command, "--token", command.options.token, "TOKEN", "Token of the challenge")->required();
  add_text(command, "--key-authorization", command.options.key_authorization, "TEXT",
           "What must be served: TOKEN.THUMBPRINT")
      ->required();
  add_caa_beside(command);
}

void add_dns_01(CLI::App& check, Surroundings& around) {
  constexpr CheckText kText{"dns-01", "Is the ACME dns-01 record there?",
                            R"(Looks up TXT at _acme-challenge.ADN (BR 3.2.2.4.7; RFC 8555 8.4).

Examples:
  mpic check dns-01 www.example.com --key-authorization "$token.$thumbprint"
  mpic check dns-01 '*.example.com' --digest LPsIwTo7o8BoG0-vjCyGQGBWSVIPxI-i_X336eUOQZo --issuer ca.example
  mpic check dns-01 www.shop.example.com --adn example.com --key-authorization "$token.$thumbprint"
)",
                            kNameOrWildcard};
  const CheckCommand command = add_check_command(check, kText, dns_01_question, around);
  add_key_authorization(command, kDnsDigest);
  add_adn(command, kOrAlias);
  add_caa_beside(command);
}

void add_tls_alpn_01(CLI::App& check, Surroundings& around) {
  constexpr CheckText kText{"tls-alpn-01", "Is the ACME tls-alpn-01 certificate shown?",
                            R"(Connects to port 443, offers the protocol acme-tls/1 and reads the certificate
(BR 3.2.2.4.20, 3.2.2.5.7; RFC 8737, RFC 8738).

Examples:
  mpic check tls-alpn-01 www.example.com --key-authorization "$token.$thumbprint" --issuer ca.example
  mpic check tls-alpn-01 2001:db8::1 --digest 2cfb08c13a3ba3c0681b4faf8c2c8640605649520fc48fa2fd7df7e9e50e419a
)",
                            kNameOrAddress};
  const CheckCommand command = add_check_command(check, kText, tls_alpn_01_question, around);
  add_key_authorization(command, "Instead of it: its SHA-256 in hexadecimal, as it stands in the certificate");
  add_caa_beside(command);
}

void add_dns_account_01(CLI::App& check, Surroundings& around) {
  constexpr CheckText kText{
      "dns-account-01", "Is the ACME dns-account-01 record there?",
      R"(Looks up TXT at _LABEL._acme-challenge.ADN; the account decides the label (BR 3.2.2.4.21).

Examples:
  mpic check dns-account-01 www.example.com --account https://ca.example/acct/1 \
      --key-authorization "$token.$thumbprint"
  mpic check dns-account-01 '*.example.com' --account https://ca.example/acct/1 \
      --digest LPsIwTo7o8BoG0-vjCyGQGBWSVIPxI-i_X336eUOQZo --issuer ca.example
)",
      kNameOrWildcard};
  const CheckCommand command = add_check_command(check, kText, dns_account_01_question, around);
  add_text(command, "--account", command.options.account, "URI", "ACME account; CAA records may name it too")
      ->required();
  add_key_authorization(command, kDnsDigest);
  add_adn(command);
  add_issuer_options(command, "Issuer domain name of the CA: checks CAA in the same visit");
}

void add_dns_persistent(CLI::App& check, Surroundings& around) {
  constexpr CheckText kText{
      "dns-persistent", "Is there a persistent validation record for this account?",
      R"(Looks up TXT at _validation-persist.ADN, for an address at _ip-validation-persist. and its reverse
name (BR 3.2.2.4.22, 3.2.2.5.8). The record names an issuer and the account.

Examples:
  mpic check dns-persistent example.com --issuer ca.example --account https://ca.example/acct/1
  mpic check dns-persistent '*.example.com' --issuer ca.example --account https://ca.example/acct/1 --caa
  mpic check dns-persistent 2001:db8::1 --issuer ca.example --account https://ca.example/acct/1
)"};
  const CheckCommand command = add_check_command(check, kText, dns_persistent_question, around);
  add_issuer_options(command, "Issuer domain name of the CA, one of which the record names")->required();
  add_text(command, "--account", command.options.account, "URI", "Account that the record must name")->required();
  command.app.add_flag("--caa", command.options.with_caa,
                       "Check CAA in the same visit, for the same issuers and account");
  add_adn(command);
}

void add_website(CLI::App& check, Surroundings& around) {
  constexpr CheckText kText{
      "website", "Is the agreed value on the web site?",
      R"(Fetches http://NAME/.well-known/pki-validation/FILE; the value must be in the page (BR 3.2.2.4.18),
for an IP address in a meta tag of it, and no redirect is followed (BR 3.2.2.5.1).

Examples:
  mpic check website www.example.com --path ca.txt --value 9f2c61c7d0b84e5ea3d1f07b6c852a94
  mpic check website www.example.com --path ca.txt --value 9f2c61c7d0b84e5ea3d1f07b6c852a94 --https \
      --regex '^[0-9a-f]{32}\s*$' --issuer ca.example
)",
      kNameOrAddress};
  const CheckCommand command = add_check_command(check, kText, website_question, around);
  add_text(command, "--path", command.options.path, "FILE", "Below /.well-known/pki-validation/")->required();
  add_text(command, "--value", command.options.value, "TEXT", "Random Value or Request Token")->required();
  add_text(command, "--regex", command.options.regex, "RE2", "That the page must match too, anywhere in it");
  command.app.add_flag("--https", command.options.https, "The first request goes to port 443");
  add_caa_beside(command);
}

void add_dns_change(CLI::App& check, Surroundings& around) {
  constexpr CheckText kText{"dns-change", "Is the agreed value in the DNS?",
                            R"(Looks up TXT, CNAME or CAA at the ADN, or at it below one label (BR 3.2.2.4.7).

Examples:
  mpic check dns-change www.example.com --value 9f2c61c7d0b84e5ea3d1f07b6c852a94
  mpic check dns-change '*.example.com' --value 9f2c61c7d0b84e5ea3d1f07b6c852a94.ca.example --exact \
      --type CNAME --prefix _ca --issuer ca.example
)",
                            kNameOrWildcard};
  const CheckCommand command = add_check_command(check, kText, dns_change_question, around);
  add_text(command, "--value", command.options.value, "TEXT", "Random Value or Request Token")->required();
  add_text(command, "--type", command.options.record_type, "TXT|CNAME|CAA", "Of the record; default: TXT")
      ->transform(CLI::IsMember({"TXT", "CNAME", "CAA"}, CLI::ignore_case).description(""));
  add_text(command, "--prefix", command.options.prefix, "LABEL", "One label before the ADN, beginning with _");
  command.app.add_flag("--exact", command.options.exact, "The whole record must be the value");
  command.app.add_flag("--ignore-case", command.options.ignore_case, "Case does not matter");
  add_adn(command, kOrAlias);
  add_caa_beside(command);
}

void add_contact_options(const CheckCommand& command, const char* contact_type, const char* contact_help) {
  add_text(command, "--contact", command.options.contact, contact_type, contact_help)->required();
  add_text(command, "--via", command.options.via, "caa|txt", "Where the contact is published")
      ->required()
      ->check(CLI::IsMember({"caa", "txt"}).description(""));
  add_adn(command, kOrAlias);
  add_caa_beside(command);
}

void add_contact_email(CLI::App& check, Surroundings& around) {
  constexpr CheckText kText{"contact-email", "Is this e-mail contact published? Half a validation",
                            R"(Looks up the contact in CAA contactemail, climbing from the ADN, or in TXT at
_validation-contactemail.ADN (BR 3.2.2.4.13, 3.2.2.4.14). The answered e-mail stays with the CA, so the
verdict alone is no basis for issuance. MUST NOT be used from 2028-03-15.

Examples:
  mpic check contact-email www.example.com --contact hostmaster@example.com --via txt
  mpic check contact-email '*.example.com' --contact hostmaster@example.com --via caa --issuer ca.example
)",
                            kNameOrWildcard};
  const CheckCommand command = add_check_command(check, kText, contact_email_question, around);
  add_contact_options(command, "ADDRESS", "The selected e-mail address");
}

void add_contact_phone(CLI::App& check, Surroundings& around) {
  constexpr CheckText kText{
      "contact-phone", "Is this phone contact published? Half a validation",
      R"(Looks up the contact in TXT at _validation-contactphone.ADN, or in CAA contactphone, climbing from
the ADN (BR 3.2.2.4.16, 3.2.2.4.17). The answered call stays with the CA, so the verdict alone is no
basis for issuance. MUST NOT be used from 2027-03-15.

Examples:
  mpic check contact-phone www.example.com --contact '+1 555 123 4567' --via txt
  mpic check contact-phone www.example.com --contact +15551234567 --via caa --adn example.com
)",
      kNameOrWildcard};
  const CheckCommand command = add_check_command(check, kText, contact_phone_question, around);
  add_contact_options(command, "NUMBER", "The selected phone number: +, the country code, digits");
}

void add_ip_address(CLI::App& check, Surroundings& around) {
  constexpr CheckText kText{
      "ip-address", "Has the name this address? Half a validation, retired",
      R"(Looks up A or AAAA of the name (BR 3.2.2.4.8). Retired 2026-03-15: since then refused, except by a
deployment for trials.

Example:
  mpic check ip-address www.example.com --address 192.0.2.1
)",
      kName};
  const CheckCommand command = add_check_command(check, kText, ip_address_question, around);
  add_text(command, "--address", command.options.address, "ADDRESS", "That the name must have")->required();
  add_caa_beside(command);
}

void add_reverse(CLI::App& check, Surroundings& around) {
  constexpr CheckText kText{
      "reverse", "Does the address lead back to this name? Half a validation",
      R"(Looks up PTR of the address's reverse name (BR 3.2.2.5.3). Control of the name must be validated too,
so the verdict alone is no basis for issuance. MUST NOT be used from 2027-03-15.

Example:
  mpic check reverse 192.0.2.1 --fqdn www.example.com
)",
      "What the certificate is for: an IP address"};
  const CheckCommand command = add_check_command(check, kText, reverse_question, around);
  add_text(command, "--fqdn", command.options.fqdn, "NAME", "That the address must lead to")->required();
}

}  // namespace

void add_check_methods(CLI::App& check, Surroundings& around) {
  add_http_01(check, around);
  add_dns_01(check, around);
  add_tls_alpn_01(check, around);
  add_dns_account_01(check, around);
  add_dns_persistent(check, around);
  add_website(check, around);
  add_dns_change(check, around);
  add_contact_email(check, around);
  add_contact_phone(check, around);
  add_ip_address(check, around);
  add_reverse(check, around);
}

}  // namespace mpic::cli
