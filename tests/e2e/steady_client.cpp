// mpic-steady-client: a client that never gives up, for tests that take the coordinator away from under it.
//
// Keeps some requests open, each with an id of its own, until it is told to end (SIGTERM). One that gets no answer is
// asked again with the same id. Each answer is one line, `request_id record_id verdict-number`, written before anything
// else is done with it.
#include <fcntl.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <future>
#include <thread>

#include "cli/profile.hpp"
#include "common/config/yaml.hpp"
#include "mpic/v1/coordinator.grpc.pb.h"

namespace {

using namespace mpic;
using namespace std::chrono_literals;

volatile std::sig_atomic_t stopped = 0;

struct Options {
  std::string profile;
  std::string answers;
  std::string run;  // in request ids
  int in_flight = 8;
  int pause_ms = 20;
  std::vector<std::string> names;
  std::string issuer;
  std::string token;
  std::string key_authorization;
};

std::shared_ptr<grpc::Channel> connect(const cli::Profile& profile) {
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(profile.tls_name);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
  return grpc::CreateCustomChannel("dns:///" + profile.coordinator, rpc::channel_credentials(profile.tls), arguments);
}

v1::CorroborateRequest request_of(const Options& options, unsigned number) {
  v1::CorroborateRequest request;
  request.set_request_id(options.run + "-" + std::to_string(number));
  request.set_identifier(options.names[number % options.names.size()]);
  request.mutable_caa()->set_certificate_type(v1::CERTIFICATE_TYPE_TLS_SERVER);
  request.mutable_caa()->add_issuer_domains(options.issuer);
  request.set_respond(number % 2 == 0 ? v1::RESPOND_SETTLED : v1::RESPOND_COMPLETE);
  request.set_deadline_ms(5'000);
  if (number % 3 == 0 && !options.token.empty()) {
    request.mutable_caa()->set_validation_method("http-01");
    request.mutable_dcv()->mutable_acme_http_01()->set_token(options.token);
    request.mutable_dcv()->mutable_acme_http_01()->set_key_authorization(options.key_authorization);
  }
  return request;
}

void work(const Options& options, v1::Corroborator::StubInterface& stub, std::atomic<unsigned>& next, int answers) {
  while (stopped == 0) {
    const v1::CorroborateRequest request = request_of(options, next.fetch_add(1));
    while (stopped == 0) {
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + 8s);
      v1::CorroborateResponse response;
      std::promise<grpc::Status> done;
      stub.async()->Corroborate(&context, &request, &response,
                                [&done](const grpc::Status& ended) { done.set_value(ended); });
      const grpc::Status status = done.get_future().get();
      if (status.ok()) {
        const std::string line = request.request_id() + " " + response.record_id() + " " +
                                 std::to_string(static_cast<int>(response.verdict())) + "\n";
        if (write(answers, line.data(), line.size()) != static_cast<ssize_t>(line.size())) std::perror("answers");
        break;
      }
      // Down, overloaded, or the id is still in progress: all of these pass.
      if (status.error_code() != grpc::StatusCode::UNAVAILABLE &&
          status.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED) {
        std::fprintf(stderr, "%s: code %d: %s\n", request.request_id().c_str(), static_cast<int>(status.error_code()),
                     status.error_message().c_str());
      }
      std::this_thread::sleep_for(20ms);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(options.pause_ms));
  }
}

}  // namespace

int main(int argc, char* argv[]) {
  Options options;
  CLI::App app("Asks a coordinator again and again, and writes down what it answered.", "mpic-steady-client");
  app.add_option("--profile", options.profile, "whom to ask, and as whom")->required();
  app.add_option("--answers", options.answers, "file that a line is added to for each answer")->required();
  app.add_option("--run", options.run, "begins each request id")->required();
  app.add_option("--in-flight", options.in_flight, "requests at a time")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--pause-ms", options.pause_ms, "after each answer")->capture_default_str();
  app.add_option("--name", options.names, "identifiers, in turn")->required();
  app.add_option("--issuer", options.issuer, "CAA issuer domain name")->required();
  app.add_option("--token", options.token, "of http-01, which every third request asks too");
  app.add_option("--key-authorization", options.key_authorization, "of http-01");
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGTERM, [](int) { stopped = 1; });
  rpc::restrict_tls();
  const int answers = open(options.answers.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (answers < 0) return std::perror(options.answers.c_str()), 1;
  try {
    const auto stub = v1::Corroborator::NewStub(connect(cli::load_profile(options.profile)));
    std::atomic<unsigned> next{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < options.in_flight; ++i) threads.emplace_back([&] { work(options, *stub, next, answers); });
    for (std::thread& thread : threads) thread.join();
    return 0;
  } catch (const config::ConfigError& error) {
    std::fprintf(stderr, "mpic-steady-client: %s\n", error.what());
    return 64;
  }
}
