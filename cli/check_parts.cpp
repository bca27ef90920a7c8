#include "cli/check_parts.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>

#include "cli/client.hpp"
#include "cli/exit_status.hpp"
#include "cli/failure.hpp"
#include "cli/json.hpp"
#include "cli/log_standing.hpp"
#include "cli/render.hpp"

namespace mpic::cli {
namespace {

constexpr const char* kExitStatuses = R"(
Exit status: 0 corroborated (of half a validation: its lookup), 1 not corroborated, 2 could not be
determined or no answer, 64 usage or an argument that is refused.)";

CLI::Option* repeatable(CLI::App& command, const std::string& name, std::vector<std::string>& values,
                        const std::string& help) {
  return command.add_option(name, values, help + "; may be repeated")->allow_extra_args(false);
}

void add_common(CLI::App& command, const char* identifier, CheckOptions& options) {
  command.add_option("NAME", options.name, identifier)->required()->type_name("");
  command.add_option("--trace", options.trace, "Your own id, to find this request in logs and records")
      ->type_name("ID");
  add_request_options(command, options);
  command
      .add_option("--asserted-primary", options.asserted_primary,
                  "You speak for this Primary, which has just found all that is asked (needs a right)")
      ->type_name("ID");
  CLI::Option* prove = command.add_flag(
      "--prove", options.prove, "Wait for the proof that the record is in the log, and verify it; a second or so");
  command.add_option("--log-key", options.log_key, "Key of the log (vkey), or a file of it; default: the profile's")
      ->type_name("KEY")
      ->needs(prove);
  command.add_flag("--watch", options.watch, "Tell what each perspective saw as soon as it is known");
  command.add_flag("--json", options.json, "The answer as one JSON object");
  command.add_flag("--would-be", options.would_be,
                   "Headline and exit status follow the verdict that a deployment without laboratory or monitor "
                   "settings would give");
}

// Each observation as it comes, and then the answer.
v1::CorroborateResponse watched(Client& client, const v1::CorroborateRequest& request, const Surroundings& around) {
  const Style style = around.notes_style.value_or(Style{});
  return client.watch(
      request, [&](const v1::PerspectiveProgress& progress) { around.notes << render(progress, style) << std::flush; });
}

void ask(Expected<v1::CorroborateRequest> request, const CheckOptions& options, const Surroundings& around) {
  if (!request) throw Failure(kExitUsage, request.error().detail);
  if (request->identifier() != options.name) {
    around.notes << fmt::format("{} is asked as {}\n", for_terminal(options.name), request->identifier());
  }
  if (!options.asserted_primary.empty()) {
    assert_primary(options.asserted_primary, std::chrono::system_clock::now(), *request);
  }
  const Profile profile = load_profile(choose_profile(around.profile).file);
  const auto log_key = options.log_key.empty() ? profile.log_key : std::optional(load_log_key(options.log_key));
  Client client(profile);
  const v1::CorroborateResponse response =
      options.watch ? watched(client, *request, around) : client.corroborate(*request);
  const auto standing = log_standing(response, log_key);
  if (!standing) throw Failure(kExitNotDetermined, "the proof of the record does not hold: " + standing.error().detail);
  if (options.json) {
    const std::string answer = to_json(response);
    around.out << (options.prove ? with_member(answer, "log_proof", to_json(*standing)) : answer) << '\n';
  } else {
    around.out << render(response, options.would_be, around.style);
    if (options.prove) around.out << render(*standing, around.style);
  }
  if (const int status = exit_status(response, options.would_be); status != 0) throw CLI::RuntimeError(status);
}

}  // namespace

void add_request_options(CLI::App& command, CheckOptions& options) {
  command.add_option("--deadline", options.deadline, "Time for the whole request; default: the coordinator's")
      ->check(CLI::Range(1.0, 120.0))
      ->type_name("SECONDS");
  command.add_option("--attempts", options.attempts, "As many, at most, before the answer is negative; default: 1")
      ->check(CLI::Range(1, 5).description(""))
      ->type_name("N");
  command.add_flag("--parallel", options.parallel, "Ask the remotes at once, not after the Primary");
  const std::string usual = "; the default here";
  command.add_flag_callback(
      "--settled", [&options] { options.settled = true; },
      "Answer as soon as nothing can change the outcome" + (options.settled ? usual : ""));
  command.add_flag_callback(
      "--complete", [&options] { options.settled = false; },
      "Answer when every perspective has" + (options.settled ? "" : usual));
}

CheckCommand add_check_command(CLI::App& check, const CheckText& text, Build build, Surroundings& around) {
  CLI::App* command = check.add_subcommand(text.name, text.what);
  const auto options = std::make_shared<CheckOptions>();
  add_common(*command, text.identifier, *options);
  command->footer(std::string(text.footer) + kExitStatuses);
  command->callback([options, build, &around] { ask(build(*options), *options, around); });
  return {*command, *options};
}

CLI::Option* add_issuer_options(const CheckCommand& command, const std::string& issuer_help) {
  CLI::Option* issuer = repeatable(command.app, "--issuer", command.options.issuers, issuer_help)->type_name("DOMAIN");
  command.app.add_option("--method", command.options.method, "Validation method that a CAA record may name (RFC 8657)")
      ->type_name("LABEL")
      ->needs(issuer);
  return issuer;
}

CLI::Option* add_caa_options(const CheckCommand& command, const std::string& issuer_help) {
  CLI::Option* issuer = add_issuer_options(command, issuer_help);
  repeatable(command.app, "--account", command.options.accounts, "Account URI that a CAA record may name (RFC 8657)")
      ->type_name("URI")
      ->needs(issuer);
  return issuer;
}

void add_caa_beside(const CheckCommand& command) {
  add_caa_options(command, "Issuer domain name of the CA: checks CAA in the same visit");
}

CLI::Option* add_text(const CheckCommand& command, const std::string& name, std::string& value, const char* type,
                      const std::string& help) {
  return command.app.add_option(name, value, help)->type_name(type);
}

}  // namespace mpic::cli
