#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/failure.hpp"
#include "cli/json.hpp"
#include "cli/question.hpp"
#include "cli/render.hpp"

namespace mpic::cli {
namespace {

constexpr const char* kExitStatuses = R"(
Exit status: 0 corroborated, 1 not corroborated, 2 could not be determined or no answer,
64 usage or an argument that is refused.)";

CLI::Option* repeatable(CLI::App& command, const std::string& name, std::vector<std::string>& values,
                        const std::string& help) {
  return command.add_option(name, values, help + "; may be repeated")->allow_extra_args(false);
}

void add_common(CLI::App& command, CheckOptions& options) {
  command.add_option("NAME", options.name, "What the certificate is for: a name, *.name, or an IP address")
      ->required()
      ->type_name("");
  command.add_option("--trace", options.trace, "Your own id, to find this request in logs and records")
      ->type_name("ID");
  command
      .add_option("--deadline", options.deadline, "Time for the whole request; default: the coordinator's")
      ->check(CLI::Range(1.0, 120.0))
      ->type_name("SECONDS");
  command.add_flag("--json", options.json, "The answer as one JSON object");
  command.add_flag(
      "--would-be", options.would_be,
      "Headline and exit status follow the verdict that a deployment without laboratory or monitor "
      "settings would give");
}

CLI::Option* add_caa_options(CLI::App& command, CheckOptions& options, const std::string& issuer_help) {
  CLI::Option* issuer = repeatable(command, "--issuer", options.issuers, issuer_help)->type_name("DOMAIN");
  repeatable(command, "--account", options.accounts, "Account URI that a CAA record may name (RFC 8657)")
      ->type_name("URI")
      ->needs(issuer);
  command.add_option("--method", options.method, "Validation method that a CAA record may name (RFC 8657)")
      ->type_name("LABEL")
      ->needs(issuer);
  return issuer;
}

void ask(const Expected<v1::CorroborateRequest>& request, const CheckOptions& options,
         const Surroundings& around) {
  if (!request) throw Failure(kExitUsage, request.error().detail);
  if (request->identifier() != options.name) {
    around.notes << fmt::format("{} is asked as {}\n", for_terminal(options.name), request->identifier());
  }
  Client client(load_profile(choose_profile(around.profile).file));
  const v1::CorroborateResponse response = client.corroborate(*request);
  if (options.json) {
    around.out << to_json(response) << '\n';
  } else {
    around.out << render(response, options.would_be, around.style);
  }
  if (const int status = exit_status(response, options.would_be); status != 0)
    throw CLI::RuntimeError(status);
}

using Build = Expected<v1::CorroborateRequest> (*)(const CheckOptions&);

void run_with(CLI::App& command, std::shared_ptr<CheckOptions> options, Build build, Surroundings& around) {
  command.callback(
      [options = std::move(options), build, &around] { ask(build(*options), *options, around); });
}

void add_check_caa(CLI::App& check, Surroundings& around) {
  CLI::App* command =
      check.add_subcommand("caa", "May these issuers issue for a name, seen from everywhere?");
  const auto options = std::make_shared<CheckOptions>();
  add_common(*command, *options);
  add_caa_options(*command, *options, "Issuer domain name of the CA")->required();
  command->footer(std::string(R"(Examples:
  mpic check caa www.example.com --issuer ca.example
  mpic check caa '*.example.com' --issuer ca.example --issuer ca.example.net --json
  mpic check caa bücher.example --issuer ca.example --method http-01 \
      --account https://acme.ca.example/acct/1
)") + kExitStatuses);
  run_with(*command, options, caa_question, around);
}

void add_check_http_01(CLI::App& check, Surroundings& around) {
  CLI::App* command =
      check.add_subcommand("http-01", "Is the ACME http-01 challenge served, seen from everywhere?");
  const auto options = std::make_shared<CheckOptions>();
  add_common(*command, *options);
  command->add_option("--token", options->token, "Token of the challenge")->required()->type_name("TOKEN");
  command
      ->add_option("--key-authorization", options->key_authorization, "What must be served: TOKEN.THUMBPRINT")
      ->required()
      ->type_name("TEXT");
  add_caa_options(*command, *options, "Issuer domain name of the CA: checks CAA in the same visit");
  command->footer(
      std::string(R"(Fetches http://NAME/.well-known/acme-challenge/TOKEN from every perspective, and follows
redirects as the Baseline Requirements allow.

Examples:
  mpic check http-01 www.example.com --token "$token" --key-authorization "$token.$thumbprint"
  mpic check http-01 www.example.com --token "$token" --key-authorization "$token.$thumbprint" \
      --issuer ca.example --deadline 20
)") + kExitStatuses);
  run_with(*command, options, http_01_question, around);
}

}  // namespace

void add_check(CLI::App& app, Surroundings& surroundings) {
  CLI::App* check =
      app.add_subcommand("check", "Ask the perspectives about a name, and show what each one saw");
  check->require_subcommand(1);
  add_check_caa(*check, surroundings);
  add_check_http_01(*check, surroundings);
}

}  // namespace mpic::cli
