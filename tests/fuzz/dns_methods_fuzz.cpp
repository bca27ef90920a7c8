// What lookups of a DNS method prove (BR 3.2.2.4.7 to .22): arbitrary records and chains of aliases.
// Input: one octet for the method, one for what is validated, then each lookup: status, RCODE, flags (AD, cut, another
// name), targets of CNAMEs, RDATA of records.
#include <algorithm>
#include <iterator>

#include "common/rules/dcv_dns.hpp"
#include "common/rules/namespace_policy.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

const std::string kValue = "bQkz7Yc1nXw4Gd8Rf0Lp2A";
const std::string kDigest = "LPsIwTo7o8BoG0-vjCyGQGBWSVIPxI-i_X336eUOQZo";
const std::string kAccount = "https://ca.example/acct/1";
const std::string kEmail = "Admin@example.com";
const std::string kPhone = "+1 555 555 0100";
const TimePoint kWhen{std::chrono::seconds(1'795'392'000)};

std::vector<DcvQuestion> questions() {
  const auto change = [](RecordType type, bool exact, bool ignore_case) {
    return DcvQuestion{DnsChange{kValue, type, "_dnsauth", exact, ignore_case}};
  };
  const auto contact = [](DcvMethod method, const std::string& text) {
    return DcvQuestion{ContactLookup{method, text}};
  };
  return {change(RecordType::kTxt, false, false),
          change(RecordType::kTxt, true, false),
          change(RecordType::kCname, true, false),
          change(RecordType::kCaa, false, true),
          {AcmeDns01{kDigest}},
          {AcmeDnsAccount01{kDigest, kAccount}},
          {DnsPersistent{{"ca.example"}, kAccount}},
          contact(DcvMethod::kContactEmailCaa, kEmail),
          contact(DcvMethod::kContactEmailTxt, kEmail),
          contact(DcvMethod::kContactPhoneTxt, kPhone),
          contact(DcvMethod::kContactPhoneCaa, kPhone),
          {IpAddressLookup{IpAddress::v4({192, 0, 2, 1})}},
          {IpAddressLookup{IpAddress::v6({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})}},
          {ReverseAddressLookup{DnsName::parse("www.example.com").value()}}};
}

std::vector<rules::DcvSubject> subjects() {
  const auto of = [](const char* applied_for, const char* adn) {
    return rules::DcvSubject{Identifier::parse(applied_for).value(), Identifier::parse(adn).value()};
  };
  return {of("www.example.com", "www.example.com"), of("*.example.com", "example.com"),
          of("www.example.com", "example.com"),     of("www.example.com", "example.net"),
          of("www.example.com", "telemark.no"),     of("192.0.2.1", "192.0.2.1")};
}

struct Case {
  DcvQuestion question;
  rules::DcvSubject about;
  DnsObservation seen;
};

DnsLookup lookup_of(Input& input, const rules::DnsQuery& query) {
  DnsLookup out;
  out.name = query.name;
  out.type = query.type;
  out.status = static_cast<DnsStatus>(1 + input.below(5));
  out.rcode = static_cast<std::uint16_t>(input.below(6));
  const std::uint8_t flags = input.octet();
  out.authenticated = (flags & 1U) != 0;
  out.records_cut = (flags & 2U) != 0;
  if ((flags & 4U) != 0) out.name = input.piece();
  out.end_of_chain = out.name;
  for (std::size_t links = input.below(4); links > 0; --links) {
    out.chain.push_back({out.end_of_chain, std::string(input.piece()), 60});
    out.end_of_chain = out.chain.back().target;
  }
  for (std::size_t records = input.below(8); records > 0; --records) {
    const std::string_view rdata = input.piece();
    out.records.emplace_back(rdata.begin(), rdata.end());
  }
  out.ttl = 300;
  return out;
}

Case case_of(Octets octets) {
  Input input(octets);
  const auto asked = questions();
  const auto about = subjects();
  Case out{asked[input.below(asked.size())], about[input.below(about.size())], {}};
  if (!rules::check_subject(out.about, out.question.method())) {
    out.about = rules::check_subject(about.front(), out.question.method()) ? about.front() : about.back();
  }
  for (const rules::DnsQuery& query : rules::dns_queries(out.about, out.question)) {
    out.seen.lookups.push_back(lookup_of(input, query));
  }
  return out;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

// RDATA without the octets that count: TXT's strings and a name's labels joined, everything else as it is.
std::string plain(const DnsLookup& lookup, const Bytes& rdata) {
  const bool is_name = lookup.type == RecordType::kCname || lookup.type == RecordType::kPtr;
  if (!is_name && lookup.type != RecordType::kTxt) return {rdata.begin(), rdata.end()};
  std::string out;
  for (std::size_t at = 0; at < rdata.size(); at += rdata[at] + 1U) {
    if (is_name && rdata[at] == 0) break;
    if (is_name && !out.empty()) out += '.';
    const std::size_t end = std::min(rdata.size(), at + 1 + rdata[at]);
    out.append(rdata.begin() + static_cast<std::ptrdiff_t>(at + 1), rdata.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return out;
}

std::string only_digits(std::string_view text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char c) { return c >= '0' && c <= '9'; });
  return out;
}

// What a record that proves control cannot lack, by other words than the rules'.
bool has_what_is_expected(const DcvQuestion& question, const std::string& text) {
  const auto holds = [&](std::string_view part) { return text.find(part) != std::string::npos; };
  switch (question.method()) {
    case DcvMethod::kDnsChange:
      return lowered(text).find(lowered(kValue)) != std::string::npos;
    case DcvMethod::kAcmeDns01:
    case DcvMethod::kAcmeDnsAccount01:
      return text == kDigest;
    case DcvMethod::kDnsPersistent:
      return holds(kAccount) && lowered(text).find("ca.example") != std::string::npos;
    case DcvMethod::kContactEmailCaa:
    case DcvMethod::kContactEmailTxt:
      return holds("Admin@") && lowered(text).find("@example.com") != std::string::npos;
    case DcvMethod::kContactPhoneCaa:
    case DcvMethod::kContactPhoneTxt:
      return holds("+") && only_digits(text).find("15555550100") != std::string::npos;
    case DcvMethod::kIpAddress:
      return text.size() == 4 ? text == std::string("\xC0\0\x02\x01", 4) : text.size() == 16;
    case DcvMethod::kReverseAddressLookup:
      return lowered(text) == "www.example.com";
    default:
      return false;
  }
}

rules::Judgement judged(const Case& asked) { return rules::judge_dns(asked.about, asked.question, asked.seen, kWhen); }
bool is_positive(const Case& asked) { return judged(asked).outcome == Outcome::kCorroborates; }

void hold_positive(const Case& asked, const rules::Judgement& judgement) {
  const auto& lookups = asked.seen.lookups;
  const auto proves = [&](const DnsLookup& lookup) {
    return lookup.status == DnsStatus::kAnswered && lookup.rcode == kNoError && !lookup.records_cut &&
           std::any_of(lookup.records.begin(), lookup.records.end(),
                       [&](const Bytes& rdata) { return has_what_is_expected(asked.question, plain(lookup, rdata)); });
  };
  hold(std::any_of(lookups.begin(), lookups.end(), proves), "never positive without the expected value");
  if (rules::needs_alias(asked.about)) {
    const std::string& adn = asked.about.validated.name().text();
    hold(std::any_of(lookups.front().chain.begin(), lookups.front().chain.end(),
                     [&](const CnameLink& link) { return lowered(link.target).ends_with(adn); }),
         "never positive through no alias");
  }
  const bool climbs = asked.question.method() == DcvMethod::kContactEmailCaa ||
                      asked.question.method() == DcvMethod::kContactPhoneCaa;  // above the set none matters
  hold(climbs || !judgement.dnssec_authenticated ||
           std::all_of(lookups.begin(), lookups.end(), [](const DnsLookup& lookup) { return lookup.authenticated; }),
       "AD is told only when all had it");
  hold(judgement.record_ttl.has_value() == (asked.question.method() == DcvMethod::kDnsPersistent),
       "the TTL is told of one");

  Case fewer = asked;
  fewer.seen.lookups.pop_back();
  hold(!is_positive(fewer), "every lookup must be told");
  Case empty = asked;
  for (DnsLookup& lookup : empty.seen.lookups) lookup.records.clear();
  hold(!is_positive(empty), "nothing proves nothing");
  Case cut = asked;
  for (DnsLookup& lookup : cut.seen.lookups) lookup.records_cut = true;
  hold(!is_positive(cut), "what was cut proves nothing");
  Case turned = asked;
  for (DnsLookup& lookup : turned.seen.lookups) std::reverse(lookup.records.begin(), lookup.records.end());
  hold(is_positive(turned), "the order of records does not matter");
  Case more = asked;
  for (DnsLookup& lookup : more.seen.lookups) {
    if (!lookup.records.empty()) lookup.records.insert(lookup.records.begin(), Bytes{9, 9, 9});
  }
  hold(is_positive(more), "another's record does not matter");
}

void run(Octets octets) {
  const Case asked = case_of(octets);
  const rules::Judgement judgement = judged(asked);
  const bool positive = judgement.outcome == Outcome::kCorroborates;
  hold(judgement.problem.has_value() != positive, "a problem unless positive");
  hold(judgement.key.empty() != positive, "a key only when positive");
  hold(positive || (!judgement.record_ttl && !judgement.record_expires), "only what grants ends");
  hold(judgement.saw.size() <= 2048, "a line for people is bounded");
  hold_presentable(judgement.saw);
  if (judgement.problem) {
    hold_presentable(judgement.problem->where);
    hold_presentable(judgement.problem->detail);
  }
  if (positive) hold_positive(asked, judgement);
}

const Target kTarget("dns_methods", run);

}  // namespace
}  // namespace mpic::fuzz
