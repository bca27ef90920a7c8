#include <CLI/CLI.hpp>

#include "cli/check_parts.hpp"

namespace mpic::cli {
namespace {

void add_check_caa(CLI::App& check, Surroundings& around) {
  constexpr CheckText kText{"caa", "May these issuers issue for a name, seen from everywhere?", R"(Examples:
  mpic check caa www.example.com --issuer ca.example
  mpic check caa '*.example.com' --issuer ca.example --issuer ca.example.net --json
  mpic check caa bücher.example --issuer ca.example --method http-01 \
      --account https://acme.ca.example/acct/1
)"};
  const CheckCommand command = add_check_command(check, kText, caa_question, around);
  add_caa_options(command, "Issuer domain name of the CA")->required();
}

constexpr const char* kFooter =
    R"(Each validation method is a subcommand; with --issuer it checks CAA in the same visit.
`mpic check METHOD --help` tells what is looked at, and shows examples.)";

}  // namespace

void add_check(CLI::App& app, Surroundings& surroundings) {
  CLI::App* check = app.add_subcommand("check", "Ask the perspectives about a name, and show what each one saw");
  check->require_subcommand(1);
  check->footer(kFooter);
  add_check_caa(*check, surroundings);
  add_check_methods(*check, surroundings);
}

}  // namespace mpic::cli
