// mpic-coordinator: asks the perspectives, judges, records and answers.
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_builder.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_future.hpp>
#include <iostream>

#include "common/domain/version.hpp"
#include "common/evidence/merkle.hpp"
#include "common/telemetry/admin_server.hpp"
#include "common/telemetry/log.hpp"
#include "coordinator/audit/sqlite_store.hpp"
#include "coordinator/pipeline/recover.hpp"
#include "coordinator/service/corroborator.hpp"

namespace {

using namespace mpic;
using namespace mpic::coordinator;

constexpr int kUsage = 64;          // EX_USAGE: the configuration is at fault
constexpr int kConfiguration = 78;  // EX_CONFIG: the deployment does not comply
constexpr std::chrono::seconds kDrain{10};

// A start-up step that cannot go on: printed, and the program ends.
class StartError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class T>
T or_stop(Expected<T> value) {
  if (!value) throw StartError(value.error().where + ": " + value.error().detail);
  if constexpr (!std::is_void_v<T>) return *std::move(value);
}

// Refuses a deployment that today's policy forbids; tells weeks ahead what will not comply.
bool complies(const Deployment& deployment, TimePoint now) {
  const TimePoint at = deployment.policy_time(now);
  const DeploymentFindings findings = check_deployment(deployment.places(), at);
  for (const Problem& violation : findings.violations) {
    spdlog::critical("policy of {}: {}: {}", to_string(std::chrono::floor<std::chrono::days>(at)), violation.where,
                     violation.detail);
  }
  for (const std::string& change : findings.upcoming) spdlog::warn("policy: {}", change);
  return findings.violations.empty();
}

// Records for plans that a killed coordinator left without one.
void recover(SqliteStore& store, const evidence::SigningKey& key, const Clock& clock, IoThreads& threads) {
  const Recovered left = close_open_plans(or_stop(store.open_plans()), clock.now(), key);
  for (const std::string& id : left.unreadable) spdlog::error("record store: the plan of {} cannot be read; it is kept", id);
  for (const StoredRecord& record : left.records) {
    or_stop(asio::co_spawn(threads.next(), store.append(record), asio::use_future).get());
    spdlog::warn("record {}: closed as \"no result\"; the coordinator had stopped before its answer", record.record_id);
  }
}

telemetry::Readiness readiness(const Config& config, const GrpcPerspectives& perspectives, const SqliteStore& store) {
  std::string missing;
  if (!store.healthy()) missing += "the record store cannot be written\n";
  for (const PerspectiveEntry& entry : config.deployment.perspectives) {
    const LinkState state = perspectives.state(entry.where.id);
    if (!state.connected) missing += entry.where.id.text() + ": " + state.last_error + "\n";
  }
  // Ready is what can answer: the Primary, and as many remotes as the day's quorum needs with the failures it allows.
  std::vector<Corroboration> reachable;
  for (const PerspectiveEntry& entry : config.deployment.perspectives) {
    const bool connected = perspectives.state(entry.where.id).connected;
    if (entry.where.role == Role::kPrimary && !connected) return {false, missing};
    if (entry.where.role == Role::kRemote) reachable.push_back({entry.where.id, entry.where.rir, connected});
  }
  const auto phase = quorum_phase_at(config.deployment.policy_time(SystemClock().now()));
  if (!phase) return {false, missing + "no phase of BR 3.2.2.9 is in force\n"};
  const auto quorum = decide_quorum(reachable, {.min_remotes = phase->min_remotes, .min_rirs = phase->min_rirs});
  return {store.healthy() && quorum && quorum->reached, missing};
}

int run(const std::filesystem::path& file, bool check_only) {
  const Config config = load_config(file);
  or_stop(rpc::check_tls_files(config.tls));
  const auto key = or_stop(evidence::SigningKey::from_pem(config::read_file(config.signing_key)));
  SystemClock clock;
  if (!complies(config.deployment, clock.now())) {
    throw StartError("this deployment does not satisfy the policy of the day (see above); it would not be allowed to answer");
  }
  for (const std::string& reason : config.deployment.not_enforceable()) {
    spdlog::warn("{}: every verdict will be NOT_DETERMINED, with would_be beside it", reason);
  }
  if (check_only) {
    std::cout << file.string() << ": good; " << config.deployment.perspectives.size() << " perspectives\n";
    return 0;
  }

  SystemRandom random;
  telemetry::Metrics metrics;
  IoThreads threads(config.threads);
  const auto store = or_stop(SqliteStore::open(config.sqlite, config.deployment.log_origin));
  recover(*store, key, clock, threads);
  const std::string snapshot_body = snapshot(config.deployment, key.public_key()).SerializeAsString();
  const Digest snapshot_hash = evidence::sha256(snapshot_body);
  or_stop(store->keep_snapshot(snapshot_hash, snapshot_body));

  GrpcPerspectives perspectives(config.deployment, config.tls, clock, metrics);
  const Workshop workshop{clock, random, perspectives, *store, config.deployment, snapshot_hash, key, config.limits};
  CorroboratorService service(config, workshop, perspectives, threads, metrics);

  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(config.listen.text(), rpc::server_credentials(config.tls), &port);
  builder.SetMaxReceiveMessageSize(256 * 1024);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server || port == 0) throw StartError("cannot listen on " + config.listen.text() + ": is it in use?");

  telemetry::AdminServer admin(config.admin, metrics, [&] { return readiness(config, perspectives, *store); });
  spdlog::info("mpic-coordinator {} serves on {}, {} perspectives, records in {}", kSoftwareVersion, config.listen.text(),
               config.deployment.perspectives.size(), config.sqlite.string());

  asio::io_context signals;
  asio::signal_set stop(signals, SIGTERM, SIGINT);
  stop.async_wait([](const boost::system::error_code&, int) {});
  signals.run();
  spdlog::info("stopping: no new requests; those in progress are answered");
  server->GetHealthCheckService()->SetServingStatus(false);
  server->Shutdown(std::chrono::system_clock::now() + kDrain);
  return 0;
}

}  // namespace

int main(int argc, char* argv[]) {
  CLI::App app("Asks perspectives on the Internet, judges what they saw by the Baseline Requirements, records and answers.",
               "mpic-coordinator");
  std::string file;
  std::string level = "info";
  bool check_only = false;
  app.add_option("--config", file, "coordinator.yaml; docs/operations.md tells its keys")->required();
  app.add_option("--log-level", level, "trace, debug, info, warn or error")->capture_default_str();
  app.add_flag("--check-config", check_only, "read the configuration, check it against today's policy, and stop");
  app.set_version_flag("--version", std::string(kSoftwareVersion));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  rpc::restrict_tls();
  try {
    telemetry::set_up_log("mpic-coordinator", level);
    return run(file, check_only);
  } catch (const config::ConfigError& error) {
    std::cerr << error.what() << '\n';
    return kUsage;
  } catch (const StartError& error) {
    std::cerr << "mpic-coordinator: " << error.what() << '\n';
    return kConfiguration;
  } catch (const std::exception& error) {
    std::cerr << "mpic-coordinator: " << error.what() << '\n';
    return 1;
  }
}
