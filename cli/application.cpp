#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/failure.hpp"
#include "cli/keys_dev.hpp"
#include "common/config/yaml.hpp"
#include "common/domain/version.hpp"

namespace mpic::cli {
namespace {

constexpr const char* kFooter = R"(Examples:
  mpic check caa www.example.com --issuer ca.example
  mpic check http-01 www.example.com --token "$token" --key-authorization "$token.$thumbprint"
  mpic check dns-01 '*.example.com' --key-authorization "$token.$thumbprint" --issuer ca.example
  mpic batch names.csv --method caa --issuer ca.example
  mpic record fc91d07c69d0bb6f03bc3b9932b29195
  mpic perspectives
  mpic policy show --at 2026-12-15
  mpic audit verify --store records.sqlite --log-key checkpoint.vkey
  mpic keys api create --keys api-keys.yaml --client pipeline --name ejbca-prod

The profile says which coordinator to ask, and as whom: --profile, else MPIC_PROFILE, else
~/.config/mpic/profile.yaml. `mpic COMMAND --help` tells more about each command.)";

void add_keys(CLI::App& app, Surroundings& surroundings) {
  CLI::App* keys = app.add_subcommand("keys", "Make keys and certificates");
  keys->require_subcommand(1);
  add_keys_dev(*keys);
  add_keys_vkey(*keys);
  add_keys_api(*keys, surroundings);
}

}  // namespace

int run(int argc, const char* const* argv, Surroundings& surroundings, std::ostream& errors) {
  CLI::App app("Multi-Perspective Issuance Corroboration: asks the coordinator, and shows what each perspective saw.",
               "mpic");
  app.set_version_flag("--version", fmt::format("mpic {}", kSoftwareVersion));
  app.add_option("--profile", surroundings.profile, "Which coordinator to ask, and as whom")->type_name("FILE");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.fallthrough();  // --profile may stand after the command too
  app.get_formatter()->column_width(32);
  add_check(app, surroundings);
  add_batch(app, surroundings);
  add_record(app, surroundings);
  add_checkpoint(app, surroundings);
  add_perspectives(app, surroundings);
  add_policy(app, surroundings);
  add_audit(app, surroundings);
  add_keys(app, surroundings);
  try {
    app.parse(argc, argv);
  } catch (const CLI::RuntimeError& status) {
    return status.get_exit_code();
  } catch (const CLI::ParseError& error) {
    return app.exit(error, surroundings.out, errors) == 0 ? 0 : kExitUsage;
  } catch (const Failure& failure) {
    errors << "mpic: " << failure.what() << '\n';
    return failure.status();
  } catch (const config::ConfigError& error) {
    errors << "mpic: " << error.what() << '\n';
    return kExitUsage;
  }
  return 0;
}

}  // namespace mpic::cli
