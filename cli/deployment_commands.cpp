// `mpic perspectives` and `mpic policy show`: what this deployment is, and what is demanded of it.
#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/failure.hpp"
#include "cli/json.hpp"
#include "cli/policy_view.hpp"
#include "cli/render.hpp"

namespace mpic::cli {
namespace {

struct PolicyOptions {
  std::string at;
  bool json = false;
};

// Without a day the coordinator takes its own clock, which in a laboratory may be set to another date.
std::optional<v1::GetPolicyResponse> deployment_at(std::optional<TimePoint> day, const Surroundings& around) {
  const auto profile = load_profile_if(choose_profile(around.profile));
  if (!profile) return std::nullopt;
  v1::GetPolicyRequest request;
  if (day) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(day->time_since_epoch());
    *request.mutable_at() = google::protobuf::util::TimeUtil::SecondsToTimestamp(seconds.count());
  }
  return Client(*profile).get_policy(request);
}

void show_policy(const PolicyOptions& options, const Surroundings& around) {
  std::optional<TimePoint> day;
  if (!options.at.empty()) {
    day = day_from(options.at);
    if (!day) {
      throw Failure(kExitUsage, fmt::format("--at {}: a day is accepted, as 2026-12-15", for_terminal(options.at)));
    }
  }
  PolicyView view;
  view.at = day.value_or(std::chrono::system_clock::now());
  const auto show = [&] { around.out << (options.json ? policy_json(view) + "\n" : render(view, around.style)); };
  try {
    view.deployment = deployment_at(day, around);
  } catch (const Failure&) {
    show();  // the table needs no coordinator
    throw;
  }
  show();
  if (view.deployment && !view.deployment->complies_now()) throw CLI::RuntimeError(kExitNotCorroborated);
}

}  // namespace

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

void add_policy(CLI::App& app, Surroundings& surroundings) {
  CLI::App* policy = app.add_subcommand("policy", "What the Baseline Requirements demand, by date");
  policy->require_subcommand(1);
  CLI::App* show = policy->add_subcommand("show", "The dated table, and whether this deployment complies");
  const auto options = std::make_shared<PolicyOptions>();
  show->add_option("--at", options->at, "Day to read the table for; default: today")->type_name("YYYY-MM-DD");
  show->add_flag("--json", options->json, "One JSON object");
  show->footer(
      R"(Without a profile the table is shown alone; with one, the coordinator says how the deployment stands.

Examples:
  mpic policy show
  mpic policy show --at 2026-12-15

Exit status: 0 the deployment complies at that date, or there is no profile; 1 it does not comply;
2 the coordinator gave no answer; 64 usage.)");
  show->callback([options, &surroundings] { show_policy(*options, surroundings); });
}

}  // namespace mpic::cli
