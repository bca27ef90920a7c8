#include "coordinator/access/rates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mpic::coordinator {

Expected<void> Rates::spend(const std::string& client, const ClientRate& rate, SteadyPoint now) {
  if (rate.per_second <= 0) {
    buckets_.erase(client);
    return {};
  }
  const auto most = static_cast<double>(rate.burst);
  Bucket& bucket = buckets_.try_emplace(client, Bucket{most, now}).first->second;
  const std::chrono::duration<double> passed = now - bucket.at;
  bucket.left = std::min(most, bucket.left + passed.count() * rate.per_second);
  bucket.at = now;
  if (bucket.left >= 1) {
    bucket.left -= 1;
    return {};
  }
  const double wait = std::ceil((1 - bucket.left) / rate.per_second * 1'000);
  return fail(ProblemCode::kOverloaded, "rate",
              fmt::format("this client may ask {:g} times a second, {} at once; again in {:.0f} ms", rate.per_second,
                          rate.burst, std::max(wait, 1.0)));
}

}  // namespace mpic::coordinator
