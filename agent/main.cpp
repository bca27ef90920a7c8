// mpic-agent: one perspective. assignment -> look (net, checks) -> sign -> reply.
#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_builder.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <csignal>
#include <cstdio>
#include <ctime>

#include "agent/config.hpp"
#include "agent/service/io_thread.hpp"
#include "agent/service/perspective_service.hpp"
#include "agent/service/resolver_watch.hpp"
#include "common/domain/version.hpp"
#include "common/rpc/credentials.hpp"
#include "common/telemetry/admin_server.hpp"
#include "common/telemetry/log.hpp"

namespace {

using namespace mpic;
using namespace mpic::agent;
using namespace std::chrono_literals;

constexpr int kExUsage = 64;
constexpr auto kDrain = 5s;

struct Options {
  std::string config;
  std::string log_level = "info";
  bool check_only = false;
};

evidence::SigningKey load_signing_key(const AgentConfig& config) {
  auto key = evidence::SigningKey::from_pem(config::read_file(config.signing_key));
  if (!key) throw config::ConfigError(config.signing_key.string() + ": " + key.error().detail);
  return *std::move(key);
}

void check_files(const AgentConfig& config) {
  if (const auto checked = rpc::check_tls_files(config.tls); !checked) {
    throw config::ConfigError(checked.error().where + ": " + checked.error().detail);
  }
}

void warn_of_what_is_unusual(const AgentConfig& config) {
  if (config.resolver_is_remote) {
    spdlog::warn("RESOLVER {} IS NOT ON THIS HOST: what it says of DNSSEC can be forged on the way",
                 config.resolver.text());
  }
  const ResolverTests& tests = config.resolver_tests;
  if (config.identity.role == Role::kPrimary && (tests.signed_name.empty() || tests.bogus_name.empty())) {
    spdlog::warn(
        "resolver.signed_name and resolver.bogus_name are not both set: nobody would notice if the resolver of this "
        "Primary ceased to validate (BR 4.2.2.2.1)");
  }
  if (!config.egress_ipv6) spdlog::info("no egress.ipv6: sites that have only IPv6 cannot be validated from here");
  for (const std::string& stamp : config.identity.lab_stamps) {
    spdlog::warn("lab relaxation: {}; nothing seen here is a basis for issuance", stamp);
  }
}

// Each check holds a socket or two; the usual soft limit of 1,024 files would be reached first.
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::vector<std::unique_ptr<IoThread>> start_threads(const AgentConfig& config, Clock& clock, Random& random) {
  AresOptions dns(config.resolver.text());
  if (const auto resolver = IpAddress::parse(config.resolver.address); config.resolver_is_remote && resolver) {
    dns.local = resolver->is_v4() ? config.egress_ipv4 : config.egress_ipv6;
  }
  if (!config.resolver_is_remote) {
    dns.on_this_host = true;
    // On this host a datagram is lost only when a buffer is full, and the resolver itself knows what it is working on.
    dns.try_timeout = std::chrono::milliseconds(1'000);
    dns.tries = 3;
  }
  constexpr std::size_t kFewest = 16;
  dns.max_fresh = std::max(kFewest, dns.max_fresh / config.threads);  // all threads ask the same resolver
  HttpOptions http(config.user_agent);
  http.egress_ipv4 = config.egress_ipv4;
  http.egress_ipv6 = config.egress_ipv6;
  http.connect_limit = config.target_limits.connect;
  http.head_start = config.target_limits.head_start;
  http.handshake_limit = config.target_limits.handshake;
  http.exchange_limit = config.target_limits.exchange;
  std::vector<std::unique_ptr<IoThread>> threads;
  for (std::size_t i = 0; i < config.threads; ++i) {
    threads.push_back(std::make_unique<IoThread>(clock, random, dns, http));
  }
  return threads;
}

std::unique_ptr<grpc::Server> start_server(const AgentConfig& config, PerspectiveService& service) {
  constexpr int kKeepaliveMs = 20'000;
  constexpr int kKeepaliveTimeoutMs = 10'000;
  constexpr int kMinPingIntervalMs = 5'000;
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(config.listen.text(), rpc::server_credentials(config.tls), &port);
  builder.RegisterService(&service);
  builder.SetMaxReceiveMessageSize(static_cast<int>(kMaxMessage));
  builder.SetMaxSendMessageSize(static_cast<int>(kMaxMessage));
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS,
                             kKeepaliveMs);  // a coordinator that is gone is noticed
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kMinPingIntervalMs);
  auto server = builder.BuildAndStart();
  if (!server || port == 0) throw config::ConfigError("cannot listen on " + config.listen.text());
  server->GetHealthCheckService()->SetServingStatus(false);
  spdlog::info("perspective {} ({}, {}) listens on {}, port {}", config.identity.perspective.text(),
               to_string(config.identity.role), to_string(config.identity.rir), config.listen.address, port);
  return server;
}

// SIGTERM and SIGINT are blocked in every thread and taken here.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

void serve_until_stopped(grpc::Server& server, const ResolverState& resolver, const sigset_t& signals) {
  bool serving = false;
  for (;;) {
    const std::string fault = resolver.fault();
    if (fault.empty() != serving) {
      serving = fault.empty();
      server.GetHealthCheckService()->SetServingStatus(serving);
      if (serving) {
        spdlog::info("ready");
      } else {
        spdlog::warn("not ready: {}", fault);
      }
    }
    const timespec tick{0, 250'000'000};
    if (const int number = sigtimedwait(&signals, nullptr, &tick); number > 0) {
      spdlog::info("stopping on signal {}", number);
      return;
    }
  }
}

void stop(grpc::Server& server, PerspectiveService& service, const Attempts& attempts) {
  server.GetHealthCheckService()->SetServingStatus(false);
  service.drain();
  server.Shutdown(std::chrono::system_clock::now() +
                  kDrain);  // then streams are cancelled, and their attempts with them
  for (auto until = std::chrono::steady_clock::now() + 1s;
       !attempts.idle() && std::chrono::steady_clock::now() < until;) {
    std::this_thread::sleep_for(5ms);
  }
}

void run(const AgentConfig& config, const evidence::SigningKey& key, const sigset_t& signals) {
  warn_of_what_is_unusual(config);
  raise_file_limit();
  SystemClock clock;
  SystemRandom random;
  telemetry::Metrics metrics;
  const auto threads = start_threads(config, clock, random);
  std::vector<Lane> lanes;
  for (const auto& thread : threads) lanes.push_back(thread->lane());
  const auto resolver = std::make_shared<ResolverState>(config.resolver_tests);
  asio::co_spawn(lanes[0].executor, watch_resolver(lanes[0].dns, clock, config.resolver_tests, resolver),
                 asio::detached);
  Attempts attempts(config.identity, lanes, clock, metrics, config.limits,
                    validation_gate(config.identity.role, resolver));
  PerspectiveService service(attempts, key, config.clients);
  const auto server = start_server(config, service);
  telemetry::AdminServer admin(config.admin, metrics, [resolver] {
    const std::string fault = resolver->fault();
    return telemetry::Readiness(fault.empty(), fault);
  });
  serve_until_stopped(*server, *resolver, signals);
  stop(*server, service, attempts);
  for (const auto& thread : threads) thread->stop();
}

}  // namespace

int main(int argc, char* argv[]) {
  Options options;
  CLI::App app("One perspective of a multi-perspective issuance corroboration system", "mpic-agent");
  app.add_option("--config", options.config, "agent.yaml")->required();
  app.add_flag("--check-config", options.check_only, "read the configuration and the files it names, then exit");
  app.add_option("--log-level", options.log_level, "trace, debug, info, warn or error");
  app.set_version_flag("--version",
                       "mpic-agent " + std::string(kSoftwareVersion) + ", ruleset " + std::string(kRulesetVersion));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExUsage;
  }
  try {
    telemetry::set_up_log("mpic-agent", options.log_level);
    rpc::restrict_tls();
    const AgentConfig config = load_config(options.config);
    check_files(config);
    const evidence::SigningKey key = load_signing_key(config);
    if (options.check_only) {
      std::printf("%s: good; evidence is signed with key %s\n", options.config.c_str(), key.id().c_str());
      return 0;
    }
    const sigset_t signals = block_stop_signals();
    run(config, key, signals);
    spdlog::info("stopped");
    return 0;
  } catch (const config::ConfigError& error) {
    std::fprintf(stderr, "mpic-agent: %s\n", error.what());
    return kExUsage;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "mpic-agent: %s\n", error.what());
    return kExUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mpic-agent: %s\n", error.what());
    return 1;
  }
}
