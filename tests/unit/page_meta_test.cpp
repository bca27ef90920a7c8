#include "common/rules/page_meta.hpp"

#include <string>

#include "tests/support/catch.hpp"

namespace mpic::rules {

TEST_CASE("a value is the content of a meta tag (BR 3.2.2.5.1)", "[page]") {
  struct Row {
    const char* rule;
    const char* page;
    bool found;
  };
  const Row rows[] = {
      {"in double quotes", R"(<meta name="ca" content="v4lue">)", true},
      {"in single quotes", "<meta name='ca' content='v4lue'>", true},
      {"without quotes", "<meta name=ca content=v4lue>", true},
      {"without quotes, a slash belongs to the value", "<meta content=v4lue/>", false},
      {"a tag that closes itself", R"(<meta content="v4lue"/>)", true},
      {"the tag and the attribute in any case", R"(<META Name="ca" CoNtEnT="v4lue">)", true},
      {"content before name", R"(<meta content="v4lue" name="ca">)", true},
      {"no name at all", R"(<meta content="v4lue">)", true},
      {"blanks and lines inside the tag", "<meta\n\tcontent\r\n = \f \"v4lue\" >", true},
      {"no blank between attributes", R"(<meta name="ca"content="v4lue">)", true},
      {"slashes between attributes", R"(<meta/name="ca"/content="v4lue"/>)", true},
      {"an angle bracket in an earlier attribute", R"(<meta name=">" content="v4lue">)", true},
      {"in the middle of a page",
       "<!DOCTYPE html><html><head><title>t</title><meta charset=utf-8>"
       "<meta content=v4lue></head><body>hello</body></html>",
       true},
      {"after a comment", "<!-- a - b -- c --><meta content=v4lue>", true},
      {"after an empty comment", "<!----><meta content=v4lue>", true},
      {"after a comment that ends at once", "<!--><meta content=v4lue>", true},
      {"after another that does", "<!---><meta content=v4lue>", true},
      {"after a comment with many hyphens", "<!-- x -----><meta content=v4lue>", true},
      {"after a comment that ends wrongly", "<!-- x --!><meta content=v4lue>", true},
      {"after an instruction", "<?xml version=\"1.0\"?><meta content=v4lue>", true},
      {"after an end tag with attributes", "</p title='>'><meta content=v4lue>", true},
      {"after a script", "<script>if (a < b) { c(\"</p>\"); }</SCRIPT ><meta content=v4lue>", true},
      {"after a text that only looks like a tag", "a < b <3 <meta content=v4lue>", true},
      {"in the body", "<body><p><meta content=v4lue></p></body>", true},

      {"the value as text", "v4lue", false},
      {"the value in another attribute", R"(<meta name="v4lue" content="ca">)", false},
      {"the value in the name of an attribute", "<meta v4lue>", false},
      {"the content of another tag", R"(<link content="v4lue">)", false},
      {"a tag whose name only begins so", R"(<metadata content="v4lue">)", false},
      {"an attribute whose name only ends so", R"(<meta data-content="v4lue">)", false},
      {"an attribute whose name only begins so", R"(<meta content2="v4lue">)", false},
      {"the value in another case", R"(<meta content="V4LUE">)", false},
      {"more than the value", R"(<meta content="v4lue and more">)", false},
      {"a blank before it", R"(<meta content=" v4lue">)", false},
      {"a part of the value", R"(<meta content="v4lu">)", false},
      {"the second of two content attributes", R"(<meta content="other" content="v4lue">)", false},
      {"an empty one before it", R"(<meta content content="v4lue">)", false},
      {"in a comment", R"(<!-- <meta content="v4lue"> -->)", false},
      {"in a comment without end", R"(<!-- > -> <meta content="v4lue">)", false},
      {"in a comment after two hyphens", R"(<!-- -- <meta content="v4lue"> -->)", false},
      {"in another tag's attribute", R"(<p title="<meta content=v4lue>">)", false},
      {"in another tag's attribute, single quotes", R"(<p title='<meta content=v4lue>'>)", false},
      {"in an end tag's attribute", R"(</p title="<meta content=v4lue>">)", false},
      {"an end tag", R"(</meta content="v4lue">)", false},
      {"in a script", R"(<script>write('<meta content="v4lue">')</script>)", false},
      {"in a style", R"(<style><meta content="v4lue"></style>)", false},
      {"in a title", R"(<title><meta content="v4lue"></title>)", false},
      {"in a text area", R"(<TextArea rows=3><meta content="v4lue"></textarea>)", false},
      {"in a script that an end tag of another name does not end", "<script></scripts><meta content=v4lue></script>",
       false},
      {"in a script without end", R"(<script></script <meta content="v4lue">)", false},
      {"in plain text", R"(<plaintext><meta content="v4lue">)", false},
      {"in an instruction", "<?meta content=v4lue?>", false},
      {"in a declaration", "<!meta content=v4lue>", false},
      {"a tag that the page's end cuts", R"(<meta content="v4lue")", false},
      {"a quote that never ends", R"(<meta content="v4lue>)", false},
      {"a blank after the bracket", "< meta content=v4lue>", false},
      {"an escaped tag", "&lt;meta content=v4lue&gt;", false},
      {"a written-out character", "<meta content=\"v&#52;lue\">", false},
      {"nothing", "", false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(has_meta_content(row.page, "v4lue") == row.found);
    }
}

TEST_CASE("of character references only that of the ampersand is resolved", "[page]") {
  CHECK(has_meta_content("<meta content='a&b'>", "a&b"));
  CHECK(has_meta_content("<meta content='a&amp;b'>", "a&b"));
  CHECK(has_meta_content("<meta content='a&amp;b'>", "a&amp;b"));
  CHECK_FALSE(has_meta_content("<meta content='a&amp;b&c'>", "a&b&c"));
  CHECK_FALSE(has_meta_content("<meta content='a&AMP;b'>", "a&b"));
  CHECK_FALSE(has_meta_content("<meta content='a&lt;b'>", "a<b"));
  CHECK(has_meta_content("<meta content='a<b>\"c'>", "a<b>\"c"));
  CHECK(has_meta_content("<meta content=\"it's\">", "it's"));
}

TEST_CASE("octets of any kind are looked through", "[page][hostile]") {
  const std::string zero("\0", 1);
  CHECK(has_meta_content(zero + "\xFF\xFE<p>\xC3<meta content=v4lue>", "v4lue"));
  CHECK_FALSE(has_meta_content("<meta content=v4" + zero + "lue>", "v4lue"));
  CHECK_FALSE(has_meta_content("<meta content=v4lue" + zero + ">", "v4lue"));
  CHECK_FALSE(has_meta_content("<me" + zero + "ta content=v4lue>", "v4lue"));
}

}  // namespace mpic::rules
