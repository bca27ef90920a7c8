// The self-test of the perspective's own resolver, run for as long as the agent does: half of readiness.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "agent/net/dns_client.hpp"
#include "agent/service/resolver_health.hpp"

namespace mpic::agent {

// Safe from any thread.
class ResolverState {
 public:
  explicit ResolverState(const ResolverTests& tests) : health_(tests) {}

  // As ResolverHealth's.
  bool observe(std::span<const DnsLookup> seen, SteadyPoint now);
  [[nodiscard]] std::string fault() const;
  [[nodiscard]] std::string validation_fault() const;

 private:
  mutable std::mutex mutex_;
  ResolverHealth health_;  // guarded by mutex_
};

// Looks up the names of `tests` again and again, until the io_context ends: every 5 s, sooner while anything is not
// good. An answer counts that comes within 2 s. Runs on the thread of `dns`.
asio::awaitable<void> watch_resolver(DnsClient& dns, Clock& clock, ResolverTests tests,
                                     std::shared_ptr<ResolverState> state);

// Why an attempt is not begun now: a Primary whose resolver is not known to validate refuses (kResolverUnavailable),
// since its determination rests on that (BR 4.2.2.2.1, .2). A remote may look all the same (BR 4.2.2.2.6).
[[nodiscard]] std::function<std::optional<Problem>()> validation_gate(Role role,
                                                                      std::shared_ptr<const ResolverState> state);

}  // namespace mpic::agent
