// `mpic perspectives`: what this deployment is.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/failure.hpp"
#include "cli/json.hpp"
#include "cli/render.hpp"
#include "coordinator/perspectives/allow_list.hpp"

namespace mpic::cli {

void add_perspectives(CLI::App& app, Surroundings& surroundings) {
  CLI::App* command = app.add_subcommand("perspectives", "Who looks, from where, and whether they are connected");
  const auto json = std::make_shared<bool>(false);
  const auto format = std::make_shared<std::string>();
  command->add_flag("--json", *json, "One JSON object: all that is known of each");
  command
      ->add_option("--format", *format,
                   "An allow-list of where visits come from: " + std::string(coordinator::kAllowListFormats))
      ->excludes("--json")
      ->type_name("FORMAT");
  command->footer(
      "Examples:\n  mpic perspectives --json\n  mpic perspectives --format nftables > mpic.nft && nft -f mpic.nft");
  command->callback([json, format, &surroundings] {
    const auto list = coordinator::allow_list_format(*format);
    if (!format->empty() && !list) {
      throw Failure(kExitUsage, "--format: accepted are " + std::string(coordinator::kAllowListFormats));
    }
    Client client(load_profile(choose_profile(surroundings.profile).file));
    const v1::ListPerspectivesResponse response = client.list_perspectives();
    if (list) {
      surroundings.out << coordinator::allow_list(response, *list);
    } else {
      surroundings.out << (*json ? to_json(response) + "\n" : render(response, surroundings.style));
    }
  });
}

}  // namespace mpic::cli
