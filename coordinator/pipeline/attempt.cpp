// attempt: primary → plan → fan out → collect → verify → decide.
#include "coordinator/pipeline/attempt.hpp"

#include <boost/asio/this_coro.hpp>

#include "coordinator/pipeline/assertion.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::chrono::milliseconds kLeastForRemotes{300};  // less would blame the site for our hurry

using Looks = std::vector<std::optional<JudgedLook>>;

// Time for an answer to travel back, over what the agent itself is given: also from the other side of the earth.
std::chrono::milliseconds travel_time(std::chrono::milliseconds budget) {
  return std::clamp(budget / 8, std::chrono::milliseconds{250}, std::chrono::milliseconds{1'000});
}

// A plan whose looks are under way.
struct Sent {
  Plan plan;
  Arrivals arrivals;
  Deadline deadline;
  Sent(Plan what, Arrivals where, Deadline until)
      : plan(std::move(what)), arrivals(std::move(where)), deadline(until) {}
};

// One attempt's work. Lives on the frame of attempt().
class Work {
 public:
  Work(const Conditions& conditions, std::size_t number, Deadline deadline, asio::any_io_executor executor)
      : conditions_(conditions),
        number_(number),
        deadline_(deadline),
        travel_(travel_time(deadline.left(conditions.workshop.clock))),
        executor_(std::move(executor)),
        id_(conditions.workshop.random.octets<16>()) {}

  asio::awaitable<Expected<Attempted>> run() {
    // The Primary first, and alone unless it is wished otherwise: most requests that fail, fail here, and cost the site
    // one visit.
    std::optional<Sent> remotes;
    if (request().asserted) {
      Gathered part = asserted_part(request(), id_, now());
      part.plan.number = number_;
      if (!queue(part.plan)) co_return fail(ProblemCode::kOverloaded, "record store", std::string(kNoPlaceForRecords));
      out_.parts.push_back(std::move(part));
      tell(out_.parts[0].looks.front());
    } else {
      std::optional<Sent> primary = send(plan_primary(input(primary_budget()), random()), primary_budget());
      if (!primary) co_return fail(ProblemCode::kOverloaded, "record store", std::string(kNoPlaceForRecords));
      if (request().parallel) remotes = send_remotes();
      out_.parts.push_back(co_await wait_for(*std::move(primary), nullptr));
    }
    const bool is_primary_positive = is_positive(out_.parts[0].looks.front());
    if (is_primary_positive && !request().parallel) remotes = send_remotes();
    if (remotes) out_.parts.push_back(co_await wait_for(*std::move(remotes), settled(is_primary_positive)));
    out_.decision = decide(decision_input());
    conditions_.workshop.conduct.note(out_.decision);
    add_suspicions(conditions_.workshop.conduct, out_.decision);
    co_return std::move(out_);
  }

 private:
  [[nodiscard]] const CheckedRequest& request() const { return conditions_.request; }
  [[nodiscard]] const JudgedLook& primary() const { return out_.parts[0].looks.front(); }
  [[nodiscard]] Random& random() const { return conditions_.workshop.random; }
  [[nodiscard]] Clock& clock() const { return conditions_.workshop.clock; }
  [[nodiscard]] TimePoint now() const { return clock().now(); }

  // Time that an agent gets of what is left; the rest is for the way.
  [[nodiscard]] std::chrono::milliseconds budget() const {
    const auto left = deadline_.left(clock());
    return std::min(conditions_.settings.limits.look, left - std::min(left, travel_));
  }
  [[nodiscard]] std::chrono::milliseconds primary_budget() const {
    return request().parallel ? budget() : std::min(conditions_.settings.limits.look, deadline_.left(clock()) / 2);
  }
  [[nodiscard]] PlanInput input(std::chrono::milliseconds budget) const {
    return {request(), conditions_.settings.deployment, id_, number_, now(), budget};
  }

  // False when the store has no room for the plan.
  bool queue(const Plan& plan) {
    StoredPlan stored = plan_record(conditions_.record_id, conditions_.caller, request(), conditions_.settings,
                                    conditions_.received, plan);
    return conditions_.workshop.store.plan(std::move(stored));
  }

  // None when the store has no room for the plan.
  std::optional<Sent> send(Plan plan, std::chrono::milliseconds budget) {
    const Workshop& workshop = conditions_.workshop;
    if (!queue(plan)) return std::nullopt;
    auto arrivals = std::make_shared<Mailbox<Arrival>>(executor_);
    fan_out(plan, workshop.perspectives, arrivals, executor_);
    return Sent(std::move(plan), std::move(arrivals), Deadline::after(clock(), budget + travel_));
  }

  std::optional<Sent> send_remotes() {
    const auto time = budget();
    if (time < kLeastForRemotes) {
      not_asked_ = kNoTimeForRemotes;
      return std::nullopt;
    }
    auto sent = send(plan_remotes(input(time), conditions_.workshop.conduct, random()), time);
    if (!sent) not_asked_ = kNoPlaceForRecords;
    return sent;
  }

  asio::awaitable<Gathered> wait_for(Sent sent, Settled settled) {
    OnLook on_look;
    if (conditions_.caller.progress) on_look = [this](const JudgedLook& look) { tell(look); };
    co_return co_await collect(std::move(sent.plan), conditions_.workshop.perspectives, std::move(sent.arrivals),
                               clock(), sent.deadline, std::move(settled), std::move(on_look));
  }

  // When the remotes need not be waited for any longer: not at all where the Primary has said no, and never where the
  // client wants every answer.
  [[nodiscard]] Settled settled(bool is_primary_positive) const {
    if (request().original.respond() == v1::RESPOND_COMPLETE) return nullptr;
    return [this, is_primary_positive](const Plan& plan, const Looks& looks) {
      return !is_primary_positive || is_settled(request().quorum, primary(), plan, looks);
    };
  }

  [[nodiscard]] DecisionInput decision_input() const {
    static const std::vector<JudgedLook> kNobody;
    const std::vector<JudgedLook>& remotes = out_.parts.size() > 1 ? out_.parts[1].looks : kNobody;
    return {request(), conditions_.settings.deployment, primary(), remotes, not_asked_};
  }

  // Whoever watches sees a look beside the Primary's; the Primary's own beside itself.
  void tell(const JudgedLook& look) const {
    if (!conditions_.caller.progress) return;
    const JudgedLook& first = out_.parts.empty() ? look : primary();
    const auto one = [&](CheckKind kind, const std::optional<rules::Judgement>& judgement,
                         const std::optional<rules::Judgement>& beside) {
      if (!judgement || !beside) return;
      PerspectiveRow row = row_of(look, *judgement, *beside);
      row.asserted = request().asserted && look.perspective == request().asserted->primary;
      v1::PerspectiveProgress progress;
      progress.set_kind(static_cast<v1::CheckKind>(kind));
      *progress.mutable_result() = encode(row);
      conditions_.caller.progress(progress);
    };
    one(CheckKind::kDcv, look.dcv, first.dcv);
    one(CheckKind::kCaa, look.caa, first.caa);
  }

  const Conditions& conditions_;
  const std::size_t number_;
  const Deadline deadline_;
  const std::chrono::milliseconds travel_;
  const asio::any_io_executor executor_;
  const AttemptId id_;
  Attempted out_;
  std::string not_asked_;  // why the remotes were not, although the Primary is positive
};

}  // namespace

asio::awaitable<Expected<Attempted>> attempt(const Conditions& conditions, std::size_t number, Deadline deadline) {
  Work work(conditions, number, deadline, co_await asio::this_coro::executor);
  co_return co_await work.run();
}

}  // namespace mpic::coordinator
