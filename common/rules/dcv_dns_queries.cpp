// Which names a method looks at; see dcv_dns.hpp.
#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "common/rules/dcv_dns.hpp"
#include "common/rules/namespace_policy.hpp"

namespace mpic::rules {
namespace {

constexpr std::size_t kMaxName = 253;

using Queries = std::vector<DnsQuery>;

// BR Appendix A.2.
std::string_view contact_label(DcvMethod method) {
  return method == DcvMethod::kContactEmailTxt ? "_validation-contactemail." : "_validation-contactphone.";
}

// The lookups of a method by itself; `name` is the Authorization Domain Name, for an address its reverse name.
struct Asked {
  const std::string& name;
  const Identifier& validated;

  Queries operator()(const DnsChange& question) const {
    const std::string prefix = question.name_prefix.empty() ? "" : question.name_prefix + '.';
    return {{prefix + name, question.record_type}};
  }
  Queries operator()(const AcmeDns01&) const { return {{"_acme-challenge." + name, RecordType::kTxt}}; }
  Queries operator()(const AcmeDnsAccount01& question) const {
    return {{account_label(question.account_uri) + "._acme-challenge." + name, RecordType::kTxt}};
  }
  Queries operator()(const DnsPersistent&) const {
    return {{(validated.is_ip() ? "_ip-validation-persist." : "_validation-persist.") + name, RecordType::kTxt}};
  }
  Queries operator()(const IpAddressLookup& question) const {
    return {{name, question.address.is_v4() ? RecordType::kA : RecordType::kAaaa}};
  }
  Queries operator()(const ReverseAddressLookup&) const { return {{name, RecordType::kPtr}}; }
  Queries operator()(const ContactLookup& question) const {
    const bool txt = question.method == DcvMethod::kContactEmailTxt || question.method == DcvMethod::kContactPhoneTxt;
    if (txt) return {{std::string(contact_label(question.method)) + name, RecordType::kTxt}};
    Queries climb;
    if (validated.is_ip()) return climb;
    for (const DnsName& ancestor : validated.name().self_and_parents()) {
      climb.push_back({ancestor.text(), RecordType::kCaa});
    }
    return climb;
  }
  // Methods that do not look with the DNS alone.
  Queries operator()(const AcmeHttp01&) const { return {}; }
  Queries operator()(const WebsiteChange&) const { return {}; }
  Queries operator()(const AcmeTlsAlpn01&) const { return {}; }
};

}  // namespace

std::vector<DnsQuery> dns_queries(const DcvSubject& subject, const DcvQuestion& question) {
  const Identifier& validated = subject.validated;
  const std::string name = validated.is_ip() ? reverse_name(validated.ip()) : validated.name().text();
  Queries queries = std::visit(Asked{name, validated}, question.parameters);
  const auto fits = [](const DnsQuery& query) { return query.name.size() <= kMaxName; };
  if (queries.empty() || !std::all_of(queries.begin(), queries.end(), fits)) return {};
  if (needs_alias(subject)) {
    queries.insert(queries.begin(), DnsQuery{subject.applied_for.name().text(), RecordType::kA});
  }
  return queries;
}

// draft-ietf-acme-dns-account-label-00 3.2; base32 of RFC 4648 6, which ten octets fill without padding.
std::string account_label(std::string_view account_uri) {
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  constexpr std::size_t kOctets = 10;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  const std::vector<unsigned char> octets(account_uri.begin(), account_uri.end());
  SHA256(octets.data(), octets.size(), digest.data());
  std::string label = "_";
  for (std::size_t bit = 0; bit < kOctets * 8; bit += 5) {
    const std::size_t at = bit / 8;
    const unsigned two = digest[at] * 256U + digest[at + 1];  // five bits lie in two octets at most
    label += kAlphabet[(two >> (11U - bit % 8)) & 31U];
  }
  return label;
}

}  // namespace mpic::rules
