// The stages of a corroboration, in order, and the types that pass between them:
//
//   request → primary → plan → fan out → collect → verify → decide → record → respond
//
// Each stage is one file of this folder; corroborate.cpp is the sentence. Only primary, fan out, collect and record do
// I/O; the others are plain functions of their arguments.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
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
#include "coordinator/perspectives/deployment.hpp"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::coordinator {

// ------------------------------------------------------------------------------------------------ request

// Who asks, as the transport authenticated it.
struct Caller {
  std::string client;  // configured name
};

struct CheckedRequest {
  v1::CorroborateRequest original;  // what is recorded
  Identifier identifier;
  std::optional<DnsName> authorization_domain;
  std::optional<DcvQuestion> dcv;
  std::optional<CaaQuestion> caa;
  QuorumPolicy quorum;  // the day's policy, or stricter where the request says so
  std::chrono::milliseconds budget;
};

struct RequestLimits {
  std::chrono::milliseconds default_deadline{20'000};
  std::chrono::milliseconds look{10'000};  // the most that one perspective gets
};

// kInvalidArgument or kNotSupported naming the field; kPolicy with the clause for what the BR forbid; never a guess.
[[nodiscard]] Expected<CheckedRequest> check_request(const v1::CorroborateRequest& request, const Deployment& deployment,
                                                     const RequestLimits& limits, TimePoint now);

// ------------------------------------------------------------------------------------------------ plan

// One perspective's part of an attempt, as it will be sent.
struct PlannedLook {
  const PerspectiveEntry* perspective;
  std::string reason;
  Assignment assignment;
  std::string octets;  // of the assignment: what the observation's digest is over
};

struct Plan {
  AttemptId attempt{};
  TimePoint started{};
  std::vector<PlannedLook> looks;
  Plan() = default;  // no aggregate: g++ 12 destroys those twice in a co_await expression (docs/toolchain.md)
};

struct PlanInput {
  const CheckedRequest& request;
  const Deployment& deployment;
  AttemptId attempt;
  TimePoint now;
  std::chrono::milliseconds budget;
};
[[nodiscard]] Plan plan_primary(const PlanInput& input, Random& random);
// Every configured remote and shadow: how many are asked is fixed by configuration, never by health.
[[nodiscard]] Plan plan_remotes(const PlanInput& input, Random& random);

// ------------------------------------------------------------------------------------------------ fan out, collect

struct Arrival {
  std::size_t look;  // index into Plan::looks; plan size: time is up
  Reply reply;
};
using Arrivals = std::shared_ptr<Mailbox<Arrival>>;

void fan_out(const Plan& plan, PerspectiveClient& client, const Arrivals& arrivals, asio::any_io_executor executor);
// One reply for each look, in the order of the plan. What has not come by the deadline is kUnreachable and is cancelled.
asio::awaitable<std::vector<Reply>> collect(const Plan& plan, PerspectiveClient& client, Arrivals arrivals, Clock& clock,
                                            Deadline deadline);

// ------------------------------------------------------------------------------------------------ verify

// What one perspective contributed, judged again here: an agent's opinion is never asked.
struct JudgedLook {
  const PerspectiveEntry* perspective;
  std::optional<rules::Judgement> dcv;  // one for each check asked, always
  std::optional<rules::Judgement> caa;
  std::vector<std::string> lab_relaxations;
  std::optional<TimePoint> caa_started;  // of the first CAA query: usable_until counts from it
  std::chrono::milliseconds elapsed{0};
};

[[nodiscard]] JudgedLook verify(const PlannedLook& look, const Reply& reply, TimePoint started);
[[nodiscard]] std::vector<JudgedLook> verify(const Plan& plan, const std::vector<Reply>& replies);

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
};

struct CheckDecision {
  CheckKind kind;
  Verdict verdict;   // by the rules alone; Decision says whether it can be relied on
  QuorumDecision quorum;
  std::string clause;
  std::string explanation;
  std::vector<PerspectiveRow> rows;          // Primary first
  std::optional<rules::CaaFinding> caa;      // the Primary's
  std::optional<TimePoint> usable_until;
};

struct Decision {
  Verdict verdict;                  // what is told
  Verdict by_rules;                 // what the rules alone say
  std::vector<std::string> not_enforceable;  // why the two differ
  bool basis_for_issuance = false;  // the one field that a pipeline tests
  std::vector<CheckDecision> checks;
  std::vector<std::string> findings;
};

struct DecisionInput {
  const CheckedRequest& request;
  const Deployment& deployment;
  const JudgedLook& primary;
  const std::vector<JudgedLook>& remotes;  // empty when the Primary ended it
};
[[nodiscard]] Decision decide(const DecisionInput& input);

// ------------------------------------------------------------------------------------------------ record, respond

// Everything about one corroboration, ready to be recorded and told.
struct Corroborated {
  std::string record_id;
  const Caller& caller;
  const CheckedRequest& request;
  const Deployment& deployment;
  Digest snapshot;
  TimePoint received;
  TimePoint decided;
  const std::vector<std::pair<Plan, std::vector<Reply>>>& attempts;  // Primary's, then the remotes'
  const Decision& decision;
};

[[nodiscard]] v1::Statement sign_statement(const v1::StatementBody& body, const evidence::SigningKey& key);
[[nodiscard]] v1::RecordBody record_body(const Corroborated& all);
[[nodiscard]] StoredPlan plan_record(const std::string& record_id, const Caller& caller, const CheckedRequest& request,
                                     const Deployment& deployment, const Digest& snapshot, TimePoint received,
                                     const Plan& plan);
// The record with its statement signed, as it is stored.
[[nodiscard]] StoredRecord stored_record(const Corroborated& all, const evidence::SigningKey& key);

[[nodiscard]] v1::Decision encode(const Decision& decision);
[[nodiscard]] v1::CorroborateResponse respond(const Corroborated& all, const StoredRecord& stored);

}  // namespace mpic::coordinator
