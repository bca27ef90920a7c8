#include "cli/batch/columns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <variant>
#include <vector>

namespace mpic::cli {
namespace {

constexpr std::array kColumns = {
    BatchColumn{"name", "NAME", "What the certificate is for: a name, *.name, or an IP address"},
    BatchColumn{"trace", "ID", "Your own id, to find this request in logs and records"},
    BatchColumn{"method", "METHOD", "How control of each name is validated, or caa"},
    BatchColumn{"issuer", "DOMAIN",
                "Issuer domain name of the CA; beside a validation: CAA is checked in the same visit", true},
    BatchColumn{"account", "URI", "Account, which CAA records may name too", true},
    BatchColumn{"validation_method", "LABEL", "Validation method that a CAA record may name (RFC 8657)"},
    BatchColumn{"adn", "DOMAIN", "Authorization Domain Name that is validated instead"},
    BatchColumn{"token", "TOKEN", "Of http-01"},
    BatchColumn{"key_authorization", "TEXT", "TOKEN.THUMBPRINT (RFC 8555 8.1)"},
    BatchColumn{"digest", "TEXT", "Instead of the key authorization: its SHA-256, as `mpic check` takes it"},
    BatchColumn{"value", "TEXT", "Random Value or Request Token, of website and dns-change"},
    BatchColumn{"path", "FILE", "Of website: below /.well-known/pki-validation/"},
    BatchColumn{"regex", "RE2", "Of website: that the page must match too"},
    BatchColumn{"https", "", "Of website: the first request goes to port 443"},
    BatchColumn{"type", "TXT|CNAME|CAA", "Of dns-change: of the record; default: TXT"},
    BatchColumn{"prefix", "LABEL", "Of dns-change: one label before the ADN, beginning with _"},
    BatchColumn{"exact", "", "Of dns-change: the whole record must be the value"},
    BatchColumn{"ignore_case", "", "Of dns-change: case does not matter"},
    BatchColumn{"via", "caa|txt", "Of the contact methods: where the contact is published"},
    BatchColumn{"contact", "CONTACT", "Of the contact methods: the selected address or number"},
    BatchColumn{"address", "ADDRESS", "Of ip-address: that the name must have"},
    BatchColumn{"fqdn", "NAME", "Of reverse: that the address must lead to"},
    BatchColumn{"caa", "", "Of dns-persistent: CAA is checked in the same visit"},
};
constexpr std::size_t kOfEachLine = 2;  // the first two

using Names = std::vector<std::string_view>;

struct Method {
  std::string_view name;
  Expected<v1::CorroborateRequest> (*build)(const CheckOptions&);
  Names needs;
  Names takes;  // besides
};

const Names kCaaBeside = {"issuer", "account", "validation_method"};

Names with(Names names, const Names& more) {
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

const std::vector<Method>& methods() {
  static const std::vector<Method> kMethods = {
      {"caa", caa_question, {"issuer"}, {"account", "validation_method"}},
      {"http-01", http_01_question, {"token", "key_authorization"}, kCaaBeside},
      {"dns-01", dns_01_question, {}, with({"key_authorization", "digest", "adn"}, kCaaBeside)},
      {"tls-alpn-01", tls_alpn_01_question, {}, with({"key_authorization", "digest"}, kCaaBeside)},
      {"dns-account-01",
       dns_account_01_question,
       {"account"},
       {"key_authorization", "digest", "adn", "issuer", "validation_method"}},
      {"dns-persistent", dns_persistent_question, {"issuer", "account"}, {"caa", "adn", "validation_method"}},
      {"website", website_question, {"path", "value"}, with({"regex", "https"}, kCaaBeside)},
      {"dns-change",
       dns_change_question,
       {"value"},
       with({"type", "prefix", "exact", "ignore_case", "adn"}, kCaaBeside)},
      {"contact-email", contact_email_question, {"contact", "via"}, with({"adn"}, kCaaBeside)},
      {"contact-phone", contact_phone_question, {"contact", "via"}, with({"adn"}, kCaaBeside)},
      {"ip-address", ip_address_question, {"address"}, kCaaBeside},
      {"reverse", reverse_question, {"fqdn"}, {}},
  };
  return kMethods;
}

using Member =
    std::variant<std::string CheckOptions::*, std::vector<std::string> CheckOptions::*, bool CheckOptions::*>;

Member member_of(std::string_view column, std::string_view method) {
  static const std::map<std::string_view, Member> kMembers = {
      {"name", &CheckOptions::name},
      {"trace", &CheckOptions::trace},
      {"issuer", &CheckOptions::issuers},
      {"validation_method", &CheckOptions::method},
      {"adn", &CheckOptions::adn},
      {"token", &CheckOptions::token},
      {"key_authorization", &CheckOptions::key_authorization},
      {"digest", &CheckOptions::digest},
      {"value", &CheckOptions::value},
      {"path", &CheckOptions::path},
      {"regex", &CheckOptions::regex},
      {"https", &CheckOptions::https},
      {"type", &CheckOptions::record_type},
      {"prefix", &CheckOptions::prefix},
      {"exact", &CheckOptions::exact},
      {"ignore_case", &CheckOptions::ignore_case},
      {"via", &CheckOptions::via},
      {"contact", &CheckOptions::contact},
      {"address", &CheckOptions::address},
      {"fqdn", &CheckOptions::fqdn},
      {"caa", &CheckOptions::with_caa},
  };
  // The account of these two is the validation's own.
  if (column == "account" && (method == "dns-account-01" || method == "dns-persistent")) return &CheckOptions::account;
  if (column == "account") return &CheckOptions::accounts;
  return kMembers.at(column);
}

bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view value_of(const BatchValues& values, std::string_view column) {
  const auto found = values.find(column);
  return found == values.end() ? std::string_view() : std::string_view(found->second);
}

Unexpected refused(std::string_view column, std::string_view why) {
  return fail(ProblemCode::kInvalidArgument, std::string(column), fmt::format("{}: {}", column, why));
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    if (blank > 0) parts.emplace_back(text.substr(0, blank));
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return parts;
}

Expected<void> set(CheckOptions& options, std::string_view column, Member member, std::string_view text) {
  if (auto* const single = std::get_if<std::string CheckOptions::*>(&member)) {
    options.** single = text;
  } else if (auto* const several = std::get_if<std::vector<std::string> CheckOptions::*>(&member)) {
    options.** several = split(text);
  } else if (text == "yes" || text == "no") {
    options.*std::get<bool CheckOptions::*>(member) = text == "yes";
  } else {
    return refused(column, fmt::format("{} is neither yes nor no", quoted(text)));
  }
  return {};
}

Expected<void> check_choice(std::string_view column, std::string_view text, const Names& choices) {
  if (text.empty() || contains(choices, text)) return {};
  return refused(column, fmt::format("{} is none of {}", quoted(text), fmt::join(choices, ", ")));
}

}  // namespace

std::span<const BatchColumn> batch_columns() { return kColumns; }
std::span<const BatchColumn> batch_defaults() { return std::span(kColumns).subspan(kOfEachLine); }

std::string batch_methods() {
  Names names;
  for (const Method& method : methods()) names.push_back(method.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

Expected<v1::CorroborateRequest> batch_question(const BatchValues& cells, const BatchValues& defaults,
                                                const CheckOptions& common) {
  std::string_view wanted = value_of(cells, "method");
  if (wanted.empty()) wanted = value_of(defaults, "method");
  if (wanted.empty()) return refused("method", "missing, and --method does not say it: " + batch_methods());
  const auto method =
      std::find_if(methods().begin(), methods().end(), [&](const Method& m) { return m.name == wanted; });
  if (method == methods().end()) {
    return refused("method", fmt::format("{} is none of {}", quoted(wanted), batch_methods()));
  }
  CheckOptions options = common;
  for (const BatchColumn& column : batch_columns()) {
    if (column.name == "method") continue;
    const bool always = column.name == "name" || column.name == "trace";
    const bool needed = column.name == "name" || contains(method->needs, column.name);
    const bool known = always || needed || contains(method->takes, column.name);
    const std::string_view cell = value_of(cells, column.name);
    if (!known && !cell.empty()) return refused(column.name, fmt::format("is nothing that {} knows", wanted));
    if (!known) continue;
    const std::string_view text = cell.empty() ? value_of(defaults, column.name) : cell;
    if (text.empty() && needed) return refused(column.name, fmt::format("missing, and {} needs it", wanted));
    if (text.empty()) continue;
    if (auto done = set(options, column.name, member_of(column.name, wanted), text); !done)
      return Unexpected(done.error());
  }
  if (auto known = check_choice("type", options.record_type, {"TXT", "CNAME", "CAA"}); !known)
    return Unexpected(known.error());
  if (auto known = check_choice("via", options.via, {"caa", "txt"}); !known) return Unexpected(known.error());
  return method->build(options);
}

}  // namespace mpic::cli
