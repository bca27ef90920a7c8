#include "common/rules/dns_records.hpp"

#include <algorithm>

#include "common/domain/ascii.hpp"
#include "common/rules/dns_message.hpp"

namespace mpic::rules::dns {
namespace {

constexpr std::size_t kShown = 100;

std::string name_of(const DnsLookup& lookup) { return printable(lookup.name); }

Expected<std::string> text_of(RecordType type, const Bytes& rdata) {
  switch (type) {
    case RecordType::kTxt:
      return read_txt(rdata);
    case RecordType::kCname:
    case RecordType::kPtr:
      return read_name(rdata);
    case RecordType::kCaa:
      return read_caa(rdata).map([](const CaaRecord& record) { return record.value; });
    case RecordType::kA:
    case RecordType::kAaaa:
      break;
  }
  const auto address = IpAddress::from_octets(rdata);
  if (!address) return Unexpected(address.error());
  if (address->is_v4() == (type == RecordType::kA)) return address->text();
  return fail(ProblemCode::kDnsMalformed, "", "an address of the other family's size");
}

}  // namespace

Judgement positive(std::string key, std::string saw) {
  Judgement judgement;
  judgement.outcome = Outcome::kCorroborates;
  judgement.key = std::move(key);
  judgement.saw = std::move(saw);
  return judgement;
}

Judgement negative(Problem problem, std::string saw) {
  Judgement judgement;
  judgement.outcome = outcome_of(problem.code);
  judgement.problem = std::move(problem);
  judgement.saw = std::move(saw);
  return judgement;
}

Judgement could_not_look(const DnsLookup& lookup, Problem problem) {
  std::string saw =
      "no answer about " + to_string(lookup.type) + at(lookup) + " (" + std::string(to_string(problem.code)) + ")";
  return negative(std::move(problem), std::move(saw));
}

Judgement nothing_there(const DnsLookup& lookup, const std::string& what) {
  const std::string saw = "no " + what + at(lookup);
  const std::string why = lookup.rcode == kNxdomain ? ": the name does not exist (NXDOMAIN)" : "";
  return negative(Problem(ProblemCode::kDnsNoRecord, name_of(lookup), saw + why), saw);
}

std::optional<Judgement> no_records(const DnsLookup& lookup) {
  if (is_empty_answer(lookup)) return nothing_there(lookup, to_string(lookup.type) + " record");
  if (auto problem = problem_of(lookup)) return could_not_look(lookup, *std::move(problem));
  if (!lookup.records_cut) return std::nullopt;
  return could_not_look(lookup, Problem(ProblemCode::kDnsTooManyRecords, name_of(lookup),
                                        "more " + to_string(lookup.type) + " records than are kept," + at(lookup)));
}

std::string shown(std::string_view record) { return quoted(record, kShown); }

std::string at(const DnsLookup& lookup) { return " at " + name_of(lookup); }

Values values_of(const DnsLookup& lookup) {
  Values values;
  values.what = to_string(lookup.type);
  for (const Bytes& rdata : lookup.records) {
    auto text = text_of(lookup.type, rdata);
    values.some_unread = values.some_unread || !text;
    if (text) values.read.push_back(*std::move(text));
  }
  return values;
}

Values values_of_property(const DnsLookup& lookup, std::string_view tag) {
  Values values;
  values.what = "CAA " + std::string(tag);
  for (const Bytes& rdata : lookup.records) {
    auto record = read_caa(rdata);
    values.some_unread = values.some_unread || !record;
    if (record && equal_without_case(record->tag, tag)) values.read.push_back(std::move(record->value));
  }
  return values;
}

Judgement cannot_be_read(const DnsLookup& lookup, const Values& values) {
  return could_not_look(lookup, Problem(ProblemCode::kDnsMalformed, name_of(lookup),
                                        "a " + values.what + " record that cannot be read," + at(lookup)));
}

Judgement judge_values(const DnsLookup& lookup, const Values& values, const IsRight& is_right, std::string key,
                       const std::string& more) {
  const auto right = std::find_if(values.read.begin(), values.read.end(), is_right);
  if (right != values.read.end()) return positive(std::move(key), values.what + ' ' + shown(*right) + at(lookup));
  if (values.some_unread) return cannot_be_read(lookup, values);
  if (values.read.empty()) return nothing_there(lookup, values.what + " record");
  const std::size_t others = values.read.size() - 1;
  const std::string first =
      shown(values.read.front()) + (others == 0 ? "" : " and " + std::to_string(others) + " more");
  return negative(Problem(ProblemCode::kChallengeMismatch, name_of(lookup),
                          "incorrect " + values.what + " record " + first + " found" + at(lookup) + more),
                  values.what + ' ' + first + at(lookup));
}

}  // namespace mpic::rules::dns
