// mpic-coordinator: asks the perspectives, judges, records and answers.
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_builder.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_future.hpp>
#include <csignal>
#include <deque>
#include <future>
#include <iostream>
#include <thread>

#include "common/domain/version.hpp"
#include "common/evidence/merkle.hpp"
#include "common/rpc/credentials.hpp"
#include "common/telemetry/admin_server.hpp"
#include "common/telemetry/log.hpp"
#include "coordinator/audit/sqlite_store.hpp"
#include "coordinator/config.hpp"
#include "coordinator/perspectives/dissent.hpp"
#include "coordinator/perspectives/health.hpp"
#include "coordinator/pipeline/recover.hpp"
#include "coordinator/service/corroborator.hpp"

namespace {

using namespace mpic;
using namespace mpic::coordinator;

constexpr int kUsage = 64;                 // EX_USAGE: the configuration is at fault
constexpr int kConfiguration = 78;         // EX_CONFIG: the deployment does not comply
constexpr std::chrono::seconds kDrain{2};  // over what the requests in progress may take
constexpr std::size_t kClosedTogether = 500;

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
  const DeploymentFindings findings = deployment.findings_at(at);
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
  for (const std::string& id : left.unreadable)
    spdlog::error("record store: the plan of {} cannot be read; it is kept", id);
  // Together, so that they share commits; few enough for the store's queue.
  std::deque<std::future<Expected<void>>> written;
  const auto wait_for_one = [&] {
    or_stop(written.front().get());
    written.pop_front();
  };
  for (const StoredRecord& record : left.records) {
    if (written.size() == kClosedTogether) wait_for_one();
    written.push_back(asio::co_spawn(threads.next(), store.append(record), asio::use_future));
  }
  while (!written.empty()) wait_for_one();
  for (const StoredRecord& record : left.records) {
    spdlog::warn("record {}: closed as \"no result\"; the coordinator had stopped before its answer", record.record_id);
  }
}

class LoudAlerts final : public Alerts {
 public:
  explicit LoudAlerts(telemetry::Metrics& metrics)
      : metrics_(metrics),
        not_followed_(metrics.counter("mpic_not_followed_total",
                                      "Answers whose stragglers were not listened to, for lack of room")),
        lost_(metrics.counter("mpic_addenda_lost_total", "Late observations that could not be recorded")) {}

  void contradicted_later(const std::string& record_id, const PerspectiveId& perspective,
                          const std::string& why) override {
    metrics_
        .counter("mpic_late_contradictions_total", "Observations that contradict an answer which did not wait for them",
                 {{"perspective", perspective.text()}})
        .Increment();
    spdlog::warn("record {}: {} contradicts the answer, which did not wait for it: {}", record_id, perspective.text(),
                 why);
  }

  void not_followed() override { not_followed_.Increment(); }

  void addendum_lost(const std::string& record_id, const Problem& problem) override {
    lost_.Increment();
    spdlog::error("record {}: a late observation is not recorded: {}", record_id, problem.detail);
  }

 private:
  telemetry::Metrics& metrics_;
  prometheus::Counter& not_followed_;
  prometheus::Counter& lost_;
};

telemetry::Readiness readiness(const Config& config, const GrpcPerspectives& perspectives, const SqliteStore& store) {
  std::string missing;
  if (!store.healthy()) missing += "the record store cannot be written: " + store.fault() + "\n";
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

SqliteOptions store_options(telemetry::Metrics& metrics) {
  auto& writable =
      metrics.gauge("mpic_record_store_writable", "1 while records can be written; 0: no request is answered");
  auto& failures =
      metrics.counter("mpic_record_store_failures_total", "Times that the record store ceased to be writable");
  writable.Set(1);
  SqliteOptions options;
  options.on_health = [&](bool healthy, const std::string& why) {
    writable.Set(healthy ? 1 : 0);
    if (healthy) return spdlog::info("record store: records can be written again");
    failures.Increment();
    spdlog::critical("record store: records cannot be written, so no request is answered: {}", why);
  };
  return options;
}

// What a configuration amounts to; its snapshot is durable on return.
SettingsPtr settle_in(const Config& config, SqliteStore& store) {
  const auto key = or_stop(evidence::SigningKey::from_pem(config::read_file(config.signing_key)));
  const std::string body = snapshot(config.deployment, key.public_key()).SerializeAsString();
  const Digest hash = evidence::sha256(body);
  or_stop(store.keep_snapshot(hash, body));
  return std::make_shared<const Settings>(Settings{config.deployment, hash, key, config.limits});
}

void serve_until_stopped(const std::function<void()>& reload) {
  asio::io_context io;
  asio::signal_set hang_up(io, SIGHUP);
  std::function<void()> next = [&] {
    hang_up.async_wait([&](const boost::system::error_code& error, int) {
      if (error) return;
      reload();
      next();
    });
  };
  next();
  asio::signal_set stop(io, SIGTERM, SIGINT);
  stop.async_wait([&](const boost::system::error_code&, int) { io.stop(); });
  io.run();
  std::signal(SIGHUP, SIG_IGN);
}

void wait_for(const std::function<bool()>& condition, std::chrono::milliseconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (!condition() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

int run(const std::filesystem::path& file, bool check_only) {
  const Config config = load_config(file);
  or_stop(rpc::check_tls_files(config.tls));
  const auto key = or_stop(evidence::SigningKey::from_pem(config::read_file(config.signing_key)));
  SystemClock clock;
  if (!complies(config.deployment, clock.now())) {
    throw StartError(
        "this deployment does not satisfy the policy of the day (see above); it would not be allowed to answer");
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
  const auto store = or_stop(SqliteStore::open(config.sqlite, config.deployment.log_origin, store_options(metrics)));
  recover(*store, key, clock, threads);
  SettingsInForce settings(settle_in(config, *store));

  const auto tls = std::make_shared<rpc::TlsSource>(config.tls);
  HealthBoard health(config.deployment, clock);
  GrpcPerspectives perspectives(
      config.deployment, tls, clock, [&] { return threads.next().get_executor(); }, metrics, health);
  LoudAlerts alerts(metrics);
  FollowUp follow_up(clock, perspectives, *store, alerts);
  Dissent dissent;
  KeptConduct conduct(health, dissent, clock);
  Admission admission(config.open_requests_per_target);
  const Workshop workshop{clock, random, perspectives, *store, follow_up, admission, settings, conduct};
  Intake intake(workshop, threads, metrics, config.open_requests);
  CorroboratorService service(settings, clock, perspectives, intake, metrics);

  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(config.listen.text(), rpc::server_credentials(tls), &port);
  builder.SetMaxReceiveMessageSize(256 * 1024);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // A client that is gone without a word is noticed.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server || port == 0) throw StartError("cannot listen on " + config.listen.text() + ": is it in use?");

  telemetry::AdminServer admin(config.admin, metrics, [&] { return readiness(config, perspectives, *store); });
  spdlog::info("mpic-coordinator {} serves on {}, {} perspectives, records in {}", kSoftwareVersion,
               config.listen.text(), config.deployment.perspectives.size(), config.sqlite.string());

  serve_until_stopped([&] {
    try {
      const SettingsPtr next = settle_in(load_config(file), *store);
      perspectives.apply(next->deployment);
      settings.replace(next);
      spdlog::info("security: {} was read anew", file.string());
    } catch (const std::exception& error) {
      spdlog::error("security: {} was not taken, everything stays as it was: {}", file.string(), error.what());
    }
  });
  spdlog::info("stopping: no new requests; those in progress are answered");
  server->GetHealthCheckService()->SetServingStatus(false);
  intake.close();
  service.drain();
  const auto longest = config.limits.default_deadline + kDrain;
  server->Shutdown(std::chrono::system_clock::now() + longest);
  wait_for([&] { return intake.idle() && follow_up.idle(); }, kGrace + kDrain);
  threads.stop();  // nothing may run any more that uses what is destroyed next
  return 0;
}

}  // namespace

int main(int argc, char* argv[]) {
  CLI::App app(
      "Asks perspectives on the Internet, judges what they saw by the Baseline Requirements, records and answers.",
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
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGHUP, SIG_IGN);   // until there are clients to read anew
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of the store, not the end of the program
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
