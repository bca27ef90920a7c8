// One run of `mpic batch`: from the file to the results, with what people see meanwhile.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/batch/columns.hpp"
#include "cli/batch/stream.hpp"
#include "cli/commands.hpp"

namespace mpic::cli {

struct BatchOptions {
  std::string file;    // "-": standard input
  std::string format;  // "csv", "jsonl"; empty: by the file's name
  std::string output;  // empty: the file's name and .results.jsonl
  std::size_t in_flight = 64;
  double patience = 60;  // seconds
  CheckOptions common;   // what is the same for every line
  BatchValues defaults;  // by column
};

using BatchConnect = std::function<std::unique_ptr<BatchStream>(const Profile&)>;

// The exit status. Throws Failure with nothing sent when the file, the options or earlier results do not fit, and when
// it had to stop; what was answered until then is in the results.
[[nodiscard]] int run_batch(const BatchOptions& options, const Surroundings& around, const BatchConnect& connect);

}  // namespace mpic::cli
