#include "common/domain/identifier.hpp"

#include <idn2.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>

#include "common/domain/ascii.hpp"
#include "common/domain/punycode.hpp"

namespace mpic {
namespace {

constexpr std::size_t kMaxName = 253;  // RFC 1035 2.3.4, without the final dot
constexpr std::size_t kMaxLabel = 63;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || is_digit(c); }

void append_utf8(std::string& out, char32_t c) {
  const auto octet = [&out](char32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
  if (c < 0x80) {
    octet(c);
  } else if (c < 0x800) {
    octet(0xC0U | (c >> 6U));
    octet(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    octet(0xE0U | (c >> 12U));
    octet(0x80U | ((c >> 6U) & 0x3FU));
    octet(0x80U | (c & 0x3FU));
  } else {
    octet(0xF0U | (c >> 18U));
    octet(0x80U | ((c >> 12U) & 0x3FU));
    octet(0x80U | ((c >> 6U) & 0x3FU));
    octet(0x80U | (c & 0x3FU));
  }
}

// The BR ask for a P-Label, not for a name that IDNA2008 would register today: names with code points that it
// disallows or that are newer than our tables exist and hold certificates. NFC is asked for, since two
// spellings of one text are two names (ours).
bool is_normalized(const std::u32string& text) {
  std::string utf8;
  for (const char32_t c : text) append_utf8(utf8, c);
  const std::vector<std::uint8_t> octets(utf8.c_str(), utf8.c_str() + utf8.size() + 1);
  std::uint8_t* looked_up = nullptr;
  const int status = idn2_lookup_u8(octets.data(), &looked_up, IDN2_NO_TR46);
  const std::unique_ptr<std::uint8_t, decltype(&idn2_free)> owner(looked_up, &idn2_free);
  return status != IDN2_NOT_NFC;
}

// What is wrong with one label in lower case, none when nothing is.
std::optional<std::string> label_fault(std::string_view label) {
  if (label.empty()) return "an empty label: two dots in a row, or a dot at an end";
  if (label.size() > kMaxLabel) return "a label longer than 63 octets";
  for (const char c : label) {
    if (static_cast<unsigned char>(c) >= 0x80) return "a character outside ASCII: write the A-label (xn--)";
    if (c == '_') return "an underscore, which no host name has";
    if (!is_letter_or_digit(c) && c != '-') return "a character that no host name has";
  }
  if (label.front() == '-' || label.back() == '-') return "a label that begins or ends with a hyphen";
  if (label.substr(0, 4) == "xn--") {
    const auto text = punycode_decoded(label.substr(4));
    if (!text) return "a label that is not valid Punycode (RFC 3492)";
    if (!is_normalized(*text)) return "an A-label whose text is not in Unicode's Normalization Form C";
  } else if (label.size() >= 4 && label[2] == '-' && label[3] == '-') {
    return "a reserved label, hyphens at the third and fourth place (BR 7.1.2.7.12)";
  }
  return std::nullopt;
}

// As browsers decide it: a last label that is a number, "0x7f" included, makes the whole an IPv4 address to
// many programs.
bool looks_like_ipv4(std::string_view last_label) {
  const auto hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
  if (last_label.empty()) return false;
  if (std::all_of(last_label.begin(), last_label.end(), is_digit)) return true;
  const std::string_view rest = last_label.substr(std::min<std::size_t>(2, last_label.size()));
  return last_label.substr(0, 2) == "0x" && std::all_of(rest.begin(), rest.end(), hex);
}

Unexpected refused_name(std::string_view text, std::string_view why) {
  return fail(ProblemCode::kInvalidArgument, printable(text), "not a domain name: " + std::string(why));
}

// The checks of every name, however many labels; in lower case.
Expected<std::string> checked_name(std::string_view text) {
  if (text.empty()) return refused_name(text, "it is empty");
  if (text.size() > kMaxName) return refused_name(text, "it is longer than 253 octets");
  std::string name = lowered(text);
  std::string_view rest = name;
  for (;;) {
    const std::size_t dot = rest.find('.');
    const std::string_view label = rest.substr(0, dot);
    if (const auto fault = label_fault(label)) {
      return refused_name(text, label.empty() ? *fault : quoted(label, 128) + " is or has " + *fault);
    }
    if (dot == std::string_view::npos) {
      if (looks_like_ipv4(label)) return refused_name(text, "its last label is a number, as in an IP address");
      return name;
    }
    rest.remove_prefix(dot + 1);
  }
}

}  // namespace

Expected<DnsName> DnsName::parse(std::string_view text) {
  auto name = checked_name(text);
  if (!name) return Unexpected(name.error());
  if (name->find('.') == std::string::npos) return refused_name(text, "it has only one label");
  return DnsName(std::move(*name));
}

Expected<DnsName> DnsName::parse_host(std::string_view text) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  auto name = checked_name(text);
  if (!name) return Unexpected(name.error());
  return DnsName(std::move(*name));
}

std::size_t DnsName::label_count() const {
  return 1 + static_cast<std::size_t>(std::count(text_.begin(), text_.end(), '.'));
}

std::string_view DnsName::tld() const {
  const std::size_t dot = text_.rfind('.');
  return std::string_view(text_).substr(dot == std::string::npos ? 0 : dot + 1);
}

std::vector<DnsName> DnsName::self_and_parents() const {
  std::vector<DnsName> names;
  for (std::size_t start = 0;;) {
    names.push_back(DnsName(text_.substr(start)));
    const std::size_t dot = text_.find('.', start);
    if (dot == std::string::npos) return names;
    start = dot + 1;
  }
}

bool DnsName::is_at_or_below(const DnsName& ancestor) const {
  if (text_ == ancestor.text_) return true;
  const std::size_t size = ancestor.text_.size();
  return text_.size() > size && text_.compare(text_.size() - size, size, ancestor.text_) == 0 &&
         text_[text_.size() - size - 1] == '.';
}

Expected<Identifier> Identifier::parse(std::string_view text) {
  constexpr std::string_view kWildcard = "*.";
  const bool like_ipv4 = text.find_first_not_of("0123456789.") == std::string_view::npos &&
                         text.find_first_of("0123456789") != std::string_view::npos;
  if (like_ipv4 || text.find_first_of(":[") != std::string_view::npos) {
    const auto ip = IpAddress::parse(text);
    if (!ip) return Unexpected(ip.error());
    return Identifier(*ip, false);
  }
  const bool wildcard = text.substr(0, kWildcard.size()) == kWildcard;
  const std::string_view base = wildcard ? text.substr(kWildcard.size()) : text;
  if (base.find('*') != std::string_view::npos) {
    return refused_name(text, "a wildcard is one \"*.\" in front of a name");
  }
  auto name = DnsName::parse(base);
  if (!name) return Unexpected(name.error());
  return Identifier(std::move(*name), wildcard);
}

std::string Identifier::text() const {
  if (is_ip()) return ip().text();
  return (wildcard_ ? "*." : "") + name().text();
}

}  // namespace mpic
