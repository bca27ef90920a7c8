#include "common/rules/dcv_http.hpp"

#include <algorithm>

#include "common/rules/page_meta.hpp"
#include "common/rules/page_regex.hpp"

namespace mpic::rules {
namespace {

constexpr std::size_t kWhiteSpace = 256;  // ours; with the longest key authorization still under kBodyPrefix
constexpr std::size_t kQuotedOctets = 128;

bool is_white_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// "hello" and more; "nothing".
std::string beginning(std::string_view body) {
  if (body.empty()) return "nothing";
  return quoted(body.substr(0, kQuotedOctets), 4 * kQuotedOctets) + (body.size() > kQuotedOctets ? " and more" : "");
}

}  // namespace

std::optional<Problem> http_01_mismatch(std::string_view body, const AcmeHttp01& question) {
  const std::string_view expected = question.key_authorization;
  if (body.substr(0, expected.size()) == expected &&
      std::all_of(body.begin() + static_cast<std::ptrdiff_t>(expected.size()), body.end(), is_white_space)) {
    return std::nullopt;
  }
  return Problem(ProblemCode::kChallengeMismatch, "",
                 "expected the key authorization " + quoted(expected) + ", got " + beginning(body));
}

std::size_t http_01_body_limit(const AcmeHttp01& question) { return question.key_authorization.size() + kWhiteSpace; }

std::optional<Problem> website_change_mismatch(std::string_view page, const WebsiteChange& question,
                                               bool for_ip_address) {
  const std::string& value = question.challenge_value;
  std::string missing;
  if (page.find(value) == std::string_view::npos && !for_ip_address) {
    missing = "the challenge value " + quoted(value) + " in the page";
  } else if (for_ip_address && !has_meta_content(page, value)) {
    missing = "a meta tag in the page whose content is the challenge value " + quoted(value) + " (BR 3.2.2.5.1)";
  } else if (!matches_page(question.match_regex, page)) {
    missing = "a page that matches " + quoted(question.match_regex, 4 * kMaxRegex);
  } else {
    return std::nullopt;
  }
  return Problem(ProblemCode::kChallengeMismatch, "", "expected " + missing + ", got " + beginning(page));
}

}  // namespace mpic::rules
