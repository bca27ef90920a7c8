// fan out: every look of a plan is sent at once.
#include <boost/asio/post.hpp>

#include "coordinator/pipeline/stages.hpp"

namespace mpic::coordinator {

void fan_out(const Plan& plan, PerspectiveClient& client, const Arrivals& arrivals, asio::any_io_executor executor) {
  for (std::size_t i = 0; i < plan.looks.size(); ++i) {
    const PlannedLook& look = plan.looks[i];
    // Replies come from the transport's threads; the collecting coroutine lives on `executor`.
    client.observe(look.perspective->where.id, plan.attempt, look.octets, [arrivals, executor, i](Reply reply) {
      asio::post(executor, [arrivals, i, reply = std::move(reply)]() mutable {
        arrivals->push({i, std::move(reply)});
      });
    });
  }
}

}  // namespace mpic::coordinator
