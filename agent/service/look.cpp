#include "agent/service/look.hpp"

#include "agent/checks/dns_lookups.hpp"
#include "agent/checks/page_check.hpp"
#include "agent/checks/tls_alpn_check.hpp"
#include "agent/service/admission.hpp"
#include "common/async/gather.hpp"
#include "common/domain/version.hpp"
#include "common/wire/convert.hpp"

namespace mpic::agent {
namespace {

using namespace std::chrono_literals;

// Encoding, signing and the way out of this process.
constexpr auto kAnswerMargin = 40ms;

Observation begin_observation(const AgentIdentity& me, const Received& received, TimePoint now) {
  Observation seen{.assignment_sha256 = received.sha256,
                   .nonce = received.assignment.nonce,
                   .perspective = me.perspective,
                   .role = me.role,
                   .rir = me.rir,
                   .agent_version = std::string(kSoftwareVersion),
                   .started = now,
                   .ended = now,
                   .source_ipv4 = me.source_ipv4,
                   .source_ipv6 = me.source_ipv6,
                   .resolver = me.resolver,
                   .resolver_config_sha256 = me.resolver_config_sha256,
                   .lab_relaxations = me.lab_stamps,
                   .dcv = std::nullopt,
                   .caa = std::nullopt,
                   .cut = false};
  return seen;
}

// The checks of one assignment; each fills its part of the observation.
class Look {
 public:
  Look(const Lane& lane, const AgentIdentity& me, Clock& clock, const Received& received)
      : lane_(lane),
        me_(me),
        clock_(clock),
        asked_(received.assignment),
        deadline_(Deadline(received.at + asked_.budget).earlier_by(kAnswerMargin)),
        seen_(begin_observation(me, received, clock.now())) {}

  asio::awaitable<std::string> run() {
    std::vector<asio::awaitable<bool>> checks;
    if (asked_.dcv) checks.push_back(look_dcv());
    if (asked_.caa) checks.push_back(look_caa());
    co_await gather(std::move(checks));
    seen_.ended = clock_.now();
    co_return wire::encode(seen_);
  }

 private:
  asio::awaitable<bool> look_dcv() {
    const DcvQuestion& question = *asked_.dcv;
    const rules::DcvSubject subject = rules::subject_of(asked_);
    const FetchContext context{lane_.dns, lane_.http, clock_, me_.lab};
    DcvObservation seen;
    seen.method = question.method();
    switch (sight_of(seen.method)) {
      case Sight::kHttp:
        seen.seen = co_await check_page(context, subject, question, me_.lab_stamps, deadline_);
        break;
      case Sight::kDns: {
        DnsObservation dns;  // not around the co_await: g++ 12 destroys aggregates twice there (docs/toolchain.md)
        dns.lookups = co_await look_up(lane_.dns, rules::dns_queries(subject, question), deadline_);
        seen.seen = std::move(dns);
        break;
      }
      case Sight::kTls: {
        const HandshakeContext handshake{lane_.dns, lane_.tls, clock_, me_.lab};
        seen.seen = co_await check_handshake(handshake, subject, deadline_);
        break;
      }
    }
    seen_.dcv = std::move(seen);
    co_return true;
  }

  asio::awaitable<bool> look_caa() {
    std::vector<rules::DnsQuery> climb;
    for (const DnsName& ancestor : asked_.identifier.name().self_and_parents()) {
      climb.push_back({ancestor.text(), RecordType::kCaa});
    }
    CaaObservation caa;
    caa.lookups = co_await look_up(lane_.dns, std::move(climb), deadline_);
    seen_.caa = std::move(caa);
    co_return true;
  }

  const Lane& lane_;
  const AgentIdentity& me_;
  Clock& clock_;
  const Assignment& asked_;
  Deadline deadline_;
  Observation seen_;
};

}  // namespace

asio::awaitable<std::string> look(const Lane& lane, const AgentIdentity& me, Clock& clock,
                                  std::shared_ptr<const Received> received) {
  Look work(lane, me, clock, *received);
  co_return co_await work.run();
}

}  // namespace mpic::agent
