// A resolver on a loopback port that answers each datagram as a test says, or not at all.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "common/domain/observation.hpp"

namespace mpic::test {

class FakeResolver {
 public:
  // None: silence. Called on the server's thread.
  using Answer = std::function<std::optional<Bytes>(const Bytes& query, int number)>;
  explicit FakeResolver(Answer answer);
  ~FakeResolver();
  FakeResolver(const FakeResolver&) = delete;
  FakeResolver& operator=(const FakeResolver&) = delete;
  [[nodiscard]] std::string endpoint() const;  // address and port
  [[nodiscard]] int queries() const { return queries_; }

 private:
  void serve();
  Answer answer_;
  int socket_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> queries_ = 0;
  std::thread thread_;
};

// The query made into an empty NOERROR reply, with an OPT record as it came.
[[nodiscard]] Bytes empty_reply_to(const Bytes& query);

}  // namespace mpic::test
