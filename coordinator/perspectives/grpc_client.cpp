#include "coordinator/perspectives/grpc_client.hpp"

#include <algorithm>

#include "coordinator/perspectives/agent_link.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::chrono::milliseconds kLookAround{100};
constexpr unsigned kLooksPerReading = 10;  // of the TLS files

Reply not_configured(const PerspectiveId& perspective, TimePoint now) {
  Reply reply;
  reply.problem = Problem(ProblemCode::kUnreachable, perspective.text(), "not part of the configuration any more");
  reply.received = now;
  return reply;
}

}  // namespace

GrpcPerspectives::GrpcPerspectives(const Deployment& deployment, std::shared_ptr<rpc::TlsSource> tls, Clock& clock,
                                   std::function<asio::any_io_executor()> executor, telemetry::Metrics& metrics,
                                   HealthBoard& health)
    : tls_(std::move(tls)), clock_(clock), executor_(std::move(executor)), metrics_(metrics), health_(health) {
  apply(deployment);
  keeper_ = std::thread([this] { keep_connected(); });
}

GrpcPerspectives::~GrpcPerspectives() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_one();
  keeper_.join();
  const auto all = links();
  publish(std::make_shared<const Links>());
  for (const auto& [id, link] : all->current) link->close_and_wait();
  for (const Farewell& farewell : all->retired) farewell.link->close_and_wait();
}

std::shared_ptr<const GrpcPerspectives::Links> GrpcPerspectives::links() const {
  const std::lock_guard lock(links_mutex_);
  return links_;
}

void GrpcPerspectives::publish(std::shared_ptr<const Links> next) {
  const std::lock_guard lock(links_mutex_);
  links_.swap(next);
}

std::shared_ptr<AgentLink> GrpcPerspectives::link_to(const PerspectiveId& perspective) const {
  const auto all = links();
  const auto found = all->current.find(perspective);
  return found == all->current.end() ? nullptr : found->second;
}

void GrpcPerspectives::apply(const Deployment& deployment) {
  const std::lock_guard lock(changing_);
  health_.apply(deployment);
  const auto before = links();
  auto next = std::make_shared<Links>();
  next->retired = before->retired;
  std::vector<std::shared_ptr<AgentLink>> left;
  for (const auto& [id, link] : before->current) {
    const PerspectiveEntry* const entry = deployment.find(id);
    if (entry && link->serves(*entry)) {
      next->current.emplace(id, link);
      continue;
    }
    next->retired.push_back({link, clock_.steady_now() + kLongestFarewell});
    left.push_back(link);
  }
  for (const PerspectiveEntry& entry : deployment.perspectives) {
    if (next->current.contains(entry.where.id)) continue;
    next->current.emplace(entry.where.id, std::make_shared<AgentLink>(entry, clock_, executor_(), metrics_, health_));
  }
  // Before its successor can connect: both tell the same metrics and the same health.
  for (const auto& link : left) link->retire();
  publish(next);
}

void GrpcPerspectives::see_off() {
  if (links()->retired.empty()) return;
  const std::lock_guard lock(changing_);
  const auto before = links();
  auto next = std::make_shared<Links>(*before);
  std::erase_if(next->retired, [](const Farewell& farewell) { return farewell.link->has_ended(); });
  for (const Farewell& farewell : next->retired) {
    if (clock_.steady_now() >= farewell.until) farewell.link->close();
  }
  if (next->retired.size() != before->retired.size()) publish(next);
}

void GrpcPerspectives::keep_connected() {
  std::shared_ptr<const rpc::TlsMaterial> material;
  std::unique_lock lock(mutex_);
  for (unsigned look = 0; !stopping_; ++look) {
    lock.unlock();
    if (look % kLooksPerReading == 0) material = tls_->current();
    const auto all = links();
    for (const auto& [id, link] : all->current) link->connect_if_needed(material);
    see_off();
    lock.lock();
    stop_.wait_for(lock, kLookAround, [this] { return stopping_; });
  }
}

void GrpcPerspectives::observe(const PerspectiveId& perspective, const AttemptId& attempt, std::string assignment,
                               Done done) {
  // A link may retire while it is looked up. Its successor is there in a moment, unless the perspective was removed.
  while (const auto link = link_to(perspective)) {
    if (link->observe(attempt, assignment, done)) return;
    std::this_thread::yield();
  }
  done(not_configured(perspective, clock_.now()));
}

void GrpcPerspectives::cancel(const PerspectiveId& perspective, const AttemptId& attempt) {
  const auto all = links();
  const auto found = all->current.find(perspective);
  if (found != all->current.end()) found->second->cancel(attempt);
  for (const Farewell& farewell : all->retired) {
    if (farewell.link->leads_to(perspective)) farewell.link->cancel(attempt);
  }
}

LinkState GrpcPerspectives::state(const PerspectiveId& perspective) const {
  const auto link = link_to(perspective);
  return link ? link->state() : LinkState{false, "not part of the configuration", std::nullopt, clock_.now()};
}

}  // namespace mpic::coordinator
