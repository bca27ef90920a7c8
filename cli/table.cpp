#include "cli/table.hpp"

#include <algorithm>

namespace mpic::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kReadable = 28;  // columns that wrapped text needs to be read with ease
constexpr std::size_t kHanging = 4;    // indentation of text below its row

std::string padded(const Cell& cell, std::size_t width, bool right, const Style& style) {
  const std::string blanks(width - std::min(width, display_width(cell.text)), ' ');
  const std::string text = toned(cell.text, cell.tone, style);
  return right ? blanks + text : text + blanks;
}

std::string without_trailing_blanks(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::string Table::render(std::size_t indent, const Style& style) const {
  const std::size_t last = columns_.size() - 1;
  std::vector<std::size_t> widths(columns_.size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < last; ++i) widths[i] = std::max(widths[i], display_width(row[i].text));
  }
  std::size_t start = indent;  // where the last column begins
  for (std::size_t i = 0; i < last; ++i) {
    if (widths[i] == 0) continue;
    widths[i] = std::max(widths[i], display_width(columns_[i].title));
    start += widths[i] + kGap;
  }
  const bool below = start + kReadable > style.width;
  const std::size_t column = below ? indent + kHanging : start;
  const std::size_t room = style.width > column ? style.width - column : 1;

  std::string out;
  const auto add_line = [&](const std::vector<Cell>& cells) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < last; ++i) {
      if (widths[i] > 0) line += padded(cells[i], widths[i], columns_[i].right, style) + std::string(kGap, ' ');
    }
    const Cell& text = cells[last];
    if (below || text.text.empty()) {
      out += without_trailing_blanks(line) + "\n";
      line.assign(column, ' ');
      if (text.text.empty()) return;
    }
    for (const std::string& piece : wrapped(text.text, room)) {
      out += without_trailing_blanks(line + toned(piece, text.tone, style)) + "\n";
      line.assign(column, ' ');
    }
  };
  std::vector<Cell> titles;
  for (const Column& title : columns_) titles.push_back({title.title, Tone::kFaint});
  if (below) titles.back().text.clear();
  add_line(titles);
  for (const auto& row : rows_) add_line(row);
  return out;
}

}  // namespace mpic::cli
