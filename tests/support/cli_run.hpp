// The whole tool but its main(), against a coordinator in this process: over real mutual TLS, with what the test
// serves.
#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/keys_dev.hpp"
#include "common/rpc/credentials.hpp"
#include "mpic/v1/coordinator.grpc.pb.h"
#include "tests/support/catch.hpp"

namespace mpic::cli {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "mpic-cli-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }
  void make_keys(const std::string& name) const {
    KeysDevOptions options;
    options.directory = path_ / name;
    options.agents = {"a"};
    options.clients = {"operator"};
    std::ostringstream out;
    REQUIRE(run_keys_dev(options, out, out) == 0);
  }

 private:
  fs::path path_;
};

template <class Service>
class Coordinator {
 public:
  explicit Coordinator(const fs::path& keys) {
    rpc::TlsFiles files;
    files.ca = keys / "ca.pem";
    files.certificate = keys / "coordinator/tls.pem";
    files.key = keys / "coordinator/tls.key";
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", rpc::server_credentials(files), &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    REQUIRE(server_);
  }
  ~Coordinator() { server_->Shutdown(std::chrono::system_clock::now()); }
  Coordinator(const Coordinator&) = delete;
  Coordinator& operator=(const Coordinator&) = delete;
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] Service& service() { return service_; }

 private:
  Service service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

inline std::string profile_text(int port, const std::string& tls_name, const std::string& ca,
                                const std::string& client) {
  return "coordinator: 127.0.0.1:" + std::to_string(port) + "\ntls_name: " + tls_name + "\nca: " + ca +
         "/ca.pem\ncertificate: " + client + "/clients/operator/tls.pem\nkey: " + client +
         "/clients/operator/tls.key\n";
}

struct Result {
  int status = 0;
  std::string out;
  std::string errors;
};

inline Result mpic_run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "mpic");
  std::vector<const char*> argv;
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  std::ostringstream out;
  std::ostringstream errors;
  Surroundings surroundings{out, errors, Style{}, ""};
  Result result;
  result.status = run(static_cast<int>(argv.size()), argv.data(), surroundings, errors);
  result.out = out.str();
  result.errors = errors.str();
  return result;
}

}  // namespace mpic::cli
