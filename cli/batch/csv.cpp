#include "cli/batch/csv.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/domain/problem.hpp"

namespace mpic::cli {
namespace {

using Unreadable = tl::unexpected<std::string>;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Unreadable too_long() { return Unreadable(fmt::format("longer than {} octets", kLongestRecord)); }

}  // namespace

CsvReader::CsvReader(std::string_view text) : rest_(text) {
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
}

std::size_t CsvReader::line_end() const {
  if (rest_.starts_with('\n')) return 1;
  return rest_.starts_with("\r\n") ? 2 : 0;
}

void CsvReader::take(std::size_t octets) {
  const std::string_view taken = rest_.substr(0, octets);
  line_ += static_cast<std::size_t>(std::count(taken.begin(), taken.end(), '\n'));
  rest_.remove_prefix(taken.size());
}

void CsvReader::skip_empty_lines() {
  while (line_end() > 0) take(line_end());
}

void CsvReader::skip_line() { take(std::min(rest_.find('\n'), rest_.size() - 1) + 1); }

std::optional<tl::expected<CsvRecord, LineMistake>> CsvReader::next() {
  skip_empty_lines();
  if (rest_.empty()) return std::nullopt;
  const std::size_t line = line_;
  auto read = record();
  if (!read) {
    if (!rest_.empty()) skip_line();
    return tl::unexpected(LineMistake{line, std::move(read.error())});
  }
  read->line = line;
  return std::move(*read);
}

tl::expected<CsvRecord, std::string> CsvReader::record() {
  CsvRecord out;
  const std::size_t at_begin = rest_.size();
  for (;;) {
    auto field = rest_.starts_with('"') ? quoted_field() : plain_field();
    if (!field) return Unreadable(std::move(field.error()));
    if (at_begin - rest_.size() > kLongestRecord) return too_long();
    if (!is_utf8(*field)) return Unreadable("not UTF-8");
    if (out.fields.size() == kMostFields) return Unreadable(fmt::format("more than {} fields", kMostFields));
    out.fields.push_back(std::move(*field));
    if (!rest_.starts_with(',')) break;
    take(1);
  }
  take(line_end());
  return out;
}

// Ends before a comma, a line end or the end of the text.
tl::expected<std::string, std::string> CsvReader::quoted_field() {
  std::string out;
  std::string_view text = rest_.substr(1, kLongestRecord);
  for (;;) {
    const std::size_t quote = text.find('"');
    if (quote == std::string_view::npos) {
      if (rest_.size() > kLongestRecord) return too_long();
      rest_ = {};  // whatever follows is inside the quotes
      return Unreadable("a double quote is opened and never closed");
    }
    out += text.substr(0, quote);
    text.remove_prefix(quote + 1);
    if (!text.starts_with('"')) break;
    out += '"';
    text.remove_prefix(1);
  }
  take(static_cast<std::size_t>(text.data() - rest_.data()));
  if (rest_.empty() || rest_.starts_with(',') || line_end() > 0) return out;
  return Unreadable("text follows a closing double quote; a double quote inside a field is written twice");
}

tl::expected<std::string, std::string> CsvReader::plain_field() {
  const std::size_t end = std::min(rest_.find_first_of(",\"\r\n"), rest_.size());
  if (end > kLongestRecord) return too_long();
  std::string out(rest_.substr(0, end));
  take(end);
  if (rest_.empty() || rest_.starts_with(',') || line_end() > 0) return out;
  if (rest_.starts_with('"')) return Unreadable("a double quote inside a field that does not begin with one");
  if (rest_ == "\r") {  // the last line, cut between the two octets of its end
    take(1);
    return out;
  }
  return Unreadable("a carriage return without a line feed");
}

}  // namespace mpic::cli
