// A log that its coordinator goes on writing while somebody verifies it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "coordinator/audit/log_reader.hpp"
#include "tests/support/sample_log.hpp"

namespace mpic::test {

using OpenLog = std::function<Expected<std::unique_ptr<coordinator::LogReader>>()>;

// Appends events to `store`, which holds `log`, and signs a checkpoint over each, while it verifies what `open` gives,
// again and again. Every fault that is told; there should be none.
[[nodiscard]] std::vector<std::string> faults_while_it_grows(coordinator::RecordStore& store, SampleLog& log,
                                                             const OpenLog& open);

// Retention takes the bodies of all records as soon as the verifier has read its first leaves: says so in the log,
// signs a checkpoint, and empties them. `log` must be longer than what is read at once.
[[nodiscard]] std::vector<std::string> faults_while_it_is_pruned(coordinator::RecordStore& store, SampleLog& log,
                                                                 const OpenLog& open);

}  // namespace mpic::test
