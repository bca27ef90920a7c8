// The columns of a batch file, which are also the options of `mpic batch`: what `mpic check` has as options, by the
// same names. Pure.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "cli/question.hpp"

namespace mpic::cli {

// `name` as in a header line; the option is the same with hyphens. For a flag `type` is empty, and "yes" sets it.
struct BatchColumn {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  bool several = false;  // separated by blanks
};

// All that may stand in a header line.
[[nodiscard]] std::span<const BatchColumn> batch_columns();
// The same but `name` and `trace`, which differ from line to line.
[[nodiscard]] std::span<const BatchColumn> batch_defaults();

// By column; what is empty counts as not there.
using BatchValues = std::map<std::string, std::string, std::less<>>;

// "caa, http-01, dns-01, ...": what `method` may be.
[[nodiscard]] std::string batch_methods();

// The request of one line. `cells` is what the line says, `defaults` what holds where it says nothing; of the defaults
// only those are taken that its method knows. `common` holds what is the same for all lines. kInvalidArgument names the
// column.
[[nodiscard]] Expected<v1::CorroborateRequest> batch_question(const BatchValues& cells, const BatchValues& defaults,
                                                              const CheckOptions& common);

}  // namespace mpic::cli
