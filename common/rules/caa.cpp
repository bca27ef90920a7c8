#include "common/rules/caa.hpp"

#include <algorithm>
#include <array>
#include <boost/url.hpp>
#include <utility>

#include "common/domain/ascii.hpp"
#include "common/rules/caa_value.hpp"

namespace mpic::rules {
namespace {

using Parameters = std::span<const std::pair<std::string, std::string>>;

constexpr std::array<std::string_view, 7> kKnownTags = {"issue", "issuewild",    "issuemail",   "issuevmc",
                                                        "iodef", "contactemail", "contactphone"};

// BR 4.2.2.1.2: a label of the BR and the ACME method that is the same mechanism. Asked for with the BR's
// label, dns-01 is not meant: 3.2.2.4.7 is also done outside ACME.
struct Alias {
  std::string_view asked;
  std::string_view also;
};
constexpr std::array<Alias, 9> kAliases = {{
    {"http-01", "ca-tbr-19"},
    {"ca-tbr-19", "http-01"},
    {"dns-01", "ca-tbr-7"},
    {"tls-alpn-01", "ca-tbr-20"},
    {"ca-tbr-20", "tls-alpn-01"},
    {"dns-account-01", "ca-tbr-21"},
    {"ca-tbr-21", "dns-account-01"},
    {"dns-persist-01", "ca-tbr-22"},
    {"ca-tbr-22", "dns-persist-01"},
}};

// The only value of `tag`; none when absent. `repeated` is set when there are several: then nothing can be
// meant.
std::optional<std::string_view> only_value(Parameters parameters, std::string_view tag, bool& repeated) {
  std::optional<std::string_view> found;
  repeated = false;
  for (const auto& [name, value] : parameters) {
    if (name != tag) continue;
    if (found) repeated = true;
    found = value;
  }
  return found;
}

// RFC 8657 4: labels of letters, digits and hyphens between commas.
bool is_label(std::string_view text) {
  const auto allowed = [](char c) {
    return (lowered(c) >= 'a' && lowered(c) <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

bool is_asked(std::string_view label, std::string_view method) {
  return label == method || std::any_of(kAliases.begin(), kAliases.end(), [&](const Alias& alias) {
           return alias.asked == method && alias.also == label;
         });
}

bool grants(const CaaRecord& record, const CaaQuestion& question) {
  const auto value = parse_issue_value(record.value);
  if (!value || value->issuer_domain.empty()) return false;
  const auto& ours = question.issuer_domains;
  return std::find(ours.begin(), ours.end(), value->issuer_domain) != ours.end() &&
         account_uri_matches(value->parameters, question.account_uris) &&
         validation_method_matches(value->parameters, question.validation_method);
}

std::string shown(const CaaRecord& record) { return printable(presentation(record), 256); }

// Why properties that are there grant nothing, by the first of them.
Problem prohibition(std::span<const CaaRecord> relevant, const CaaQuestion& question) {
  const CaaRecord& first = relevant.front();
  const auto value = parse_issue_value(first.value);
  const auto& ours = question.issuer_domains;
  std::string why = "names another issuer";
  if (!value) {
    why = "is malformed (RFC 8659 4.2) and so grants nothing";
  } else if (value->issuer_domain.empty()) {
    why = "permits no issuer";
  } else if (std::find(ours.begin(), ours.end(), value->issuer_domain) != ours.end()) {
    why = account_uri_matches(value->parameters, question.account_uris)
              ? "restricts the validation methods (RFC 8657 4), not to the one asked for"
              : "restricts the account (RFC 8657 3), not to one of the request";
  }
  std::string more = relevant.size() == 1 ? "" : "; none of " + std::to_string(relevant.size()) + " properties permits";
  return {ProblemCode::kCaaForbids, property_tag(first), "CAA " + shown(first) + " " + why + more};
}

}  // namespace

std::string property_tag(const CaaRecord& record) { return printable(lowered(record.tag), 64); }

std::vector<CaaRecord> relevant_properties(std::span<const CaaRecord> rrset, CertificateType type, bool wildcard) {
  const auto with_tag = [&](std::string_view tag) {
    std::vector<CaaRecord> found;
    std::copy_if(rrset.begin(), rrset.end(), std::back_inserter(found),
                 [&](const CaaRecord& record) { return property_tag(record) == tag; });
    return found;
  };
  if (type == CertificateType::kSmime) return with_tag("issuemail");
  if (wildcard) {
    if (auto wild = with_tag("issuewild"); !wild.empty()) return wild;
  }
  return with_tag("issue");
}

const CaaRecord* unknown_critical(std::span<const CaaRecord> rrset) {
  const auto blocks = [](const CaaRecord& record) {
    return record.critical() &&
           std::find(kKnownTags.begin(), kKnownTags.end(), property_tag(record)) == kKnownTags.end();
  };
  const auto found = std::find_if(rrset.begin(), rrset.end(), blocks);
  return found == rrset.end() ? nullptr : &*found;
}

std::optional<Problem> caa_prohibition(std::span<const CaaRecord> rrset, const CaaQuestion& question, bool wildcard) {
  if (const CaaRecord* critical = unknown_critical(rrset)) {
    return Problem(ProblemCode::kCaaCriticalUnknown, property_tag(*critical),
                   "CAA " + shown(*critical) + " is critical and of a kind that is not known (RFC 8659 4.1)");
  }
  const auto relevant = relevant_properties(rrset, question.certificate_type, wildcard);
  if (relevant.empty()) return std::nullopt;
  const auto permits = [&](const CaaRecord& record) { return grants(record, question); };
  if (std::any_of(relevant.begin(), relevant.end(), permits)) return std::nullopt;
  return prohibition(relevant, question);
}

bool account_uri_matches(Parameters parameters, std::span<const std::string> accepted) {
  bool repeated = false;
  const auto value = only_value(parameters, "accounturi", repeated);
  if (!value) return true;
  if (repeated || !boost::urls::parse_uri({value->data(), value->size()})) return false;
  return std::find(accepted.begin(), accepted.end(), *value) != accepted.end();
}

bool validation_method_matches(Parameters parameters, std::string_view method) {
  bool repeated = false;
  const auto value = only_value(parameters, "validationmethods", repeated);
  if (!value) return true;
  if (repeated || method.empty()) return false;
  bool listed = false;
  for (std::string_view rest = *value;;) {
    const std::size_t comma = rest.find(',');
    const std::string_view label = rest.substr(0, comma);
    if (!is_label(label)) return false;  // an invalid list authorises nobody, whatever else is in it
    listed = listed || is_asked(label, method);
    if (comma == std::string_view::npos) return listed;
    rest.remove_prefix(comma + 1);
  }
}

std::string presentation(const CaaRecord& record) {
  std::string out = std::to_string(record.flags) + ' ';
  const auto append = [&out](std::string_view text, bool between_quotes) {
    for (const char c : text) {
      const auto octet = static_cast<unsigned char>(c);
      if (octet < 0x20 || octet > 0x7E || (octet == ' ' && !between_quotes)) {
        out += {'\\', static_cast<char>('0' + octet / 100), static_cast<char>('0' + octet / 10 % 10),
                static_cast<char>('0' + octet % 10)};
      } else {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
      }
    }
  };
  append(record.tag, false);
  out += " \"";
  append(record.value, true);
  return out += '"';
}

}  // namespace mpic::rules
