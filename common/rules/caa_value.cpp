#include "common/rules/caa_value.hpp"

#include <algorithm>

#include "common/domain/ascii.hpp"

namespace mpic::rules {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
// 0x21-3A, 0x3C-7E: graphic ASCII without the semicolon.
bool is_value_octet(char c) { return c >= 0x21 && c <= 0x7E && c != ';'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Letters, digits and inner hyphens: the grammar of a label and of a tag.
bool is_word(std::string_view text) {
  const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '-'; };
  return !text.empty() && text.front() != '-' && text.back() != '-' && std::all_of(text.begin(), text.end(), allowed);
}

bool is_issuer_domain(std::string_view text) {
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!is_word(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace

std::optional<IssueValue> parse_issue_value(std::string_view value) {
  IssueValue parsed;
  const std::size_t semicolon = value.find(';');
  const std::string_view domain = trimmed(value.substr(0, semicolon));
  if (!domain.empty() && !is_issuer_domain(domain)) return std::nullopt;
  parsed.issuer_domain = lowered(domain);
  if (semicolon == std::string_view::npos) return parsed;

  std::string_view rest = value.substr(semicolon + 1);
  if (trimmed(rest).empty()) return parsed;
  for (;;) {
    const std::size_t end = rest.find(';');
    const std::string_view parameter = trimmed(rest.substr(0, end));
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view tag = trimmed(parameter.substr(0, equals));
    const std::string_view text = trimmed(parameter.substr(equals + 1));
    if (!is_word(tag) || !std::all_of(text.begin(), text.end(), is_value_octet)) return std::nullopt;
    parsed.parameters.emplace_back(lowered(tag), std::string(text));
    if (end == std::string_view::npos) return parsed;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace mpic::rules
