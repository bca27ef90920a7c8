#include "agent/checks/http_fetch.hpp"

#include <algorithm>

namespace mpic::agent {
namespace {

bool is_redirect(std::uint16_t status) { return status / 100 == 3; }
bool is_success(std::uint16_t status) { return status / 100 == 2; }

// As sent, unless octets that no URL may hold would not survive in a record.
std::string recordable(const std::string& location) {
  const auto unfit = [](unsigned char c) { return c < 0x20 || c > 0x7e; };
  if (std::any_of(location.begin(), location.end(), unfit)) return printable(location, kMaxUrl);
  return location.substr(0, kMaxUrl);
}

class Fetch {
 public:
  Fetch(FetchContext context, rules::HttpAsk ask, Deadline deadline)
      : context_(context), ask_(std::move(ask)), deadline_(deadline.earlier_by(kStepMargin)) {}

  asio::awaitable<FetchResult> run() {
    rules::HttpTarget target = ask_.first;
    for (;;) {
      result_.hops.emplace_back();
      const std::optional<HttpReply> reply = co_await visit(target);
      if (!reply || !is_redirect(reply->status)) break;
      auto next = next_after(target, *reply);
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
    ResolvedHost host = co_await resolve_host(context_.dns, target.host, context_.lab.addresses, deadline_);
    hop().lookups = std::move(host.lookups);
    hop().addresses = std::move(host.addresses);
    if (host.problem) {
      hop().problem = std::move(host.problem);
      co_return std::nullopt;
    }
    co_return co_await get(target);
  }

  asio::awaitable<std::optional<HttpReply>> get(const rules::HttpTarget& target) {
    const std::uint16_t port = dialled_port(context_.lab, target.port);
    HttpRequest request(target, hop().addresses, port, ask_.body_limit);
    HttpExchange exchange = co_await context_.http.get(std::move(request), deadline_);
    hop().tried = std::move(exchange.tried);
    if (!exchange.reply) {
      hop().problem = std::move(exchange.reply).error();
      co_return std::nullopt;
    }
    take(*exchange.reply);
    co_return *std::move(exchange.reply);
  }

  void take(HttpReply& reply) {
    hop().status = reply.status;
    hop().location = recordable(reply.location);
    if (is_redirect(reply.status)) return;
    result_.body = std::move(reply.body);
    result_.body_over_limit = reply.body_over_limit;
    if (reply.body_over_limit && is_success(reply.status)) {
      hop().problem = Problem(ProblemCode::kHttpBodyTooLarge, hop().url,
                              "the body is over " + std::to_string(ask_.body_limit) + " octets");
    }
  }

  Expected<rules::HttpTarget> next_after(const rules::HttpTarget& from, const HttpReply& reply) {
    Expected<rules::HttpTarget> next = rules::next_target(ask_, from, reply.status, reply.location);
    if (!next) return next;
    const std::string url = next->url();
    const auto same = [&url](const HttpHop& earlier) { return earlier.url == url; };
    if (std::any_of(result_.hops.begin(), result_.hops.end(), same)) {
      return fail(ProblemCode::kRedirectLoop, url, "redirected to a URL that was requested before");
    }
    if (result_.hops.size() > ask_.redirects) {
      return fail(ProblemCode::kTooManyRedirects, url, "more than " + std::to_string(ask_.redirects) + " redirects");
    }
    return next;
  }

  FetchContext context_;
  rules::HttpAsk ask_;
  Deadline deadline_;
  FetchResult result_;
};

}  // namespace

asio::awaitable<FetchResult> http_fetch(FetchContext context, rules::HttpAsk ask, Deadline deadline) {
  Fetch fetch(context, std::move(ask), deadline);
  co_return co_await fetch.run();
}

}  // namespace mpic::agent
