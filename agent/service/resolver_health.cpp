#include "agent/service/resolver_health.hpp"

#include <algorithm>

#include "common/rules/dns_message.hpp"

namespace mpic::agent {
namespace {

using Kind = ResolverSign::Kind;

constexpr int kBadInARow = 2;

ResolverSign good() { return {Kind::kGood, {}}; }
ResolverSign bad(std::string why) { return {Kind::kBad, std::move(why)}; }
ResolverSign unclear(std::string why) { return {Kind::kUnclear, std::move(why)}; }

bool is_answered(const DnsLookup& seen, std::uint16_t rcode) {
  return seen.status == DnsStatus::kAnswered && seen.rcode == rcode;
}

std::string fault_of(const DnsLookup& seen) {
  const auto problem = rules::problem_of(seen);
  return "the resolver " + seen.server + ", asked for " + quoted(seen.name) + ": " +
         (problem ? problem->detail : "an answer that was not expected");
}

// A lookup that waited for a channel of ours to the end was never sent: that is load, and no sign of the resolver.
bool is_gone(const DnsLookup& seen) { return seen.status == DnsStatus::kUnreachable && seen.tries != 0; }

void add(std::string& text, const std::string& more) {
  if (!text.empty() && !more.empty()) text += "; ";
  text += more;
}

}  // namespace

std::vector<std::string> ResolverTests::names() const {
  std::vector<std::string> all = probes;
  if (!signed_name.empty()) all.push_back(signed_name);
  if (!bogus_name.empty()) all.push_back(bogus_name);
  return all;
}

ResolverSign sign_of_probes(std::span<const DnsLookup> seen) {
  const auto answered = [](const DnsLookup& each) {
    return is_answered(each, kNoError) || is_answered(each, kNxdomain);
  };
  if (std::any_of(seen.begin(), seen.end(), answered)) return good();
  if (seen.empty()) return unclear("no name is configured to ask for");
  const auto denied = [](const DnsLookup& each) { return is_gone(each) || is_answered(each, kRefused); };
  const std::string why = fault_of(seen.back());
  return std::all_of(seen.begin(), seen.end(), denied) ? bad(why) : unclear(why);
}

ResolverSign sign_of_signed(const DnsLookup& seen) {
  const bool exists = is_answered(seen, kNoError);
  if (seen.authenticated && (exists || is_answered(seen, kNxdomain))) return good();
  if (exists) {
    return bad("the resolver " + seen.server + " does not validate: the signed name " + quoted(seen.name) +
               " was answered without AD");
  }
  return unclear(fault_of(seen));
}

ResolverSign sign_of_bogus(const DnsLookup& seen) {
  // Where an Extended DNS Error tells of something else, its servers may be down: then nobody has validated anything.
  const bool bogus = is_answered(seen, kServfail) &&
                     (seen.extended_errors.empty() || rules::problem_of(seen)->code == ProblemCode::kDnsBogus);
  if (bogus) return good();
  if (is_answered(seen, kNoError) && !seen.authenticated) {
    return bad("the resolver " + seen.server + " does not validate: the bogus name " + quoted(seen.name) +
               " was answered");
  }
  if (is_answered(seen, kNoError)) return unclear("the name " + quoted(seen.name) + " is not bogus any more");
  return unclear(fault_of(seen));
}

void ResolverTrait::observe(ResolverSign sign, SteadyPoint now) {
  switch (sign.kind) {
    case Kind::kGood:
      bad_in_a_row_ = 0;
      last_good_ = now;
      fault_.clear();
      return;
    case Kind::kBad:
      ++bad_in_a_row_;
      if (bad_in_a_row_ >= kBadInARow || !last_good_) fault_ = std::move(sign.why);
      return;
    case Kind::kUnclear:
      if (!last_good_ || now - *last_good_ > grace_) fault_ = std::move(sign.why);
      return;
  }
}

ResolverHealth::ResolverHealth(const ResolverTests& tests)
    : probes_(tests.probes.size()), answers_(kAnswerGrace, "the resolver has not been asked yet") {
  const std::string untested = "it has not been tested yet whether the resolver validates";
  if (!tests.signed_name.empty()) shows_signed_.emplace(kValidationGrace, untested);
  if (!tests.bogus_name.empty()) hides_bogus_.emplace(kValidationGrace, untested);
}

bool ResolverHealth::observe(std::span<const DnsLookup> seen, SteadyPoint now) {
  bool all_good = true;
  const auto take = [&](ResolverTrait& trait, ResolverSign sign) {
    all_good = all_good && sign.kind == Kind::kGood;
    trait.observe(std::move(sign), now);
  };
  take(answers_, sign_of_probes(seen.first(probes_)));
  seen = seen.subspan(probes_);
  if (shows_signed_) {
    take(*shows_signed_, sign_of_signed(seen.front()));
    seen = seen.subspan(1);
  }
  if (hides_bogus_) take(*hides_bogus_, sign_of_bogus(seen.front()));
  return all_good;
}

std::string ResolverHealth::fault() const {
  std::string text = answers_.fault();
  add(text, validation_fault());
  return text;
}

std::string ResolverHealth::validation_fault() const {
  std::string text = shows_signed_ ? shows_signed_->fault() : std::string();
  if (hides_bogus_ && hides_bogus_->fault() != text) add(text, hides_bogus_->fault());
  return text;
}

}  // namespace mpic::agent
