#include "coordinator/service/intake.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>

namespace mpic::coordinator {
namespace {

Expected<v1::CorroborateResponse> mistake_of_ours(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& mistake) {
    spdlog::error("corroboration ended by an exception, a mistake of ours: {}", mistake.what());
  }
  return fail(ProblemCode::kInternal, "corroborate", "internal error; the log says more");
}

}  // namespace

void Intake::take(v1::CorroborateRequest request, Caller caller, Done done) {
  ++inside_;
  auto seat = workshop_.admission.seat(caller.client);
  if (!seat) return refuse(done, seat.error());
  begin(*std::move(seat), std::move(request), std::move(caller), std::move(done));
}

void Intake::take_in_turn(v1::CorroborateRequest request, Caller caller, const void* ticket, Wanted wanted, Done done) {
  ++inside_;
  const std::string client = caller.client;
  workshop_.admission.wait_for_seat(
      client, ticket,
      [this, request = std::move(request), caller = std::move(caller), wanted = std::move(wanted),
       done = std::move(done)](Expected<Admission::Seat> seat) mutable {
        if (!seat) return refuse(done, seat.error());
        if (!wanted()) {
          --inside_;
          return;
        }
        begin(*std::move(seat), std::move(request), std::move(caller), std::move(done));
      });
}

bool Intake::give_up(const void* ticket) {
  if (!workshop_.admission.give_up(ticket)) return false;
  --inside_;
  return true;
}

void Intake::close() {
  closed_ = true;
  workshop_.admission.close();
}

void Intake::begin(Admission::Seat seat, v1::CorroborateRequest request, Caller caller, Done done) {
  const SteadyPoint started = workshop_.clock.steady_now();
  if (caller.deadline && *caller.deadline - started < kLeastTime) {
    metrics_.refused(Refusal::kNoTime);
    return refuse(done, Problem(ProblemCode::kBudgetExhausted, "deadline",
                                "the call's deadline leaves no time to ask anybody: give a longer one"));
  }
  metrics_.began();
  asio::co_spawn(threads_.next(), corroborate(workshop_, std::move(request), std::move(caller)),
                 [this, started, seat = std::optional(std::move(seat)), done = std::move(done)](
                     const std::exception_ptr& error, Expected<v1::CorroborateResponse> result) mutable {
                   if (error) result = mistake_of_ours(error);
                   metrics_.ended(result, workshop_.clock.steady_now() - started);
                   seat.reset();  // so that who is answered may ask again
                   done(std::move(result));
                   --inside_;
                 });
}

void Intake::refuse(const Done& done, const Problem& problem) {
  done(Unexpected(problem));
  --inside_;
}

}  // namespace mpic::coordinator
