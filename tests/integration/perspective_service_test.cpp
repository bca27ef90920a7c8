// The Perspective service over real gRPC and mutual TLS: who may call, what a broken stream leaves behind,
// how it stops.
#include "agent/service/perspective_service.hpp"

#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <sstream>
#include <thread>

#include "cli/keys_dev.hpp"
#include "common/rpc/credentials.hpp"
#include "common/wire/convert.hpp"
#include "tests/support/agent_under_test.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;

namespace {

using Stream = grpc::ClientReaderWriter<v1::ToAgent, v1::FromAgent>;

// A development CA in a folder of its own, for all cases of this file.
const std::filesystem::path& keys() {
  struct Keys {
    Keys() : folder(std::filesystem::temp_directory_path() / ("mpic-service-test-" + std::to_string(getpid()))) {
      rpc::restrict_tls();
      cli::KeysDevOptions options;
      options.directory = folder;
      options.agents = {"eu-west"};
      options.clients = {"stranger"};
      std::ostringstream ignored;
      if (cli::run_keys_dev(options, ignored, ignored) != cli::kKeysDevDone) throw std::runtime_error(ignored.str());
    }
    ~Keys() { std::filesystem::remove_all(folder); }
    std::filesystem::path folder;
  };
  static const Keys made;
  return made.folder;
}

rpc::TlsFiles tls_of(const std::string& who) {
  return {keys() / "ca.pem", keys() / who / "tls.pem", keys() / who / "tls.key"};
}

// Real time and threads, scripted DNS, HTTP and TLS.
class Served {
 public:
  Served()
      : attempts_(eu_west(), {agent::Lane{context_.get_executor(), dns, http, tls}}, clock_, metrics_, {256, 256}),
        service(attempts_, key, {"coordinator.mpic.internal"}, no_events_) {
    dns.addresses("example.com", {"203.113.7.1"});
    dns.answer("com", RecordType::kCaa, {});
    http.serve("203.113.7.1", http_reply(200, kChallenge.key_authorization));
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", rpc::server_credentials(tls_of("agents/eu-west")), &port_);
    builder.RegisterService(&service);
    builder.SetMaxReceiveMessageSize(static_cast<int>(agent::kMaxMessage));
    server = builder.BuildAndStart();
    if (!server) throw std::runtime_error("no loopback port for the service");
    thread_ = std::thread([this] { context_.run(); });
  }
  ~Served() {
    server->Shutdown(std::chrono::system_clock::now());
    wait_until_idle();
    context_.stop();
    thread_.join();
  }

  // A caller with the certificate of `who`.
  std::unique_ptr<v1::Perspective::Stub> stub(const std::string& who) const {
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride("eu-west.agents.mpic.internal");
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return v1::Perspective::NewStub(
        grpc::CreateCustomChannel(address(), rpc::channel_credentials(tls_of(who)), arguments));
  }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  bool wait_until_idle() const {
    for (int i = 0; i < 300 && !attempts_.idle(); ++i) std::this_thread::sleep_for(10ms);
    return attempts_.idle();
  }
  [[nodiscard]] bool idle() const { return attempts_.idle(); }
  [[nodiscard]] bool has_open(int attempts) const {
    return metrics_.text().find("mpic_agent_attempts_open " + std::to_string(attempts) + '\n') != std::string::npos;
  }

 private:
  SystemClock clock_;
  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  telemetry::Metrics metrics_;

 public:
  agent::CurrentKey key{evidence::SigningKey::generate()};
  FakeDnsClient dns{clock_};
  FakeHttpClient http{clock_};
  FakeTlsClient tls{clock_};

 private:
  agent::Attempts attempts_;
  telemetry::NoEvents no_events_;

 public:
  agent::PerspectiveService service;
  std::unique_ptr<grpc::Server> server;

 private:
  int port_ = 0;
  std::thread thread_;
};

AgentStatus status_that_says(const std::string& why) {
  AgentStatus status;
  status.ready = why.empty();
  status.not_ready_because = why;
  return status;
}

v1::ToAgent message_with(std::uint8_t first, std::uint8_t count = 1) {
  v1::ToAgent message;
  for (std::uint8_t i = 0; i < count; ++i) {
    Assignment assignment = some_assignment(static_cast<std::uint8_t>(first + i));
    assignment.issued = SystemClock().now();
    message.add_assignments(wire::encode(assignment));
  }
  return message;
}

}  // namespace

TEST_CASE("the coordinator's certificate opens a stream that answers", "[service]") {
  Served agent;
  const auto stub = agent.stub("coordinator");
  grpc::ClientContext context;
  const auto stream = stub->Observe(&context);
  REQUIRE(stream->Write(message_with(1, 20)));
  int answers = 0;
  v1::FromAgent message;
  while (answers < 20 && stream->Read(&message)) {
    for (const auto& item : message.items()) answers += item.has_evidence() ? 1 : 0;
  }
  CHECK(answers == 20);
  stream->WritesDone();
  CHECK_FALSE(stream->Read(&message));
  CHECK(stream->Finish().ok());
}

TEST_CASE("another certificate of the same CA is refused", "[service]") {
  Served agent;
  const auto stub = agent.stub("clients/stranger");
  grpc::ClientContext context;
  const auto stream = stub->Observe(&context);
  stream->Write(message_with(1));
  v1::FromAgent message;
  CHECK_FALSE(stream->Read(&message));
  CHECK(stream->Finish().error_code() == grpc::StatusCode::PERMISSION_DENIED);
  CHECK(agent.idle());
}

TEST_CASE("without a certificate there is no connection", "[service]") {
  Served agent;
  const auto stub = v1::Perspective::NewStub(grpc::CreateChannel(agent.address(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 2s);
  const auto stream = stub->Observe(&context);
  v1::FromAgent message;
  CHECK_FALSE(stream->Read(&message));
  CHECK_FALSE(stream->Finish().ok());
}

TEST_CASE("a stream that the client gives up ends its attempts at once", "[service]") {
  Served agent;
  agent.dns.delay("example.com", 4s);
  const auto stub = agent.stub("coordinator");
  for (int round = 0; round < 10; ++round) {
    grpc::ClientContext context;
    const auto stream = stub->Observe(&context);
    REQUIRE(stream->Write(message_with(static_cast<std::uint8_t>(20 * round), 20)));
    for (int i = 0; i < 100 && agent.idle(); ++i) std::this_thread::sleep_for(5ms);
    CHECK_FALSE(agent.idle());
    context.TryCancel();
    const auto start = std::chrono::steady_clock::now();
    CHECK(agent.wait_until_idle());
    CHECK(std::chrono::steady_clock::now() - start < 2s);
    stream->Finish();
  }
}

TEST_CASE("streams that come and go while answers are on their way", "[service]") {
  Served agent;
  const auto stub = agent.stub("coordinator");
  for (int round = 0; round < 40; ++round) {
    grpc::ClientContext context;
    const auto stream = stub->Observe(&context);
    stream->Write(message_with(static_cast<std::uint8_t>(round), 8));
    v1::FromAgent message;
    if (round % 4 != 0) stream->Read(&message);
    if (round % 3 == 0) context.TryCancel();
    stream->WritesDone();
    while (stream->Read(&message)) continue;
    stream->Finish();
    CHECK(agent.wait_until_idle());
  }
}

TEST_CASE("a message over the limit ends the stream, not the agent", "[service]") {
  Served agent;
  const auto stub = agent.stub("coordinator");
  grpc::ClientContext context;
  const auto stream = stub->Observe(&context);
  v1::ToAgent large;
  large.add_assignments(std::string(agent::kMaxMessage + 1, 'x'));
  stream->Write(large);
  v1::FromAgent message;
  CHECK_FALSE(stream->Read(&message));
  CHECK_FALSE(stream->Finish().ok());
  grpc::ClientContext again;
  const auto next = stub->Observe(&again);
  REQUIRE(next->Write(message_with(1)));
  CHECK(next->Read(&message));
  again.TryCancel();
  next->Finish();
}

TEST_CASE("one stream too many is refused", "[service]") {
  Served agent;
  const auto stub = agent.stub("coordinator");
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<Stream>> streams;
  for (std::size_t i = 0; i < agent::kMaxStreams; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    streams.push_back(stub->Observe(contexts.back().get()));
    streams.back()->WaitForInitialMetadata();
  }
  grpc::ClientContext context;
  const auto one_more = stub->Observe(&context);
  v1::FromAgent message;
  CHECK_FALSE(one_more->Read(&message));
  CHECK(one_more->Finish().error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  for (const auto& open : contexts) open->TryCancel();
  for (const auto& stream : streams) stream->Finish();
}

TEST_CASE("a draining agent answers what it took, ends its streams and takes no new ones", "[service]") {
  Served agent;
  agent.dns.delay("example.com", 300ms);
  const auto stub = agent.stub("coordinator");
  grpc::ClientContext context;
  const auto stream = stub->Observe(&context);
  REQUIRE(stream->Write(message_with(1)));
  for (int i = 0; i < 100 && agent.idle(); ++i) std::this_thread::sleep_for(5ms);
  agent.service.drain();
  v1::FromAgent message;
  REQUIRE(stream->Read(&message));
  CHECK(message.items(0).has_evidence());
  CHECK_FALSE(stream->Read(&message));
  CHECK(stream->Finish().error_code() == grpc::StatusCode::UNAVAILABLE);
  grpc::ClientContext again;
  const auto late = stub->Observe(&again);
  CHECK_FALSE(late->Read(&message));
  CHECK(late->Finish().error_code() == grpc::StatusCode::UNAVAILABLE);
}

TEST_CASE("under load, a draining agent loses none of the assignments that it has taken", "[service]") {
  Served agent;
  agent.dns.delay("example.com", 500ms);
  const auto stub = agent.stub("coordinator");
  grpc::ClientContext context;
  const auto stream = stub->Observe(&context);
  constexpr std::uint8_t kTaken = 200;
  for (std::uint8_t i = 0; i < kTaken; i += 20) REQUIRE(stream->Write(message_with(i, 20)));
  for (int i = 0; i < 400 && !agent.has_open(kTaken); ++i) std::this_thread::sleep_for(5ms);
  REQUIRE(agent.has_open(kTaken));
  agent.service.drain();
  // Whoever does not know yet goes on.
  std::thread late([&] {
    for (std::uint8_t i = kTaken; i < 250 && stream->Write(message_with(i)); ++i) std::this_thread::sleep_for(5ms);
  });
  std::set<std::uint8_t> answered;
  std::size_t refused = 0;
  for (v1::FromAgent message; stream->Read(&message);) {
    for (const auto& item : message.items()) {
      if (item.has_evidence()) answered.insert(static_cast<std::uint8_t>(item.evidence().attempt_id()[0]));
      if (item.has_refusal()) ++refused;
    }
  }
  late.join();
  CHECK(answered.size() == kTaken);
  CHECK(answered.upper_bound(kTaken - 1) == answered.end());
  CHECK(refused > 0);
  CHECK(stream->Finish().error_code() == grpc::StatusCode::UNAVAILABLE);
  CHECK(agent.wait_until_idle());
}

TEST_CASE("a stream begins with how the perspective is, and is told of changes", "[service]") {
  Served agent;
  agent.service.tell(status_that_says("its resolver is away"));
  const auto stub = agent.stub("coordinator");
  grpc::ClientContext context;
  const auto stream = stub->Observe(&context);
  v1::FromAgent message;
  REQUIRE(stream->Read(&message));
  CHECK(message.status().not_ready_because() == "its resolver is away");
  agent.service.tell(status_that_says("its resolver is away"));
  agent.service.tell(status_that_says(""));
  REQUIRE(stream->Read(&message));
  CHECK(message.status().ready());
  context.TryCancel();
  stream->Finish();
}

TEST_CASE("a signing key is replaced while answers are on their way", "[service]") {
  Served agent;
  const auto stub = agent.stub("coordinator");
  grpc::ClientContext context;
  const auto stream = stub->Observe(&context);
  std::string last;
  for (std::uint8_t round = 0; round < 20; ++round) {
    agent.key.replace(evidence::SigningKey::generate());
    REQUIRE(stream->Write(message_with(round)));
    v1::FromAgent message;
    REQUIRE(stream->Read(&message));
    CHECK(message.signed_root().key_id() == agent.key.get()->id());
    CHECK(message.signed_root().key_id() != last);
    last = message.signed_root().key_id();
  }
  context.TryCancel();
  stream->Finish();
}

TEST_CASE("a client that is taken away is answered what it asked, and is not let in again", "[service]") {
  Served agent;
  agent.service.replace_clients({"coordinator.mpic.internal", "stranger.clients.mpic.internal"});
  agent.dns.delay("example.com", 300ms);
  const auto of_coordinator = agent.stub("coordinator");
  const auto of_stranger = agent.stub("clients/stranger");
  grpc::ClientContext staying;
  grpc::ClientContext leaving;
  const auto stays = of_coordinator->Observe(&staying);
  const auto leaves = of_stranger->Observe(&leaving);
  REQUIRE(stays->Write(message_with(1)));
  REQUIRE(leaves->Write(message_with(2)));
  for (int i = 0; i < 100 && !agent.has_open(2); ++i) std::this_thread::sleep_for(5ms);
  CHECK(agent.service.replace_clients({"coordinator.mpic.internal"}) == 1);
  v1::FromAgent message;
  REQUIRE(leaves->Read(&message));
  CHECK(message.items(0).has_evidence());
  CHECK_FALSE(leaves->Read(&message));
  CHECK(leaves->Finish().error_code() == grpc::StatusCode::PERMISSION_DENIED);
  REQUIRE(stays->Read(&message));
  CHECK(message.items(0).has_evidence());
  REQUIRE(stays->Write(message_with(3)));
  REQUIRE(stays->Read(&message));
  CHECK(message.items(0).has_evidence());
  grpc::ClientContext again;
  const auto refused = of_stranger->Observe(&again);
  CHECK_FALSE(refused->Read(&message));
  CHECK(refused->Finish().error_code() == grpc::StatusCode::PERMISSION_DENIED);
  staying.TryCancel();
  stays->Finish();
}
