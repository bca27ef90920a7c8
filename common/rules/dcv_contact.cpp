#include "common/rules/dcv_contact.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include "common/domain/ascii.hpp"
#include "common/domain/problem.hpp"

namespace mpic::rules {
namespace {

constexpr std::size_t kMaxAddress = 320;  // 64 octets of local part, "@", 255 of domain (RFC 5321 4.5.3.1)
constexpr std::size_t kMaxNumber = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_graphic(char c) { return c >= 0x21 && c <= 0x7E; }
// RFC 6532 3.2 adds every character outside ASCII to atext, qtext and VCHAR; that the octets are UTF-8 is asked before.
bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

// RFC 5322 3.2.3.
bool is_atext(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-/=?^_`{|}~";
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_beyond_ascii(c) ||
         kMarks.find(c) != std::string_view::npos;
}

bool is_dot_atom(std::string_view text) {
  for (;;) {
    const std::size_t dot = text.find('.');
    const std::string_view atom = text.substr(0, dot);
    if (atom.empty() || !std::all_of(atom.begin(), atom.end(), is_atext)) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

// Length of the quoted-string that begins `text` (RFC 5322 3.2.4), without folding; 0 when none does.
std::size_t quoted_string(std::string_view text) {
  if (text.empty() || text.front() != '"') return 0;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\' && ++at == text.size()) return 0;
    if (!is_graphic(text[at]) && !is_blank(text[at]) && !is_beyond_ascii(text[at])) return 0;
  }
  return 0;
}

struct Mailbox {
  std::string_view local_part;
  std::string_view domain;
};

std::optional<Mailbox> parse(std::string_view text) {
  if (text.size() > kMaxAddress || !is_utf8(text)) return std::nullopt;
  std::size_t at = quoted_string(text);
  if (at == 0) {
    at = text.find('@');
    if (at == std::string_view::npos || !is_dot_atom(text.substr(0, at))) return std::nullopt;
  }
  if (at >= text.size() || text[at] != '@') return std::nullopt;
  const Mailbox mailbox{text.substr(0, at), text.substr(at + 1)};
  if (!is_dot_atom(mailbox.domain)) return std::nullopt;
  return mailbox;
}

std::string written(const Mailbox& mailbox) { return std::string(mailbox.local_part) + '@' + lowered(mailbox.domain); }

bool is_separator(char c) { return c == '-' || c == '.' || c == '(' || c == ')' || c == ' '; }

}  // namespace

bool is_email_address(std::string_view text) { return parse(text).has_value(); }

std::string mailbox_of(std::string_view address) {
  const auto mailbox = parse(address);
  return mailbox ? written(*mailbox) : "";
}

bool is_global_number(std::string_view text) {
  constexpr std::size_t kFewest = 4, kMost = 15;  // digits (E.164)
  if (text.size() > kMaxNumber || text.size() < 2 || text.front() != '+' || text.back() == ' ') return false;
  text.remove_prefix(1);
  const auto known = [](char c) { return is_digit(c) || is_separator(c); };
  if (text.front() == ' ' || !std::all_of(text.begin(), text.end(), known)) return false;
  const auto digits = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_digit));
  if (digits < kFewest || digits > kMost) return false;
  return *std::find_if(text.begin(), text.end(), is_digit) != '0';
}

std::string digits_of(std::string_view number) {
  std::string out = "+";
  std::copy_if(number.begin(), number.end(), std::back_inserter(out), is_digit);
  return out;
}

}  // namespace mpic::rules
