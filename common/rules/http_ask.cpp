#include "common/rules/http_ask.hpp"

#include <algorithm>

#include "common/domain/lab.hpp"
#include "common/domain/observation.hpp"
#include "common/rules/dcv_http.hpp"
#include "common/rules/reached.hpp"

namespace mpic::rules {
namespace {

constexpr std::string_view kWebsiteChangeFolder = "/.well-known/pki-validation/";  // BR 3.2.2.4.18, 3.2.2.5.1

HttpAsk ask_for(const Identifier& validated, const AcmeHttp01& question, std::size_t redirects) {
  return {acme_challenge_url(host_of(validated), question.token), redirects, http_01_body_limit(question), ""};
}

HttpAsk ask_for(const Identifier& validated, const WebsiteChange& question, std::size_t redirects) {
  HttpTarget first{question.https, host_of(validated), static_cast<std::uint16_t>(question.https ? 443 : 80),
                   std::string(kWebsiteChangeFolder) + question.path};
  return {std::move(first), validated.is_ip() ? 0 : redirects, kMaxBody, question.challenge_value};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low < 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

// A query may write a blank as "+".
std::string with_blanks(std::string text) {
  std::replace(text.begin(), text.end(), '+', ' ');
  return text;
}

}  // namespace

HttpAsk http_ask(const DcvSubject& subject, const DcvQuestion& question, const std::vector<std::string>& lab) {
  const std::size_t redirects = stamped_redirects(lab);
  if (const auto* change = std::get_if<WebsiteChange>(&question.parameters)) {
    return ask_for(subject.validated, *change, redirects);
  }
  return ask_for(subject.validated, std::get<AcmeHttp01>(question.parameters), redirects);
}

bool holds_secret(std::string_view url, std::string_view secret) {
  // A site may decode more than once on the way to what it prints; three times is more than any does.
  constexpr int kDecodings = 3;
  if (secret.empty()) return false;
  const std::string sought = with_blanks(std::string(secret));
  std::string text(url);
  for (int i = 0; i <= kDecodings; ++i) {
    if (with_blanks(text).find(sought) != std::string::npos) return true;
    text = percent_decoded(text);
  }
  return false;
}

Expected<HttpTarget> next_target(const HttpAsk& ask, const HttpTarget& from, unsigned status,
                                 std::string_view location) {
  const auto forbidden = [&](std::string why) {
    return fail(ProblemCode::kRedirectForbidden, printable(from.url(), 1024), std::move(why));
  };
  if (ask.redirects == 0) {
    return forbidden("status " + std::to_string(status) +
                     ", and no redirect is followed: none is provided for (BR 3.2.2.5.1)");
  }
  auto next = redirect_target(from, status, location);
  if (next && holds_secret(next->url(), ask.secret)) {
    return forbidden("Location holds the challenge value, which must not appear in the request (BR 3.2.2.4.18)");
  }
  return next;
}

std::optional<Problem> body_mismatch(const DcvSubject& subject, const DcvQuestion& question, std::string_view body) {
  if (const auto* change = std::get_if<WebsiteChange>(&question.parameters)) {
    return website_change_mismatch(body, *change, subject.validated.is_ip());
  }
  return http_01_mismatch(body, std::get<AcmeHttp01>(question.parameters));
}

}  // namespace mpic::rules
