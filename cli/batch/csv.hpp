// Comma-separated values (RFC 4180), a record at a time. Pure; fuzzed.
//
// A field in double quotes may hold commas, line breaks and, doubled, double quotes. Records end in CRLF or LF, the
// last one may end without. UTF-8; a byte order mark at the beginning and empty lines are skipped.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace mpic::cli {

inline constexpr std::size_t kLongestRecord = 64 * 1024;  // octets
inline constexpr std::size_t kMostFields = 64;

// Lines count from 1, as editors do.
struct LineMistake {
  std::size_t line = 0;
  std::string text;
};

struct CsvRecord {
  std::size_t line = 0;  // where it begins
  std::vector<std::string> fields;
};

class CsvReader {
 public:
  // `text` outlives the reader.
  explicit CsvReader(std::string_view text);

  // None at the end. Behind a mistake, reading goes on with the next line.
  [[nodiscard]] std::optional<tl::expected<CsvRecord, LineMistake>> next();

 private:
  [[nodiscard]] tl::expected<CsvRecord, std::string> record();
  [[nodiscard]] tl::expected<std::string, std::string> quoted_field();
  [[nodiscard]] tl::expected<std::string, std::string> plain_field();
  void skip_empty_lines();
  void skip_line();
  // How long the line end at the beginning of what is left is: 0 when there is none.
  [[nodiscard]] std::size_t line_end() const;
  void take(std::size_t octets);

  std::string_view rest_;
  std::size_t line_ = 1;
};

}  // namespace mpic::cli
