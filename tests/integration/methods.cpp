#include "tests/integration/methods.hpp"

#include <openssl/sha.h>

#include "common/evidence/merkle.hpp"
#include "common/wire/convert.hpp"
#include "tests/support/agent_under_test.hpp"
#include "tests/support/catch.hpp"

namespace mpic::test {
namespace {

Assignment blank_assignment(const std::string& identifier) {
  Assignment out = some_assignment(1);
  out.identifier = Identifier::parse(identifier).value();
  out.dcv.reset();
  out.caa.reset();
  return out;
}

}  // namespace

Observation Sightseer::look(Assignment& assignment) const {
  agent::AresOptions dns(system_under_test().resolver);
  dns.on_this_host = true;
  RealTools tools(dns, ipv6);
  agent::AgentIdentity me = eu_west();
  me.resolver = system_under_test().resolver;
  me.lab = lab;
  me.lab_stamps = me.lab.describe();
  assignment.issued = tools.clock.now();
  assignment.budget = budget;
  const std::string octets = wire::encode(assignment);
  const auto received = std::make_shared<const agent::Received>(
      agent::Received{assignment, evidence::sha256(octets), tools.clock.steady_now()});
  const agent::Lane lane{tools.context.get_executor(), tools.dns, tools.http, tools.tls};
  // Never judged before it was encoded and decoded: what an honest agent sends can be read.
  return wire::decode_observation(tools.run(agent::look(lane, me, tools.clock, received))).value();
}

Validation Sightseer::validate(const std::string& identifier, DcvQuestion question,
                               const std::string& authorization_domain) const {
  Assignment assignment = blank_assignment(identifier);
  assignment.dcv = std::move(question);
  if (!authorization_domain.empty()) assignment.authorization_domain = DnsName::parse(authorization_domain).value();
  Observation seen = look(assignment);
  rules::Judgement judged = rules::judge_dcv(assignment, seen);
  return {std::move(seen), std::move(judged)};
}

Validation Sightseer::read_caa(const std::string& identifier, CaaQuestion question) const {
  Assignment assignment = blank_assignment(identifier);
  assignment.caa = std::move(question);
  Observation seen = look(assignment);
  rules::Judgement judged = rules::judge_caa(assignment, seen);
  return {std::move(seen), std::move(judged)};
}

void check_ending(const Validation& validation, Ending expected, const std::string& words) {
  const rules::Judgement& judged = validation.judged;
  const auto& problem = judged.problem;
  INFO("saw: " << judged.saw);
  INFO("problem: " << (problem ? std::string(to_string(problem->code)) + ": " + problem->detail : "none"));
  if (!expected) {
    CHECK(judged.outcome == Outcome::kCorroborates);
    CHECK_FALSE(problem);
    CHECK_FALSE(judged.key.empty());
    return;
  }
  CHECK(judged.key.empty());
  REQUIRE(problem);
  CHECK(to_string(problem->code) == to_string(*expected));
  CHECK(judged.outcome == outcome_of(*expected));
  CHECK_THAT(problem->detail, Catch::Matchers::Contains(words));
}

std::vector<std::string> looked_up(const Observation& seen) {
  const std::vector<DnsLookup>* lookups = seen.caa ? &seen.caa->lookups : nullptr;
  if (seen.dcv) {
    if (const auto* dns = std::get_if<DnsObservation>(&seen.dcv->seen)) lookups = &dns->lookups;
  }
  std::vector<std::string> out;
  if (lookups == nullptr) return out;
  for (const DnsLookup& lookup : *lookups) out.push_back(to_string(lookup.type) + '/' + lookup.name);
  return out;
}

DcvQuestion dns_01() { return {AcmeDns01{system_under_test().challenges.digest}}; }

DcvQuestion http_01() { return {AcmeHttp01{system_under_test().token, system_under_test().key_authorization}}; }

DcvQuestion tls_alpn_01() {
  AcmeTlsAlpn01 question;
  const std::string& authorization = system_under_test().key_authorization;
  const std::vector<unsigned char> octets(authorization.begin(), authorization.end());
  SHA256(octets.data(), octets.size(), question.digest.data());
  return {question};
}

CaaQuestion caa_of_our_issuer() {
  CaaQuestion question;
  question.issuer_domains = {system_under_test().challenges.issuer};
  return question;
}

}  // namespace mpic::test
