#include <openssl/sha.h>

#include <set>

#include "common/rules/corroboration_key.hpp"
#include "common/rules/dcv_http.hpp"
#include "common/rules/http_ask.hpp"
#include "common/rules/reached.hpp"

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

std::string url_of(const HttpHop& hop) { return printable(hop.url, 1024); }

// Follows the hops as an agent must have gone, and says where it cannot have gone so.
class Walk {
 public:
  Walk(const DcvSubject& subject, const DcvQuestion& question, const HttpObservation& seen,
       const std::vector<std::string>& lab)
      : subject_(subject), question_(question), ask_(http_ask(subject, question, lab)), seen_(seen), lab_(lab) {}

  Judgement judge() {
    if (seen_.hops.empty()) return invalid_evidence("hops", "no request at all");
    if (seen_.hops.size() > ask_.redirects + 1) {
      return invalid_evidence("hops", "more requests than redirects allow");
    }
    HttpTarget target = ask_.first;
    for (std::size_t i = 0;; ++i) {
      const HttpHop& hop = seen_.hops[i];
      if (auto fault = hop_fault(hop, target)) return *std::move(fault);
      requested_.insert(hop.url);
      if (i + 1 == seen_.hops.size()) return conclude(hop, target);
      if (hop.problem) return invalid_evidence(hop.url, "requests go on after the one that ended the fetch");
      auto next = next_target(ask_, target, hop.status, hop.location);
      if (!next) {
        return invalid_evidence(hop.url, "a redirect was followed that must not be: " + next.error().detail);
      }
      target = *std::move(next);
      if (requested_.count(target.url()) != 0) return invalid_evidence(hop.url, "a URL was requested twice");
    }
  }

 private:
  // What makes one hop impossible, apart from where it leads.
  std::optional<Judgement> hop_fault(const HttpHop& hop, const HttpTarget& target) {
    const std::string url = target.url();
    if (hop.url != url) {
      return invalid_evidence(url_of(hop), "the rules lead to " + printable(url, 512) + " here");
    }
    const bool answered = hop.status != 0;
    const auto reached = check_reach({target.host, target.port, hop.lookups, hop.addresses, hop.tried, answered}, lab_);
    if (!reached) return invalid_evidence(url, reached.error());
    if (!answered && !hop.problem) return invalid_evidence(url, "neither an answer nor a problem");
    reached_.looked_up = reached_.looked_up || reached->looked_up;
    reached_.authenticated = reached_.authenticated && reached->authenticated;
    reached_.records_cut = reached_.records_cut || reached->records_cut;
    if (!reached_.ipv6_failed) reached_.ipv6_failed = reached->ipv6_failed;
    return std::nullopt;
  }

  Judgement conclude(const HttpHop& hop, const HttpTarget& target) {
    if (hop.problem) return reported(hop, target);
    if (is_redirect(hop.status)) {
      const auto next = next_target(ask_, target, hop.status, hop.location);
      if (next) return invalid_evidence(hop.url, "the fetch ended at a redirect that leads on");
      return negative(next.error());
    }
    if (!is_success(hop.status)) {
      return negative({ProblemCode::kHttpStatus, url_of(hop),
                       "status " + std::to_string(hop.status) + " from " + printable(hop.url, 512)});
    }
    return judge_body(hop);
  }

  // What the agent says went wrong is believed as far as it makes no corroboration, and checked where the facts tell.
  Judgement reported(const HttpHop& hop, const HttpTarget& target) const {
    const Problem& problem = *hop.problem;
    const bool loop = problem.code == ProblemCode::kRedirectLoop;
    const bool too_many = problem.code == ProblemCode::kTooManyRedirects;
    if (loop || too_many) {
      const auto next = next_target(ask_, target, hop.status, hop.location);
      if (!next) {
        return invalid_evidence(hop.url, "no redirect that could lead round: " + next.error().detail);
      }
      if (loop && requested_.count(next->url()) == 0) return invalid_evidence(hop.url, "a loop that is none");
      if (too_many && seen_.hops.size() <= ask_.redirects) {
        return invalid_evidence(hop.url, "more redirects could be followed");
      }
    }
    if (problem.code == ProblemCode::kHttpBodyTooLarge) return negative(body_too_large(hop));
    return negative(problem);
  }

  Judgement judge_body(const HttpHop& hop) const {
    if (seen_.body_size > ask_.body_limit || seen_.body.size() > ask_.body_limit) {
      return negative(body_too_large(hop));
    }
    // The path and the value are the request's own, so this says nothing of the site, and proves nothing either.
    if (holds_secret(ask_.first.url(), ask_.secret)) {
      return negative(
          {ProblemCode::kChallengeMismatch, url_of(hop),
           "the challenge value is in the URL that is asked for, so no page proves anything (BR 3.2.2.4.18)"});
    }
    // An agent keeps whole what is no longer than this, and what it takes for a proof.
    if (seen_.body_cut && ask_.body_limit > kBodyPrefix) return judge_beginning(hop);
    if (auto mismatch = body_mismatch(subject_, question_, seen_.body)) {
      // What was cut off cannot repair a beginning that is wrong, but a beginning that is right may go on wrong.
      if (!seen_.body_cut || !begins_right()) return negative_at(hop, *std::move(mismatch));
    }
    if (seen_.body_cut || seen_.body.size() != seen_.body_size || sha256(seen_.body) != seen_.body_sha256) {
      return invalid_evidence(hop.url, "the body that is claimed to match is not whole");
    }
    if (reached_.records_cut) return negative_at(hop, addresses_cut());
    return positive();
  }

  // No match is claimed; why, only the agent saw for certain.
  [[nodiscard]] Judgement judge_beginning(const HttpHop& hop) const {
    if (reached_.records_cut) return negative_at(hop, addresses_cut());
    if (auto mismatch = body_mismatch(subject_, question_, seen_.body)) return negative_at(hop, *std::move(mismatch));
    return negative_at(hop, {ProblemCode::kChallengeMismatch, "",
                             "the page does not match as a whole; its beginning, which was kept, would"});
  }

  [[nodiscard]] bool begins_right() const {
    const auto* http_01 = std::get_if<AcmeHttp01>(&question_.parameters);
    return http_01 != nullptr &&
           seen_.body.compare(0, http_01->key_authorization.size(), http_01->key_authorization) == 0;
  }

  static Problem addresses_cut() { return {ProblemCode::kDnsTooManyRecords, "", "more addresses than are kept"}; }

  [[nodiscard]] Problem body_too_large(const HttpHop& hop) const {
    constexpr std::size_t kQuotedOctets = 128;
    std::string detail = "the body is over " + std::to_string(ask_.body_limit) + " octets";
    if (!seen_.body.empty()) {
      detail += " and begins " + quoted(std::string_view(seen_.body).substr(0, kQuotedOctets), 4 * kQuotedOctets);
    }
    return {ProblemCode::kHttpBodyTooLarge, url_of(hop), std::move(detail)};
  }

  [[nodiscard]] Judgement positive() const {
    Judgement judgement;
    judgement.outcome = Outcome::kCorroborates;
    judgement.key = corroboration_key(question_);
    judgement.saw = saw() + ipv6_note(reached_);
    judgement.dnssec_authenticated = reached_.looked_up && reached_.authenticated;
    judgement.ipv6_failed = reached_.ipv6_failed;
    return judgement;
  }

  [[nodiscard]] Judgement negative(Problem problem) const {
    Judgement judgement;
    judgement.outcome = outcome_of(problem.code);
    judgement.problem = std::move(problem);
    judgement.saw = saw();
    judgement.dnssec_authenticated = reached_.looked_up && reached_.authenticated;
    return judgement;
  }

  [[nodiscard]] Judgement negative_at(const HttpHop& hop, Problem problem) const {
    problem.where = url_of(hop);
    return negative(std::move(problem));
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

  const DcvSubject& subject_;
  const DcvQuestion& question_;
  HttpAsk ask_;
  const HttpObservation& seen_;
  const std::vector<std::string>& lab_;
  std::set<std::string> requested_;
  Reached reached_;
};

}  // namespace

Judgement judge_http(const DcvSubject& subject, const DcvQuestion& question, const HttpObservation& seen,
                     const std::vector<std::string>& lab) {
  if (subject.applied_for.is_wildcard()) {
    return invalid_evidence(subject.applied_for.text(), std::string(to_string(question.method())) +
                                                            " does not validate wildcards (BR 3.2.2.4.18, 3.2.2.4.19)");
  }
  return Walk(subject, question, seen, lab).judge();
}

}  // namespace mpic::rules
