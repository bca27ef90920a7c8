#include "tests/integration/served.hpp"

#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>
#include <unistd.h>

#include <sstream>
#include <thread>

#include "cli/client.hpp"
#include "cli/keys_dev.hpp"
#include "common/config/yaml.hpp"
#include "common/evidence/merkle.hpp"
#include "common/rpc/credentials.hpp"
#include "tests/support/worldwide.hpp"

namespace mpic::test {
namespace {

using namespace std::chrono_literals;

const std::filesystem::path& keys() {
  struct Keys {
    Keys() : folder(std::filesystem::temp_directory_path() / ("mpic-served-" + std::to_string(getpid()))) {
      rpc::restrict_tls();
      cli::KeysDevOptions options;
      options.directory = folder;
      options.agents = {"nobody"};
      options.clients = {"pipeline", "batch", "audit", "stranger"};
      std::ostringstream ignored;
      if (cli::run_keys_dev(options, ignored, ignored) != cli::kKeysDevDone) throw std::runtime_error(ignored.str());
    }
    ~Keys() { std::filesystem::remove_all(folder); }
    std::filesystem::path folder;
  };
  static const Keys made;
  return made.folder;
}

rpc::TlsFiles tls_of(const std::string& owner) {
  return {keys() / "ca.pem", keys() / owner / "tls.pem", keys() / owner / "tls.key"};
}

ClientEntry client(const std::string& name) {
  return {.name = name, .san = name + ".clients.mpic.internal", .open_requests = 2};
}

const char* const kSnapshot = "what the deployment was";

SettingsPtr settings(std::vector<ClientEntry> clients) {
  static const evidence::SigningKey key = evidence::SigningKey::generate();
  static const evidence::NoteSigner checkpoint_key = evidence::NoteSigner::generate(kLog);
  Settings out{worldwide(), evidence::sha256(kSnapshot), key, {}, {}, {}, {}, {}, checkpoint_key};
  out.deployment.log_origin = kLog;
  out.deployment.lab.policy_clock = std::chrono::sys_days(2026y / 11 / 23);
  out.deployment.clients = std::move(clients);
  return std::make_shared<const Settings>(std::move(out));
}

std::vector<ClientEntry> everybody() {
  std::vector<ClientEntry> out = {client("pipeline"), client("batch"), client("audit")};
  out.back().reads_all_records = true;
  return out;
}

LinkState link_of(const PerspectiveId& id) {
  LinkState out;
  out.connected = id.text() != "dub";
  if (!out.connected) out.last_error = "connection refused";
  if (id.text() != "sin") return out;
  out.status.emplace();
  out.status->ready = true;
  out.status->agent_version = "1.2.3";
  out.status->source_ipv4 = "192.0.2.1";
  out.status->source_ipv6 = "2001:db8::1";
  return out;
}

}  // namespace

bool soon(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

void HeldPerspectives::observe(const PerspectiveId&, const AttemptId&, std::string, Done done) {
  {
    const std::lock_guard lock(mutex_);
    ++asked_;
    if (!at_once_) return held_.push_back(std::move(done));
  }
  done({.problem = Problem(ProblemCode::kUnreachable, "perspective", "it answers nobody")});
}

std::size_t HeldPerspectives::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

void HeldPerspectives::answer_one() {
  Done done;
  {
    const std::lock_guard lock(mutex_);
    done = std::move(held_.at(0));
    held_.erase(held_.begin());
  }
  done({.problem = Problem(ProblemCode::kUnreachable, "perspective", "it answers nobody")});
}

void HeldPerspectives::answer_all() {
  std::vector<Done> all;
  {
    const std::lock_guard lock(mutex_);
    at_once_ = true;
    all.swap(held_);
  }
  for (const Done& done : all)
    done({.problem = Problem(ProblemCode::kUnreachable, "perspective", "it answers nobody")});
}

Served::Served()
    : settings_(settings(everybody())),
      intake_metrics_(metrics_, settings_.get()->deployment),
      admission_(settings_.get()->admission, settings_.get()->deployment.clients, &intake_metrics_),
      store_(SqliteStore::open(folder_.file(), kLog).value()),
      log_(*store_, settings_, clock_, metrics_, no_events_, reading_),
      follow_up_(clock_, perspectives, *store_, alerts_),
      workshop_{clock_,     random_,   perspectives, *store_,       follow_up_,
                admission_, settings_, conduct_,     log_.prover(), no_events_},
      intake(workshop_, threads_, intake_metrics_),
      records_(*store_, log_.prover(), clock_, threads_,
               [this](std::function<void()> work) { return reading_.post(std::move(work)); }),
      access_(settings_, clock_, metrics_, no_events_),
      service_(settings_, clock_, link_of, conduct_, intake, records_, access_) {
  log_.begin("coordinator.yaml", 0);
  if (!store_->keep_snapshot(evidence::sha256(kSnapshot), kSnapshot)) throw std::runtime_error("no snapshot");
  grpc::ServerBuilder builder;
  auto source = std::make_shared<rpc::TlsSource>(tls_of("coordinator"));
  builder.AddListeningPort("127.0.0.1:0",
                           rpc::server_credentials(std::move(source), rpc::ClientCertificate::kRequested), &port_);
  builder.RegisterService(&service_);
  server_ = builder.BuildAndStart();
  if (!server_ || port_ == 0) throw std::runtime_error("no loopback port for the coordinator");
}

Served::~Served() {
  perspectives.answer_all();
  shut_down();
  (void)soon([this] { return intake.idle() && follow_up_.idle(); });
  reading_.stop();
  threads_.stop();
}

std::unique_ptr<v1::Corroborator::Stub> Served::stub(const std::string& client) const {
  const cli::Profile profile{.coordinator = "127.0.0.1:" + std::to_string(port_),
                             .tls_name = "coordinator.mpic.internal",
                             .tls = tls_of("clients/" + client)};
  return v1::Corroborator::NewStub(cli::channel_to(profile));
}

std::unique_ptr<v1::Corroborator::Stub> Served::stub_of_nobody() const {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = config::read_file(keys() / "ca.pem");
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride("coordinator.mpic.internal");
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return v1::Corroborator::NewStub(
      grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port_), grpc::SslCredentials(options), arguments));
}

void Served::apply(std::vector<ClientEntry> clients) {
  const SettingsPtr next = settings(std::move(clients));
  settings_.replace(next);
  admission_.apply(next->admission, next->deployment.clients);
}

void Served::close() {
  intake.close();
  service_.drain();
}

void Served::shut_down() {
  close();
  server_->Shutdown(std::chrono::system_clock::now() + kPatience);
}

const evidence::NoteVerifier& Served::log_key() const { return settings_.get()->checkpoint_key->verifier(); }

std::string Served::snapshot() { return kSnapshot; }

double Served::metric(const std::string& line_begins) const {
  std::istringstream in(metrics_.text());
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(line_begins + " ")) return std::stod(line.substr(line_begins.size() + 1));
  }
  return -1;
}

v1::CorroborateRequest caa_request(const std::string& id, const std::string& name) {
  v1::CorroborateRequest out;
  out.set_request_id(id);
  out.set_identifier(name);
  out.mutable_caa()->add_issuer_domains("ca.example");
  return out;
}

}  // namespace mpic::test
