// A table for people: columns as wide as what they hold, the last one wrapped into what is left of the line.
// Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/text.hpp"

namespace mpic::cli {

struct Cell {
  std::string text;  // fit for a terminal; the last column's may hold line feeds
  Tone tone = Tone::kPlain;
};

class Table {
 public:
  struct Column {
    std::string title;
    bool right = false;  // numbers
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns.
  void add(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
  // Columns that hold nothing are left out. When the line is too short for a readable last column, its text
  // goes to lines of its own below each row.
  [[nodiscard]] std::string render(std::size_t indent, const Style& style) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace mpic::cli
