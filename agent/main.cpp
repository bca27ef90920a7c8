// mpic-agent: one perspective. assignment -> look (net, checks) -> sign -> reply.
#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_builder.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <csignal>
#include <cstdio>
#include <ctime>

#include "agent/config.hpp"
#include "agent/events.hpp"
#include "agent/reload.hpp"
#include "agent/service/io_thread.hpp"
#include "agent/service/perspective_service.hpp"
#include "agent/service/resolver_watch.hpp"
#include "common/domain/version.hpp"
#include "common/rpc/credentials.hpp"
#include "common/rpc/grpc_log.hpp"
#include "common/telemetry/admin_server.hpp"
#include "common/telemetry/log.hpp"

namespace {

using namespace mpic;
using namespace mpic::agent;
using namespace std::chrono_literals;

constexpr int kExUsage = 64;
constexpr auto kDrain = 2s;  // over what the attempts under way may take

struct Options {
  std::string config;
  std::string log_level = "info";
  bool check_only = false;
};

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

std::unique_ptr<grpc::Server> start_server(const AgentConfig& config, std::shared_ptr<rpc::TlsSource> tls,
                                           PerspectiveService& service) {
  constexpr int kKeepaliveMs = 20'000;
  constexpr int kKeepaliveTimeoutMs = 10'000;
  constexpr int kMinPingIntervalMs = 5'000;
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(config.listen.text(), rpc::server_credentials(std::move(tls)), &port);
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

// SIGTERM, SIGINT and SIGHUP are blocked in every thread and taken here.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

AgentStatus status_of(const AgentIdentity& me, const std::string& fault) {
  AgentStatus status;
  status.ready = fault.empty();
  status.not_ready_because = fault;
  status.agent_version = kSoftwareVersion;
  status.source_ipv4 = me.source_ipv4;
  status.source_ipv6 = me.source_ipv6;
  return status;
}

// What is in use of a configuration that can be read again.
struct InUse {
  const std::string file;
  AgentConfig config;
  CurrentKey key;
  const std::shared_ptr<rpc::TlsSource> tls;

  InUse(std::string path, AgentConfig read, evidence::SigningKey signing_key)
      : file(std::move(path)),
        config(std::move(read)),
        key(std::move(signing_key)),
        tls(std::make_shared<rpc::TlsSource>(config.tls)) {}
};

// All of it or nothing: what can fail comes first.
void reload(InUse& in_use, PerspectiveService& service, AgentEvents& events) {
  events.log().reopen();
  std::vector<std::string> news;
  try {
    Reloaded fresh = read_again(in_use.file, in_use.config);
    if (const auto used = in_use.tls->use(fresh.config.tls); !used) {
      throw config::ConfigError(used.error().where + ": " + used.error().detail);
    }
    if (const auto before = in_use.key.get(); before->id() != fresh.key.id()) {
      spdlog::info("security: evidence is signed with key {} from now on, not with {}", fresh.key.id(), before->id());
      events.key_changed(before->id(), fresh.key.id());
      news.push_back(fmt::format("signing key: {} to {}", before->id(), fresh.key.id()));
      in_use.key.replace(std::move(fresh.key));
    }
    if (fresh.config.clients != in_use.config.clients) {
      const std::size_t ended = service.replace_clients(fresh.config.clients);
      spdlog::info("security: coordinators that may connect are now {}; streams of others that end: {}",
                   printable(fmt::format("{}", fmt::join(fresh.config.clients, ", "))), ended);
      news.push_back(fmt::format("coordinators that may connect: {}", fmt::join(fresh.config.clients, ", ")));
    }
    in_use.config = std::move(fresh.config);
    spdlog::info("security: {} was read again", in_use.file);
    events.configuration_changed(in_use.file, std::move(news));
  } catch (const std::exception& error) {
    events.configuration_refused(in_use.file, error.what());
    spdlog::error("security: {} was not taken, everything stays as it was: {}", in_use.file, error.what());
  }
}

void tell_readiness(grpc::Server& server, const std::string& fault) {
  server.GetHealthCheckService()->SetServingStatus(fault.empty());
  if (fault.empty()) {
    spdlog::info("ready");
  } else {
    spdlog::warn("not ready: {}", fault);
  }
}

void serve_until_stopped(grpc::Server& server, PerspectiveService& service, InUse& in_use,
                         const ResolverState& resolver, AgentEvents& events, const sigset_t& signals) {
  constexpr timespec kTick{0, 250'000'000};
  constexpr unsigned kTicksPerStatus = 4;
  bool serving = false;
  for (unsigned tick = 0;; ++tick) {
    const std::string fault = resolver.fault();
    if (fault.empty() != serving) {
      serving = fault.empty();
      tell_readiness(server, fault);
      events.resolver(fault);
    }
    if (tick % kTicksPerStatus == 0) {
      service.tell(status_of(in_use.config.identity, fault));
      if (const auto failed = rpc::take_failed_handshakes(); failed.count != 0) {
        events.handshakes_failed(failed.count, failed.last);
      }
      static_cast<void>(in_use.tls->current());  // so that the log tells of new files before somebody connects
    }
    const int number = sigtimedwait(&signals, nullptr, &kTick);
    if (number == SIGHUP) {
      reload(in_use, service, events);
    } else if (number > 0) {
      spdlog::info("stopping on signal {}", number);
      events.stopped(number);
      return;
    }
  }
}

// Each assignment that was taken is answered, however long its budget is.
void stop(grpc::Server& server, PerspectiveService& service, const Attempts& attempts, const AgentIdentity& me,
          const Clock& clock) {
  server.GetHealthCheckService()->SetServingStatus(false);
  service.tell(status_of(me, "this perspective is shutting down"));
  service.drain();
  const auto left = std::max<SteadyPoint::duration>(attempts.busy_until() - clock.steady_now(), 0s);
  server.Shutdown(std::chrono::system_clock::now() + left + kDrain);  // returns when all streams have ended
  for (auto until = std::chrono::steady_clock::now() + 1s;
       !attempts.idle() && std::chrono::steady_clock::now() < until;) {
    std::this_thread::sleep_for(5ms);
  }
}

void run(InUse& in_use, const sigset_t& signals) {
  const AgentConfig config = in_use.config;  // as the process was built: none of what this uses changes at run time
  warn_of_what_is_unusual(config);
  raise_file_limit();
  SystemClock clock;
  SystemRandom random;
  telemetry::Metrics metrics;
  const auto event_log = open_events(config);
  AgentEvents events(*event_log, clock, config.identity);
  const auto threads = start_threads(config, clock, random);
  std::vector<Lane> lanes;
  for (const auto& thread : threads) lanes.push_back(thread->lane());
  const auto resolver = std::make_shared<ResolverState>(config.resolver_tests);
  asio::co_spawn(lanes[0].executor, watch_resolver(lanes[0].dns, clock, config.resolver_tests, resolver),
                 asio::detached);
  Attempts attempts(config.identity, lanes, clock, metrics, config.limits,
                    validation_gate(config.identity.role, resolver), event_log.get());
  PerspectiveService service(attempts, in_use.key, config.clients, *event_log);
  service.tell(status_of(config.identity, resolver->fault()));
  const auto server = start_server(config, in_use.tls, service);
  telemetry::AdminServer admin(config.admin, metrics, [resolver] {
    const std::string fault = resolver->fault();
    return telemetry::Readiness(fault.empty(), fault);
  });
  events.started(in_use.file, in_use.key.get()->id());
  serve_until_stopped(*server, service, in_use, *resolver, events, signals);
  stop(*server, service, attempts, config.identity, clock);
  for (const auto& thread : threads) thread->stop();
}

}  // namespace

int main(int argc, char* argv[]) {
  google::protobuf::SetLogHandler(nullptr);  // of what cannot be read we say ourselves what it is, escaped
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
    rpc::adopt_grpc_log();
    rpc::restrict_tls();
    AgentConfig config = load_config(options.config);
    check_files(config);
    evidence::SigningKey key = load_signing_key(config);
    if (options.check_only) {
      std::printf("%s: good; evidence is signed with key %s\n", options.config.c_str(), key.id().c_str());
      return 0;
    }
    const sigset_t signals = block_signals();
    InUse in_use(options.config, std::move(config), std::move(key));
    run(in_use, signals);
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
