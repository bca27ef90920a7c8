// The answer that was given to a request before, told again to the client that lost it.
#pragma once

#include "coordinator/pipeline/corroborate.hpp"

namespace mpic::coordinator {

// None when the client's request id is new. A basis for issuance is told only for as long as an issuance may rest on
// it: afterwards the site has to be looked at anew. kInvalidArgument then, when the record is no longer kept, and when
// the id was used for another request. kInternal when the store cannot be read, and when the record that it gives is
// not as this coordinator wrote it, which is an event: an issuance rests on what was signed, never on a row that
// somebody put into a table. What it refers to outlives it.
asio::awaitable<Expected<std::optional<v1::CorroborateResponse>>> recorded_answer(const Workshop& workshop,
                                                                                  const Caller& caller,
                                                                                  const v1::CorroborateRequest& request,
                                                                                  TimePoint now, Deadline deadline);

}  // namespace mpic::coordinator
