// The record store that the configuration asks for.
#pragma once

#include <memory>

#include "common/async/clock.hpp"
#include "common/telemetry/event_log.hpp"
#include "common/telemetry/metrics.hpp"
#include "coordinator/audit/record_store.hpp"
#include "coordinator/config.hpp"

namespace mpic::coordinator {

// It says in the log, by metrics and as an event when records cannot be written. All outlive it. Throws StartError.
[[nodiscard]] std::unique_ptr<RecordStore> open_store(const Config& config, telemetry::Metrics& metrics,
                                                      telemetry::EventLog& events, const Clock& clock);

}  // namespace mpic::coordinator
