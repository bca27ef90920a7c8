// One attempt: the Primary's determination, then what the remotes see of the same, then what that means.
#pragma once

#include "coordinator/pipeline/corroborate.hpp"

namespace mpic::coordinator {

// What the attempts of one request share. All of it outlives them.
struct Conditions {
  const Workshop& workshop;
  const Settings& settings;
  const CheckedRequest& request;
  const Caller& caller;
  std::string record_id;
  TimePoint received;
};

// Its plans are queued to the store before anything is sent: a coordinator that is killed closes at its next start what
// it had begun. kOverloaded when the store has no room for the Primary's: then nobody was asked.
asio::awaitable<Expected<Attempted>> attempt(const Conditions& conditions, std::size_t number, Deadline deadline);

}  // namespace mpic::coordinator
