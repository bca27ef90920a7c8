// Certificates, keys and CAs that are replaced while connections are made: no connection is refused on the way,
// whatever order the files are replaced in, and new connections use the new ones.
#include <grpc/grpc_security_constants.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "cli/keys_dev.hpp"
#include "common/config/yaml.hpp"
#include "common/rpc/credentials.hpp"
#include "mpic/v1/agent.grpc.pb.h"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr const char* kName = "eu-west.agents.mpic.internal";

// Three PKIs with the same names, each with a CA of its own, and a CA file of all three.
struct Keys {
  Keys() : folder(fs::temp_directory_path() / ("mpic-rotation-test-" + std::to_string(getpid()))) {
    rpc::restrict_tls();
    std::string all;
    for (const char* one : {"1", "2", "3"}) {
      cli::KeysDevOptions options;
      options.directory = folder / one;
      options.agents = {"eu-west"};
      options.clients = {"nobody"};
      std::ostringstream ignored;
      if (cli::run_keys_dev(options, ignored, ignored) != cli::kKeysDevDone) throw std::runtime_error(ignored.str());
      all += config::read_file(folder / one / "ca.pem");
    }
    std::ofstream(folder / "all-cas.pem") << all;
  }
  ~Keys() { fs::remove_all(folder); }
  fs::path folder;
};

const fs::path& keys() {
  static const Keys made;
  return made.folder;
}

std::string text_of(const std::string& file) { return config::read_file(keys() / file); }

// What an operator does: the file is whole, or not there yet.
void replace(const fs::path& file, const std::string& text) {
  const fs::path next = file.string() + ".next";
  std::ofstream(next) << text;
  fs::rename(next, file);
}

// An agent's port whose files are in a folder of their own; answers every stream by closing it.
class Server final : public v1::Perspective::Service {
 public:
  explicit Server(const rpc::TlsFiles& files) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", rpc::server_credentials(files), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~Server() override {
    if (server_) server_->Shutdown(std::chrono::system_clock::now());
  }
  grpc::Status Observe(grpc::ServerContext* context, grpc::ServerReaderWriter<v1::FromAgent, v1::ToAgent>*) override {
    for (const std::string& san : rpc::peer_sans(*context->auth_context())) {
      if (san == "coordinator.mpic.internal") return grpc::Status::OK;
    }
    return {grpc::StatusCode::PERMISSION_DENIED, "who?"};
  }
  [[nodiscard]] bool is_up() const { return server_ != nullptr; }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

struct Call {
  grpc::Status status;
  std::string certificate;  // that the server showed
};

// On a connection of its own, as the coordinator of `who` that trusts `ca`.
Call call(const Server& server, const std::string& who = "1", const std::string& ca = "all-cas.pem") {
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(kName);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  const rpc::TlsFiles files{keys() / ca, keys() / who / "coordinator/tls.pem", keys() / who / "coordinator/tls.key"};
  const auto stub =
      v1::Perspective::NewStub(grpc::CreateCustomChannel(server.address(), rpc::channel_credentials(files), arguments));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 10s);
  const auto stream = stub->Observe(&context);
  v1::FromAgent message;
  while (stream->Read(&message)) continue;
  Call out{stream->Finish(), {}};
  if (const auto auth = context.auth_context()) {
    for (const auto& pem : auth->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME)) {
      out.certificate = std::string(pem.data(), pem.size());
    }
  }
  return out;
}

std::string agent_file(const std::string& who, const char* file) { return who + "/agents/eu-west/" + file; }

// The files of one server, which a test replaces.
struct Files {
  explicit Files(const std::string& first) : folder(keys() / "server") {
    fs::remove_all(folder);
    fs::create_directories(folder);
    tls = {folder / "ca.pem", folder / "tls.pem", folder / "tls.key"};
    replace(tls.ca, text_of("all-cas.pem"));
    put_certificate(first);
    put_key(first);
  }
  void put_certificate(const std::string& who) const { replace(tls.certificate, text_of(agent_file(who, "tls.pem"))); }
  void put_key(const std::string& who) const { replace(tls.key, text_of(agent_file(who, "tls.key"))); }

  fs::path folder;
  rpc::TlsFiles tls;
};

}  // namespace

TEST_CASE("while certificate and key are replaced, no connection fails, and then the new ones are shown",
          "[rotation]") {
  const Files files("1");
  const Server server(files.tls);
  REQUIRE(server.is_up());
  std::atomic<bool> stop = false;
  std::atomic<int> calls = 0;
  std::mutex mutex;
  std::vector<std::string> failures;
  std::vector<std::thread> callers;
  for (int i = 0; i < 2; ++i) {
    callers.emplace_back([&] {
      while (!stop) {
        const Call made = call(server);
        ++calls;
        const std::lock_guard lock(mutex);
        if (!made.status.ok()) failures.push_back(made.status.error_message());
      }
    });
  }
  for (int round = 0; round < 6; ++round) {
    const std::string who = std::to_string(1 + (round + 1) % 3);
    const bool key_first = round % 2 == 0;
    key_first ? files.put_key(who) : files.put_certificate(who);
    std::this_thread::sleep_for(round % 3 == 0 ? 0ms : 300ms);  // the pair does not fit
    key_first ? files.put_certificate(who) : files.put_key(who);
    const Call made = call(server);
    CHECK(made.status.ok());
    CHECK(made.certificate == text_of(agent_file(who, "tls.pem")));
  }
  stop = true;
  for (std::thread& caller : callers) caller.join();
  for (const std::string& failure : failures) CHECK(failure == "none");
  CHECK(calls > 20);
}

TEST_CASE("what cannot be used is not taken, and the last good files stay in use", "[rotation]") {
  const Files files("1");
  const Server server(files.tls);
  struct Row {
    const char* what;
    std::function<void()> spoil;
  };
  const std::string certificate = text_of(agent_file("2", "tls.pem"));
  const Row rows[] = {
      {"a certificate of another key", [&] { files.put_certificate("2"); }},
      {"a key of another certificate", [&] { files.put_key("2"); }},
      {"half a certificate", [&] { replace(files.tls.certificate, certificate.substr(0, certificate.size() / 2)); }},
      {"an empty key", [&] { replace(files.tls.key, ""); }},
      {"no certificate", [&] { fs::remove(files.tls.certificate); }},
      {"no key", [&] { fs::remove(files.tls.key); }},
      {"a CA that is none", [&] { replace(files.tls.ca, "none"); }},
      {"a folder",
       [&] {
         fs::remove(files.tls.ca);
         fs::create_directory(files.tls.ca);
       }},
      {"a file without end",
       [&] {
         fs::remove(files.tls.key);
         fs::create_symlink("/dev/zero", files.tls.key);
       }},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    row.spoil();
    const Call made = call(server);
    CHECK(made.status.ok());
    CHECK(made.certificate == text_of(agent_file("1", "tls.pem")));
    fs::remove_all(files.tls.ca);
    replace(files.tls.ca, text_of("all-cas.pem"));
    files.put_certificate("1");
    files.put_key("1");
  }
  files.put_certificate("2");
  files.put_key("2");
  CHECK(call(server).certificate == certificate);
}

TEST_CASE("symbolic links that are replaced in one stroke are followed", "[rotation]") {
  const fs::path folder = keys() / "links";
  fs::create_directories(folder);
  // As secrets are mounted in containers: the files are links below a link to the version.
  fs::create_directory_symlink(keys() / "1/agents/eu-west", folder / "data");
  fs::create_symlink("data/tls.pem", folder / "tls.pem");
  fs::create_symlink("data/tls.key", folder / "tls.key");
  const Server server({keys() / "all-cas.pem", folder / "tls.pem", folder / "tls.key"});
  CHECK(call(server).certificate == text_of(agent_file("1", "tls.pem")));
  fs::create_directory_symlink(keys() / "2/agents/eu-west", folder / "data.next");
  fs::rename(folder / "data.next", folder / "data");
  CHECK(call(server).certificate == text_of(agent_file("2", "tls.pem")));
}

TEST_CASE("a CA that is taken away lets nobody in any more, a new one does", "[rotation]") {
  const Files files("1");
  replace(files.tls.ca, text_of("1/ca.pem"));
  const Server server(files.tls);
  CHECK(call(server, "1").status.ok());
  CHECK_FALSE(call(server, "2").status.ok());
  replace(files.tls.ca, text_of("2/ca.pem"));
  CHECK_FALSE(call(server, "1").status.ok());
  CHECK(call(server, "2").status.ok());
}

TEST_CASE("a server of another CA is not talked to, nor one of another name", "[rotation]") {
  const Files files("1");
  const Server server(files.tls);
  CHECK(call(server, "1", "1/ca.pem").status.ok());
  CHECK_FALSE(call(server, "1", "2/ca.pem").status.ok());
  replace(files.tls.certificate, text_of("1/coordinator/tls.pem"));
  replace(files.tls.key, text_of("1/coordinator/tls.key"));
  CHECK_FALSE(call(server, "1").status.ok());
}

TEST_CASE("without files that can be used there is no port", "[rotation]") {
  const Files files("1");
  files.put_key("2");
  const Server server(files.tls);
  CHECK_FALSE(server.is_up());
  CHECK_THROWS_WITH(rpc::channel_credentials(files.tls), Catch::Matchers::Contains("is not the key of"));
}

TEST_CASE("a source takes other files only when they can be used", "[rotation]") {
  const Files files("1");
  rpc::TlsSource source(files.tls);
  const auto first = source.current();
  REQUIRE(first);
  CHECK(source.current() == first);
  rpc::TlsFiles other{keys() / "2/ca.pem", keys() / agent_file("2", "tls.pem"), keys() / agent_file("1", "tls.key")};
  const auto refused = source.use(other);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().detail, Catch::Matchers::Contains("is not the key of"));
  CHECK(source.current() == first);
  replace(files.tls.ca, text_of("1/ca.pem") + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  const auto half = source.use(files.tls);  // gRPC would take the first CA, and leave out the second without a word
  REQUIRE_FALSE(half);
  CHECK_THAT(half.error().detail, Catch::Matchers::Contains("cannot be read"));
  CHECK(source.current() == first);
  other.key = keys() / agent_file("2", "tls.key");
  REQUIRE(source.use(other));
  CHECK(source.current()->ca == text_of("2/ca.pem"));
}
