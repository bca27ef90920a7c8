// The stages of a corroboration, in order, and the types that pass between them:
//
//   request → primary → plan → fan out → collect → verify → decide → record → respond
//
// Each stage is one file of this folder; corroborate.cpp is the sentence. Only primary, fan out, collect and record do
// I/O; the others are plain functions of their arguments. What comes after the answer is follow_up.hpp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/async/clock.hpp"
#include "common/async/mailbox.hpp"
#include "common/async/random.hpp"
#include "common/rules/judgement.hpp"
#include "coordinator/audit/record_store.hpp"
#include "coordinator/perspectives/client.hpp"
#include "coordinator/policy/standing.hpp"
#include "coordinator/settings.hpp"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::coordinator {

// ------------------------------------------------------------------------------------------------ request

// Told of what each perspective says, as soon as it is judged; on the thread of the corroboration.
using Progress = std::function<void(const v1::PerspectiveProgress&)>;

// Told of what is recorded, once it is durable and before the answer; on the thread of the corroboration.
using OnRecord = std::function<void(const v1::RecordBody&)>;

// Who asks, as the transport authenticated it.
struct Caller {
  std::string client;                                    // configured name
  std::optional<SteadyPoint> deadline;                   // when the transport gives up waiting for the answer
  Progress progress;                                     // may be empty
  OnRecord on_record;                                    // may be empty; not called for an answer that is told again
  Caller(std::string name) : client(std::move(name)) {}  // NOLINT: no aggregate, see docs/toolchain.md
};

// A Primary's determination that the caller has made itself: assertion.hpp.
struct Assertion {
  const PerspectiveEntry* primary;  // of the client's configuration
  bool dcv_passed = false;
  bool caa_permits = false;
  TimePoint determined{};
};

struct CheckedRequest {
  v1::CorroborateRequest original;  // what is recorded
  Identifier identifier;
  std::optional<DnsName> authorization_domain;
  std::optional<DcvQuestion> dcv;
  std::optional<CaaQuestion> caa;
  CertificateType certificate;
  Profile profile;
  QuorumPolicy quorum;  // the day's policy, or stricter where the request says so
  std::chrono::milliseconds budget;
  std::vector<std::string> warnings;  // of the DCV method: allowed at the policy's date, and for how long
  std::optional<Assertion> asserted;  // none: the configured Primary is asked
  std::size_t max_attempts = 1;
  bool parallel = false;  // the remotes are asked beside the Primary; never beside an asserted one
};

// kInvalidArgument when request_id or trace_id are no ids. check_request() looks at them too.
[[nodiscard]] Expected<void> check_ids(const v1::CorroborateRequest& request);

// kInvalidArgument naming the field; kPolicy with the clause for what the BR forbid; never a guess.
// The profile `custom` takes methods that have ended, with a warning, and short Random Values: no verdict under it is a
// basis for issuance. A CAA question without a validation method gets the label of the DCV method that is asked beside
// it (RFC 8657 4), and is refused when it has another.
// `client`: whose request it is; null when its configured entry is gone.
[[nodiscard]] Expected<CheckedRequest> check_request(const v1::CorroborateRequest& request,
                                                     const Deployment& deployment, const RequestLimits& limits,
                                                     const ClientEntry* client, TimePoint now);

// ------------------------------------------------------------------------------------------------ plan

// One perspective's part of an attempt, as it will be sent.
struct PlannedLook {
  const PerspectiveEntry* perspective;
  std::string reason;     // one clause for people: why it is asked
  Assignment assignment;  // its checks; of those that are not there, the perspective has no part in the quorum
  std::string octets;     // of the assignment: what the observation's digest is over
  bool asserted = false;  // a Primary that the caller speaks for: nothing is sent
};

// A remote that could have been asked.
struct PassedOver {
  PerspectiveId perspective;
  std::string reason;
};

struct Plan {
  AttemptId attempt{};
  std::size_t number = 0;  // of the attempt; the first is 0
  std::size_t cohort = 0;  // that its remotes are taken from
  TimePoint started{};
  std::vector<PlannedLook> looks;
  std::vector<PassedOver> passed_over;
  Plan() = default;  // no aggregate: g++ 12 destroys those twice in a co_await expression (docs/toolchain.md)
};

struct PlanInput {
  const CheckedRequest& request;
  const Deployment& deployment;
  AttemptId attempt;
  std::size_t number;  // of the attempt
  TimePoint now;
  std::chrono::milliseconds budget;
};
[[nodiscard]] Plan plan_primary(const PlanInput& input, Random& random);
// As many remotes as the configuration says, and never fewer than the request's quorum asks for; which, choice.hpp
// tells. The same for all that is validated at one Authorization Domain Name, for a wildcard and its base name, for DCV
// and CAA; with Planning::separate_caa a choice for each of the two, and a perspective that is in one only is asked
// that one. Shadows are asked everything.
[[nodiscard]] Plan plan_remotes(const PlanInput& input, const Standings& standings, Random& random);

// ------------------------------------------------------------------------------------------------ verify

// What one perspective contributed, judged again here: an agent's opinion is never asked.
struct JudgedLook {
  const PerspectiveEntry* perspective;
  std::optional<rules::Judgement> dcv;  // one for each check that this look was asked, always
  std::optional<rules::Judgement> caa;
  std::vector<std::string> lab_relaxations;
  std::optional<TimePoint> caa_started;  // of the first CAA query: usable_until counts from it
  std::optional<TimePoint> dcv_started;  // of the whole look: the same for DCV
  std::chrono::milliseconds elapsed{0};
};

[[nodiscard]] JudgedLook verify(const PlannedLook& look, const Reply& reply, TimePoint started);

// ------------------------------------------------------------------------------------------------ fan out, collect

struct Arrival {
  std::size_t look;  // index into Plan::looks; plan size: time is up
  Reply reply;
};
using Arrivals = std::shared_ptr<Mailbox<Arrival>>;

void fan_out(const Plan& plan, PerspectiveClient& client, const Arrivals& arrivals, asio::any_io_executor executor);

// What came of a plan: for each of its looks, in its order, the reply and what it means.
struct Gathered {
  Plan plan;
  std::vector<Reply> replies;
  std::vector<JudgedLook> looks;
  std::vector<std::size_t> pending;  // looks that were not waited for; whoever holds this follows or cancels them
  Arrivals arrivals;                 // where those will come
  Gathered() = default;
};

// Whether what has come decides, whatever the rest will say. `looks` is as long as the plan. Empty: wait for all.
using Settled = std::function<bool(const Plan& plan, const std::vector<std::optional<JudgedLook>>& looks)>;

// Arrives as `look` at that moment, unless the timer is cancelled before.
[[nodiscard]] std::shared_ptr<Timer> announce(Clock& clock, asio::any_io_executor executor, SteadyPoint when,
                                              const Arrivals& arrivals, std::size_t look);

// Told of each look as it is judged.
using OnLook = std::function<void(const JudgedLook&)>;

// Until all are in, or the deadline, or `settled`. Each reply is judged as it comes (verify). What has not come by the
// deadline is kUnreachable and is cancelled; what was not waited for is kNotWaitedFor. Once dispatched, a perspective
// stays in the denominator (BR 3.2.2.9).
asio::awaitable<Gathered> collect(Plan plan, PerspectiveClient& client, Arrivals arrivals, Clock& clock,
                                  Deadline deadline, Settled settled, OnLook on_look);

// ------------------------------------------------------------------------------------------------ decide

enum class Verdict : std::uint8_t { kCorroborated = 1, kNotCorroborated = 2, kNotDetermined = 3 };  // as mpic.v1
[[nodiscard]] std::string_view to_string(Verdict verdict);

enum class CheckKind : std::uint8_t { kDcv = 1, kCaa = 2 };  // as mpic.v1

struct PerspectiveRow {
  const PerspectiveEntry* perspective;
  Outcome outcome;
  std::optional<Problem> problem;
  std::string saw;
  bool dnssec_authenticated = false;
  std::chrono::milliseconds elapsed{0};
  std::optional<IpAddress> ipv6_failed;  // did not answer, although IPv4 did
  bool asserted = false;                 // by the caller, not observed
};
// What a look means for one check, beside the Primary's: a remote that is positive about something else contradicts.
[[nodiscard]] PerspectiveRow row_of(const JudgedLook& look, const rules::Judgement& judgement,
                                    const rules::Judgement& primary);

struct CheckDecision {
  CheckKind kind;
  Verdict verdict;  // by the rules alone; Decision says whether it can be relied on
  QuorumDecision quorum;
  std::string clause;
  std::string explanation;
  std::vector<PerspectiveRow> rows;      // of those that were asked this check; Primary first
  std::optional<rules::CaaFinding> caa;  // the Primary's; with the remotes' contacts when they see a prohibition
  std::optional<TimePoint> usable_until;
  std::vector<std::string> warnings;
};

struct Decision {
  Verdict verdict;                           // what is told
  Verdict by_rules;                          // what the rules alone say
  std::vector<std::string> not_enforceable;  // why the two differ
  bool basis_for_issuance = false;           // the one field that a pipeline tests; never by half a validation
  std::vector<CheckDecision> checks;
  std::vector<std::string> findings;
};

// Why no remote was asked, although the Primary's determination is positive.
inline constexpr std::string_view kNoTimeForRemotes = "the deadline left no time to ask the remotes: give a longer one";
inline constexpr std::string_view kNoPlaceForRecords = "too many records wait to be written; try again";

struct DecisionInput {
  const CheckedRequest& request;
  const Deployment& deployment;
  const JudgedLook& primary;
  const std::vector<JudgedLook>& remotes;  // empty when the Primary ended it, or for this reason:
  const std::string& not_asked;            // empty: none
};
[[nodiscard]] Decision decide(const DecisionInput& input);

// Whether another attempt may end otherwise (BR 3.2.2.9 allows any number): the outcome is not positive, and the
// Primary has not said no.
[[nodiscard]] bool is_worth_retrying(const Decision& decision);

// Our own fault, and so worth a retry, rather than the site's.
[[nodiscard]] bool is_ours(Outcome outcome);
// By the quorum: reached, missed through our own fault (`forgiving` counts as if that had agreed), or missed.
[[nodiscard]] Verdict verdict_of(const Tally& real, const Tally& forgiving, const QuorumPolicy& policy);

// Whether no check's verdict can change any more, whatever the remotes that are still out say. `remotes` is as long as
// the plan; none: still out. Shadows are never waited for.
[[nodiscard]] bool is_settled(const QuorumPolicy& policy, const JudgedLook& primary, const Plan& plan,
                              const std::vector<std::optional<JudgedLook>>& remotes);
// Of every check that it was asked.
[[nodiscard]] bool is_positive(const JudgedLook& look);
// Why a look contradicts what was answered without it; none when it does not.
[[nodiscard]] std::optional<std::string> contradiction(const JudgedLook& late, const JudgedLook& primary);
// A remote that is positive about something else than the Primary does not corroborate it.
[[nodiscard]] bool same_as_primary(const rules::Judgement& remote, const rules::Judgement& primary);

// ------------------------------------------------------------------------------------------------ record, respond

// One attempt, whole. Nothing of it is carried over into the next (BR 3.2.2.9).
struct Attempted {
  std::vector<Gathered> parts;  // the Primary's, then the remotes' where they were asked
  Decision decision;
  Attempted() = default;
};

// Everything about one corroboration, ready to be recorded and told.
struct Corroborated {
  std::string record_id;
  const Caller& caller;
  const CheckedRequest& request;
  const Settings& settings;
  TimePoint received;
  TimePoint decided;
  const std::vector<Attempted>& attempts;  // the last one's decision is what is told
  [[nodiscard]] const Decision& decision() const { return attempts.back().decision; }
};

// 32 hexadecimal digits: the milliseconds of `received` in the first 12, so that what is recorded one after the other
// lies side by side in a store's index, however large that is; the rest is random.
[[nodiscard]] std::string new_record_id(Random& random, TimePoint received);
[[nodiscard]] v1::Statement sign_statement(const v1::StatementBody& body, const evidence::SigningKey& key);
[[nodiscard]] v1::RecordBody record_body(const Corroborated& all);
[[nodiscard]] StoredPlan plan_record(const std::string& record_id, const Caller& caller, const CheckedRequest& request,
                                     const Settings& settings, TimePoint received, const Plan& plan);
// Its statement and how it is stored follow from the body alone: recorded.hpp.

// What a perspective that was not waited for said after the answer; a leaf of its own.
[[nodiscard]] StoredAddendum addendum(const std::string& record_id, const AttemptId& attempt, const PlannedLook& look,
                                      const Reply& reply, bool contradicts);

[[nodiscard]] v1::PerspectiveResult encode(const PerspectiveRow& row);
[[nodiscard]] v1::Decision encode(const Decision& decision, const CheckedRequest& request);
// From what was recorded and from nothing else: so the answer to a repeated request is the same. `leaf`: the record's
// in the log.
[[nodiscard]] v1::CorroborateResponse respond(v1::RecordBody body, v1::Statement statement, std::uint64_t leaf);

}  // namespace mpic::coordinator
