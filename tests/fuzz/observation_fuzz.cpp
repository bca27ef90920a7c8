// What an agent says it saw: refused with a field, or within every bound, and judged the same by everybody.
// Input: a serialized mpic.v1.Observation.
#include "common/rules/judgement.hpp"
#include "common/wire/convert.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

void hold_bounds(const std::vector<DnsLookup>& lookups) {
  hold(lookups.size() <= kMaxCaaLookups, "lookups are bounded");
  for (const DnsLookup& lookup : lookups) {
    hold(lookup.records.size() <= kMaxRecords && lookup.chain.size() <= kMaxCnames, "a lookup is bounded");
  }
}

void hold_bounds(const Observation& seen) {
  if (seen.caa) hold_bounds(seen.caa->lookups);
  if (!seen.dcv) return;
  if (const auto* http = std::get_if<HttpObservation>(&seen.dcv->seen)) {
    hold(http->hops.size() <= kMaxHops && http->body.size() <= kMaxBody, "a fetch is bounded");
    for (const HttpHop& hop : http->hops) {
      hold_bounds(hop.lookups);
      hold(hop.addresses.size() <= kMaxAddresses && hop.tried.size() <= kMaxAddresses, "addresses are bounded");
    }
  }
}

std::string told(const rules::Judgement& judgement) {
  std::string out = std::string(to_string(judgement.outcome)) + '|' + judgement.key + '|' + judgement.saw;
  if (judgement.problem) out += '|' + std::string(to_string(judgement.problem->code)) + '|' + judgement.problem->detail;
  return out;
}

// A question of the method that was observed, so that every judge meets every observation.
DcvQuestion question_of(DcvMethod method) {
  const std::string token = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0";
  const std::string digest = "LPsIwTo7o8BoG0-vjCyGQGBWSVIPxI-i_X336eUOQZo";
  const std::string account = "https://ca.example/acct/1";
  switch (method) {
    case DcvMethod::kDnsChange:
      return {DnsChange{"bQkz7Yc1nXw4Gd8Rf0Lp2A", RecordType::kTxt, "", false, false}};
    case DcvMethod::kAcmeDns01:
      return {AcmeDns01{digest}};
    case DcvMethod::kIpAddress:
      return {IpAddressLookup{IpAddress::v4({128, 0, 0, 1})}};
    case DcvMethod::kContactEmailCaa:
    case DcvMethod::kContactEmailTxt:
      return {ContactLookup{method, "admin@example.com"}};
    case DcvMethod::kContactPhoneCaa:
    case DcvMethod::kContactPhoneTxt:
      return {ContactLookup{method, "+15555550100"}};
    case DcvMethod::kWebsiteChange:
      return {WebsiteChange{"fileauth.txt", "bQkz7Yc1nXw4Gd8Rf0Lp2A", false, ""}};
    case DcvMethod::kAcmeTlsAlpn01:
      return {AcmeTlsAlpn01{}};
    case DcvMethod::kAcmeDnsAccount01:
      return {AcmeDnsAccount01{digest, account}};
    case DcvMethod::kDnsPersistent:
      return {DnsPersistent{{"ca.example"}, account}};
    case DcvMethod::kReverseAddressLookup:
      return {ReverseAddressLookup{DnsName::parse("www.example.com").value()}};
    case DcvMethod::kAcmeHttp01:
      break;
  }
  return {AcmeHttp01{token, token + ".9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"}};
}

Assignment asked(const Observation& seen) {
  const DcvMethod method = seen.dcv ? seen.dcv->method : DcvMethod::kAcmeHttp01;
  const bool of_address = method == DcvMethod::kReverseAddressLookup;
  Assignment out{.perspective = seen.perspective,
                 .identifier = Identifier::parse(of_address ? "128.0.0.1" : "www.example.com").value()};
  out.dcv = question_of(method);
  out.caa = CaaQuestion{};
  out.caa->issuer_domains = {"ca.example"};
  return out;
}

void hold_judgement(const rules::Judgement& judgement) {
  hold(judgement.problem.has_value() == (judgement.outcome != Outcome::kCorroborates), "a problem unless positive");
  hold(judgement.key.empty() == (judgement.outcome != Outcome::kCorroborates), "a key only when positive");
  hold_presentable(judgement.saw);
  if (judgement.problem) hold_presentable(judgement.problem->detail);
}

void run(Octets octets) {
  const auto seen = wire::decode_observation(text_of(octets));
  if (!seen) {
    hold(seen.error().code == ProblemCode::kEvidenceInvalid, "octets that are no observation are invalid evidence");
    hold(!seen.error().where.empty(), "a refusal names the field");
    hold_presentable(seen.error().detail);
    return;
  }
  hold_bounds(*seen);
  const Assignment question = asked(*seen);
  const auto dcv = rules::judge_dcv(question, *seen);
  const auto caa = rules::judge_caa(question, *seen);
  hold_judgement(dcv);
  hold_judgement(caa);

  const std::string encoded = wire::encode(*seen);
  hold(encoded.size() <= kMaxObservation, "an observation that is sent is bounded");
  const auto again = wire::decode_observation(encoded);
  hold(again.has_value(), "what is sent can be read");
  hold_equal(wire::encode(*again), encoded, "an observation is encoded in one way");
  if (again->cut) {
    hold(rules::judge_dcv(question, *again).outcome != Outcome::kCorroborates || dcv.outcome == Outcome::kCorroborates,
         "cutting permits nothing");
    hold(rules::judge_caa(question, *again).outcome != Outcome::kCorroborates || caa.outcome == Outcome::kCorroborates,
         "cutting permits nothing");
    return;
  }
  hold_equal(told(rules::judge_dcv(question, *again)), told(dcv), "everybody judges DCV alike");
  hold_equal(told(rules::judge_caa(question, *again)), told(caa), "everybody judges CAA alike");
}

const Target kTarget("observation", run);

}  // namespace
}  // namespace mpic::fuzz
