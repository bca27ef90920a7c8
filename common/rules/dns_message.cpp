#include "common/rules/dns_message.hpp"

#include <arpa/nameser.h>
#include <resolv.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "common/domain/ascii.hpp"

namespace mpic::rules {
namespace {

constexpr std::size_t kMaxExtendedErrors = 8;
constexpr std::size_t kMaxExtendedText = 256;
constexpr std::uint16_t kOptType = 41;              // RFC 6891
constexpr std::uint16_t kExtendedErrorOption = 15;  // RFC 8914 2
constexpr std::uint32_t kLargestTtl = 0x7FFF'FFFF;  // RFC 2181 8: over it means 0

// Names of the message as text: lower case, RFC 1035 5.1 escapes, no final dot.
std::string normalized(std::string_view name) {
  std::string out = lowered(name);
  if (!out.empty() && out.back() == '.') out.pop_back();
  return out;
}

std::uint32_t ttl_of(const ns_rr& record) {
  const std::uint32_t ttl = ns_rr_ttl(record);
  return ttl > kLargestTtl ? 0 : ttl;
}

// The name that is the whole RDATA of a CNAME or PTR record, decompressed: as text, and as octets that mean
// something outside the message.
std::optional<std::string> name_rdata(const ns_msg& message, const ns_rr& record) {
  std::array<char, NS_MAXDNAME> text{};
  const int used =
      ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), ns_rr_rdata(record), text.data(), text.size());
  if (used != static_cast<int>(ns_rr_rdlen(record))) return std::nullopt;
  return normalized(text.data());
}

std::optional<Bytes> name_octets(const ns_msg& message, const ns_rr& record) {
  std::array<u_char, NS_MAXCDNAME> octets{};
  const int used =
      ns_name_unpack(ns_msg_base(message), ns_msg_end(message), ns_rr_rdata(record), octets.data(), octets.size());
  if (used != static_cast<int>(ns_rr_rdlen(record))) return std::nullopt;
  std::size_t length = 1;  // of the final, empty label
  for (std::size_t at = 0; octets[at] != 0; at += octets[at] + 1U) length += octets[at] + 1U;
  return Bytes(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(length));
}

std::uint16_t number_at(std::span<const std::uint8_t> octets, std::size_t at) {
  return static_cast<std::uint16_t>((octets[at] << 8U) | octets[at + 1]);
}

// The options of an OPT record (RFC 6891 6.1.2). False when one reaches beyond the record.
bool read_options(std::span<const std::uint8_t> rdata, std::vector<ExtendedDnsError>& errors) {
  while (!rdata.empty()) {
    if (rdata.size() < 4) return false;
    const std::uint16_t code = number_at(rdata, 0);
    const std::size_t length = number_at(rdata, 2);
    rdata = rdata.subspan(4);
    if (length > rdata.size()) return false;
    const auto option = rdata.first(length);
    rdata = rdata.subspan(length);
    if (code != kExtendedErrorOption || errors.size() >= kMaxExtendedErrors) continue;
    if (option.size() < 2) return false;
    std::string text(option.begin() + 2, option.end());
    while (!text.empty() && text.back() == '\0') text.pop_back();  // RFC 8914 2: null-terminated by some
    const bool as_is = text.size() <= kMaxExtendedText && is_utf8(text);
    errors.push_back({number_at(option, 0), as_is ? text : printable(text, kMaxExtendedText)});
  }
  return true;
}

// Reads one message into a lookup. Each step returns false when the message cannot be believed.
class ReplyReader {
 public:
  ReplyReader(const ns_msg& message, DnsLookup& lookup) : message_(message), lookup_(lookup) {}

  bool read() { return header() && question() && edns() && answers() && follow_chain(); }

 private:
  bool header() {
    if (ns_msg_getflag(message_, ns_f_opcode) != ns_o_query) return false;
    lookup_.rcode = static_cast<std::uint16_t>(ns_msg_getflag(message_, ns_f_rcode));
    lookup_.authenticated = ns_msg_getflag(message_, ns_f_ad) != 0;
    return true;
  }

  // A reply without its question is believed only as an error: some servers refuse so.
  bool question() {
    const unsigned count = ns_msg_count(message_, ns_s_qd);
    if (count == 0) return lookup_.rcode != kNoError && lookup_.rcode != kNxdomain;
    ns_rr asked{};
    return count == 1 && record(ns_s_qd, 0, asked) && normalized(ns_rr_name(asked)) == name() &&
           ns_rr_type(asked) == static_cast<unsigned>(lookup_.type) && ns_rr_class(asked) == ns_c_in;
  }

  bool edns() {
    bool found = false;
    for (unsigned i = 0; i < ns_msg_count(message_, ns_s_ar); ++i) {
      ns_rr extra{};
      if (!record(ns_s_ar, i, extra)) return false;
      if (ns_rr_type(extra) != kOptType) continue;
      if (found) return false;  // RFC 6891 6.1.1: at most one
      found = true;
      lookup_.rcode = static_cast<std::uint16_t>(lookup_.rcode | ((ns_rr_ttl(extra) >> 24U) << 4U));
      const std::span<const std::uint8_t> options(ns_rr_rdata(extra), static_cast<std::size_t>(ns_rr_rdlen(extra)));
      if (!read_options(options, lookup_.extended_errors)) return false;
    }
    return true;
  }

  // Sorts the answer section by owner, so that following the chain costs the same whatever the order of the
  // records.
  bool answers() {
    const bool chain_matters = lookup_.type != RecordType::kCname;
    for (unsigned i = 0; i < ns_msg_count(message_, ns_s_an); ++i) {
      ns_rr answer{};
      if (!record(ns_s_an, i, answer)) return false;
      if (ns_rr_class(answer) != ns_c_in) continue;
      if (chain_matters && ns_rr_type(answer) == ns_t_cname) {
        auto target = name_rdata(message_, answer);
        if (!target) return false;
        const std::string owner = normalized(ns_rr_name(answer));
        const auto [at, is_new] = links_.try_emplace(owner, CnameLink{owner, *target, ttl_of(answer)});
        if (!is_new && at->second.target != *target) return false;  // RFC 2181 10.1: one alias per name
      } else if (ns_rr_type(answer) == static_cast<unsigned>(lookup_.type)) {
        if (!keep(answer)) return false;
      }
    }
    return true;
  }

  bool keep(const ns_rr& answer) {
    RecordsOfName& kept = records_[normalized(ns_rr_name(answer))];
    kept.ttl = kept.count == 0 ? ttl_of(answer) : std::min(kept.ttl, ttl_of(answer));
    ++kept.count;
    if (kept.count > kMaxRecords) return true;
    if (lookup_.type == RecordType::kCname || lookup_.type == RecordType::kPtr) {
      auto octets = name_octets(message_, answer);
      if (!octets) return false;
      kept.rdata.push_back(std::move(*octets));
    } else {
      kept.rdata.emplace_back(ns_rr_rdata(answer), ns_rr_rdata(answer) + ns_rr_rdlen(answer));
    }
    return true;
  }

  bool follow_chain() {
    std::string at = name();
    std::optional<std::uint32_t> ttl;
    for (auto link = links_.find(at); link != links_.end(); link = links_.find(at)) {
      // A loop is a chain without an end, so one bound serves for both.
      if (lookup_.chain.size() >= kMaxCnames) return false;
      lookup_.chain.push_back(link->second);
      ttl = std::min(ttl.value_or(link->second.ttl), link->second.ttl);
      at = link->second.target;
    }
    lookup_.end_of_chain = at;
    // An error has no records, whatever is in the message.
    if (const auto found = records_.find(at); found != records_.end() && lookup_.rcode == kNoError) {
      lookup_.records = std::move(found->second.rdata);
      lookup_.records_cut = found->second.count > kMaxRecords;
      ttl = std::min(ttl.value_or(found->second.ttl), found->second.ttl);
    }
    lookup_.ttl = ttl.value_or(0);
    return true;
  }

  bool record(ns_sect section, unsigned index, ns_rr& out) {
    return ns_parserr(&message_, section, static_cast<int>(index), &out) == 0;
  }
  std::string name() const { return normalized(lookup_.name); }

  struct RecordsOfName {
    std::vector<Bytes> rdata;
    std::size_t count = 0;
    std::uint32_t ttl = 0;
  };
  ns_msg message_;  // a copy: the library keeps its place in it
  DnsLookup& lookup_;
  std::map<std::string, CnameLink> links_;
  std::map<std::string, RecordsOfName> records_;
};

}  // namespace

DnsLookup read_reply(std::span<const std::uint8_t> message, std::string_view name, RecordType type) {
  DnsLookup lookup;
  lookup.name = name;
  lookup.type = type;
  lookup.status = DnsStatus::kMalformed;
  // The flags by themselves: a reply that says it is truncated may well end in the middle of a record.
  constexpr std::size_t kHeader = 12;
  constexpr std::uint8_t kResponse = 0x80, kTruncation = 0x02;
  if (message.size() < kHeader || message.size() > NS_MAXMSG || (message[2] & kResponse) == 0) return lookup;
  if ((message[2] & kTruncation) != 0) {
    lookup.status = DnsStatus::kTruncated;
    return lookup;
  }
  ns_msg parsed{};
  if (ns_initparse(message.data(), static_cast<int>(message.size()), &parsed) != 0) return lookup;
  DnsLookup read = lookup;
  if (!ReplyReader(parsed, read).read()) return lookup;
  read.status = DnsStatus::kAnswered;
  return read;
}

Expected<CaaRecord> read_caa(std::span<const std::uint8_t> rdata) {
  const auto malformed = [](const char* why) { return fail(ProblemCode::kDnsMalformed, "", why); };
  if (rdata.size() < 2) return malformed("a CAA record of less than two octets");
  const std::size_t tag_length = rdata[1];
  if (tag_length == 0) return malformed("a CAA record with an empty tag");
  if (tag_length > rdata.size() - 2) return malformed("a CAA record whose tag is longer than the record");
  const auto tag = rdata.subspan(2, tag_length);
  const auto value = rdata.subspan(2 + tag_length);
  return CaaRecord{rdata[0], std::string(tag.begin(), tag.end()), std::string(value.begin(), value.end())};
}

Expected<std::string> read_txt(std::span<const std::uint8_t> rdata) {
  if (rdata.empty()) return fail(ProblemCode::kDnsMalformed, "", "a TXT record without a string");
  std::string text;
  while (!rdata.empty()) {
    const std::size_t length = rdata.front();
    rdata = rdata.subspan(1);
    if (length > rdata.size()) {
      return fail(ProblemCode::kDnsMalformed, "", "a TXT string that is longer than its record");
    }
    text.append(rdata.begin(), rdata.begin() + static_cast<std::ptrdiff_t>(length));
    rdata = rdata.subspan(length);
  }
  return text;
}

Expected<std::string> read_name(std::span<const std::uint8_t> rdata) {
  std::array<char, NS_MAXDNAME> text{};
  const std::uint8_t* begin = rdata.data();
  const int used =
      rdata.empty() ? -1 : ns_name_uncompress(begin, begin + rdata.size(), begin, text.data(), text.size());
  // A pointer ends a name before its RDATA ends, or leads round in it: both are refused here.
  if (used < 0 || static_cast<std::size_t>(used) != rdata.size()) {
    return fail(ProblemCode::kDnsMalformed, "", "a record that is not one whole name");
  }
  return normalized(text.data());
}

bool is_empty_answer(const DnsLookup& lookup) {
  if (lookup.status != DnsStatus::kAnswered) return false;
  return lookup.rcode == kNxdomain || (lookup.rcode == kNoError && lookup.records.empty() && !lookup.records_cut);
}

std::optional<std::string> answer_fault(const DnsLookup& lookup) {
  const bool answered = lookup.status == DnsStatus::kAnswered;
  if ((!answered || lookup.rcode != kNoError) && !lookup.records.empty()) return "records although the lookup failed";
  if (!answered) return lookup.chain.empty() ? std::nullopt : std::optional("an alias although the lookup failed");
  std::string at = lowered(lookup.name);
  for (const CnameLink& link : lookup.chain) {
    if (lowered(link.owner) != at) return "a gap in the chain of aliases";
    at = lowered(link.target);
  }
  const bool tells_end = lookup.rcode == kNoError || !lookup.chain.empty();
  if (tells_end && lowered(lookup.end_of_chain) != at)
    return "an answer that is not of the end of its chain of aliases";
  return std::nullopt;
}

}  // namespace mpic::rules
