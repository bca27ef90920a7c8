// The coordinator's stream to one agent, against an agent of the test's own: what is queued is bounded, what was
// cancelled before it was sent never is, and what breaks is known at once.
#include <grpcpp/server_builder.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <set>
#include <sstream>
#include <thread>

#include "cli/keys_dev.hpp"
#include "common/async/io_threads.hpp"
#include "common/rpc/credentials.hpp"
#include "coordinator/perspectives/agent_link.hpp"
#include "coordinator/perspectives/grpc_client.hpp"
#include "mpic/v1/agent.grpc.pb.h"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::coordinator;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::seconds kPatience{10};

// Reads nothing until it is told to, then keeps what it was sent.
class Agent final : public v1::Perspective::Service {
 public:
  explicit Agent(const std::filesystem::path& keys) {
    grpc::ServerBuilder builder;
    const rpc::TlsFiles tls{keys / "ca.pem", keys / "agents/eu-west/tls.pem", keys / "agents/eu-west/tls.key"};
    builder.AddListeningPort("127.0.0.1:0", rpc::server_credentials(tls), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    if (!server_) throw std::runtime_error("no loopback port for the agent");
  }
  ~Agent() override { stop(); }

  grpc::Status Observe(grpc::ServerContext* context,
                       grpc::ServerReaderWriter<v1::FromAgent, v1::ToAgent>* stream) override {
    stream->SendInitialMetadata();
    while (!reads && !context->IsCancelled()) std::this_thread::sleep_for(5ms);
    for (v1::ToAgent message; stream->Read(&message);) {
      const std::lock_guard lock(mutex_);
      for (const std::string& assignment : message.assignments()) assignments_.insert(assignment.substr(0, 16));
      for (const v1::Cancel& cancel : message.cancels()) cancels_.insert(cancel.attempt_id());
    }
    return grpc::Status::OK;
  }

  void stop() { server_->Shutdown(std::chrono::system_clock::now()); }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] bool was_sent(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    return assignments_.contains(id);
  }
  [[nodiscard]] std::set<std::string> cancels() const {
    const std::lock_guard lock(mutex_);
    return cancels_;
  }

  std::atomic<bool> reads{false};

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  mutable std::mutex mutex_;
  std::set<std::string> assignments_;
  std::set<std::string> cancels_;
};

struct Keys {
  Keys() : folder(std::filesystem::temp_directory_path() / ("mpic-link-test-" + std::to_string(getpid()))) {
    rpc::restrict_tls();
    cli::KeysDevOptions options;
    options.directory = folder;
    options.agents = {"eu-west"};
    options.clients = {"nobody"};
    std::ostringstream ignored;
    if (cli::run_keys_dev(options, ignored, ignored) != cli::kKeysDevDone) throw std::runtime_error(ignored.str());
  }
  ~Keys() { std::filesystem::remove_all(folder); }
  std::filesystem::path folder;
};

const std::filesystem::path& keys() {
  static const Keys made;
  return made.folder;
}

bool eventually(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

// The coordinator's side.
struct Linked {
  explicit Linked(const Agent& agent) {
    PerspectiveEntry entry{.where = {.id = id}};
    entry.address = agent.address();
    entry.tls_name = "eu-west.agents.mpic.internal";
    deployment.perspectives.push_back(std::move(entry));
    const rpc::TlsFiles tls{keys() / "ca.pem", keys() / "coordinator/tls.pem", keys() / "coordinator/tls.key"};
    client = std::make_unique<GrpcPerspectives>(
        deployment, tls, clock, [this] { return threads.next().get_executor(); }, metrics);
    REQUIRE(eventually([this] { return client->state(id).connected; }));
  }

  // An attempt numbered `n`; its assignment begins with its id.
  AttemptId observe(std::uint32_t n, std::size_t octets) {
    AttemptId attempt{};
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&n), sizeof n, attempt.begin());
    std::string assignment = text(attempt);
    assignment.resize(octets, 'a');
    client->observe(id, attempt, std::move(assignment), [this](Reply reply) {
      const std::lock_guard lock(mutex);
      problems.push_back(reply.problem ? reply.problem->detail : "evidence");
    });
    return attempt;
  }

  static std::string text(const AttemptId& attempt) { return {attempt.begin(), attempt.end()}; }
  [[nodiscard]] std::vector<std::string> heard() {
    const std::lock_guard lock(mutex);
    return problems;
  }

  PerspectiveId id = PerspectiveId::parse("eu-west").value();
  Deployment deployment;
  SystemClock clock;
  telemetry::Metrics metrics;
  IoThreads threads{1};
  std::mutex mutex;
  std::vector<std::string> problems;
  std::unique_ptr<GrpcPerspectives> client;  // goes first: it ends the stream
};

}  // namespace

TEST_CASE("what an agent does not read is queued up to a bound, then unreachable at once", "[link]") {
  Agent agent(keys());
  Linked link(agent);
  constexpr std::size_t kSize = 64 * 1024;
  constexpr std::uint32_t kFits = kMaxQueuedOctets / kSize;
  for (std::uint32_t n = 0; n < 6 * kFits; ++n) link.observe(n, kSize);
  const auto heard = link.heard();
  REQUIRE(heard.size() > 3 * kFits);  // gRPC and the connection hold some, too
  REQUIRE(heard.size() <= 5 * kFits);
  for (const std::string& problem : heard) CHECK(problem == "the queue to the agent is full");
}

TEST_CASE("what is cancelled before it was sent is never sent, and of the rest the agent is told", "[link]") {
  Agent agent(keys());
  Linked link(agent);
  // Fills what gRPC and the connection hold, so that the last ones wait in the queue.
  const AttemptId first = link.observe(0, 1'000);
  std::this_thread::sleep_for(50ms);
  for (std::uint32_t n = 1; n < 100; ++n) link.observe(n, 64 * 1024);
  const AttemptId last = link.observe(100, 1'000);
  link.client->cancel(link.id, last);
  link.client->cancel(link.id, first);
  const AttemptId after = link.observe(101, 1'000);
  agent.reads = true;
  REQUIRE(eventually([&] { return agent.was_sent(Linked::text(after)); }));
  REQUIRE(eventually([&] { return !agent.cancels().empty(); }));
  CHECK(agent.was_sent(Linked::text(first)));
  CHECK_FALSE(agent.was_sent(Linked::text(last)));
  CHECK(agent.cancels() == std::set<std::string>{Linked::text(first)});
  CHECK(link.heard().empty());
}

TEST_CASE("a stream that breaks makes its attempts unreachable at once, and nothing is sent again", "[link]") {
  std::optional<Agent> agent(std::in_place, keys());
  Linked link(*agent);
  const AttemptId lost = link.observe(0, 1'000);
  agent->stop();
  REQUIRE(eventually([&] { return link.heard().size() == 1; }));
  CHECK_THAT(link.heard().front(), Catch::Matchers::Contains("broke"));
  REQUIRE(eventually([&] { return !link.client->state(link.id).connected; }));
  link.observe(1, 1'000);
  CHECK_THAT(link.heard().back(), Catch::Matchers::Contains("no connection to the agent"));
  link.client->cancel(link.id, lost);  // has ended already: no effect
}
