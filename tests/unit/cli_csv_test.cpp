#include "cli/batch/csv.hpp"

#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::cli;

namespace {

// "2:a|b" for a record that begins in line 2, "3!why" for a mistake; a space between them.
std::string read(std::string_view text) {
  CsvReader reader(text);
  std::string out;
  while (const auto item = reader.next()) {
    if (!out.empty()) out += ' ';
    if (!*item) {
      out += std::to_string(item->error().line) + "!" + item->error().text;
      continue;
    }
    out += std::to_string((*item)->line) + ":";
    for (std::size_t i = 0; i < (*item)->fields.size(); ++i) out += (i == 0 ? "" : "|") + (*item)->fields[i];
  }
  return out;
}

}  // namespace

TEST_CASE("cli: CSV as RFC 4180 has it", "[cli][batch]") {
  struct Row {
    const char* rule;
    std::string text;
    const char* read;
  };
  const Row rows[] = {
      {"records end in LF", "a,b\nc,d\n", "1:a|b 2:c|d"},
      {"or in CRLF, and both may be mixed", "a,b\r\nc,d\ne,f\r\n", "1:a|b 2:c|d 3:e|f"},
      {"the last one needs no end", "a\nb", "1:a 2:b"},
      {"nor its whole end", "a\r\nb\r", "1:a 2:b"},
      {"fields may be empty", ",\n,x,\n", "1:| 2:|x|"},
      {"quotes hold commas", "\"a,b\",c\n", "1:a,b|c"},
      {"and line breaks, which count as lines", "\"a\r\nb\",c\nd,e\n", "1:a\r\nb|c 3:d|e"},
      {"and, doubled, quotes", "\"say \"\"no\"\"\"\n\"\"\"\"\n", "1:say \"no\" 2:\""},
      {"quoted nothing is a field", "\"\"\n\"\",\"\"\n", "1: 2:|"},
      {"blanks belong to their field", " a , b \n", "1: a | b "},
      {"empty lines are skipped", "\n\r\na\n\n\nb\n\n", "3:a 6:b"},
      {"as is a byte order mark", "\xEF\xBB\xBFname\n", "1:name"},
      {"names in UTF-8",
       "b\xC3\xBC"
       "cher.example\n",
       "1:b\xC3\xBC"
       "cher.example"},
      {"nothing at all", "", ""},
      {"a quote inside a field is a mistake, and the next line is read all the same", "a\"b,c\nd\n",
       "1!a double quote inside a field that does not begin with one 2:d"},
      {"so is text behind a closing quote", "\"a\"b\nc\n",
       "1!text follows a closing double quote; a double quote inside a field is written twice 2:c"},
      {"a quote that is never closed", "a\nb,\"c\nd\n", "1:a 2!a double quote is opened and never closed"},
      {"a carriage return alone is no line end", "a\rb\nc\n", "1!a carriage return without a line feed 2:c"},
      {"octets that are not UTF-8", "a\xFF\nb\n", "1!not UTF-8 2:b"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(read(row.text) == row.read);
    }
}

TEST_CASE("cli: a CSV record is bounded", "[cli][batch]") {
  const std::string longest(kLongestRecord, 'x');
  CHECK(read(longest + "\nb\n").ends_with("x 2:b"));
  CHECK(read(longest + "x\nb\n") == "1!longer than 65536 octets 2:b");
  CHECK(read("\"" + longest + "\"\nb\n") == "1!longer than 65536 octets 2:b");
  CHECK(read("\"" + longest + longest) == "1!longer than 65536 octets");
  CHECK(read(longest.substr(0, 40'000) + "," + longest.substr(0, 40'000) + "\nb\n") ==
        "1!longer than 65536 octets 2:b");
  CHECK(read(std::string(kMostFields - 1, ',') + "\nb\n").ends_with("| 2:b"));
  CHECK(read(std::string(kMostFields, ',') + "\nb\n") == "1!more than 64 fields 2:b");
}
