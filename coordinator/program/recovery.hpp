// What a coordinator that was killed had begun, closed at the next start.
#pragma once

#include "common/async/clock.hpp"
#include "common/async/io_threads.hpp"
#include "common/evidence/keys.hpp"
#include "common/telemetry/event_log.hpp"
#include "coordinator/audit/record_store.hpp"

namespace mpic::coordinator {

// A record "no result" for each plan without one; durable on return. How many requests those were. Throws StartError.
std::size_t close_what_was_left(RecordStore& store, const evidence::SigningKey& key, const Clock& clock,
                                IoThreads& threads, telemetry::EventLog& events);

}  // namespace mpic::coordinator
