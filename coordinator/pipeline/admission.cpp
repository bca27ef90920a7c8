#include "coordinator/pipeline/admission.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mpic::coordinator {

std::string_view to_string(Refusal refusal) {
  switch (refusal) {
    case Refusal::kInAll:
      return "in_all";
    case Refusal::kShare:
      return "fair_share";
    case Refusal::kClient:
      return "client";
    case Refusal::kTarget:
      return "target";
    case Refusal::kRequestId:
      return "request_id";
    case Refusal::kNoTime:
      return "deadline";
    case Refusal::kClosed:
      return "shutting_down";
  }
  return "";
}

Problem shutting_down() { return {ProblemCode::kInternal, "coordinator", "this coordinator is shutting down"}; }

Admission::Seat::Seat(Seat&& other) noexcept
    : admission_(std::exchange(other.admission_, nullptr)), client_(std::move(other.client_)) {}

Admission::Seat::~Seat() {
  if (admission_ != nullptr) admission_->leave_seat(client_);
}

Admission::Place::Place(Place&& other) noexcept
    : admission_(std::exchange(other.admission_, nullptr)),
      targets_(std::move(other.targets_)),
      request_(std::move(other.request_)) {}

Admission::Place::~Place() {
  if (admission_ != nullptr) admission_->leave(targets_, request_);
}

Admission::Admission(const AdmissionLimits& limits, const std::vector<ClientEntry>& clients, Watcher* watcher)
    : watcher_(watcher) {
  apply(limits, clients);
}

void Admission::apply(const AdmissionLimits& limits, const std::vector<ClientEntry>& clients) {
  std::list<Waiting> lucky;
  {
    const Lock lock(mutex_);
    limits_ = limits;
    client_limits_.clear();
    for (const ClientEntry& client : clients) client_limits_[client.name] = client.open_requests;
    lucky = take_for_waiting();
  }
  grant(std::move(lucky));
}

Expected<Admission::Seat> Admission::seat(const std::string& client) {
  const Lock lock(mutex_);
  if (closed_) return refuse_closed();
  if (const auto why = why_not(client)) return refuse(*why, "coordinator", explain(*why, client));
  take(client);
  return Seat(*this, client);
}

void Admission::wait_for_seat(const std::string& client, const void* ticket, Granted granted) {
  std::optional<Unexpected> closed;
  {
    const Lock lock(mutex_);
    if (closed_) closed = refuse_closed();
    if (!closed && why_not(client)) {
      waiting_.push_back({client, ticket, std::move(granted)});
      if (watcher_ != nullptr) watcher_->waiting(waiting_.size());
      return;
    }
    if (!closed) take(client);
  }
  if (closed) return granted(*closed);
  granted(Seat(*this, client));
}

bool Admission::give_up(const void* ticket) {
  WaitingList left;  // destroyed after the lock is released
  const Lock lock(mutex_);
  const auto found =
      std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& waiting) { return waiting.ticket == ticket; });
  if (found == waiting_.end()) return false;
  left.splice(left.end(), waiting_, found);
  if (watcher_ != nullptr) watcher_->waiting(waiting_.size());
  return true;
}

void Admission::close() {
  WaitingList refused;
  {
    const Lock lock(mutex_);
    closed_ = true;
    refused.swap(waiting_);
    if (watcher_ != nullptr) watcher_->waiting(0);
    for (std::size_t i = 0; i < refused.size(); ++i) (void)refuse_closed();
  }
  for (const Waiting& waiting : refused) waiting.granted(Unexpected(shutting_down()));
}

Expected<Admission::Place> Admission::enter(std::set<std::string> targets, const std::string& client,
                                            const std::string& request_id) {
  // No client's name or id holds a line feed.
  std::string request = request_id.empty() ? std::string() : client + '\n' + request_id;
  const Lock lock(mutex_);
  for (const std::string& target : targets) {
    const auto open = targets_.find(target);
    if (open == targets_.end() || open->second < limits_.open_requests_per_target) continue;
    return refuse(Refusal::kTarget, "identifier",
                  fmt::format("{} requests for names under {} are in progress, the limit for one target; try again",
                              open->second, target));
  }
  if (!request.empty() && !requests_.insert(request).second) {
    return refuse(Refusal::kRequestId, "request_id",
                  "request_id: a request with this id is in progress; ask again for its answer");
  }
  for (const std::string& target : targets) ++targets_[target];
  return Place(*this, std::move(targets), std::move(request));
}

void Admission::leave(const std::set<std::string>& targets, const std::string& request) {
  const Lock lock(mutex_);
  for (const std::string& target : targets) {
    const auto found = targets_.find(target);
    if (found != targets_.end() && --found->second == 0) targets_.erase(found);
  }
  if (!request.empty()) requests_.erase(request);
}

void Admission::leave_seat(const std::string& client) {
  WaitingList lucky;
  {
    const Lock lock(mutex_);
    --open_;
    const auto found = clients_.find(client);
    if (found != clients_.end() && --found->second == 0) clients_.erase(found);
    tell(client);
    lucky = take_for_waiting();
  }
  grant(std::move(lucky));
}

void Admission::grant(WaitingList lucky) {
  for (const Waiting& waiting : lucky) waiting.granted(Seat(*this, waiting.client));
}

std::optional<Refusal> Admission::why_not(const std::string& client) const {
  const std::size_t open = open_of(client);
  const auto own = client_limits_.find(client);
  if (own != client_limits_.end() && own->second != 0 && open >= own->second) return Refusal::kClient;
  if (open_ >= limits_.open_requests) return Refusal::kInAll;
  const std::size_t last_tenth = (limits_.open_requests + 9) / 10;
  if (open_ >= limits_.open_requests - last_tenth && open >= fair_share(client)) return Refusal::kShare;
  return std::nullopt;
}

Unexpected Admission::refuse_closed() const {
  if (watcher_ != nullptr) watcher_->refused(Refusal::kClosed);
  return Unexpected(shutting_down());
}

Unexpected Admission::refuse(Refusal why, std::string where, std::string detail) const {
  if (watcher_ != nullptr) watcher_->refused(why);
  return fail(ProblemCode::kOverloaded, std::move(where), std::move(detail));
}

std::string Admission::explain(Refusal why, const std::string& client) const {
  const std::size_t open = open_of(client);
  if (why == Refusal::kClient) {
    return fmt::format("{} requests of this client are in progress, its limit; try again", open);
  }
  if (why == Refusal::kInAll) return fmt::format("{} requests are in progress, the limit; try again", open_);
  return fmt::format(
      "{} requests are in progress, {} of them this client's; what is left of {} is for clients with less than their "
      "fair share of {}; try again",
      open_, open, limits_.open_requests, fair_share(client));
}

std::size_t Admission::open_of(const std::string& client) const {
  const auto found = clients_.find(client);
  return found == clients_.end() ? 0 : found->second;
}

std::size_t Admission::fair_share(const std::string& client) const {
  const std::size_t with_this = clients_.size() + (clients_.contains(client) ? 0 : 1);
  const std::size_t known = std::max(client_limits_.size(), with_this);
  return std::max<std::size_t>(limits_.open_requests / std::min(with_this + 1, known), 1);
}

void Admission::take(const std::string& client) {
  ++open_;
  ++clients_[client];
  tell(client);
}

// A place for each of those that wait and may have one now, in their order.
Admission::WaitingList Admission::take_for_waiting() {
  WaitingList lucky;
  for (auto next = waiting_.begin(); next != waiting_.end() && open_ < limits_.open_requests;) {
    const auto waiting = next++;
    if (why_not(waiting->client)) continue;
    take(waiting->client);
    lucky.splice(lucky.end(), waiting_, waiting);
  }
  if (watcher_ != nullptr && !lucky.empty()) watcher_->waiting(waiting_.size());
  return lucky;
}

void Admission::tell(const std::string& client) const {
  if (watcher_ != nullptr) watcher_->in_progress(client, open_of(client));
}

}  // namespace mpic::coordinator
