// Which log a subcommand of `mpic audit` reads: a store, beside the coordinator that writes it, or an export.
#pragma once

#include <memory>
#include <string>

#include "cli/exit_status.hpp"
#include "cli/failure.hpp"
#include "coordinator/audit/log_reader.hpp"

namespace CLI {
class App;
}

namespace mpic::cli {

struct LogSource {
  std::string store;   // a SQLite file, or postgresql://…
  std::string origin;  // of one log among several
  std::string export_folder;
  std::string config;  // coordinator.yaml: the store that it names
};

// --store, --origin, --export, --config.
void add_log_source(CLI::App& command, LogSource& source);

// Throws Failure: usage (not exactly one source), or 2 with the source and why it cannot be read.
[[nodiscard]] std::unique_ptr<coordinator::LogReader> open_log(const LogSource& source);

// What was read, or Failure with the source's own sentence.
template <class T>
T read_or_fail(Expected<T> result) {
  if (!result) throw Failure(kExitNotDetermined, result.error().detail);
  return *std::move(result);
}

}  // namespace mpic::cli
