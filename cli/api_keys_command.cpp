// Apart from api_keys.cpp, so that its tests need not compile the command line parser.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/api_keys.hpp"
#include "common/async/clock.hpp"

namespace mpic::cli {
namespace {

constexpr const char* kFooter =
    R"(A key is shown once, when it is made; the file has its hash alone. The coordinator reads the file at its start, and
anew on SIGHUP: `api_keys` in coordinator.yaml names it.

Examples:
  mpic keys api create --keys api-keys.yaml --client pipeline --name ejbca-prod > ejbca-prod.key
  mpic keys api list --keys api-keys.yaml
  mpic keys api revoke --keys api-keys.yaml 3fa9c0d1 && kill -HUP $(pidof mpic-coordinator)

Exit status: 0; 64 usage, a file that cannot be read, or no such key; 73 when the file could not be written.)";

constexpr const char* kCreateFooter = R"(The key goes to standard output, alone; what to do next to standard error.

Examples:
  mpic keys api create --keys api-keys.yaml --client pipeline --name ejbca-prod > ejbca-prod.key
  mpic keys api create --keys api-keys.yaml --client pipeline --name nightly --days 30

To change a key: make the new one by another name, send SIGHUP, give it out, revoke the old one, send SIGHUP.)";

struct Options {
  std::string file;
  NewApiKey wanted;
  std::string which;
};

void add_file(CLI::App& command, const std::shared_ptr<Options>& options) {
  command.add_option("--keys", options->file, "The file of `api_keys`; made if missing")->required()->type_name("FILE");
}

void add_create(CLI::App& api, Surroundings& surroundings) {
  CLI::App* command = api.add_subcommand("create", "Make a key, and tell it this once");
  const auto options = std::make_shared<Options>();
  add_file(*command, options);
  command->add_option("--client", options->wanted.client, "Whose it is: `clients[].name` in coordinator.yaml")
      ->required()
      ->type_name("NAME");
  command->add_option("--name", options->wanted.name, "What it is for, for people: which machine has it")
      ->required()
      ->type_name("KEYNAME");
  command->add_option("--days", options->wanted.days, "How long it is good; 0: for ever")
      ->capture_default_str()
      ->type_name("N");
  command->footer(kCreateFooter);
  command->callback([options, &surroundings] {
    SystemRandom random;
    create_api_key(options->file, options->wanted, random, SystemClock().now(), surroundings);
  });
}

void add_list(CLI::App& api, Surroundings& surroundings) {
  CLI::App* command = api.add_subcommand("list", "Show whose keys there are, and until when; never the keys");
  const auto options = std::make_shared<Options>();
  add_file(*command, options);
  command->footer("Example:\n  mpic keys api list --keys api-keys.yaml");
  command->callback([options, &surroundings] { list_api_keys(options->file, SystemClock().now(), surroundings); });
}

void add_revoke(CLI::App& api, Surroundings& surroundings) {
  CLI::App* command = api.add_subcommand("revoke", "Take a key out of the file");
  const auto options = std::make_shared<Options>();
  add_file(*command, options);
  command->add_option("KEY", options->which, "Its id, or its name where only one has it")->required()->type_name("");
  command->footer(
      "Example:\n  mpic keys api revoke --keys api-keys.yaml 3fa9c0d1 && kill -HUP $(pidof mpic-coordinator)");
  command->callback([options, &surroundings] { revoke_api_key(options->file, options->which, surroundings); });
}

}  // namespace

void add_keys_api(CLI::App& keys, Surroundings& surroundings) {
  CLI::App* api = keys.add_subcommand("api", "Make, show and revoke the API keys of a coordinator's clients");
  api->require_subcommand(1);
  api->footer(kFooter);
  add_create(*api, surroundings);
  add_list(*api, surroundings);
  add_revoke(*api, surroundings);
}

}  // namespace mpic::cli
