#include "common/rules/caa_value.hpp"

#include "tests/support/catch.hpp"

namespace mpic::rules {
namespace {

// "domain | tag=value | tag=value", or "malformed".
std::string parsed(std::string_view value) {
  const auto issue_value = parse_issue_value(value);
  if (!issue_value) return "malformed";
  std::string out = issue_value->issuer_domain;
  for (const auto& [tag, text] : issue_value->parameters) out += " | " + tag + "=" + text;
  return out;
}

}  // namespace

TEST_CASE("an issue value is what RFC 8659 4.2 says", "[caa]") {
  struct Row {
    const char* rule;
    std::string value;
    const char* result;
  };
  const Row rows[] = {
      {"nothing at all permits nobody", "", ""},
      {"a lone semicolon permits nobody", ";", ""},
      {"blanks around the semicolon do not matter", " ; ", ""},
      {"only blanks permit nobody", " \t ", ""},
      {"a domain alone", "letsencrypt.org", "letsencrypt.org"},
      {"a domain and a semicolon", "letsencrypt.org;", "letsencrypt.org"},
      {"a domain, a semicolon and blanks", "letsencrypt.org;   ", "letsencrypt.org"},
      {"blanks around the domain", "  letsencrypt.org\t;foo=bar;baz=bar", "letsencrypt.org | foo=bar | baz=bar"},
      {"a tab before the domain", "\tletsencrypt.org ;foo=bar;baz=bar", "letsencrypt.org | foo=bar | baz=bar"},
      {"an empty parameter value", "letsencrypt.org; foo=; baz =\tbar", "letsencrypt.org | foo= | baz=bar"},
      {"blanks are no parameter value", "letsencrypt.org; foo=\t; baz =\tbar", "letsencrypt.org | foo= | baz=bar"},
      {"commas and equals signs belong to the value", "letsencrypt.org; foo=b1,b2,b3\t; baz =\t\ta=b\t",
       "letsencrypt.org | foo=b1,b2,b3 | baz=a=b"},
      {"a repeated tag keeps both values", "letsencrypt.org; foo=b1,b2,b3; foo= b1,b2,b3",
       "letsencrypt.org | foo=b1,b2,b3 | foo=b1,b2,b3"},
      {"digits are a tag", "letsencrypt.org; 1=2; baz=a-b", "letsencrypt.org | 1=2 | baz=a-b"},
      {"a parameter without a domain", ";foo=bar", " | foo=bar"},
      {"ours: a tag may hold inner hyphens, as the grammar says", "ca.example; a-b=c", "ca.example | a-b=c"},
      {"ours: tags are compared without case", "ca.example; AccountURI=x", "ca.example | accounturi=x"},
      {"ours: the issuer domain is compared in lower case", "CA.Example", "ca.example"},
      {"one label is a domain", "localhost", "localhost"},
      {"inner hyphens in a label", "a--b.c-d", "a--b.c-d"},
      {"a value with blanks inside", "letsencrypt.org; foo=a = b", "malformed"},
      {"a value with a tab inside", "letsencrypt.org; foo=a=\tb", "malformed"},
      {"a value of several words", "letsencrypt.org; foo=1 2 3", "malformed"},
      {"a missing semicolon", "letsencrypt.org; foo=b1,b2,b3 baz=a", "malformed"},
      {"a parameter that is no assignment", "letsencrypt.org; baz = a;b", "malformed"},
      {"a semicolon after the last parameter", "letsencrypt.org; a=b;", "malformed"},
      {"two semicolons", "letsencrypt.org;;", "malformed"},
      {"a tag with an underscore", "letsencrypt.org; a_b=c", "malformed"},
      {"a tag that begins with a hyphen", "letsencrypt.org; -a=c", "malformed"},
      {"a tag that ends with a hyphen", "letsencrypt.org; a-=c", "malformed"},
      {"an empty tag", "letsencrypt.org; =c", "malformed"},
      {"a character outside ASCII in a value", "letsencrypt.org; foo=\xE2\x98\x95", "malformed"},
      {"DEL in a value", "letsencrypt.org; foo=a\x7F", "malformed"},
      {"a zero octet in a value", std::string("letsencrypt.org; foo=a\0", 23), "malformed"},
      {"a zero octet in the domain", std::string("ca\0.example", 11), "malformed"},
      {"a newline is no blank", "ca.example\n", "malformed"},
      {"two domains", "ca.example other.example", "malformed"},
      {"ours: a final dot breaks the grammar", "letsencrypt.org.", "malformed"},
      {"a leading dot", ".ca.example", "malformed"},
      {"an empty label", "ca..example", "malformed"},
      {"a label that ends with a hyphen", "ca-.example", "malformed"},
      {"an underscore in the domain", "_ca.example", "malformed"},
      {"a URL is no domain", "https://ca.example", "malformed"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule << " (" << row.value << ")") {
      CHECK(parsed(row.value) == row.result);
    }
}

TEST_CASE("an issue value keeps every parameter of a value as long as a record can be", "[caa]") {
  std::string value = "ca.example";
  constexpr std::size_t kParameters = 16'000;  // 64 KiB of "; a=" is all that a record holds
  for (std::size_t i = 0; i < kParameters; ++i) value += ";a=b";
  const auto many = parse_issue_value(value);
  REQUIRE(many);
  CHECK(many->parameters.size() == kParameters);
  CHECK_FALSE(parse_issue_value("ca.example" + std::string(65'000, ';')));
  CHECK_FALSE(parse_issue_value(std::string(65'000, '-')));
  CHECK(parse_issue_value(std::string(65'000, ' '))->issuer_domain.empty());
}

}  // namespace mpic::rules
