// `mpic batch`: its options.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/batch/session.hpp"
#include "cli/check_parts.hpp"
#include "cli/commands.hpp"

namespace mpic::cli {
namespace {

constexpr const char* kFooter =
    R"(A CSV file (RFC 4180) begins with a line that names its columns: name, and any of the options below as
a column. A cell that is empty, or a column that is not there, is as the option says. Of several issuers or
accounts a cell separates them by blanks; of what is yes or no it says yes or no. In a file of JSON lines
each is a CorroborateRequest, as Protobuf writes it in JSON.

Every line is checked before anything is sent. The results are JSON lines too, each with the number of its
line. Run the same command again after an interruption: it asks what is not answered yet, and nothing
twice, since the coordinator knows each request by an id that stays the same. Standard input needs --format
and --output, and is resumed in the same way when it says the same again.

Examples:
  mpic batch names.csv --method caa --issuer ca.example
  mpic batch orders.csv --in-flight 200 --attempts 3 --output monday.jsonl
  mpic batch requests.jsonl --complete --json
  list-names | mpic batch - --format csv --output names.jsonl --method caa --issuer ca.example

Exit status: 0 every line is corroborated; 1 some are not; 2 of some it could not be determined, or they
are refused, or it had to stop; 64 usage, or a mistake in the file: nothing was sent; 130 interrupted.)";

void add_columns(CLI::App& command, BatchValues& defaults) {
  for (const BatchColumn& column : batch_defaults()) {
    std::string option = "--" + std::string(column.name);
    std::replace(option.begin(), option.end(), '_', '-');
    const std::string name(column.name);
    const std::string help(column.help);
    CLI::Option* added = nullptr;
    if (column.type.empty()) {
      added = command.add_flag_callback(
          option, [&defaults, name] { defaults[name] = "yes"; }, help);
    } else {
      const auto join = [&defaults, name](const std::vector<std::string>& values) {
        defaults[name] = fmt::format("{}", fmt::join(values, " "));
      };
      added = command.add_option_function<std::vector<std::string>>(option, join,
                                                                    column.several ? help + "; may be repeated" : help);
      added->allow_extra_args(false)->expected(1, column.several ? 64 : 1)->type_name(std::string(column.type));
      if (!column.several) added->multi_option_policy(CLI::MultiOptionPolicy::Throw);
    }
    added->group("Columns, for the lines that do not say it");
  }
}

}  // namespace

void add_batch(CLI::App& app, Surroundings& around) {
  CLI::App* command = app.add_subcommand("batch", "Ask about many names, from a file; an interrupted batch is resumed");
  const auto options = std::make_shared<BatchOptions>();
  options->common.settled = true;
  command->add_option("FILE", options->file, "CSV or JSON lines; - for standard input")->required()->type_name("");
  command->add_option("--format", options->format, "Of the file; default: by its name")
      ->check(CLI::IsMember({"csv", "jsonl"}).description(""))
      ->type_name("csv|jsonl");
  command->add_option("--output", options->output, "Where results go; default: FILE.results.jsonl")->type_name("FILE");
  command->add_option("--in-flight", options->in_flight, "Requests at a time, 1 to 512; default: 64")
      ->check(CLI::Range(1, 512).description(""))
      ->type_name("N");
  command->add_option("--patience", options->patience, "Stop when nothing is answered for so long; default: 60")
      ->check(CLI::Range(1.0, 86400.0).description(""))
      ->type_name("SECONDS");
  add_request_options(*command, options->common);
  command->add_flag("--json", options->common.json, "The summary as one JSON object");
  command->add_flag(
      "--would-be", options->common.would_be,
      "Counts and exit status follow the verdict that a deployment without laboratory or monitor settings "
      "would give");
  add_columns(*command, options->defaults);
  command->footer(kFooter);
  command->callback([options, &around] {
    if (const int status = run_batch(*options, around, connect_batch); status != 0) throw CLI::RuntimeError(status);
  });
}

}  // namespace mpic::cli
