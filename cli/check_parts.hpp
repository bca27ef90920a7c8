// What the subcommands of `mpic check` have in common.
#pragma once

#include <string>

#include "cli/commands.hpp"
#include "cli/question.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace mpic::cli {

// One subcommand while it is being made. The options live as long as the command.
struct CheckCommand {
  CLI::App& app;
  CheckOptions& options;
};

struct CheckText {
  const char* name;
  const char* what;    // one line
  const char* footer;  // what is looked at, and examples
  const char* identifier = "What the certificate is for: a name, *.name, or an IP address";
};

using Build = Expected<v1::CorroborateRequest> (*)(const CheckOptions&);

// --deadline, --attempts, --parallel, --settled and --complete: of one request, or of each line of a batch.
void add_request_options(CLI::App& command, CheckOptions& options);

// With the options that every check has; running it asks what `build` makes of the options, and shows the
// answer.
[[nodiscard]] CheckCommand add_check_command(CLI::App& check, const CheckText& text, Build build, Surroundings& around);

// --issuer, --account, --method.
CLI::Option* add_caa_options(const CheckCommand& command, const std::string& issuer_help);
// --issuer and --method alone, where the account is the validation's.
CLI::Option* add_issuer_options(const CheckCommand& command, const std::string& issuer_help);
// CAA in the same visit.
void add_caa_beside(const CheckCommand& command);
CLI::Option* add_text(const CheckCommand& command, const std::string& name, std::string& value, const char* type,
                      const std::string& help);

// A subcommand for each method of validation (check_methods.cpp).
void add_check_methods(CLI::App& check, Surroundings& around);

}  // namespace mpic::cli
