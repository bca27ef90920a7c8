// mpic-coordinator: asks the perspectives, judges, records and answers. This file reads the command line; what the
// process consists of is program/coordinator.cpp.
#include <google/protobuf/stubs/logging.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>

#include "common/async/clock.hpp"
#include "common/domain/version.hpp"
#include "common/rpc/credentials.hpp"
#include "common/rpc/grpc_log.hpp"
#include "common/telemetry/log.hpp"
#include "coordinator/program/coordinator.hpp"
#include "coordinator/program/outlook.hpp"

namespace {

using namespace mpic;
using namespace mpic::coordinator;

constexpr int kUsage = 64;          // EX_USAGE: the configuration is at fault
constexpr int kConfiguration = 78;  // EX_CONFIG: the deployment does not comply

// What need not keep it from starting; said again each day while it serves.
void warn_of(const Deployment& deployment, TimePoint now) {
  const ReadinessFacts nothing_known{.policy_time = deployment.policy_time(now)};
  for (const std::string& warning : outlook(deployment, nothing_known, false).warnings) spdlog::warn("{}", warning);
}

// Connections of the REST port alone may be 1,000, and the usual soft limit is 1,024 files.
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int run(const std::filesystem::path& file, bool check_only) {
  const TimePoint now = SystemClock().now();
  Loaded loaded = load(file, now);
  const Deployment& deployment = loaded.config.deployment;
  warn_of(deployment, now);
  if (check_only) {
    std::cout << file.string() << ": good; " << deployment.perspectives.size() << " perspectives\n";
    return 0;
  }
  serve_until_stopped(file, std::move(loaded));
  return 0;
}

}  // namespace

int main(int argc, char* argv[]) {
  google::protobuf::SetLogHandler(nullptr);  // of what cannot be read we say ourselves what it is, escaped
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
  raise_file_limit();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGHUP, SIG_IGN);   // until there is something to read anew
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of the store, not the end of the program
  try {
    telemetry::set_up_log("mpic-coordinator", level);
    rpc::adopt_grpc_log();
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
