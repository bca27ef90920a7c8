#include "common/rules/namespace_policy.hpp"

#include <fmt/format.h>
#include <libpsl.h>

#include <algorithm>
#include <chrono>

#include "common/rules/address_policy.hpp"

namespace mpic::rules {
namespace {

Unexpected refused(const std::string& where, std::string detail) {
  return fail(ProblemCode::kPolicy, where, std::move(detail));
}

// What the library calls a public suffix by its ICANN section. It says yes also for the parent of a wildcard
// rule: "kobe.jp" for "*.kobe.jp".
bool in_list(const std::string& name) {
  return psl_is_public_suffix2(psl_builtin(), name.c_str(), PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) == 1;
}

// True when every child is a public suffix: asked for one that no list names.
bool has_wildcard_rule(const std::string& name) { return in_list("0-any-child-0." + name); }

bool is_lab_tld(std::string_view tld, const LabRelaxations& lab) {
  return std::find(lab.top_level_domains.begin(), lab.top_level_domains.end(), tld) != lab.top_level_domains.end();
}

bool is_under(const DnsName& name, std::string_view parent) {
  const std::string& text = name.text();
  return text == parent || (text.size() > parent.size() && text[text.size() - parent.size() - 1] == '.' &&
                            std::string_view(text).substr(text.size() - parent.size()) == parent);
}

Expected<void> check_name(const Identifier& identifier, const LabRelaxations& lab) {
  const DnsName& name = identifier.name();
  const std::string shown = identifier.text();
  if (name.tld() == "onion") return refused(shown, "onion names are not validated here (RFC 7686)");
  if (is_under(name, "in-addr.arpa") || is_under(name, "ip6.arpa")) {
    return refused(shown, "a name of the reverse tree: no certificate for it since 2026-03-15 (BR 4.2.2)");
  }
  if (is_under(name, "home.arpa")) {
    return refused(shown, "an Internal Name: home.arpa means another network to everyone (RFC 8375, BR 4.2.2)");
  }
  if (is_lab_tld(name.tld(), lab)) {
    if (name.label_count() > 1) return {};
  } else if (!is_root_zone_tld(name.tld())) {
    return refused(shown, "an Internal Name: \"" + std::string(name.tld()) +
                              "\" is no top-level domain in the IANA root zone (BR 1.6.1, 4.2.2)");
  }
  // Under "*.kobe.jp", a wildcard on kobe.jp would cover public suffixes.
  const bool suffix = public_suffix(name) == name.text() || name.label_count() == 1 ||
                      (identifier.is_wildcard() && has_wildcard_rule(name.text()));
  if (!suffix) return {};
  return refused(shown, identifier.is_wildcard() ? "a wildcard on a public suffix (BR 3.2.2.6)"
                                                 : "a public suffix itself, where others register (BR 3.2.2.6)");
}

// The longest rule prevails.
std::string suffix_of(std::string_view name) {
  for (;;) {
    const std::size_t dot = name.find('.');
    const bool is_tld = dot == std::string_view::npos;
    const std::string text(name);
    if (in_list(text) && (is_tld || !has_wildcard_rule(text))) return text;
    if (is_tld) return "";
    name.remove_prefix(dot + 1);
    const std::string parent(name);
    // A child that a wildcard rule leaves out is an exception ("!city.kobe.jp"): its parent is the suffix.
    if (!in_list(text) && has_wildcard_rule(parent)) return parent;
  }
}

// BR 3.2.2.4 and 3.2.2.5, method by method.
struct MethodRow {
  bool names = true;       // validates FQDNs
  bool addresses = false;  // validates IP addresses
  bool wildcard = false;   // validates "*." and a name
  bool prune = false;      // a parent of the name may be validated in its place
  bool alias = false;      // so may what the name is an alias (CNAME) of
};

MethodRow row_of(DcvMethod method) {
  switch (method) {
    case DcvMethod::kDnsChange:
    case DcvMethod::kAcmeDns01:
    case DcvMethod::kContactEmailCaa:
    case DcvMethod::kContactEmailTxt:
    case DcvMethod::kContactPhoneTxt:
    case DcvMethod::kContactPhoneCaa:
      return {.wildcard = true, .prune = true, .alias = true};
    case DcvMethod::kAcmeDnsAccount01:
      return {.wildcard = true, .prune = true};
    case DcvMethod::kDnsPersistent:
      return {.addresses = true, .wildcard = true, .prune = true};
    case DcvMethod::kWebsiteChange:
    case DcvMethod::kAcmeHttp01:
    case DcvMethod::kAcmeTlsAlpn01:
      return {.addresses = true};
    case DcvMethod::kReverseAddressLookup:
      return {.names = false, .addresses = true};
    case DcvMethod::kIpAddress:
      break;
  }
  return {};
}

}  // namespace

bool is_root_zone_tld(std::string_view tld) {
  // The list also has "onion", which RFC 7686 keeps out of the root zone for good.
  return !tld.empty() && tld.find('.') == std::string_view::npos && tld != "onion" && in_list(std::string(tld));
}

std::string suffix_list_date() {
  const std::chrono::seconds made(psl_builtin_file_time());
  if (made.count() <= 0) return "unknown";
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(made)));
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

std::string target_of(const Identifier& identifier) {
  if (identifier.is_ip()) return identifier.ip().text();
  const std::string& name = identifier.name().text();
  std::string suffix = public_suffix(identifier.name());
  if (suffix.empty()) suffix = identifier.name().tld();
  if (suffix.size() >= name.size()) return name;
  const auto dot = name.rfind('.', name.size() - suffix.size() - 2);
  return dot == std::string::npos ? name : name.substr(dot + 1);
}

std::set<std::string> targets_of(const DcvSubject& subject) {
  return {target_of(subject.applied_for), target_of(subject.validated)};
}

std::string public_suffix(const DnsName& name) { return suffix_of(name.text()); }

Expected<void> check_identifier(const Identifier& identifier, const LabRelaxations& lab) {
  if (!identifier.is_ip()) return check_name(identifier, lab);
  if (const auto allowed = check_address(identifier.ip(), lab.addresses); !allowed) {
    return refused(allowed.error().where, "a Reserved IP Address (BR 1.6.1, 4.2.2): " + allowed.error().detail);
  }
  return {};
}

bool is_pruned_to(std::string_view name, const DnsName& adn) {
  // No label of a name that anybody validates has octets that presentation form escapes; a dot inside one would be no
  // end.
  constexpr std::size_t kMaxName = 253;
  const auto plain = [](char c) { return c > 0x20 && c < 0x7F && c != '\\'; };
  if (name.size() > kMaxName || !std::all_of(name.begin(), name.end(), plain)) return false;
  if (name != adn.text() && !name.ends_with('.' + adn.text())) return false;
  const std::string_view tld = name.substr(name.rfind('.') + 1);  // of a laboratory, perhaps
  return std::max(suffix_of(name).size(), tld.size()) < adn.text().size();
}

bool needs_alias(const DcvSubject& subject) {
  return !subject.applied_for.is_ip() && !subject.applied_for.name().is_at_or_below(subject.validated.name());
}

Expected<void> check_subject(const DcvSubject& subject, DcvMethod method) {
  const Identifier& applied_for = subject.applied_for;
  const std::string clause = " (" + std::string(clause_of(method, applied_for.is_ip())) + ")";
  const MethodRow row = row_of(method);
  if (applied_for.is_ip()) {
    if (row.addresses) return {};
    return refused(applied_for.text(), std::string(to_string(method)) + " does not validate IP addresses (BR 3.2.2.5)");
  }
  if (!row.names) return refused(applied_for.text(), "the method validates IP addresses only" + clause);
  if (applied_for.is_wildcard() && !row.wildcard) {
    return refused(applied_for.text(), "the method does not validate wildcards" + clause);
  }
  const DnsName& adn = subject.validated.name();
  if (adn == applied_for.name()) return {};
  if (needs_alias(subject)) {
    if (!row.prune || !row.alias || applied_for.is_wildcard()) {
      return refused(adn.text(), row.prune
                                     ? "the Authorization Domain Name is no parent of the name applied for" + clause
                                     : "the method validates exactly the name applied for" + clause);
    }
    // What it is an alias of is not known here.
    if (adn.label_count() > 1 && adn.text() != public_suffix(adn)) return {};
  } else if (!row.prune) {
    return refused(adn.text(), "the method validates exactly the name applied for" + clause);
  } else if (is_pruned_to(applied_for.name().text(), adn)) {
    return {};
  }
  return refused(adn.text(), "the Authorization Domain Name is above the Base Domain Name" + clause);
}

}  // namespace mpic::rules
