// mpic-hostile-agent: an agent that was taken over. It serves mpic.v1.Perspective with the keys of one perspective and
// answers each assignment as the deed file says, which is read anew each time: "DEED [SEES]". No part of a deployment.
#include <grpcpp/server_builder.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <deque>
#include <fstream>
#include <iostream>
#include <mutex>

#include "agent/config.hpp"
#include "common/async/clock.hpp"
#include "common/rpc/credentials.hpp"
#include "mpic/v1/agent.grpc.pb.h"
#include "tests/support/hostile_agent/deeds.hpp"

namespace {

using namespace mpic;
using namespace mpic::test;

// Raw octets both ways: what is sent need not be a message at all.
using Reactor = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;
using Service = v1::Perspective::WithRawCallbackMethod_Observe<v1::Perspective::Service>;

grpc::ByteBuffer buffer_of(const std::string& octets) {
  const grpc::Slice slice(octets);
  return {&slice, 1};
}

std::string octets_of(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return {};
  std::string out;
  for (const grpc::Slice& slice : slices) out.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return out;
}

struct Mind {
  std::string file;
  std::mutex mutex;
  Forger forger;
  SystemClock clock;

  Mind(std::string deed_file, ForgerIdentity me) : file(std::move(deed_file)), forger(std::move(me)) {}

  Deed next(const std::string& assignment) {
    std::ifstream in(file);
    std::string name;
    std::string sees = "yes";
    in >> name >> sees;
    if (sees.empty()) sees = "yes";
    const std::lock_guard lock(mutex);
    std::cout << "deed: " << name << ", sees: " << sees << std::endl;
    return deed_for(name, sees, assignment, forger, clock.now());
  }
};

class HostileReactor final : public Reactor {
 public:
  explicit HostileReactor(Mind& mind) : mind_(mind) {
    StartSendInitialMetadata();
    StartRead(&in_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return end(grpc::Status::OK);
    v1::ToAgent message;
    if (!message.ParseFromString(octets_of(in_))) return end({grpc::StatusCode::INTERNAL, "no ToAgent"});
    for (const std::string& assignment : message.assignments()) act(mind_.next(assignment));
    StartRead(&in_);
  }
  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (ok) write_more();
  }
  void OnDone() override { delete this; }

 private:
  void act(Deed deed) {
    const std::lock_guard lock(mutex_);
    for (std::string& octets : deed.messages) unsent_.push_back(std::move(octets));
    if (deed.end == Deed::End::kBreak) breaks_ = true;
    if (deed.flood.count() != 0) flood_until_ = mind_.clock.steady_now() + deed.flood;
    write_more();
    if (deed.end == Deed::End::kDie) _exit(1);
  }

  // Precondition: mutex_ held.
  void write_more() {
    if (writing_ || finished_) return;
    if (unsent_.empty()) {
      if (breaks_) finish({grpc::StatusCode::ABORTED, "the agent gave up"});
      return;
    }
    out_ = buffer_of(unsent_.front());
    const bool last = unsent_.size() == 1;
    if (!last || mind_.clock.steady_now() >= flood_until_) unsent_.pop_front();
    writing_ = true;
    StartWrite(&out_);
  }

  void end(const grpc::Status& status) {
    const std::lock_guard lock(mutex_);
    finish(status);
  }
  void finish(const grpc::Status& status) {
    if (!finished_) Finish(status);
    finished_ = true;
  }

  Mind& mind_;
  grpc::ByteBuffer in_;
  grpc::ByteBuffer out_;
  std::mutex mutex_;  // guards what follows
  std::deque<std::string> unsent_;
  SteadyPoint flood_until_{};
  bool writing_ = false;
  bool breaks_ = false;
  bool finished_ = false;
};

class HostileService final : public Service {
 public:
  explicit HostileService(Mind& mind) : mind_(mind) {}
  Reactor* Observe(grpc::CallbackServerContext*) override { return new HostileReactor(mind_); }

 private:
  Mind& mind_;
};

evidence::SigningKey key_from(const std::filesystem::path& file) {
  return evidence::SigningKey::from_pem(config::read_file(file)).value();
}

int serve(const std::string& config_file, const std::string& deed_file, const std::string& other_key) {
  const agent::AgentConfig config = agent::load_config(config_file);
  ForgerIdentity me{config.identity.perspective, config.identity.rir, key_from(config.signing_key), {}, {}};
  if (!other_key.empty()) me.other_key = key_from(other_key);
  Mind mind(deed_file, std::move(me));
  HostileService service(mind);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(config.listen.text(), rpc::server_credentials(config.tls), &port);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  if (!server || port == 0) {
    std::cerr << "cannot listen on " << config.listen.text() << '\n';
    return 1;
  }
  std::cout << "a hostile " << config.identity.perspective.text() << " listens" << std::endl;
  server->Wait();
  return 0;
}

}  // namespace

int main(int argc, char* argv[]) {
  CLI::App app("An agent that was taken over; for tests", "mpic-hostile-agent");
  std::string config;
  std::string deed_file;
  std::string other_key;
  bool list = false;
  app.add_option("--config", config, "agent.yaml of the perspective whose keys it has");
  app.add_option("--deed-file", deed_file, "holds \"DEED [SEES]\"; read anew for each assignment");
  app.add_option("--other-key", other_key, "signing key for the lie other-key; without it, one that nobody knows");
  app.add_flag("--list", list, "print the deeds and lies");
  CLI11_PARSE(app, argc, argv);
  if (list) {
    for (const auto names : {&deeds(), &Forger::lies()}) {
      for (const std::string_view name : *names) std::cout << name << '\n';
    }
    return 0;
  }
  rpc::restrict_tls();
  std::signal(SIGPIPE, SIG_IGN);
  return serve(config, deed_file, other_key);
}
