// The subcommands of `mpic`. Their callbacks do the work; they throw Failure or config::ConfigError when they
// cannot, and CLI::RuntimeError for an exit status other than 0.
#pragma once

#include <optional>
#include <ostream>
#include <string>

#include "cli/text.hpp"

namespace CLI {
class App;
}

namespace mpic::cli {

// What the commands share; outlives the application object that refers to it.
struct Surroundings {
  std::ostream& out;
  std::ostream& notes;  // what is no part of the answer
  Style style;
  std::string profile;  // --profile
  // Of `notes` when they go to a terminal: then lines may be drawn anew.
  std::optional<Style> notes_style;
};

void add_check(CLI::App& app, Surroundings& surroundings);
void add_batch(CLI::App& app, Surroundings& surroundings);
void add_record(CLI::App& app, Surroundings& surroundings);
void add_checkpoint(CLI::App& app, Surroundings& surroundings);
void add_perspectives(CLI::App& app, Surroundings& surroundings);
void add_policy(CLI::App& app, Surroundings& surroundings);
void add_audit(CLI::App& app, Surroundings& surroundings);
void add_keys_api(CLI::App& keys, Surroundings& surroundings);

// Parses and runs; returns the exit status. Errors go to `errors` as one sentence.
[[nodiscard]] int run(int argc, const char* const* argv, Surroundings& surroundings, std::ostream& errors);

}  // namespace mpic::cli
