// The records of one lookup against what a method expects there: how judge_dns() ends. Internal to it. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/rules/judgement.hpp"

namespace mpic::rules::dns {

[[nodiscard]] Judgement positive(std::string key, std::string saw);
[[nodiscard]] Judgement negative(Problem problem, std::string saw);
[[nodiscard]] Judgement could_not_look(const DnsLookup& lookup, Problem problem);
// kDnsNoRecord; `what`: "TXT record".
[[nodiscard]] Judgement nothing_there(const DnsLookup& lookup, const std::string& what);
// What ends a judgement before any record is read: nothing is there, the lookup failed, or the set was cut.
[[nodiscard]] std::optional<Judgement> no_records(const DnsLookup& lookup);

// A record as a line for people: at most 100 octets, escaped, between quotes.
[[nodiscard]] std::string shown(std::string_view record);
// " at _acme-challenge.example.com"
[[nodiscard]] std::string at(const DnsLookup& lookup);

// What records say, as text: TXT joined, a name, an address, a CAA property's value.
struct Values {
  std::string what;  // "TXT", "CAA contactemail"
  std::vector<std::string> read;
  bool some_unread = false;
};
[[nodiscard]] Values values_of(const DnsLookup& lookup);
// The values of one CAA property; tags are compared without case (RFC 8659 4.1).
[[nodiscard]] Values values_of_property(const DnsLookup& lookup, std::string_view tag);
[[nodiscard]] Judgement cannot_be_read(const DnsLookup& lookup, const Values& values);

using IsRight = std::function<bool(const std::string&)>;
// Positive when one is right. `more`: for the end of the problem's text.
[[nodiscard]] Judgement judge_values(const DnsLookup& lookup, const Values& values, const IsRight& is_right,
                                     std::string key, const std::string& more = "");

// The TXT records of dns-persistent (dcv_persistent.hpp), after no_records().
[[nodiscard]] Judgement judge_persistent(const DnsLookup& lookup, const DnsPersistent& question, bool covers_more,
                                         TimePoint when);

}  // namespace mpic::rules::dns
