// Text for a terminal: tones, display width, wrapping, and nothing that a site sent can steer the terminal
// with. Pure.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mpic::cli {

struct Style {
  bool colour = false;
  bool unicode = true;  // marks beyond ASCII
  std::size_t width = 100;
};

enum class Tone { kPlain, kGood, kBad, kDoubt, kStrong, kFaint };

[[nodiscard]] std::string toned(std::string_view text, Tone tone, const Style& style);

// Control characters and octets that are not UTF-8 become \xNN. A backslash stays: the coordinator has
// escaped its texts before, and escaping twice would hide what they say.
[[nodiscard]] std::string for_terminal(std::string_view text);

// Columns that UTF-8 text takes: 2 for East Asian wide characters and pictographs, 0 for combining marks.
[[nodiscard]] std::size_t display_width(std::string_view text);

// Lines of at most `width` columns, broken between words, or inside a word that is longer than a line. Line
// feeds break too. At least one line.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t width);

// Wrapped to the style's width, each line behind `indent` blanks, except that the first one begins with
// `head` (which is aligned to the same column).
[[nodiscard]] std::string paragraph(std::string_view head, std::string_view text, std::size_t indent,
                                    const Style& style);

// "2026-11-24 08:05:40 UTC"; empty when there is no sensible time.
[[nodiscard]] std::string moment(const google::protobuf::Timestamp& when);

}  // namespace mpic::cli
