#include "cli/text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>

#include "common/domain/problem.hpp"

namespace mpic::cli {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// After Unicode's East Asian Width (W, F) and general category Mn, by block: enough to align a table.
constexpr Range kWide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},   {0xAC00, 0xD7A3},
                           {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
                           {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
constexpr Range kZero[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A},
                           {0x064B, 0x065F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F},
                           {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};

template <std::size_t N>
bool within(const Range (&ranges)[N], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

struct Character {
  std::size_t octets;
  std::size_t columns;
};

// The first character of well-formed UTF-8; an octet that begins none is one column.
Character first_character(std::string_view text) {
  const auto lead = static_cast<std::uint8_t>(text.front());
  const std::size_t octets = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (octets == 1 || octets > text.size()) return {1, 1};
  char32_t c = lead & (0xFFU >> (octets + 1));
  for (std::size_t i = 1; i < octets; ++i) c = (c << 6U) | (static_cast<std::uint8_t>(text[i]) & 0x3FU);
  return {octets, within(kZero, c) ? 0U : within(kWide, c) ? 2U : 1U};
}

// How many octets of `text` fit `width` columns; at least one character.
std::size_t fitting(std::string_view text, std::size_t width) {
  std::size_t octets = 0;
  std::size_t columns = 0;
  while (octets < text.size()) {
    const Character next = first_character(text.substr(octets));
    if (octets > 0 && columns + next.columns > width) break;
    octets += next.octets;
    columns += next.columns;
  }
  return octets;
}

void wrap_line(std::string_view text, std::size_t width, std::vector<std::string>& lines) {
  std::string line;
  std::size_t columns = 0;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, blank);
    text.remove_prefix(std::min(blank + 1, text.size()));
    if (word.empty()) continue;
    if (columns > 0 && columns + 1 + display_width(word) > width) {
      lines.push_back(std::move(line));
      line.clear();
      columns = 0;
    }
    if (columns > 0) {
      line += ' ';
      ++columns;
    }
    // Only at the beginning of a line. One character may be wider than the line: then it stands alone.
    for (std::size_t octets = fitting(word, width); octets < word.size(); octets = fitting(word, width)) {
      lines.emplace_back(word.substr(0, octets));
      word.remove_prefix(octets);
    }
    line += word;
    columns += display_width(word);
  }
  lines.push_back(std::move(line));
}

}  // namespace

std::string toned(std::string_view text, Tone tone, const Style& style) {
  if (!style.colour || tone == Tone::kPlain || text.empty()) return std::string(text);
  constexpr std::array<std::string_view, 6> kCodes = {"", "32", "31", "33", "1", "2"};
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<std::size_t>(tone)], text);
}

std::string for_terminal(std::string_view text) {
  constexpr std::size_t kMaxText = 64 * 1024;
  std::string out;
  for (;;) {
    const std::size_t backslash = std::min(text.find('\\'), text.size());
    out += printable(text.substr(0, backslash), kMaxText);
    if (backslash == text.size()) return out;
    out += '\\';
    text.remove_prefix(backslash + 1);
  }
}

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Character next = first_character(text);
    columns += next.columns;
    text.remove_prefix(next.octets);
  }
  return columns;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  for (;;) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    wrap_line(text.substr(0, end), std::max<std::size_t>(width, 1), lines);
    if (end == text.size()) return lines;
    text.remove_prefix(end + 1);
  }
}

std::string paragraph(std::string_view head, std::string_view text, std::size_t indent, const Style& style) {
  const std::size_t head_width = display_width(head);
  const std::size_t column = std::max(indent, head_width);
  std::string out(head);
  out.append(column - head_width, ' ');
  bool first = true;
  for (const std::string& line : wrapped(text, style.width > column ? style.width - column : 1)) {
    if (!first) out.append(column, ' ');
    out += line + "\n";
    first = false;
  }
  return out;
}

std::string moment(const google::protobuf::Timestamp& when) {
  constexpr std::int64_t kYear10000 = 253'402'300'800;
  if (when.seconds() <= 0 || when.seconds() >= kYear10000) return "";
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(static_cast<std::time_t>(when.seconds())));
}

}  // namespace mpic::cli
