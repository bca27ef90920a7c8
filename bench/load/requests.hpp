// The requests of a run: the same question about many names.
#pragma once

#include <string>

#include "bench/load/caller.hpp"

namespace mpic::load {

struct Question {
  std::string workload = "caa";         // caa, http-01, or both in one visit
  std::string name = "n{}.bench.test";  // "{}" becomes a number
  std::uint64_t names = 200;            // n0 to n199, in turn; 0: never the same name twice
  std::string issuer = "ca.example";
  std::string token;
  std::string key_authorization;
  std::string respond = "settled";
  unsigned deadline_ms = 20'000;
};

class Requests {
 public:
  // Throws std::invalid_argument when the question makes no request.
  Requests(Question question, std::string run);
  [[nodiscard]] v1::CorroborateRequest make(Ticket ticket) const;

 private:
  Question question_;
  std::string run_;  // random; in request ids, and in names that must be new
  v1::CorroborateRequest model_;
};

}  // namespace mpic::load
