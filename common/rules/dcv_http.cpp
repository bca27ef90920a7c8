#include "common/rules/dcv_http.hpp"

#include <algorithm>

namespace mpic::rules {
namespace {

constexpr std::size_t kMinToken = 22;     // 128 bits in base64url (RFC 8555 8.3)
constexpr std::size_t kMaxToken = 128;    // ours
constexpr std::size_t kThumbprint = 43;   // SHA-256 in base64url (RFC 7638, RFC 8555 8.1)
constexpr std::size_t kWhiteSpace = 256;  // ours; with the longest key authorization still under kBodyPrefix

bool is_base64url(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_white_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

Expected<void> check_question(const AcmeHttp01& question) {
  const std::string& token = question.token;
  if (token.size() < kMinToken || token.size() > kMaxToken || !is_base64url(token)) {
    return fail(ProblemCode::kInvalidArgument, "token",
                "a token is 22 to 128 octets of base64url (RFC 8555 8.3)");
  }
  const std::string_view authorization = question.key_authorization;
  if (authorization.size() != token.size() + 1 + kThumbprint ||
      authorization.substr(0, token.size()) != token || authorization[token.size()] != '.' ||
      !is_base64url(authorization.substr(token.size() + 1))) {
    return fail(ProblemCode::kInvalidArgument, "key_authorization",
                "a key authorization is the token, \".\" and 43 octets of base64url (RFC 8555 8.1)");
  }
  return {};
}

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
