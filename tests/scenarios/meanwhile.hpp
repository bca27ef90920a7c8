// What befalls the store after the first answer, before the next request.
#pragma once

#include <string>
#include <vector>

#include "coordinator/log/checkpoints.hpp"
#include "tests/support/fake_store.hpp"

namespace mpic::test {

// `words` of the scenario: "prunes"; "is-signed", by a checkpoint; "forges WHAT", signed too: by somebody who can write
// the store's tables and has no key of the coordinator. WHAT: "statement" (of every record, signed by another key),
// "body" (another than the statement is over), or "snapshot" (everything anew, by a key and a snapshot of its own).
void meanwhile(const std::vector<std::string>& words, FakeStore& store, coordinator::Checkpoints& checkpoints,
               const std::string& origin, TimePoint now);

}  // namespace mpic::test
