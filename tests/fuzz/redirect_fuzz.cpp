// Where an HTTP fetch may go next. Input: one octet for the URL that redirects and the status, then Location.
#include <algorithm>
#include <array>

#include "common/domain/observation.hpp"
#include "common/rules/redirect.hpp"
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
  for (const std::string_view dots : {"/./", "/../"}) hold(path.find(dots) == std::string_view::npos, "no dot segments");
  hold(!path.ends_with("/.") && !path.ends_with("/.."), "no dot segment at the end");
  if (const auto* name = std::get_if<DnsName>(&target.host)) {
    const auto again = DnsName::parse_host(name->text());
    hold(again && *again == *name, "a host is a name");
  }
  const auto again = rules::parse_target(url);
  hold(again && *again == target, "a URL is read again as it was written");
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
  if (const auto read = rules::parse_target(location)) {
    hold_equal(read->url(), location, "only the recorded form is read");
    hold_target(*read);
  }
}

const Target kTarget("redirect", run);

}  // namespace
}  // namespace mpic::fuzz
