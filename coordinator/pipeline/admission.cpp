#include "coordinator/pipeline/admission.hpp"

#include <fmt/format.h>

#include <utility>

namespace mpic::coordinator {

Admission::Place::Place(Place&& other) noexcept
    : admission_(std::exchange(other.admission_, nullptr)),
      targets_(std::move(other.targets_)),
      request_(std::move(other.request_)) {}

Admission::Place::~Place() {
  if (admission_ != nullptr) admission_->leave(targets_, request_);
}

Expected<Admission::Place> Admission::enter(std::set<std::string> targets, const std::string& client,
                                            const std::string& request_id) {
  // No client's name or id holds a line feed.
  std::string request = request_id.empty() ? std::string() : client + '\n' + request_id;
  const std::lock_guard lock(mutex_);
  for (const std::string& target : targets) {
    const auto open = targets_.find(target);
    if (open == targets_.end() || open->second < per_target_) continue;
    return fail(ProblemCode::kOverloaded, "identifier",
                fmt::format("{} requests for names under {} are in progress, the limit for one target; try again",
                            open->second, target));
  }
  if (!request.empty() && !requests_.insert(request).second) {
    return fail(ProblemCode::kOverloaded, "request_id",
                "request_id: a request with this id is in progress; ask again for its answer");
  }
  for (const std::string& target : targets) ++targets_[target];
  return Place(*this, std::move(targets), std::move(request));
}

void Admission::leave(const std::set<std::string>& targets, const std::string& request) {
  const std::lock_guard lock(mutex_);
  for (const std::string& target : targets) {
    const auto found = targets_.find(target);
    if (found != targets_.end() && --found->second == 0) targets_.erase(found);
  }
  if (!request.empty()) requests_.erase(request);
}

}  // namespace mpic::coordinator
