#include "common/rules/dcv_question.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <boost/url.hpp>

#include "common/rules/dcv_contact.hpp"
#include "common/rules/page_regex.hpp"

namespace mpic::rules {
namespace {

constexpr std::size_t kMinToken = 22;    // 128 bits in base64url (RFC 8555 8.3)
constexpr std::size_t kMaxToken = 128;   // ours
constexpr std::size_t kThumbprint = 43;  // SHA-256 in base64url (RFC 7638, RFC 8555 8.1)
constexpr std::size_t kDigest = 43;
constexpr std::size_t kMaxValue = 1024, kMaxUri = 1024, kMaxPath = 256, kMaxIssuers = 16;

Unexpected refused(std::string_view field, std::string why) {
  return fail(ProblemCode::kInvalidArgument, std::string(field), std::move(why));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

template <class Test>
bool all(std::string_view text, Test test) {
  return std::all_of(text.begin(), text.end(), test);
}

bool is_base64url(std::string_view text) {
  return all(text, [](char c) { return is_digit(c) || is_lower(c) || is_upper(c) || c == '-' || c == '_'; });
}

bool is_printable(std::string_view text) {
  return all(text, [](char c) { return c >= 0x20 && c <= 0x7E; });
}

Expected<void> check_digest(std::string_view digest) {
  if (digest.size() == kDigest && is_base64url(digest)) return {};
  return refused("key_authorization_digest",
                 "a digest is 43 octets: base64url(SHA-256(key authorization)) (RFC 8555 8.4)");
}

Expected<void> check_account(std::string_view uri) {
  const bool good = !uri.empty() && uri.size() <= kMaxUri && boost::urls::parse_uri({uri.data(), uri.size()});
  if (good) return {};
  return refused("account_uri", "an account is a URI of at most 1,024 octets (RFC 3986)");
}

// Blanks at an end would be lost on the way through somebody's file or form.
Expected<void> check_value(std::string_view value) {
  if (value.empty() || value.size() > kMaxValue) {
    return refused("challenge_value", "a Random Value or Request Token has 1 to 1,024 octets");
  }
  if (is_printable(value) && value.front() != ' ' && value.back() != ' ') return {};
  return refused("challenge_value", "only printable ASCII is accepted, without blanks at the ends");
}

bool is_token(std::string_view text) {
  return text.size() >= kMinToken && text.size() <= kMaxToken && is_base64url(text);
}

Expected<void> check(const AcmeHttp01& question) {
  const std::string& token = question.token;
  if (!is_token(token)) return refused("token", "a token is 22 to 128 octets of base64url (RFC 8555 8.3)");
  return check_key_authorization(question.key_authorization);
}

// RFC 3986 3.3, pchar and "/", without percent-encoding: what is asked for is what was typed.
bool is_path_character(char c) {
  constexpr std::string_view kOthers = "-._~!$&'()*+,;=:@/";
  return is_digit(c) || is_lower(c) || is_upper(c) || kOthers.find(c) != std::string_view::npos;
}

Expected<void> check_path(std::string_view path) {
  constexpr std::string_view kClause = " (BR 3.2.2.4.18)";
  const auto bad = [&](std::string_view why) { return refused("path", std::string(why) + std::string(kClause)); };
  if (path.empty() || path.size() > kMaxPath)
    return bad("a file below /.well-known/pki-validation/ has 1 to 256 octets");
  if (!all(path, is_path_character)) return bad("holds a character that a file's name there may not have");
  if (path.front() == '/') return bad("is relative to /.well-known/pki-validation/");
  for (std::string_view rest = path;;) {
    const std::size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    if (segment.empty() || segment == "." || segment == "..") return bad("leaves its directory, or names none");
    if (slash == std::string_view::npos) return {};
    rest.remove_prefix(slash + 1);
  }
}

Expected<void> check(const WebsiteChange& question) {
  if (auto good = check_path(question.path); !good) return good;
  if (auto good = check_value(question.challenge_value); !good) return good;
  if (question.path.find(question.challenge_value) != std::string::npos) {
    return refused("path", "holds the challenge value, which must not appear in the request (BR 3.2.2.4.18)");
  }
  return check_page_regex(question.match_regex);
}

Expected<void> check(const AcmeDns01& question) { return check_digest(question.digest); }

Expected<void> check(const AcmeTlsAlpn01&) { return {}; }

Expected<void> check(const AcmeDnsAccount01& question) {
  if (auto good = check_digest(question.digest); !good) return good;
  return check_account(question.account_uri);
}

Expected<void> check(const DnsChange& question) {
  if (auto good = check_value(question.challenge_value); !good) return good;
  const RecordType type = question.record_type;
  if (type != RecordType::kTxt && type != RecordType::kCname && type != RecordType::kCaa) {
    return refused("record_type", "the value is in a CNAME, TXT or CAA record (BR 3.2.2.4.7)");
  }
  const std::string_view prefix = question.name_prefix;
  if (prefix.empty()) return {};
  const bool label = prefix.size() <= 63 && prefix.size() > 1 && prefix.front() == '_' && prefix.back() != '-' &&
                     all(prefix, [](char c) { return is_digit(c) || is_lower(c) || c == '-' || c == '_'; });
  if (label) return {};
  return refused(
      "name_prefix",
      "one label that begins with \"_\": lower-case letters, digits, hyphens and underscores (BR 3.2.2.4.7)");
}

Expected<void> check(const DnsPersistent& question) {
  if (question.issuer_domains.empty() || question.issuer_domains.size() > kMaxIssuers) {
    return refused("issuer_domains", "1 to 16 Issuer Domain Names are needed");
  }
  for (const std::string& issuer : question.issuer_domains) {
    const auto name = DnsName::parse(issuer);
    if (!name || name->text() != issuer) {
      return refused("issuer_domains", "not an Issuer Domain Name in lower case: " + printable(issuer));
    }
  }
  if (auto good = check_account(question.account_uri); !good) return good;
  if (question.account_uri.find(';') == std::string::npos) return {};
  return refused("account_uri", "no record can name an account with \";\" in it (RFC 8659 4.2)");
}

Expected<void> check(const ContactLookup& question) {
  switch (question.method) {
    case DcvMethod::kContactEmailCaa:
    case DcvMethod::kContactEmailTxt:
      if (is_email_address(question.contact)) return {};
      return refused("contact", "not an e-mail address (RFC 6532 3.2; BR Appendix A)");
    case DcvMethod::kContactPhoneCaa:
    case DcvMethod::kContactPhoneTxt:
      if (is_global_number(question.contact)) return {};
      return refused("contact",
                     "not a global phone number: \"+\", the country code, digits (RFC 3966 5.1.4; BR Appendix A)");
    default:
      return refused("method", "none of the contact methods (BR 3.2.2.4.13, .14, .16, .17)");
  }
}

Expected<void> check(const IpAddressLookup&) { return {}; }
Expected<void> check(const ReverseAddressLookup&) { return {}; }

}  // namespace

Expected<void> check_question(const DcvQuestion& question) {
  return std::visit([](const auto& parameters) { return check(parameters); }, question.parameters);
}

Expected<void> check_question(const AcmeHttp01& question) { return check(question); }

bool is_of_its_token(const AcmeHttp01& question) {
  return question.key_authorization.starts_with(question.token + ".");
}

Expected<void> check_key_authorization(std::string_view key_authorization) {
  const std::size_t dot = key_authorization.find('.');
  if (dot != std::string_view::npos && is_token(key_authorization.substr(0, dot))) {
    const std::string_view thumbprint = key_authorization.substr(dot + 1);
    if (thumbprint.size() == kThumbprint && is_base64url(thumbprint)) return {};
  }
  return refused(
      "key_authorization",
      "a key authorization is a token of at least 22 octets, \".\" and 43 octets of base64url (RFC 8555 8.1)");
}

std::string key_authorization_digest(std::string_view key_authorization) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  const std::vector<unsigned char> octets(key_authorization.begin(), key_authorization.end());
  SHA256(octets.data(), octets.size(), digest.data());
  std::array<unsigned char, 45> encoded{};  // 44 and the final zero
  EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest.size()));
  std::string text(encoded.begin(), encoded.begin() + kDigest);  // without "="
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

Expected<void> check_random_value(std::string_view value, bool without_case) {
  constexpr double kNeeded = 112;
  const auto is_hex = [](char c, char from) { return is_digit(c) || (c >= from && c <= from + 5); };
  const auto is_one_case = [&](auto is_letter) {
    return all(value, [&](char c) { return is_digit(c) || is_letter(c); });
  };
  double bits = without_case ? 6.1 : 6.55;  // of a printable character
  if (all(value, is_digit)) {
    bits = 3.32;
  } else if (is_one_case([&](char c) { return is_hex(c, 'a'); }) ||
             is_one_case([&](char c) { return is_hex(c, 'A'); })) {
    bits = 4;
  } else if (is_one_case(is_lower) || is_one_case(is_upper)) {
    bits = 5.17;
  } else if (is_base64url(value)) {
    bits = without_case ? 5.24 : 6;
  } else if (without_case && all(value, [](char c) { return c == '.' || is_base64url({&c, 1}); })) {
    bits = 5.28;  // of a host name
  }
  if (bits * static_cast<double>(value.size()) >= kNeeded) return {};
  return refused(
      "challenge_value",
      "too short to be a Random Value: at least 112 bits, which is 28 hexadecimal or 19 base64url digits, 22 "
      "where case does not count (BR 1.6.1)");
}

}  // namespace mpic::rules
