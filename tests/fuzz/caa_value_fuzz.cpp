// The value of an issue property (RFC 8659 4.2). Input: the value.
#include <algorithm>

#include "common/rules/caa_value.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

using rules::IssueValue;

std::string rendered(const IssueValue& value, std::string_view blanks) {
  std::string out;
  out.append(blanks).append(value.issuer_domain).append(blanks);
  for (const auto& [tag, text] : value.parameters) {
    out.append(";").append(blanks).append(tag).append(blanks).append("=").append(blanks).append(text).append(blanks);
  }
  return out;
}

bool same(const IssueValue& a, const IssueValue& b) {
  return a.issuer_domain == b.issuer_domain && a.parameters == b.parameters;
}

bool is_lower_word(std::string_view text, std::string_view also) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || also.find(c) != std::string_view::npos;
  });
}

void run(Octets octets) {
  const std::string_view text = text_of(octets);
  const auto value = rules::parse_issue_value(text);
  if (!value) return;
  hold(std::all_of(text.begin(), text.end(), [](char c) { return c == '\t' || (c >= 0x20 && c < 0x7F); }),
       "a value of other octets is malformed");
  hold(value->issuer_domain.empty() || is_lower_word(value->issuer_domain, ".-"), "an issuer is a name in lower case");
  for (const auto& [tag, parameter] : value->parameters) {
    hold(is_lower_word(tag, "-"), "a tag is a word in lower case");
    hold(parameter.find_first_of("; \t") == std::string::npos, "a parameter ends at a blank or semicolon");
  }
  for (const std::string_view blanks : {"", " ", "\t "}) {
    const auto again = rules::parse_issue_value(rendered(*value, blanks));
    hold(again && same(*value, *again), "what was read, written again, is read the same");
  }
  const auto semicolons = static_cast<std::size_t>(std::count(text.begin(), text.end(), ';'));
  hold(value->parameters.size() <= semicolons, "no parameter comes from nowhere");
}

const Target kTarget("caa_value", run);

}  // namespace
}  // namespace mpic::fuzz
