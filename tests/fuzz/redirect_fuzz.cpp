// Where an HTTP fetch may go next. Input: one octet for the URL that redirects and the status, then Location.
#include <algorithm>
#include <array>

#include "common/domain/observation.hpp"
#include "common/rules/http_ask.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

constexpr std::array<std::string_view, 4> kFrom = {
    "http://www.example.com/.well-known/acme-challenge/LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0",
    "https://www.example.com/a/b/c?x=y",
    "http://203.113.7.1/",
    "https://[2001:db8::1]:80/path",
};
constexpr std::array<unsigned, 8> kStatus = {301, 302, 303, 304, 307, 308, 200, 404};

void hold_target(const rules::HttpTarget& target) {
  const std::string url = target.url();
  hold(url.size() <= kMaxUrl, "a URL is bounded");
  hold(target.port == 80 || target.port == 443, "only authorized ports");
  hold(target.path_query.starts_with('/'), "a path begins with a slash");
  hold(std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7F; }), "a URL is graphic ASCII");
  hold(url.find('#') == std::string::npos, "no fragment");
  hold(target.host_header().find('@') == std::string::npos, "no user information");
  const std::string_view path = std::string_view(target.path_query).substr(0, target.path_query.find('?'));
  for (const std::string_view dots : {"/./", "/../"})
    hold(path.find(dots) == std::string_view::npos, "no dot segments");
  hold(!path.ends_with("/.") && !path.ends_with("/.."), "no dot segment at the end");
  if (const auto* name = std::get_if<DnsName>(&target.host)) {
    const auto again = DnsName::parse_host(name->text());
    hold(again && *again == *name, "a host is a name");
  }
  const auto again = rules::parse_target(url);
  hold(again && *again == target, "a URL is read again as it was written");
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcDEF";
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    out += {'%', kHex[octet >> 4U], kHex[octet & 0xFU]};
  }
  return out;
}

// BR 3.2.2.4.18: the value is in no request, as it is or encoded.
void hold_secret(const rules::HttpTarget& from, unsigned status, std::string_view location, std::string_view secret,
                 const Expected<rules::HttpTarget>& target) {
  rules::HttpAsk ask{from, 10, 0, std::string(secret)};
  const auto next = rules::next_target(ask, from, status, location);
  if (next) {
    hold(target && *next == *target, "a method goes where the redirect leads");
    const std::string url = next->url();
    hold(secret.empty() || url.find(secret) == std::string::npos, "the value is in no request");
    hold(secret.empty() || url.find(percent_encoded(secret)) == std::string::npos, "not even encoded");
  } else {
    hold(next.error().code == ProblemCode::kRedirectForbidden, "a redirect is followed or forbidden");
    hold_presentable(next.error().detail);
    hold(!target || rules::holds_secret(target->url(), secret),
         "only the value forbids more than the redirect's rules");
  }
  if (!secret.empty()) {
    for (const std::string& url :
         {std::string(secret), percent_encoded(secret), percent_encoded(percent_encoded(secret))}) {
      hold(rules::holds_secret("http://example.com/?x=" + url + "&y", secret),
           "the value is found however it is written");
    }
  }
  ask.redirects = 0;
  hold(!rules::next_target(ask, from, status, location), "no redirect where none is provided for (BR 3.2.2.5.1)");
}

void run(Octets octets) {
  if (octets.empty()) return;
  const auto from = rules::parse_target(kFrom[octets.front() % kFrom.size()]).value();
  const unsigned status = kStatus[octets.front() / kFrom.size() % kStatus.size()];
  const std::string_view location = text_of(octets.subspan(1));
  const auto target = rules::redirect_target(from, status, location);
  if (!target) {
    hold(target.error().code == ProblemCode::kRedirectForbidden, "a redirect is followed or forbidden");
    hold_presentable(target.error().where);
    hold_presentable(target.error().detail);
  } else {
    hold(status == 301 || status == 302 || status == 307 || status == 308, "only these lead on (BR 3.2.2.4.19)");
    hold_target(*target);
    const auto again = rules::redirect_target(from, status, target->url());
    hold(again && *again == *target, "an absolute Location leads where it says");
  }
  for (const std::string_view secret : {std::string_view(), std::string_view("0123456789abcdef+/%41"),
                                        location.substr(location.size() / 3, location.size() / 3)}) {
    hold_secret(from, status, location, secret, target);
  }
  if (const auto read = rules::parse_target(location)) {
    hold_equal(read->url(), location, "only the recorded form is read");
    hold_target(*read);
  }
}

const Target kTarget("redirect", run);

}  // namespace
}  // namespace mpic::fuzz
