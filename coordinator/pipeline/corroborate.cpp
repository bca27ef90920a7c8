// corroborate: the sentence. What one attempt is made of is attempt.cpp.
#include "coordinator/pipeline/attempt.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/this_coro.hpp>

#include "common/rules/namespace_policy.hpp"
#include "common/telemetry/event_kinds.hpp"
#include "coordinator/access/rights.hpp"
#include "coordinator/log/decision_events.hpp"
#include "coordinator/pipeline/recorded.hpp"
#include "coordinator/pipeline/replay.hpp"

namespace mpic::coordinator {
namespace {

// Between attempts: what failed a moment ago fails again at once.
constexpr std::chrono::milliseconds kRetryPause{250};
constexpr std::chrono::milliseconds kMostForTheWay{200};      // of an answer to its client
constexpr std::chrono::milliseconds kLeastForAttempt{2'000};  // less would only blame the site for our hurry

// Half of what is left for an attempt that others may follow, so that they have time too; all of it where a half would
// be too little to look.
Deadline deadline_of(const Clock& clock, Deadline whole, bool is_last) {
  const auto half = whole.left(clock) / 2;
  return is_last || half < kLeastForAttempt ? whole : Deadline::after(clock, half);
}

asio::awaitable<void> pause(Clock& clock, std::chrono::milliseconds time) {
  const auto timer = clock.make_timer(co_await asio::this_coro::executor);
  co_await timer->wait_until(clock.steady_now() + time);
}

// Methods and quorum go by the start of an attempt: after a midnight that changes them the request must be made anew.
bool are_rules_the_same(const Conditions& conditions) {
  const Deployment& deployment = conditions.settings.deployment;
  const auto again = check_request(conditions.request.original, deployment, conditions.settings.limits,
                                   deployment.client(conditions.caller.client), conditions.workshop.clock.now());
  return again && again->quorum == conditions.request.quorum;
}

// As many attempts as it takes, and the request allows; at least one, or why there is none.
asio::awaitable<Expected<std::vector<Attempted>>> attempt_until_settled(const Conditions& conditions,
                                                                        Deadline deadline) {
  Clock& clock = conditions.workshop.clock;
  const std::size_t most = conditions.request.max_attempts;
  std::vector<Attempted> attempts;
  for (std::size_t number = 0; number < most; ++number) {
    Expected<Attempted> made = co_await attempt(conditions, number, deadline_of(clock, deadline, number + 1 == most));
    if (!made && attempts.empty()) co_return Unexpected(made.error());
    if (!made) break;  // no room for another: what the last one gave is told
    attempts.push_back(*std::move(made));
    if (number + 1 == most || !is_worth_retrying(attempts.back().decision)) break;
    if (deadline.left(clock) < kRetryPause + kLeastForAttempt) break;
    co_await pause(clock, kRetryPause);
    if (!are_rules_the_same(conditions)) break;
  }
  co_return attempts;
}

// The earlier of `budget` and what the transport waits; that ends a little before.
Deadline deadline_for(const Clock& clock, std::chrono::milliseconds budget, const Caller& caller) {
  const Deadline own = Deadline::after(clock, budget);
  if (!caller.deadline) return own;
  const Deadline transport(*caller.deadline);
  const Deadline before = transport.earlier_by(std::min(kMostForTheWay, transport.left(clock) / 8));
  return before.at() < own.at() ? before : own;
}

void tell(telemetry::EventLog& events, const v1::RecordBody& body, std::uint64_t leaf) {
  if (!events.is_on()) return;
  for (telemetry::Event& event : events_of(body, leaf)) events.write(std::move(event));
}

// The client as it is configured now, if it may ask that: its entry may be gone since it was let in. A right that is
// missing is a security event (BR 5.4.1 (3)).
Expected<const ClientEntry*> permitted(const Workshop& workshop, const Deployment& deployment, const Caller& caller,
                                       const v1::CorroborateRequest& request) {
  const ClientEntry* client = deployment.client(caller.client);
  const auto may = client != nullptr
                       ? check_rights(request, *client)
                       : fail(ProblemCode::kUnauthenticated, "client", "who asks is not known here any more");
  if (may) return client;
  spdlog::warn("security: {} was refused what it asked ({}): {}", printable(caller.client), to_string(may.error().code),
               may.error().detail);
  workshop.events.write({workshop.clock.now(),
                         telemetry::event_kind::kAccessDenied,
                         caller.client,
                         may.error().detail,
                         {{"why", client != nullptr ? std::string("no_right") : std::string("client_gone")},
                          {"client", caller.client},
                          {"request_id", request.request_id()}}});
  return Unexpected(may.error());
}

// With the proof that its record is in the log, where that is wanted and can be had in time.
asio::awaitable<v1::CorroborateResponse> proven(Prover& prover, v1::CorroborateResponse answer, bool wanted,
                                                Deadline deadline) {
  if (!wanted) co_return answer;
  auto proof = co_await prover.inclusion(answer.log().leaf_index(), deadline);
  if (proof) answer.mutable_log()->mutable_proof()->Swap(&*proof);
  co_return answer;
}

}  // namespace

asio::awaitable<Expected<v1::CorroborateResponse>> corroborate(const Workshop& workshop, v1::CorroborateRequest request,
                                                               Caller caller) {
  const TimePoint received = workshop.clock.now();
  if (const auto good = check_ids(request); !good) co_return Unexpected(good.error());
  // Before anything that time or a reload may have changed since: an answer that was lost is told again all the same.
  const auto claim = workshop.admission.enter({}, caller.client, request.request_id());
  if (!claim) co_return Unexpected(claim.error());
  if (!request.request_id().empty()) {
    const Deadline deadline = deadline_for(workshop.clock, kLongestProof, caller);
    auto recorded = co_await recorded_answer(workshop, caller, request, received, deadline);
    if (!recorded) co_return Unexpected(recorded.error());
    if (*recorded) {
      co_return co_await proven(workshop.prover, **std::move(recorded), request.prove(), deadline);
    }
  }

  const SettingsPtr settings = workshop.settings.get();
  const Deployment& deployment = settings->deployment;
  const auto client = permitted(workshop, deployment, caller, request);
  if (!client) co_return Unexpected(client.error());
  const auto checked = check_request(request, deployment, settings->limits, *client, received);
  if (!checked) co_return Unexpected(checked.error());
  const auto targets = rules::targets_of(rules::subject_of(checked->identifier, checked->authorization_domain));
  const auto place = workshop.admission.enter(targets, caller.client, "");
  if (!place) co_return Unexpected(place.error());
  if (!workshop.store.healthy()) {  // the site is not visited for what could not be recorded
    co_return fail(ProblemCode::kInternal, "record store", "records cannot be written at present; nothing was asked");
  }

  const Deadline deadline = deadline_for(workshop.clock, checked->budget, caller);
  const Conditions conditions{workshop, *settings, *checked, caller, new_record_id(workshop.random, received),
                              received};
  auto attempts = co_await attempt_until_settled(conditions, deadline);
  if (!attempts) co_return Unexpected(attempts.error());

  const Corroborated all{conditions.record_id, caller, *checked, *settings, received, workshop.clock.now(), *attempts};
  v1::RecordBody body = record_body(all);
  const std::string octets = body.SerializeAsString();
  v1::Statement statement = sign_statement(statement_of(body, octets), settings->key);
  StoredRecord stored = stored_record(body, octets, statement);
  const auto durable = co_await workshop.store.append(std::move(stored));
  const auto executor = co_await asio::this_coro::executor;
  for (Attempted& attempted : *attempts) {
    if (attempted.parts.size() < 2) continue;
    if (!durable) {
      workshop.follow_up.cancel(attempted.parts[1]);
    } else {
      const JudgedLook primary = attempted.parts[0].looks.front();
      workshop.follow_up.follow(executor, settings, conditions.record_id, primary, std::move(attempted.parts[1]));
    }
  }
  if (!durable) co_return Unexpected(durable.error());
  tell(workshop.events, body, *durable);
  if (caller.on_record) caller.on_record(body);
  v1::CorroborateResponse answer = respond(std::move(body), std::move(statement), *durable);
  co_return co_await proven(workshop.prover, std::move(answer), request.prove(), deadline);
}

}  // namespace mpic::coordinator
