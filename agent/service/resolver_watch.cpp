#include "agent/service/resolver_watch.hpp"

#include <boost/asio/this_coro.hpp>

#include "common/async/gather.hpp"

namespace mpic::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 2s;
constexpr std::chrono::milliseconds kWhenGood = 5s;
constexpr std::chrono::milliseconds kWhenBad = 500ms;

}  // namespace

bool ResolverState::observe(std::span<const DnsLookup> seen, SteadyPoint now) {
  const std::lock_guard lock(mutex_);
  return health_.observe(seen, now);
}

std::string ResolverState::fault() const {
  const std::lock_guard lock(mutex_);
  return health_.fault();
}

std::string ResolverState::validation_fault() const {
  const std::lock_guard lock(mutex_);
  return health_.validation_fault();
}

asio::awaitable<void> watch_resolver(DnsClient& dns, Clock& clock, ResolverTests tests,
                                     std::shared_ptr<ResolverState> state) {
  const auto executor = co_await asio::this_coro::executor;
  const auto timer = clock.make_timer(executor);
  const std::vector<std::string> names = tests.names();
  for (;;) {
    const Deadline deadline = Deadline::after(clock, kPatience);
    std::vector<asio::awaitable<DnsLookup>> lookups;
    for (const std::string& name : names) lookups.push_back(dns.lookup(name, RecordType::kA, deadline));
    const std::vector<DnsLookup> seen = co_await gather(std::move(lookups));
    const bool good = state->observe(seen, clock.steady_now());
    co_await timer->wait_until(clock.steady_now() + (good ? kWhenGood : kWhenBad));
  }
}

std::function<std::optional<Problem>()> validation_gate(Role role, std::shared_ptr<const ResolverState> state) {
  if (role != Role::kPrimary) return [] { return std::optional<Problem>(); };
  return [state = std::move(state)]() -> std::optional<Problem> {
    const std::string fault = state->validation_fault();
    if (fault.empty()) return std::nullopt;
    return Problem(
        ProblemCode::kResolverUnavailable, "resolver",
        "this Primary determines nothing while its resolver is not known to validate (BR 4.2.2.2.1): " + fault);
  };
}

}  // namespace mpic::agent
