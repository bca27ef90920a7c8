// A coordinator's streams to agents of a test's own, over real gRPC and mutual TLS.
#pragma once

#include <grpcpp/server_builder.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
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

namespace mpic::test {

using namespace coordinator;

inline constexpr std::chrono::seconds kPatience{10};

struct LinkKeys {
  LinkKeys() : folder(std::filesystem::temp_directory_path() / ("mpic-link-test-" + std::to_string(getpid()))) {
    rpc::restrict_tls();
    cli::KeysDevOptions options;
    options.directory = folder;
    options.agents = {"eu-west"};
    options.clients = {"nobody"};
    std::ostringstream ignored;
    if (cli::run_keys_dev(options, ignored, ignored) != cli::kKeysDevDone) throw std::runtime_error(ignored.str());
  }
  ~LinkKeys() { std::filesystem::remove_all(folder); }
  std::filesystem::path folder;
};

inline const std::filesystem::path& link_keys() {
  static const LinkKeys made;
  return made.folder;
}

// Reads nothing until it is told to, then keeps what it was sent.
class LinkedAgent final : public v1::Perspective::Service {
 public:
  LinkedAgent() {
    const std::filesystem::path& keys = link_keys();
    grpc::ServerBuilder builder;
    const rpc::TlsFiles tls{keys / "ca.pem", keys / "agents/eu-west/tls.pem", keys / "agents/eu-west/tls.key"};
    builder.AddListeningPort("127.0.0.1:0", rpc::server_credentials(tls), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    if (!server_) throw std::runtime_error("no loopback port for the agent");
  }
  ~LinkedAgent() override { stop(); }

  grpc::Status Observe(grpc::ServerContext* context,
                       grpc::ServerReaderWriter<v1::FromAgent, v1::ToAgent>* stream) override {
    if (greeting) {
      stream->Write(*greeting);  // one packet: that the stream is open, and the first message on it
    } else {
      stream->SendInitialMetadata();
    }
    {
      const std::lock_guard lock(mutex_);
      stream_ = stream;
      context_ = context;
      const auto sans = rpc::peer_sans(*context->auth_context());
      caller_ = sans.empty() ? "" : sans.front();
      ++streams_;
    }
    while (!reads && !context->IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    for (v1::ToAgent message; stream->Read(&message);) {
      const std::lock_guard lock(mutex_);
      for (const std::string& assignment : message.assignments()) assignments_.insert(assignment.substr(0, 16));
      for (const v1::Cancel& cancel : message.cancels()) cancels_.insert(cancel.attempt_id());
    }
    const std::lock_guard lock(mutex_);
    if (stream_ != stream) return grpc::Status::OK;
    stream_ = nullptr;
    context_ = nullptr;
    return grpc::Status::OK;
  }

  void say(const v1::FromAgent& message) {
    const std::lock_guard lock(mutex_);
    if (stream_) stream_->Write(message);
  }
  void refuse(const AttemptId& attempt) {
    v1::FromAgent message;
    v1::Refusal& refusal = *message.add_items()->mutable_refusal();
    refusal.set_attempt_id(attempt.data(), attempt.size());
    refusal.mutable_problem()->set_code(v1::PROBLEM_CODE_OVERLOADED);
    refusal.mutable_problem()->set_detail("enough");
    say(message);
  }
  [[nodiscard]] bool has_stream() const {
    const std::lock_guard lock(mutex_);
    return stream_ != nullptr;
  }
  void hang_up() {
    const std::lock_guard lock(mutex_);
    if (context_) context_->TryCancel();
  }
  [[nodiscard]] std::string caller() const {
    const std::lock_guard lock(mutex_);
    return caller_;
  }
  [[nodiscard]] int streams() const {
    const std::lock_guard lock(mutex_);
    return streams_;
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
  std::optional<v1::FromAgent> greeting;  // said as soon as a stream is open; set before any is

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  mutable std::mutex mutex_;  // guards what follows
  grpc::ServerReaderWriter<v1::FromAgent, v1::ToAgent>* stream_ = nullptr;
  grpc::ServerContext* context_ = nullptr;
  std::string caller_;  // its first SAN
  int streams_ = 0;     // that were ever opened
  std::set<std::string> assignments_;
  std::set<std::string> cancels_;
};

inline bool eventually(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

inline rpc::TlsFiles coordinators_files() {
  return {link_keys() / "ca.pem", link_keys() / "coordinator/tls.pem", link_keys() / "coordinator/tls.key"};
}

inline PerspectiveEntry entry_of(const PerspectiveId& id, const std::string& address) {
  PerspectiveEntry entry{.where = {.id = id}};
  entry.address = address;
  entry.tls_name = "eu-west.agents.mpic.internal";
  return entry;
}

// The coordinator's side.
struct Linked {
  explicit Linked(const LinkedAgent& agent, const rpc::TlsFiles& files = coordinators_files())
      : health(deployment_of({entry_of(id, agent.address())}), clock) {
    client = std::make_unique<GrpcPerspectives>(
        deployment_of({entry_of(id, agent.address())}), std::make_shared<rpc::TlsSource>(files), clock,
        [this] { return threads.next().get_executor(); }, metrics, health);
    REQUIRE(eventually([this] { return client->state(id).connected; }));
  }
  static Deployment deployment_of(std::vector<PerspectiveEntry> entries) {
    Deployment out;
    out.perspectives = std::move(entries);
    return out;
  }
  [[nodiscard]] std::string gauge() const {
    const std::string all = metrics.text();
    const std::string name = "mpic_perspective_connected{perspective=\"eu-west\"} ";
    return all.substr(all.find(name) + name.size(), 1);
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
  SystemClock clock;
  telemetry::Metrics metrics;
  HealthBoard health;
  IoThreads threads{1};
  std::mutex mutex;
  std::vector<std::string> problems;
  std::unique_ptr<GrpcPerspectives> client;  // goes first: it ends the stream
};

}  // namespace mpic::test
