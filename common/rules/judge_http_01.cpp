#include <openssl/sha.h>

#include <algorithm>
#include <set>

#include "common/rules/address_policy.hpp"
#include "common/rules/dcv_http.hpp"
#include "common/rules/dns_message.hpp"
#include "common/rules/judgement.hpp"
#include "common/rules/redirect.hpp"

namespace mpic::rules {
namespace {

bool is_redirect(std::uint16_t status) { return status >= 300 && status <= 399; }
bool is_success(std::uint16_t status) { return status >= 200 && status <= 299; }

Digest sha256(std::string_view text) {
  Digest digest{};
  const std::vector<std::uint8_t> octets(text.begin(), text.end());
  SHA256(octets.data(), octets.size(), digest.data());
  return digest;
}

// What the observation's own stamps allow beyond the rules.
struct Relaxations {
  std::vector<Prefix> addresses;
  const std::vector<std::string>& stamps;
};

// Follows the hops as an agent must have gone, and says where it cannot have gone so.
class Walk {
 public:
  Walk(const HttpObservation& seen, const AcmeHttp01& question, const std::vector<std::string>& lab)
      : seen_(seen), question_(question), lab_{stamped_addresses(lab), lab} {}

  Judgement judge(HttpTarget target) {
    if (seen_.hops.empty()) return invalid_evidence("hops", "no request at all");
    if (seen_.hops.size() > kMaxHops) return invalid_evidence("hops", "more requests than redirects allow");
    for (std::size_t i = 0;; ++i) {
      const HttpHop& hop = seen_.hops[i];
      if (auto fault = hop_fault(hop, target)) return *std::move(fault);
      requested_.insert(hop.url);
      if (i + 1 == seen_.hops.size()) return conclude(hop, target);
      if (hop.problem) return invalid_evidence(hop.url, "requests go on after the one that ended the fetch");
      auto next = redirect_target(target, hop.status, hop.location);
      if (!next)
        return invalid_evidence(hop.url, "a redirect was followed that must not be: " + next.error().detail);
      target = std::move(*next);
      if (requested_.count(target.url()) != 0) return invalid_evidence(hop.url, "a URL was requested twice");
    }
  }

 private:
  // What makes one hop impossible, apart from where it leads.
  std::optional<Judgement> hop_fault(const HttpHop& hop, const HttpTarget& target) {
    const std::string url = target.url();
    if (hop.url != url) {
      return invalid_evidence(printable(hop.url, 1024), "the rules lead to " + printable(url, 512) + " here");
    }
    const auto resolved = resolved_addresses(hop, target);
    if (!resolved) return invalid_evidence(url, resolved.error().detail);
    for (const IpAddress& address : hop.addresses) {
      if (!contains(*resolved, address)) return invalid_evidence(url, not_resolved(address));
    }
    for (const AddressTried& tried : hop.tried) {
      if (!contains(*resolved, tried.address)) return invalid_evidence(url, not_resolved(tried.address));
      const bool was_dialled = !tried.problem || tried.problem->code != ProblemCode::kAddressForbidden;
      if (const auto allowed = check_address(tried.address, lab_.addresses); !allowed && was_dialled) {
        return invalid_evidence(url, "an address was dialled that is " + allowed.error().detail);
      }
      if (was_dialled && tried.port != stamped_port(lab_.stamps, target.port)) {
        return invalid_evidence(url, "port " + std::to_string(tried.port) + " was dialled, not the URL's");
      }
    }
    return answer_fault(hop, url);
  }

  // The last address tried answered, and it alone, exactly when there is a status.
  static std::optional<Judgement> answer_fault(const HttpHop& hop, const std::string& url) {
    const auto answered = [](const AddressTried& tried) { return !tried.problem; };
    const auto count = std::count_if(hop.tried.begin(), hop.tried.end(), answered);
    if (hop.status != 0 && (count != 1 || !answered(hop.tried.back()))) {
      return invalid_evidence(url, "a status that no address, or more than one, can have answered");
    }
    if (hop.status == 0 && !hop.problem) return invalid_evidence(url, "neither an answer nor a problem");
    return std::nullopt;
  }

  // The addresses that this hop may dial: the literal one, or what its lookups say.
  Expected<std::vector<IpAddress>> resolved_addresses(const HttpHop& hop, const HttpTarget& target) {
    const auto invalid = [](std::string why) {
      return fail(ProblemCode::kEvidenceInvalid, "", std::move(why));
    };
    if (const auto* ip = std::get_if<IpAddress>(&target.host)) {
      if (!hop.lookups.empty()) return invalid("lookups for a literal address");
      return std::vector<IpAddress>{*ip};
    }
    std::vector<IpAddress> addresses;
    for (const DnsLookup& lookup : hop.lookups) {
      if (lookup.name != target.host_text() ||
          (lookup.type != RecordType::kA && lookup.type != RecordType::kAaaa)) {
        return invalid("a lookup of " + to_string(lookup.type) + " for " + quoted(lookup.name));
      }
      if (problem_of(lookup)) continue;
      looked_up_ = true;
      authenticated_ = authenticated_ && lookup.authenticated;
      records_cut_ = records_cut_ || lookup.records_cut;
      for (const Bytes& record : lookup.records) {
        const auto address = IpAddress::from_octets(record);
        // A record of the wrong size resolves to nothing; a size of the other family would let an agent
        // choose.
        if (!address || address->is_v4() != (lookup.type == RecordType::kA)) continue;
        addresses.push_back(*address);
      }
    }
    return addresses;
  }

  static bool contains(const std::vector<IpAddress>& addresses, const IpAddress& address) {
    return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
  }
  static std::string not_resolved(const IpAddress& address) {
    return address.text() + " is none of the addresses that the name resolved to";
  }

  Judgement conclude(const HttpHop& hop, const HttpTarget& target) {
    if (hop.problem) return reported(hop, target);
    if (is_redirect(hop.status)) {
      const auto next = redirect_target(target, hop.status, hop.location);
      if (next) return invalid_evidence(hop.url, "the fetch ended at a redirect that leads on");
      return negative(next.error());
    }
    if (!is_success(hop.status)) {
      return negative({ProblemCode::kHttpStatus, printable(hop.url, 1024),
                       "status " + std::to_string(hop.status) + " from " + printable(hop.url, 512)});
    }
    return judge_body(hop);
  }

  // What the agent says went wrong is believed as far as it makes no corroboration, and checked where the
  // facts tell.
  Judgement reported(const HttpHop& hop, const HttpTarget& target) {
    const Problem& problem = *hop.problem;
    const bool loop = problem.code == ProblemCode::kRedirectLoop;
    const bool too_many = problem.code == ProblemCode::kTooManyRedirects;
    if (loop || too_many) {
      const auto next = redirect_target(target, hop.status, hop.location);
      if (!next)
        return invalid_evidence(hop.url, "no redirect that could lead round: " + next.error().detail);
      if (loop && requested_.count(next->url()) == 0) return invalid_evidence(hop.url, "a loop that is none");
      if (too_many && seen_.hops.size() < kMaxHops)
        return invalid_evidence(hop.url, "more redirects could be followed");
    }
    if (problem.code == ProblemCode::kHttpBodyTooLarge) return negative(body_too_large(hop));
    return negative(problem);
  }

  Judgement judge_body(const HttpHop& hop) {
    const std::size_t limit = http_01_body_limit(question_);
    if (seen_.body_size > limit || seen_.body.size() > limit) return negative(body_too_large(hop));
    auto mismatch = http_01_mismatch(seen_.body, question_);
    if (mismatch) {
      mismatch->where = printable(hop.url, 1024);
      // What was cut off cannot repair a beginning that is wrong, but a beginning that is right may go on
      // wrong.
      const bool wrong_from_the_start =
          seen_.body.compare(0, question_.key_authorization.size(), question_.key_authorization) != 0;
      if (!seen_.body_cut || wrong_from_the_start) return negative(*mismatch);
    }
    if (seen_.body_cut || seen_.body.size() != seen_.body_size || sha256(seen_.body) != seen_.body_sha256) {
      return invalid_evidence(hop.url, "the body that is claimed to match is not whole");
    }
    if (records_cut_) {
      return negative(
          {ProblemCode::kDnsTooManyRecords, printable(hop.url, 1024), "more addresses than are kept"});
    }
    Judgement judgement;
    judgement.outcome = Outcome::kCorroborates;
    judgement.key = question_.key_authorization;
    judgement.saw = saw();
    judgement.dnssec_authenticated = looked_up_ && authenticated_;
    return judgement;
  }

  Problem body_too_large(const HttpHop& hop) const {
    constexpr std::size_t kQuotedOctets = 128;
    std::string detail = "the body is over " + std::to_string(http_01_body_limit(question_)) + " octets";
    if (!seen_.body.empty()) {
      detail +=
          " and begins " + quoted(std::string_view(seen_.body).substr(0, kQuotedOctets), 4 * kQuotedOctets);
    }
    return {ProblemCode::kHttpBodyTooLarge, printable(hop.url, 1024), std::move(detail)};
  }

  Judgement negative(Problem problem) const {
    Judgement judgement;
    judgement.outcome = outcome_of(problem.code);
    judgement.problem = std::move(problem);
    judgement.saw = saw();
    judgement.dnssec_authenticated = looked_up_ && authenticated_;
    return judgement;
  }

  // "200 from 192.0.2.1 after 1 redirect"; without an answer why: "no answer (CONNECTION_TIMEOUT)".
  [[nodiscard]] std::string saw() const {
    const HttpHop& last = seen_.hops.back();
    std::string line = "no answer";
    if (last.status != 0) {
      line = std::to_string(last.status) + " from " + last.tried.back().address.text();
    } else if (last.problem) {
      line += " (" + std::string(to_string(last.problem->code)) + ")";
    }
    const std::size_t redirects = seen_.hops.size() - 1;
    if (redirects == 0) return line;
    return line + " after " + std::to_string(redirects) + (redirects == 1 ? " redirect" : " redirects");
  }

  const HttpObservation& seen_;
  const AcmeHttp01& question_;
  Relaxations lab_;
  std::set<std::string> requested_;
  bool looked_up_ = false;
  bool authenticated_ = true;
  bool records_cut_ = false;
};

}  // namespace

Judgement judge_http_01(const Identifier& identifier, const AcmeHttp01& question, const HttpObservation& seen,
                        const std::vector<std::string>& lab) {
  if (identifier.is_wildcard()) {
    return invalid_evidence(identifier.text(), "http-01 does not validate wildcards (BR 3.2.2.4.19)");
  }
  std::variant<DnsName, IpAddress> host = identifier.is_ip()
                                              ? std::variant<DnsName, IpAddress>(identifier.ip())
                                              : std::variant<DnsName, IpAddress>(identifier.name());
  return Walk(seen, question, lab).judge(acme_challenge_url(host, question.token));
}

}  // namespace mpic::rules
