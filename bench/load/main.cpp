// mpic-load: asks a coordinator for many corroborations, and tells how long they took and what came of them.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "bench/load/report.hpp"
#include "common/async/random.hpp"
#include "common/config/yaml.hpp"
#include "common/domain/hex.hpp"

namespace {

using namespace mpic;
using namespace mpic::load;

constexpr int kUsage = 64;
volatile std::sig_atomic_t interrupted = 0;

struct Options {
  std::string profile;
  std::string transport = "stream";
  std::string rest;
  unsigned streams = 1;
  std::string expect = "corroborated";
  Question question;
  Pace pace;
  Expectation expectation;
};

void describe(CLI::App& app, Options& options) {
  app.add_option("--profile", options.profile, "whom to ask, and as whom; as for mpic (default: MPIC_PROFILE)");
  app.add_option("--transport", options.transport, "CorroborateMany, Corroborate, or POST /mpic")
      ->check(CLI::IsMember({"stream", "unary", "rest"}))
      ->capture_default_str();
  app.add_option("--rest", options.rest, "ADDRESS:PORT of the REST port, for that transport");
  app.add_option("--streams", options.streams, "connections, each with one stream")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--workload", options.question.workload, "the checks of each request; both: in one visit")
      ->check(CLI::IsMember({"caa", "http-01", "both"}))
      ->capture_default_str();
  app.add_option("--name", options.question.name, "the identifier; {} becomes a number")->capture_default_str();
  app.add_option("--names", options.question.names, "how many names, in turn; 0: each only once")
      ->capture_default_str();
  app.add_option("--issuer", options.question.issuer, "CAA issuer domain name")->capture_default_str();
  app.add_option("--token", options.question.token, "of http-01");
  app.add_option("--key-authorization", options.question.key_authorization, "of http-01");
  app.add_option("--respond", options.question.respond, "when an answer is due")
      ->check(CLI::IsMember({"settled", "complete"}))
      ->capture_default_str();
  app.add_option("--deadline-ms", options.question.deadline_ms, "of each request")
      ->check(CLI::Range(1'000, 120'000))
      ->capture_default_str();
  app.add_option("--in-flight", options.pace.in_flight, "closed loop: so many requests are open at any time")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--rate", options.pace.per_second, "open loop instead: requests per second, whatever comes back")
      ->check(CLI::Range(0.1, 1e6));
  app.add_option("--seconds", options.pace.seconds, "how long requests are sent")
      ->check(CLI::Range(0.1, 86'400.0))
      ->capture_default_str();
  app.add_option("--requests", options.pace.requests, "stop after so many");
  app.add_option("--expect", options.expect, "any: count what comes; corroborated: anything else is a failure")
      ->check(CLI::IsMember({"corroborated", "any"}))
      ->capture_default_str();
  app.add_option("--remotes", options.expectation.remotes, "remote perspectives that must be asked")
      ->capture_default_str();
  app.add_option("--may-be-missing", options.expectation.may_be_missing, "of them, how many may not corroborate")
      ->capture_default_str();
  app.footer(
      "One JSON object on standard output. Exit status: 0 every answer was as expected, 1 one was not or "
      "there\n"
      "was none, 64 wrong usage. Only ask a coordinator that is yours: its perspectives look at real "
      "targets.");
}

int measure(Options& options) {
  const cli::Profile profile = cli::load_profile(cli::choose_profile(options.profile).file);
  SystemRandom random;
  const Requests requests(options.question, hex(random.octets<6>()));
  options.expectation.any = options.expect == "any";
  const auto make_caller = [&](Listener& listener) {
    if (options.transport == "rest") return rest_caller(profile, options.rest, listener);
    return options.transport == "unary" ? unary_caller(profile, listener)
                                        : stream_caller(profile, options.streams, listener);
  };
  const auto stop = [] { return interrupted != 0; };
  const Result result = run(requests, options.pace, options.expectation, make_caller, stop);
  std::printf("%s\n", report(result).c_str());
  if (!result.as_expected()) {
    std::fprintf(stderr, "mpic-load: %llu answers were not as expected; the first: %s\n",
                 static_cast<unsigned long long>(result.tally.unexpected()), result.tally.first_unexpected().c_str());
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char* argv[]) {
  Options options;
  CLI::App app("Puts a coordinator under load and measures its answers.", "mpic-load");
  describe(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  std::signal(SIGINT, [](int) { interrupted = 1; });
  std::signal(SIGTERM, [](int) { interrupted = 1; });
  rpc::restrict_tls();
  try {
    return measure(options);
  } catch (const config::ConfigError& error) {
    std::fprintf(stderr, "mpic-load: %s\n", error.what());
    return kUsage;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "mpic-load: %s\n", error.what());
    return kUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mpic-load: %s\n", error.what());
    return 1;
  }
}
