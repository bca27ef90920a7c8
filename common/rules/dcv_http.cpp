#include "common/rules/dcv_http.hpp"

#include <algorithm>

namespace mpic::rules {
namespace {

constexpr std::size_t kWhiteSpace = 256;  // ours; with the longest key authorization still under kBodyPrefix

bool is_white_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

std::optional<Problem> http_01_mismatch(std::string_view body, const AcmeHttp01& question) {
  constexpr std::size_t kQuotedOctets = 128;
  const std::string_view expected = question.key_authorization;
  if (body.substr(0, expected.size()) == expected &&
      std::all_of(body.begin() + static_cast<std::ptrdiff_t>(expected.size()), body.end(), is_white_space)) {
    return std::nullopt;
  }
  const std::string cut = body.size() > kQuotedOctets ? " and more" : "";
  return Problem(
      ProblemCode::kChallengeMismatch, "",
      "expected the key authorization " + quoted(expected) + ", got " +
          (body.empty() ? "nothing" : quoted(body.substr(0, kQuotedOctets), 4 * kQuotedOctets) + cut));
}

std::size_t http_01_body_limit(const AcmeHttp01& question) {
  return question.key_authorization.size() + kWhiteSpace;
}

}  // namespace mpic::rules
