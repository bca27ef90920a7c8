#include "agent/checks/page_check.hpp"

#include "common/evidence/merkle.hpp"

namespace mpic::agent {

asio::awaitable<HttpObservation> check_page(FetchContext context, rules::DcvSubject subject, DcvQuestion question,
                                            std::vector<std::string> stamps, Deadline deadline) {
  rules::HttpAsk ask = rules::http_ask(subject, question, stamps);
  FetchResult fetched = co_await http_fetch(context, std::move(ask), deadline);
  HttpObservation seen;
  seen.hops = std::move(fetched.hops);
  seen.body_size = fetched.body.size();
  seen.body_sha256 = evidence::sha256(fetched.body);
  seen.body_cut = fetched.body_over_limit;
  seen.body = std::move(fetched.body);
  // A claim of a match needs its proof, the whole body; anything else only enough to recognise it by.
  const bool claimed = rules::judge_http(subject, question, seen, stamps).outcome == Outcome::kCorroborates;
  if (!claimed && seen.body.size() > kBodyPrefix) {
    seen.body.resize(kBodyPrefix);
    seen.body_cut = true;
  }
  co_return seen;
}

}  // namespace mpic::agent
