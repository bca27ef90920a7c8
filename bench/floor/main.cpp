// mpic-floor: what a corroboration would cost if nothing were done with it. bench/run drives it.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <stdexcept>

#include "bench/floor/fan_out.hpp"
#include "bench/floor/look.hpp"

namespace {

using namespace mpic;
using namespace mpic::floor;

constexpr int kUsage = 64;

struct Options {
  std::string listen = "127.0.0.1:0";
  rpc::TlsFiles tls;
  MessageSizes sizes;
  std::vector<std::string> servers;  // "address:port=name in the certificate"
  RoundsPlan rounds;
  LookPlan look;
};

void add_streams(CLI::App& command, Options& options) {
  command.add_option("--ca", options.tls.ca)->required();
  command.add_option("--certificate", options.tls.certificate)->required();
  command.add_option("--key", options.tls.key)->required();
  command.add_option("--assignment", options.sizes.assignment, "octets, as are the other sizes")->capture_default_str();
  command.add_option("--observation", options.sizes.observation)->capture_default_str();
  command.add_option("--root-payload", options.sizes.root_payload)->capture_default_str();
  command.add_option("--signature", options.sizes.signature)->capture_default_str();
}

void add_rounds(CLI::App& command, Options& options) {
  command.add_option("--in-flight", options.rounds.in_flight)->check(CLI::Range(1, 100'000))->capture_default_str();
  command.add_option("--seconds", options.rounds.seconds)->check(CLI::Range(0.1, 3600.0))->capture_default_str();
}

void add_look(CLI::App& command, Options& options, const char* what) {
  command.add_option("--perspectives", options.look.perspectives, what)->required()->expected(kPerspectives);
  command.add_option("--name", options.look.name, "{} becomes a number")->required();
  command.add_option("--names", options.look.names)->check(CLI::Range(1, 1'000'000))->capture_default_str();
}

// Seven times as many sockets as an agent needs, in one process.
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::vector<EchoServer> echo_servers(const std::vector<std::string>& texts) {
  std::vector<EchoServer> servers;
  for (const std::string& text : texts) {
    const auto sign = text.find('=');
    if (sign == std::string::npos) throw std::invalid_argument(text + ": expected address:port=name");
    servers.push_back({text.substr(0, sign), text.substr(sign + 1)});
  }
  return servers;
}

}  // namespace

int main(int argc, char* argv[]) {
  Options options;
  CLI::App app("The floors that bench/run holds its figures against.", "mpic-floor");
  app.require_subcommand(1);
  CLI::App& echo = *app.add_subcommand("echo", "one agent that answers at once; prints its port");
  echo.add_option("--listen", options.listen)->capture_default_str();
  add_streams(echo, options);
  CLI::App& fan_out_command = *app.add_subcommand("fan-out", "asks one echo, then six");
  fan_out_command.add_option("--servers", options.servers, "address:port=name, the Primary first")
      ->required()
      ->expected(kPerspectives);
  add_streams(fan_out_command, options);
  add_rounds(fan_out_command, options);
  CLI::App& dns = *app.add_subcommand("dns", "the lookups alone");
  dns.add_option("--lookups", options.look.lookups)->check(CLI::IsMember({"caa", "addresses"}))->capture_default_str();
  add_look(dns, options, "address:port of each resolver");
  add_rounds(dns, options);
  CLI::App& http = *app.add_subcommand("http", "the requests alone");
  http.add_option("--site", options.look.site, "address:port")->required();
  http.add_option("--token", options.look.token)->required();
  http.add_option("--body", options.look.body)->required();
  add_look(http, options, "source address of each agent");
  add_rounds(http, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  rpc::restrict_tls();
  raise_file_limit();
  try {
    if (echo) return serve_echo(options.listen, options.tls, options.sizes);
    if (fan_out_command) return fan_out(echo_servers(options.servers), options.tls, options.sizes, options.rounds);
    return dns ? look_up(options.look, options.rounds) : fetch(options.look, options.rounds);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mpic-floor: %s\n", error.what());
    return 1;
  }
}
