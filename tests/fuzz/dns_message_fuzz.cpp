// DNS replies: whatever a resolver sends is read within bounds, consistently, and can be told onwards.
// Input: one octet for the type that was asked, then the message. The question was for www.example.com.
#include <algorithm>
#include <array>
#include <set>

#include "common/rules/dns_message.hpp"
#include "common/wire/convert.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

constexpr std::string_view kName = "www.example.com";
constexpr std::array kTypes = {RecordType::kA,   RecordType::kAaaa, RecordType::kCaa,
                               RecordType::kTxt, RecordType::kPtr,  RecordType::kCname};

// The lookup in an observation that holds nothing else, as an agent encodes it.
std::string encoded(const DnsLookup& lookup) {
  Observation out{.perspective = PerspectiveId::parse("eu-west").value()};
  out.agent_version = "test";
  out.resolver = "127.0.0.1:53";
  out.caa = CaaObservation{{lookup}};
  return wire::encode(out);
}

bool is_plain(std::string_view name) {
  return (name.empty() || name.back() != '.' || name.ends_with("\\.")) &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7F && (c < 'A' || c > 'Z'); });
}

void hold_empty(const DnsLookup& lookup) {
  hold(lookup.records.empty() && lookup.chain.empty() && lookup.extended_errors.empty() && !lookup.records_cut &&
           !lookup.authenticated,
       "what was not believed tells nothing");
}

void hold_chain(const DnsLookup& lookup) {
  hold(lookup.chain.size() <= kMaxCnames, "a chain is bounded");
  std::string_view at = kName;
  std::set<std::string_view> owners;
  for (const CnameLink& link : lookup.chain) {
    hold_equal(link.owner, at, "a chain has no gaps");
    hold(owners.insert(link.owner).second, "a chain has no loop");
    hold(is_plain(link.target), "names are lower-case ASCII without a final dot");
    hold(lookup.ttl <= link.ttl, "the TTL is the lowest");
    at = link.target;
  }
  hold_equal(lookup.end_of_chain, at, "the records' owner is the end of the chain");
}

void hold_records(const DnsLookup& lookup) {
  hold(lookup.records.size() <= kMaxRecords, "a set is bounded");
  hold(!lookup.records_cut || lookup.records.size() == kMaxRecords, "only a full set is cut");
  hold(lookup.rcode == kNoError || lookup.records.empty(), "an error has no records");
  for (const Bytes& rdata : lookup.records) {
    if (const auto caa = rules::read_caa(rdata)) {
      hold(!caa->tag.empty() && 2 + caa->tag.size() + caa->value.size() == rdata.size(), "CAA RDATA is taken whole");
    }
    if (lookup.type == RecordType::kCname || lookup.type == RecordType::kPtr) {
      const auto name = rules::read_name(rdata);
      hold(name && is_plain(*name), "a name that was kept can be read");
    }
    if (const auto txt = rules::read_txt(rdata)) hold(txt->size() < rdata.size(), "TXT is shorter than its RDATA");
  }
}

void run(Octets octets) {
  if (octets.empty()) return;
  const RecordType type = kTypes[octets.front() % kTypes.size()];
  const Octets message = octets.subspan(1);
  const DnsLookup lookup = rules::read_reply(message, kName, type);

  hold(lookup.status == DnsStatus::kAnswered || lookup.status == DnsStatus::kMalformed ||
           lookup.status == DnsStatus::kTruncated,
       "a message makes an answer, or is malformed or truncated");
  if (lookup.status != DnsStatus::kAnswered) {
    hold_empty(lookup);
  } else {
    hold_chain(lookup);
    hold_records(lookup);
    hold(lookup.ttl <= 0x7FFF'FFFF, "a TTL has 31 bits (RFC 2181 8)");
    for (const auto& error : lookup.extended_errors) hold(is_utf8(error.text), "EDE text is UTF-8");
  }
  const auto problem = rules::problem_of(lookup);
  if (problem) hold_presentable(problem->detail);
  hold(problem || (lookup.status == DnsStatus::kAnswered && lookup.rcode == kNoError), "only NOERROR is no problem");
  hold(!rules::is_empty_answer(lookup) || lookup.records.empty(), "nothing is there when nothing is there");

  const std::string told = encoded(lookup);
  hold_equal(encoded(rules::read_reply(message, kName, type)), told, "reading is deterministic");
  DnsLookup shouted = rules::read_reply(message, "WWW.EXAMPLE.COM", type);
  shouted.name = lookup.name;
  hold_equal(encoded(shouted), told, "names are compared without case");
  const auto heard = wire::decode_observation(told);
  hold(heard.has_value(), "what an agent read, a coordinator accepts");
  hold(heard->cut || wire::encode(*heard) == told, "and hears the same");
}

const Target kTarget("dns_message", run);

}  // namespace
}  // namespace mpic::fuzz
