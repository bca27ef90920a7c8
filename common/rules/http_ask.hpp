// What a method that fetches a page asks for, and what it makes of the page (BR 3.2.2.4.18, .19; 3.2.2.5.1, 3.2.2.5.6).
// The agent fetches by it, the judge derives every step from it again. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/rules/dcv_subject.hpp"
#include "common/rules/judgement.hpp"
#include "common/rules/redirect.hpp"

namespace mpic::rules {

struct HttpAsk {
  HttpTarget first;
  std::size_t redirects = 0;   // followed at most; 0 for BR 3.2.2.5.1, which provides for none
  std::size_t body_limit = 0;  // octets; over it is kHttpBodyTooLarge
  // Must not stand in the URL of any hop, see holds_secret(). Empty: nothing must not.
  std::string secret;
};

// Precondition: sight_of(question.method()) == Sight::kHttp. `lab`: the perspective's stamps.
[[nodiscard]] HttpAsk http_ask(const DcvSubject& subject, const DcvQuestion& question,
                               const std::vector<std::string>& lab = {});

// True when `secret`, not empty, stands in `url` as it is or percent-encoded, also more than once over, or with "+" for
// a blank (BR 3.2.2.4.18, 3.2.2.5.1): a page that echoes what it was asked for would prove nothing.
[[nodiscard]] bool holds_secret(std::string_view url, std::string_view secret);

// Where `location`, answered with `status` to `from`, leads: redirect_target(), and kRedirectForbidden when the secret
// stands in it, or when no redirect may be followed at all.
[[nodiscard]] Expected<HttpTarget> next_target(const HttpAsk& ask, const HttpTarget& from, unsigned status,
                                               std::string_view location);

// None when `body`, whole, proves control:
//   acme-http-01    the key authorization, then only white space (RFC 8555 8.3)
//   website-change  the challenge value is in it, and the regex matches; for an IP address the value is the content of
//   a
//                   meta tag (BR 3.2.2.5.1)
// Else kChallengeMismatch quoting the first 128 octets, escaped.
[[nodiscard]] std::optional<Problem> body_mismatch(const DcvSubject& subject, const DcvQuestion& question,
                                                   std::string_view body);

// Every hop is derived again from the one before; a URL, port or address that the rules would not have led to is
// kEvidenceInvalid. `lab` are the observation's own stamps. The key is the key authorization, or the challenge value.
// A page of which only the beginning was kept claims no match: an agent keeps whole what it takes for a proof.
[[nodiscard]] Judgement judge_http(const DcvSubject& subject, const DcvQuestion& question, const HttpObservation& seen,
                                   const std::vector<std::string>& lab);

}  // namespace mpic::rules
