#include "agent/service/resolver_watch.hpp"

#include <boost/asio/this_coro.hpp>

#include "common/rules/dns_message.hpp"

namespace mpic::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 2s;
constexpr auto kWhenGood = 5s;
constexpr auto kWhenBad = 500ms;

}  // namespace

std::string ResolverState::fault() const {
  const std::lock_guard lock(mutex_);
  return fault_;
}

void ResolverState::set_fault(std::string fault) {
  const std::lock_guard lock(mutex_);
  fault_ = std::move(fault);
}

asio::awaitable<void> watch_resolver(DnsClient& dns, Clock& clock, std::string name,
                                     std::shared_ptr<ResolverState> state) {
  const auto executor = co_await asio::this_coro::executor;
  const auto timer = clock.make_timer(executor);
  for (;;) {
    const DnsLookup seen = co_await dns.lookup(name, RecordType::kA, Deadline::after(clock, kPatience));
    std::string fault;
    if (!rules::is_empty_answer(seen)) {
      if (const auto problem = rules::problem_of(seen))
        fault = "the resolver " + seen.server + ": " + problem->detail;
    }
    const bool good = fault.empty();
    state->set_fault(std::move(fault));
    co_await timer->wait_until(clock.steady_now() + (good ? std::chrono::milliseconds(kWhenGood) : kWhenBad));
  }
}

}  // namespace mpic::agent
