// The record store that the configuration asks for.
#pragma once

#include <memory>

#include "common/telemetry/metrics.hpp"
#include "coordinator/audit/record_store.hpp"
#include "coordinator/config.hpp"

namespace mpic::coordinator {

// It says in the log and by metrics when records cannot be written. `metrics` outlives it. Throws StartError.
[[nodiscard]] std::unique_ptr<RecordStore> open_store(const Config& config, telemetry::Metrics& metrics);

}  // namespace mpic::coordinator
