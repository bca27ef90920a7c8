#include "agent/net/race.hpp"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <deque>
#include <exception>
#include <memory>
#include <utility>

namespace mpic::agent {
namespace {

// How much a failed try tells of the target: more is more.
int telling(const AddressTried& tried) {
  const int family = tried.address.is_v4() ? 1 : 0;
  switch (tried.problem->code) {
    case ProblemCode::kConnectionRefused:
    case ProblemCode::kConnectionTimeout:
      return 4 + family;
    case ProblemCode::kNoIpv6Egress:
      return 0;
    default:
      return 2 + family;
  }
}

// One address that has had its turn.
struct Runner {
  SteadyPoint until;                    // its own limit
  std::optional<Problem> given_up_for;  // by us, whatever it says of its end
  std::optional<Problem> problem;       // once `ended`; none: connected
  bool ended = false;
  bool counted = false;  // among the results
  asio::cancellation_signal signal;
};

// Shared with the handlers of the runners, which outlive the coroutine when an io_context is given up with all its
// work.
class Race : public std::enable_shared_from_this<Race> {
 public:
  Race(Connector& connector, std::vector<IpAddress> addresses, std::uint16_t port, RaceOptions options, Clock& clock,
       Deadline deadline)
      : connector_(connector),
        addresses_(std::move(addresses)),
        port_(port),
        options_(options),
        clock_(clock),
        deadline_(deadline) {}

  asio::awaitable<RaceResult> run() {
    executor_ = co_await asio::this_coro::executor;
    timer_ = clock_.make_timer(executor_);
    auto cancellation = co_await asio::this_coro::cancellation_state;
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    // Those who run use what the caller owns, so they are waited for even then.
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto cancelled = [&] { return cancellation.cancelled() != asio::cancellation_type::none; };
    while (!cancelled() && !decided()) {
      co_await timer_->wait_until(next_moment());
    }
    give_up_all();
    while (running_ != 0) co_await timer_->wait_until(SteadyPoint::max());
    count_ends();
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (throws && cancelled()) throw boost::system::system_error(asio::error::operation_aborted, "race");
    if (error_) std::rethrow_exception(error_);
    co_return conclude();
  }

 private:
  // Does what is due now. True when there is nothing to wait for.
  bool decided() {
    count_ends();
    if (result_.connected || error_) return true;
    const SteadyPoint now = clock_.steady_now();
    for (std::size_t i = 0; i < runners_.size(); ++i) {
      if (now >= runners_[i].until) give_up(runners_[i], timed_out(i));
    }
    if (turn_has_come(now)) start_next(now);
    return running_ == 0;
  }

  [[nodiscard]] bool turn_has_come(SteadyPoint now) const {
    if (runners_.size() == addresses_.size() || running_ == kMostDialledAtOnce || now >= deadline_.at()) return false;
    return running_ == 0 || failed_since_start_ || now >= started_at_ + options_.head_start;
  }

  void start_next(SteadyPoint now) {
    const std::size_t index = runners_.size();
    Runner& runner = runners_.emplace_back();
    runner.until = std::min(deadline_.at(), now + options_.connect_limit);
    started_at_ = now;
    failed_since_start_ = false;
    ++running_;
    auto on_end = [self = shared_from_this(), &runner](std::exception_ptr error, std::optional<Problem> problem) {
      self->end(runner, std::move(error), std::move(problem));
    };
    asio::co_spawn(executor_, connector_.connect(index),
                   asio::bind_cancellation_slot(runner.signal.slot(), std::move(on_end)));
  }

  void end(Runner& runner, std::exception_ptr error, std::optional<Problem> problem) {
    runner.ended = true;
    runner.problem = std::move(problem);
    --running_;
    if (error && !runner.given_up_for && !stopped_) error_ = std::move(error);
    timer_->cancel();  // wakes run()
  }

  // Takes down who has ended, in that order: handlers of the same moment are few, and their order among them no matter.
  void count_ends() {
    for (std::size_t i = 0; i < runners_.size(); ++i) {
      Runner& runner = runners_[i];
      if (!runner.ended || std::exchange(runner.counted, true)) continue;
      if (runner.given_up_for) runner.problem = std::move(runner.given_up_for);
      if (!runner.problem && result_.connected) runner.problem = outpaced(i);
      failed_since_start_ = failed_since_start_ || runner.problem.has_value();
      if (runner.problem) {
        result_.tried.push_back(AddressTried{addresses_[i], port_, runner.problem});
      } else {
        result_.connected = i;
      }
    }
  }

  // When there is something to do although nobody has ended.
  [[nodiscard]] SteadyPoint next_moment() const {
    SteadyPoint moment = SteadyPoint::max();
    for (const Runner& runner : runners_) {
      if (!runner.ended && !runner.given_up_for) moment = std::min(moment, runner.until);
    }
    const SteadyPoint next_turn = started_at_ + options_.head_start;
    if (runners_.size() < addresses_.size() && running_ < kMostDialledAtOnce && next_turn < deadline_.at()) {
      moment = std::min(moment, next_turn);
    }
    return moment;
  }

  void give_up(Runner& runner, Problem why) {
    if (runner.ended || runner.given_up_for) return;
    runner.given_up_for = std::move(why);
    runner.signal.emit(asio::cancellation_type::terminal);
  }

  void give_up_all() {
    stopped_ = true;
    for (std::size_t i = 0; i < runners_.size(); ++i) give_up(runners_[i], outpaced(i));
  }

  [[nodiscard]] Problem timed_out(std::size_t index) const {
    return Problem(ProblemCode::kConnectionTimeout, place(addresses_[index], port_),
                   "timeout during connect (likely a firewall)");
  }

  [[nodiscard]] Problem outpaced(std::size_t index) const {
    return Problem(ProblemCode::kOutpaced, place(addresses_[index], port_),
                   "given up, as another address was connected to first");
  }

  RaceResult conclude() {
    if (result_.connected) {
      result_.tried.push_back(AddressTried{addresses_[*result_.connected], port_, std::nullopt});
      return std::move(result_);
    }
    int most = -1;
    for (std::size_t i = 0; i < runners_.size(); ++i) {
      const int tells = telling(AddressTried{addresses_[i], port_, runners_[i].problem});
      if (tells < most) continue;
      most = tells;
      result_.problem = runners_[i].problem;
    }
    if (!result_.problem) {
      result_.problem =
          Problem(ProblemCode::kBudgetExhausted, place(addresses_.front(), port_), "no time was left to connect");
    }
    return std::move(result_);
  }

  // Constant.
  Connector& connector_;
  const std::vector<IpAddress> addresses_;
  const std::uint16_t port_;
  const RaceOptions options_;
  Clock& clock_;
  const Deadline deadline_;

  asio::any_io_executor executor_;
  std::unique_ptr<Timer> timer_;
  std::deque<Runner> runners_;  // of the addresses that have had their turn, in their order
  std::size_t running_ = 0;
  SteadyPoint started_at_{};  // the last of them
  bool failed_since_start_ = false;
  bool stopped_ = false;
  RaceResult result_;
  std::exception_ptr error_;
};

}  // namespace

asio::awaitable<RaceResult> race(Connector& connector, std::vector<IpAddress> addresses, std::uint16_t port,
                                 RaceOptions options, Clock& clock, Deadline deadline) {
  const auto work = std::make_shared<Race>(connector, std::move(addresses), port, options, clock, deadline);
  co_return co_await work->run();
}

std::string place(const IpAddress& address, std::uint16_t port) {
  return (address.is_v4() ? address.text() : '[' + address.text() + ']') + ':' + std::to_string(port);
}

}  // namespace mpic::agent
