#include "coordinator/rest/orchestration.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "coordinator/policy/planning_check.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::int64_t kMostAttempts = 5;  // check_request() says the same

std::size_t remotes_of(const Deployment& deployment) {
  const auto is_remote = [](const PerspectiveEntry& entry) { return entry.where.role == Role::kRemote; };
  return static_cast<std::size_t>(
      std::count_if(deployment.perspectives.begin(), deployment.perspectives.end(), is_remote));
}

class Applied {
 public:
  Applied(const Deployment& deployment, const QuorumPolicy& policy, OpenMpicRequest& request)
      : deployment_(deployment), policy_(policy), asked_(request.orchestration), out_(request.request) {}

  ValidationIssues run() {
    count();
    quorum();
    attempts();
    cohort();
    return std::move(issues_);
  }

 private:
  void issue(const char* type, std::int64_t number, const std::string& why) {
    issues_.push_back({type, fmt::format("{}: {}", number, why)});
  }

  void count() {
    if (!asked_.perspective_count) return;
    const std::int64_t number = *asked_.perspective_count;
    const auto least = static_cast<std::int64_t>(policy_.min_remotes);
    const auto most = static_cast<std::int64_t>(remotes_of(deployment_) / deployment_.planning.cohorts);
    if (number < least) {
      return issue("invalid-perspective-count", number,
                   fmt::format("the policy of the day demands at least {} remote perspectives (BR 3.2.2.9)", least));
    }
    if (number > most) {
      return issue("invalid-perspective-count", number, fmt::format("this deployment can ask {}", most));
    }
    out_.mutable_stricter()->set_min_remotes(static_cast<std::uint32_t>(number));
  }

  // What is allowed to fail goes by how many are asked, which may be more than the request says.
  void quorum() {
    if (!asked_.quorum_count) return;
    const std::int64_t number = *asked_.quorum_count;
    const std::size_t configured = remotes_asked(deployment_.planning, remotes_of(deployment_));
    const std::size_t remotes = std::max<std::size_t>({configured, policy_.min_remotes, out_.stricter().min_remotes()});
    const auto least = static_cast<std::int64_t>(remotes - allowed_failures(remotes));
    if (number < 1 || number > static_cast<std::int64_t>(remotes)) {
      return issue("invalid-quorum-count", number, fmt::format("{} remote perspectives are asked", remotes));
    }
    if (number < least && !deployment_.is_custom()) {
      return issue("invalid-quorum-count", number,
                   fmt::format("of {} remote perspectives at least {} must corroborate (BR 3.2.2.9)", remotes, least));
    }
    if (number > least) out_.mutable_stricter()->set_min_corroborations(static_cast<std::uint32_t>(number));
  }

  void attempts() {
    if (!asked_.max_attempts) return;
    const std::int64_t number = *asked_.max_attempts;
    if (number < 1 || number > kMostAttempts) {
      return issue("invalid-max-attempts", number, fmt::format("1 to {} attempts are made", kMostAttempts));
    }
    out_.set_max_attempts(static_cast<std::uint32_t>(number));
  }

  void cohort() {
    if (!asked_.cohort) return;
    const std::int64_t number = *asked_.cohort;
    const auto most = static_cast<std::int64_t>(deployment_.planning.cohorts);
    if (number < 1 || number > most) {
      return issue("invalid-cohort", number,
                   fmt::format("cohorts are numbered from 1, and this deployment has {}", most));
    }
    if (out_.max_attempts() > 1) {
      return issue("invalid-cohort", number, "a cohort is for a single attempt: leave out max_attempts");
    }
    out_.set_cohort(static_cast<std::uint32_t>(number));
  }

  const Deployment& deployment_;
  const QuorumPolicy& policy_;
  const Orchestration& asked_;
  v1::CorroborateRequest& out_;
  ValidationIssues issues_;
};

}  // namespace

OpenMpicTold told_numbers(const Deployment& deployment, const QuorumPolicy& policy) {
  OpenMpicTold out;
  out.remotes = std::max(remotes_asked(deployment.planning, remotes_of(deployment)), policy.min_remotes);
  out.least_corroborations = out.remotes - allowed_failures(out.remotes);
  return out;
}

ValidationIssues apply_orchestration(const Deployment& deployment, const QuorumPolicy& policy,
                                     OpenMpicRequest& request) {
  return Applied(deployment, policy, request).run();
}

}  // namespace mpic::coordinator
