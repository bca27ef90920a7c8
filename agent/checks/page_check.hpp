// The methods that fetch a page (BR 3.2.2.4.18, .19; 3.2.2.5.1, 3.2.2.5.6): fetches it and reports what was there.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "agent/checks/http_fetch.hpp"

namespace mpic::agent {

// `stamps` are those of `context.lab`. The whole body is kept only where it proves something.
asio::awaitable<HttpObservation> check_page(FetchContext context, rules::DcvSubject subject, DcvQuestion question,
                                            std::vector<std::string> stamps, Deadline deadline);

}  // namespace mpic::agent
