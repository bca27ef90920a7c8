#include "agent/checks/http_01_check.hpp"

#include "common/evidence/merkle.hpp"
#include "common/rules/dcv_http.hpp"
#include "common/rules/judgement.hpp"

namespace mpic::agent {
namespace {

std::variant<DnsName, IpAddress> host_of(const Identifier& identifier) {
  if (identifier.is_ip()) return identifier.ip();
  return identifier.name();
}

}  // namespace

asio::awaitable<HttpObservation> Http01Check::run(Identifier identifier, AcmeHttp01 question,
                                                  Deadline deadline) const {
  rules::HttpTarget first = rules::acme_challenge_url(host_of(identifier), question.token);
  const std::size_t limit = rules::http_01_body_limit(question);
  FetchResult fetched = co_await http_fetch(context_, std::move(first), limit, deadline);
  HttpObservation seen;
  seen.hops = std::move(fetched.hops);
  seen.body_size = fetched.body.size();
  seen.body_sha256 = evidence::sha256(fetched.body);
  seen.body_cut = fetched.body_over_limit;
  seen.body = std::move(fetched.body);
  // A claim of a match needs its proof, the whole body; anything else only enough to recognise it by.
  const bool claimed =
      rules::judge_http_01(identifier, question, seen, stamps_).outcome == Outcome::kCorroborates;
  if (!claimed && seen.body.size() > kBodyPrefix) {
    seen.body.resize(kBodyPrefix);
    seen.body_cut = true;
  }
  co_return seen;
}

}  // namespace mpic::agent
