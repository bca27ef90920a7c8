// The plans of a record, read back into what the pipeline works with, and held against the request and the deployment
// that they were made for (BR 3.2.2.9). Pure.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "coordinator/audit/deviations.hpp"
#include "coordinator/pipeline/stages.hpp"
#include "mpic/v1/record.pb.h"

namespace mpic::coordinator {

// Clocks are set now and then; times of one record that are further out of order than this are wrong.
inline constexpr std::chrono::seconds kMostDisorder = kMaxClockDifference;

// Roots as they came in messages. Evidence that came in one message shares one, also across records, so that its
// signature is verified once. For one thread at a time.
class RootCache {
 public:
  [[nodiscard]] std::shared_ptr<const evidence::ReceivedRoot> of(const v1::SignedRoot& root);

 private:
  static constexpr std::size_t kMost = 4'096;  // then it is begun anew
  std::map<std::string, std::shared_ptr<const evidence::ReceivedRoot>, std::less<>> roots_;
};

// None for a time that no record has; throws Unreadable, naming it.
[[nodiscard]] TimePoint moment_of(const google::protobuf::Timestamp& when, std::string_view what);

// For one record. Everything it is made from outlives it. What is read refers to the deployment.
class PlanReader {
 public:
  PlanReader(const v1::RecordBody& body, const Deployment& deployment, const CheckedRequest& request, RootCache& roots,
             Deviations& out)
      : body_(body), deployment_(deployment), request_(request), roots_(roots), out_(out) {}

  // A plan with what came of it, each look judged again; `pending` are those that were not waited for. Throws
  // Unreadable.
  [[nodiscard]] Gathered read(const v1::AttemptRecord& attempt);
  // The plan alone, of a record without a result.
  [[nodiscard]] Plan read_plan(const v1::AttemptRecord& attempt);
  // One look of it with another reply than the recorded one.
  [[nodiscard]] JudgedLook judge(const v1::AttemptRecord& attempt, const v1::PlannedPerspective& planned);

  // That a plan is the configured Primary's, or the asserted one's, and nobody else's.
  void check_primary(const Plan& plan);
  // That a plan asks, or passes over, each remote and asks each shadow, in their order; as many as configuration and
  // policy demand, of the cohort whose turn it is.
  void check_remotes(const Plan& plan);

 private:
  [[nodiscard]] PlannedLook look_of(const v1::AttemptRecord& attempt, const v1::PlannedPerspective& planned);
  [[nodiscard]] PlannedLook asserted_look(const v1::AttemptRecord& attempt, const v1::PlannedPerspective& planned);
  [[nodiscard]] Reply reply_of(const v1::PlannedPerspective& planned, TimePoint sent);
  void check_entry(const v1::PlannedPerspective& planned, const PerspectiveEntry& entry);
  void check_assignment(const v1::AttemptRecord& attempt, const v1::PlannedPerspective& planned,
                        const PlannedLook& look);
  void check_number_asked(const Plan& plan, std::string_view check, bool (*was_asked)(const Assignment&));
  void check_order(TimePoint first, TimePoint second, std::string why);

  const v1::RecordBody& body_;
  const Deployment& deployment_;
  const CheckedRequest& request_;
  RootCache& roots_;
  Deviations& out_;
  std::set<Nonce> nonces_;
};

}  // namespace mpic::coordinator
