// Comma-separated values. Input: the text.
#include "cli/batch/csv.hpp"

#include <algorithm>

#include "common/domain/problem.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

// RFC 4180 2, written from the RFC and not from the reader: every field in quotes, every line end CRLF.
std::string written(const cli::CsvRecord& record) {
  std::string out;
  for (const std::string& field : record.fields) {
    if (!out.empty()) out += ',';
    out += '"';
    for (const char c : field) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    out += '"';
  }
  return out + "\r\n";
}

void hold_record(const cli::CsvRecord& record) {
  hold(!record.fields.empty() && record.fields.size() <= cli::kMostFields,
       "a record has some fields, and not too many");
  std::size_t octets = 0;
  for (const std::string& field : record.fields) {
    octets += field.size();
    hold(is_utf8(field), "a field is UTF-8");
  }
  hold(octets <= cli::kLongestRecord, "a record is bounded");
  const std::string text = written(record);
  if (text.size() > cli::kLongestRecord) return;
  cli::CsvReader again(text);
  const auto first = again.next();
  hold(first && *first && (*first)->fields == record.fields, "a record is read again as it was written");
  hold(!again.next(), "and nothing behind it");
}

void run(Octets octets) {
  const std::string_view text = text_of(octets);
  const auto lines = 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  cli::CsvReader reader(text);
  std::size_t last = 0;
  while (const auto item = reader.next()) {
    const std::size_t line = *item ? (*item)->line : item->error().line;
    hold(line > last && line <= lines, "records begin in lines of their own, in their order");
    last = line;
    if (*item) {
      hold_record(**item);
    } else {
      hold_presentable(item->error().text);
    }
  }
}

const Target kTarget("csv", run);

}  // namespace
}  // namespace mpic::fuzz
