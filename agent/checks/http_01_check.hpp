// acme-http-01 (RFC 8555 8.3; BR 3.2.2.4.19, 3.2.2.5.6): fetches the challenge file and reports what was
// there.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "agent/checks/http_fetch.hpp"

namespace mpic::agent {

class Http01Check {
 public:
  // `stamps` are those of `context.lab`.
  Http01Check(FetchContext context, std::vector<std::string> stamps)
      : context_(context), stamps_(std::move(stamps)) {}

  // `identifier` is what is validated: the Authorization Domain Name, or an address.
  asio::awaitable<HttpObservation> run(Identifier identifier, AcmeHttp01 question, Deadline deadline) const;

 private:
  FetchContext context_;
  std::vector<std::string> stamps_;
};

}  // namespace mpic::agent
