#include "cli/name.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"
#include "tests/support/catch.hpp"

using namespace mpic::cli;

TEST_CASE("cli: display width", "[cli]") {
  CHECK(display_width("") == 0);
  CHECK(display_width("São Paulo") == 9);
  CHECK(display_width("東京") == 4);
  CHECK(display_width("e\u0301") == 1);  // a combining accent
  CHECK(display_width("✓") == 1);
  CHECK(display_width("\xff\xfe") == 2);  // not UTF-8: an octet, a column
}

TEST_CASE("cli: text is wrapped between words, and inside words that are longer than a line", "[cli]") {
  using Lines = std::vector<std::string>;
  CHECK(wrapped("", 10) == Lines{""});
  CHECK(wrapped("one two three", 7) == Lines{"one two", "three"});
  CHECK(wrapped("one\ntwo", 20) == Lines{"one", "two"});
  CHECK(wrapped("a http://example.com/x b", 10) == Lines{"a", "http://exa", "mple.com/x", "b"});
  CHECK(wrapped("東京東京", 4) == Lines{"東京", "東京"});
  CHECK(wrapped("東京", 1) == Lines{"東", "京"});  // narrower than one character: still an end
}

TEST_CASE("cli: what a site sent cannot steer the terminal, and is not escaped twice", "[cli]") {
  CHECK(for_terminal("\x1b[2Jred") == "\\x1b[2Jred");
  CHECK(for_terminal("\\x1b[2J") == "\\x1b[2J");
  CHECK(for_terminal("line\nline") == "line\\x0aline");
  CHECK(for_terminal("bücher \xff") == "bücher \\xff");
  CHECK(for_terminal("") == "");
}

TEST_CASE("cli: tones are terminal codes only where there is colour", "[cli]") {
  Style style;
  CHECK(toned("x", Tone::kGood, style) == "x");
  style.colour = true;
  CHECK(toned("x", Tone::kGood, style) == "\x1b[32mx\x1b[0m");
  CHECK(toned("x", Tone::kPlain, style) == "x");
}

TEST_CASE("cli: moments", "[cli]") {
  google::protobuf::Timestamp when;
  CHECK(moment(when).empty());
  when.set_seconds(1'795'766'399);
  CHECK(moment(when) == "2026-11-27 07:59:59 UTC");
  when.set_seconds(std::numeric_limits<std::int64_t>::max());
  CHECK(moment(when).empty());
}

TEST_CASE("cli: tables align by display width and leave empty columns out", "[cli]") {
  Table table({{"ID"}, {"EMPTY"}, {"TIME", true}, {"TEXT"}});
  table.add({{"東京"}, {}, {"7 ms"}, {"short"}});
  table.add({{"a", Tone::kStrong}, {}, {"1200 ms"}, {"words that do not fit into the rest of a line of this width"}});
  Style style;
  style.width = 50;
  CHECK(table.render(2, style) ==
        "  ID       TIME  TEXT\n"
        "  東京     7 ms  short\n"
        "  a     1200 ms  words that do not fit into the\n"
        "                 rest of a line of this width\n");
  style.width = 40;  // too narrow: the text goes below
  CHECK(table.render(2, style) ==
        "  ID       TIME\n"
        "  東京     7 ms\n"
        "      short\n"
        "  a     1200 ms\n"
        "      words that do not fit into the\n"
        "      rest of a line of this width\n");
  style.width = 50;
  style.colour = true;
  CHECK_THAT(table.render(2, style), Catch::Contains("  \x1b[1ma\x1b[0m     1200 ms  words"));
}

TEST_CASE("cli: names as people write them become A-labels", "[cli]") {
  struct Row {
    const char* typed;
    const char* asked;  // empty: refused
  };
  const Row rows[] = {
      {"bücher.example", "xn--bcher-kva.example"},
      {"BÜCHER.example", "xn--bcher-kva.example"},
      {"*.bücher.example", "*.xn--bcher-kva.example"},
      {"faß.example", "xn--fa-hia.example"},    // non-transitional: not "fass"
      {"日本。example", "xn--wgv71a.example"},  // an ideographic full stop
      {"WWW.Example", "WWW.Example"},           // ASCII is left for the coordinator to judge
      {"not a name", "not a name"},
      {"☃.example", ""},  // not in IDNA2008
      {"-ü.example", ""},
      {"ü_.example", ""},
      {"ü.example:80", ""},
      {"ü.example：80", ""},  // a full-width colon
      {"℀.example", ""},      // maps to "a/c"
      {"\xff.example", ""},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.typed) {
      const auto asked = to_a_labels(row.typed);
      CHECK(asked.value_or("") == row.asked);
      if (!asked) CHECK_THAT(asked.error().detail, Catch::Contains(" is no internationalized name: "));
    }
  CHECK_FALSE(to_a_labels(std::string_view("ü\0.example", 11)));
}
