#include "agent/checks/http_fetch.hpp"

#include <algorithm>

namespace mpic::agent {
namespace {

using namespace std::chrono_literals;

// What a step leaves to its caller, so that it is the step that says what took too long.
constexpr auto kStepMargin = 20ms;

// Nothing of HTTP was exchanged, so the next address may be tried.
bool is_connect_failure(ProblemCode code) {
  return code == ProblemCode::kConnectionRefused || code == ProblemCode::kConnectionTimeout ||
         code == ProblemCode::kNetworkUnreachable || code == ProblemCode::kNoIpv6Egress;
}

bool is_redirect(std::uint16_t status) { return status / 100 == 3; }
bool is_success(std::uint16_t status) { return status / 100 == 2; }

// As sent, unless octets that no URL may hold would not survive in a record.
std::string recordable(const std::string& location) {
  const auto unfit = [](unsigned char c) { return c < 0x20 || c > 0x7e; };
  if (std::any_of(location.begin(), location.end(), unfit)) return printable(location, kMaxUrl);
  return location.substr(0, kMaxUrl);
}

std::uint16_t dialled_port(const LabRelaxations& lab, std::uint16_t port) {
  const auto mapped = lab.ports.find(port);
  return mapped == lab.ports.end() ? port : mapped->second;
}

class Fetch {
 public:
  Fetch(FetchContext context, std::size_t body_limit, Deadline deadline)
      : context_(context), body_limit_(body_limit), deadline_(deadline) {}

  asio::awaitable<FetchResult> run(rules::HttpTarget target) {
    for (;;) {
      result_.hops.emplace_back();
      const std::optional<HttpReply> reply = co_await visit(target);
      if (!reply || !is_redirect(reply->status)) break;
      auto next = next_target(target, *reply);
      if (!next) {
        hop().problem = next.error();
        break;
      }
      target = *std::move(next);
    }
    co_return std::move(result_);
  }

 private:
  HttpHop& hop() { return result_.hops.back(); }

  // One hop; none when it ended the fetch, with the reason in the hop.
  asio::awaitable<std::optional<HttpReply>> visit(const rules::HttpTarget& target) {
    hop().url = target.url();
    if (deadline_.passed(context_.clock)) {
      hop().problem = Problem(ProblemCode::kBudgetExhausted, hop().url, "no time was left for this request");
      co_return std::nullopt;
    }
    ResolvedHost host = co_await resolve_host(context_.dns, target.host, context_.lab.addresses,
                                              deadline_.earlier_by(kStepMargin));
    hop().lookups = std::move(host.lookups);
    hop().addresses = std::move(host.addresses);
    if (host.problem) {
      hop().problem = std::move(host.problem);
      co_return std::nullopt;
    }
    co_return co_await try_addresses(target);
  }

  asio::awaitable<std::optional<HttpReply>> try_addresses(const rules::HttpTarget& target) {
    const std::uint16_t port = dialled_port(context_.lab, target.port);
    for (std::size_t i = 0; i < hop().addresses.size(); ++i) {
      const IpAddress address = hop().addresses[i];
      if (i != 0 && deadline_.earlier_by(kStepMargin).passed(context_.clock)) break;
      HttpRequest request(target, address, port, body_limit_);
      Expected<HttpReply> reply =
          co_await context_.http.get(std::move(request), deadline_.earlier_by(kStepMargin));
      AddressTried tried{address, port, std::nullopt};
      if (!reply) tried.problem = reply.error();
      hop().tried.push_back(std::move(tried));
      if (reply) {
        take(*reply);
        co_return *std::move(reply);
      }
      hop().problem = reply.error();
      if (!is_connect_failure(reply.error().code)) break;
    }
    co_return std::nullopt;
  }

  void take(HttpReply& reply) {
    hop().problem.reset();
    hop().status = reply.status;
    hop().location = recordable(reply.location);
    if (is_redirect(reply.status)) return;
    result_.body = std::move(reply.body);
    result_.body_over_limit = reply.body_over_limit;
    if (reply.body_over_limit && is_success(reply.status)) {
      hop().problem = Problem(ProblemCode::kHttpBodyTooLarge, hop().url,
                              "the body is over " + std::to_string(body_limit_) + " octets");
    }
  }

  Expected<rules::HttpTarget> next_target(const rules::HttpTarget& from, const HttpReply& reply) {
    Expected<rules::HttpTarget> next = rules::redirect_target(from, reply.status, reply.location);
    if (!next) return next;
    const std::string url = next->url();
    const auto same = [&url](const HttpHop& earlier) { return earlier.url == url; };
    if (std::any_of(result_.hops.begin(), result_.hops.end(), same)) {
      return fail(ProblemCode::kRedirectLoop, url, "redirected to a URL that was requested before");
    }
    if (result_.hops.size() >= kMaxHops) {
      return fail(ProblemCode::kTooManyRedirects, url,
                  "more than " + std::to_string(kMaxHops - 1) + " redirects");
    }
    return next;
  }

  FetchContext context_;
  std::size_t body_limit_;
  Deadline deadline_;
  FetchResult result_;
};

}  // namespace

asio::awaitable<FetchResult> http_fetch(FetchContext context, rules::HttpTarget first, std::size_t body_limit,
                                        Deadline deadline) {
  Fetch fetch(context, body_limit, deadline);
  co_return co_await fetch.run(std::move(first));
}

}  // namespace mpic::agent
