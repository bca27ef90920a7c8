// Whether the perspective's own resolver answers: half of readiness.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "agent/net/dns_client.hpp"

namespace mpic::agent {

// Safe from any thread.
class ResolverState {
 public:
  // Empty: it answers.
  [[nodiscard]] std::string fault() const;
  void set_fault(std::string fault);

 private:
  mutable std::mutex mutex_;
  std::string fault_ = "the resolver has not been asked yet";  // guarded by mutex_
};

// Asks for the address of `name` again and again, until the io_context ends: every 5 s, sooner while there is
// no answer. Any NOERROR or NXDOMAIN within 2 s will do. Runs on the thread of `dns`.
asio::awaitable<void> watch_resolver(DnsClient& dns, Clock& clock, std::string name,
                                     std::shared_ptr<ResolverState> state);

}  // namespace mpic::agent
