// How often clients may ask: a bucket for each, of `burst`, that fills by `per_second`. Pure: the clock is its
// caller's.
#pragma once

#include <map>
#include <string>

#include "common/async/clock.hpp"
#include "coordinator/perspectives/deployment.hpp"

namespace mpic::coordinator {

// Used by one thread at a time.
class Rates {
 public:
  // One request more: kOverloaded, saying in how many milliseconds there is room for it, when the bucket is empty. A
  // bucket begins full; another rate keeps what is in it, as far as the new one holds so much.
  [[nodiscard]] Expected<void> spend(const std::string& client, const ClientRate& rate, SteadyPoint now);

 private:
  struct Bucket {
    double left = 0;
    SteadyPoint at{};  // when it was so much
  };
  std::map<std::string, Bucket> buckets_;  // by configured name
};

}  // namespace mpic::coordinator
