// `mpic policy`: what is demanded by date, of everybody and of a deployment.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/util/time_util.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/failure.hpp"
#include "cli/policy_check.hpp"
#include "cli/policy_view.hpp"
#include "coordinator/config.hpp"

namespace mpic::cli {
namespace {

struct PolicyOptions {
  std::string at;
  std::string profile_name;  // of show
  std::string config;        // of check
  bool json = false;
};

std::optional<TimePoint> day_asked(const PolicyOptions& options) {
  if (options.at.empty()) return std::nullopt;
  const auto day = day_from(options.at);
  if (day) return day;
  throw Failure(kExitUsage, fmt::format("--at {}: a day is accepted, as 2026-12-15", for_terminal(options.at)));
}

std::optional<coordinator::Profile> profile_asked(const PolicyOptions& options) {
  if (options.profile_name.empty()) return std::nullopt;
  const auto profile = coordinator::profile_from(options.profile_name);
  if (profile) return profile;
  throw Failure(kExitUsage, fmt::format("--profile-name {}: accepted are {}", for_terminal(options.profile_name),
                                        fmt::join(coordinator::names_of(coordinator::kProfiles), ", ")));
}

// Without a day the coordinator takes its own clock, which in a laboratory may be set to another date; without a
// profile's name the first that it serves.
std::optional<v1::GetPolicyResponse> deployment_at(std::optional<TimePoint> day, const std::string& profile_name,
                                                   const Surroundings& around) {
  const auto profile = load_profile_if(choose_profile(around.profile));
  if (!profile) return std::nullopt;
  v1::GetPolicyRequest request;
  request.set_profile(profile_name);
  if (day) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(day->time_since_epoch());
    *request.mutable_at() = google::protobuf::util::TimeUtil::SecondsToTimestamp(seconds.count());
  }
  return Client(*profile).get_policy(request);
}

void show_policy(const PolicyOptions& options, const Surroundings& around) {
  const auto day = day_asked(options);
  const auto profile = profile_asked(options);
  PolicyView view;
  view.at = day.value_or(std::chrono::system_clock::now());
  view.profile = profile.value_or(coordinator::Profile::kTls);
  const auto show = [&] { around.out << (options.json ? policy_json(view) + "\n" : render(view, around.style)); };
  try {
    view.deployment = deployment_at(day, options.profile_name, around);
  } catch (const Failure&) {
    show();  // the table needs no coordinator
    throw;
  }
  if (view.deployment && !profile) {
    view.profile = coordinator::profile_from(view.deployment->stamp().profile()).value_or(view.profile);
  }
  show();
  if (view.deployment && !view.deployment->complies_now()) throw CLI::RuntimeError(kExitNotCorroborated);
}

void run_check(const PolicyOptions& options, const Surroundings& around) {
  const auto day = day_asked(options);
  const coordinator::Config config = coordinator::load_config(options.config);
  const PolicyCheck check = check_policy(config.deployment, options.config, day, std::chrono::system_clock::now());
  around.out << (options.json ? policy_check_json(check) + "\n" : render(check, around.style));
  if (const int status = exit_status(check); status != kExitCorroborated) throw CLI::RuntimeError(status);
}

void add_common(CLI::App& command, PolicyOptions& options, const std::string& otherwise) {
  command.add_option("--at", options.at, "Day that the rules are read for; default: " + otherwise)
      ->type_name("YYYY-MM-DD");
  command.add_flag("--json", options.json, "One JSON object");
}

void add_show(CLI::App& policy, Surroundings& surroundings) {
  CLI::App* show = policy.add_subcommand("show", "The dated tables, and whether this deployment complies");
  const auto options = std::make_shared<PolicyOptions>();
  add_common(*show, *options, "today");
  show->add_option("--profile-name", options->profile_name,
                   "Whose tables: cabf-tls-br, cabf-smime-br or custom; default: what the deployment serves first")
      ->type_name("NAME");
  show->footer(
      R"(Without a profile (--profile) the tables are shown alone; with one, the coordinator says how the deployment stands.

Examples:
  mpic policy show
  mpic policy show --at 2026-12-15
  mpic policy show --profile-name cabf-smime-br

Exit status: 0 the deployment complies at that date, or there is no profile; 1 it does not comply;
2 the coordinator gave no answer; 64 usage.)");
  show->callback([options, &surroundings] { show_policy(*options, surroundings); });
}

void add_check_of_file(CLI::App& policy, Surroundings& surroundings) {
  CLI::App* check = policy.add_subcommand("check", "Whether a coordinator.yaml complies on a day, and later");
  const auto options = std::make_shared<PolicyOptions>();
  check->add_option("--config", options->config, "coordinator.yaml; the files that it names are looked for too")
      ->type_name("FILE")
      ->required();
  add_common(*check, *options, "today, or the policy_clock of the file's lab");
  check->footer(
      R"(Nobody is asked: the file is read as the coordinator reads it. For each profile that it serves this tells
what applies at that date, whether the deployment complies then and at each later change that is known,
and what changes when.

Examples:
  mpic policy check --config /etc/mpic/coordinator.yaml
  mpic policy check --config coordinator.yaml --at 2026-12-15 --json

Exit status: 0 it complies at that date and at every later change that is known; 1 it does not comply at
that date; 3 it complies, and will not from a later date on that is known; 64 usage, or a configuration
that cannot be read.)");
  check->callback([options, &surroundings] { run_check(*options, surroundings); });
}

}  // namespace

void add_policy(CLI::App& app, Surroundings& surroundings) {
  CLI::App* policy = app.add_subcommand("policy", "What the Baseline Requirements demand, by date");
  policy->require_subcommand(1);
  add_show(*policy, surroundings);
  add_check_of_file(*policy, surroundings);
}

}  // namespace mpic::cli
