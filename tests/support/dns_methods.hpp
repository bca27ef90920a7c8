// What DNS methods ask and see, in one line each.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/rules/dcv_dns.hpp"
#include "tests/support/observed.hpp"

namespace mpic::test {

// The vector that all tests of key authorizations share.
inline const std::string kSharedToken = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0";
inline const std::string kSharedKeyAuthorization = kSharedToken + ".9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI";
inline const std::string kSharedDigest = "LPsIwTo7o8BoG0-vjCyGQGBWSVIPxI-i_X336eUOQZo";

inline const TimePoint kLookedAt{std::chrono::sys_days(std::chrono::year(2026) / 11 / 23)};

// Empty `adn`: the name applied for without "*.", or the address.
inline rules::DcvSubject subject(std::string_view applied_for, std::string_view adn = "") {
  const Identifier identifier_ = identifier(applied_for);
  if (identifier_.is_ip()) return {identifier_, identifier_};
  return {identifier_, Identifier::of(adn.empty() ? identifier_.name() : dns_name(adn))};
}

// TXT records of one string each, cut into strings of 255 octets.
inline Bytes txt(std::string_view text) {
  Bytes out;
  do {
    const std::string_view part = text.substr(0, 255);
    out.push_back(static_cast<std::uint8_t>(part.size()));
    out.insert(out.end(), part.begin(), part.end());
    text.remove_prefix(part.size());
  } while (!text.empty());
  return out;
}
inline DnsLookup txt_at(std::string name, const std::vector<std::string>& texts) {
  DnsLookup lookup = answered(std::move(name), RecordType::kTxt);
  for (const std::string& text : texts) lookup.records.push_back(txt(text));
  if (!texts.empty()) lookup.ttl = 300;
  return lookup;
}
// A lookup of A that went by `chain`, to a name without addresses.
inline DnsLookup alias_at(std::string name, const std::vector<std::string>& chain) {
  DnsLookup lookup = answered(std::move(name), RecordType::kA);
  for (const std::string& target : chain) {
    lookup.chain.push_back({lookup.end_of_chain, target, 300});
    lookup.end_of_chain = target;
  }
  return lookup;
}

// "TXT _acme-challenge.example.com, A example.com"
inline std::string text_of(const std::vector<rules::DnsQuery>& queries) {
  std::string out;
  for (const rules::DnsQuery& query : queries) {
    out += (out.empty() ? "" : ", ") + to_string(query.type) + ' ' + query.name;
  }
  return out;
}

inline rules::Judgement judged(const rules::DcvSubject& about, const DcvQuestion& question,
                               std::vector<DnsLookup> lookups, TimePoint when = kLookedAt) {
  return rules::judge_dns(about, question, DnsObservation{std::move(lookups)}, when);
}
// "corroborates", or the problem's code: "DNS_NO_RECORD".
inline std::string ending(const rules::Judgement& judgement) {
  return std::string(judgement.problem ? to_string(judgement.problem->code) : to_string(judgement.outcome));
}

}  // namespace mpic::test
