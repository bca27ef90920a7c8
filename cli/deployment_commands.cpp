// `mpic perspectives`: what this deployment is.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/json.hpp"
#include "cli/render.hpp"

namespace mpic::cli {

void add_perspectives(CLI::App& app, Surroundings& surroundings) {
  CLI::App* command = app.add_subcommand("perspectives", "Who looks, from where, and whether they are connected");
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "One JSON object");
  command->footer("Example:\n  mpic perspectives --json");
  command->callback([json, &surroundings] {
    Client client(load_profile(choose_profile(surroundings.profile).file));
    const v1::ListPerspectivesResponse response = client.list_perspectives();
    surroundings.out << (*json ? to_json(response) + "\n" : render(response, surroundings.style));
  });
}

}  // namespace mpic::cli
