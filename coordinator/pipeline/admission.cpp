#include "coordinator/pipeline/admission.hpp"

#include <fmt/format.h>

#include "common/rules/namespace_policy.hpp"

namespace mpic::coordinator {

Admission::Place::Place(Place&& other) noexcept
    : admission_(std::exchange(other.admission_, nullptr)),
      target_(std::move(other.target_)),
      request_(std::move(other.request_)) {}

Admission::Place::~Place() {
  if (admission_ != nullptr) admission_->leave(target_, request_);
}

Expected<Admission::Place> Admission::enter(const Identifier& identifier, const std::string& client,
                                            const std::string& request_id) {
  std::string target = rules::target_of(identifier);
  // No client's name or id holds a line feed.
  std::string request = request_id.empty() ? std::string() : client + '\n' + request_id;
  const std::lock_guard lock(mutex_);
  std::size_t& open = targets_[target];
  if (open >= per_target_) {
    return fail(ProblemCode::kOverloaded, "identifier",
                fmt::format("{} requests for names under {} are in progress, the limit for one target; try again", open,
                            target));
  }
  if (!request.empty() && !requests_.insert(request).second) {
    if (open == 0) targets_.erase(target);
    return fail(ProblemCode::kOverloaded, "request_id",
                "request_id: a request with this id is in progress; ask again for its answer");
  }
  ++open;
  return Place(*this, std::move(target), std::move(request));
}

void Admission::leave(const std::string& target, const std::string& request) {
  const std::lock_guard lock(mutex_);
  const auto found = targets_.find(target);
  if (found != targets_.end() && --found->second == 0) targets_.erase(found);
  if (!request.empty()) requests_.erase(request);
}

}  // namespace mpic::coordinator
