// What a coordinator that was killed had begun, closed at the next start.
#pragma once

#include "common/async/clock.hpp"
#include "common/async/io_threads.hpp"
#include "common/evidence/keys.hpp"
#include "coordinator/audit/record_store.hpp"

namespace mpic::coordinator {

// A record "no result" for each plan without one; durable on return. Throws StartError.
void close_what_was_left(RecordStore& store, const evidence::SigningKey& key, const Clock& clock, IoThreads& threads);

}  // namespace mpic::coordinator
