#include <optional>

#include "common/rules/dcv_persistent.hpp"
#include "common/rules/dns_records.hpp"

namespace mpic::rules::dns {
namespace {

// Of records that grant nothing, the one that came nearest to it tells its owner most.
int nearness(ProblemCode code) {
  switch (code) {
    case ProblemCode::kRecordExpired:
    case ProblemCode::kScopeTooNarrow:
      return 3;
    case ProblemCode::kRecordMalformed:
      return 2;
    case ProblemCode::kAccountMismatch:
      return 1;
    default:
      return 0;
  }
}

bool lives_longer(const PersistentRecord& one, const PersistentRecord& other) {
  if (!other.persist_until) return false;
  return !one.persist_until || *one.persist_until > *other.persist_until;
}

template <class What>
struct Of {
  What what;
  std::string_view text;  // of the record
};

}  // namespace

Judgement judge_persistent(const DnsLookup& lookup, const DnsPersistent& question, bool covers_more, TimePoint when) {
  const Values values = values_of(lookup);
  std::optional<Of<PersistentRecord>> granting;
  std::optional<Of<Problem>> nearest;
  for (const std::string& text : values.read) {
    auto checked = check_persistent_record(text, question, covers_more, when);
    if (checked) {
      if (!granting || lives_longer(*checked, granting->what)) granting = {*std::move(checked), text};
    } else if (!checked.error().another_issuer) {
      Problem& problem = checked.error().problem;
      if (!nearest || nearness(problem.code) > nearness(nearest->what.code)) nearest = {std::move(problem), text};
    }
  }
  if (granting) {
    Judgement judgement = positive(question.account_uri, "TXT " + shown(granting->text) + at(lookup));
    judgement.record_expires = expiry_of(granting->what);
    judgement.record_ttl = lookup.ttl;
    return judgement;
  }
  if (values.some_unread) return cannot_be_read(lookup, values);
  if (nearest) {
    const std::string saw = "TXT " + shown(nearest->text) + at(lookup);
    nearest->what.where = printable(lookup.name);
    nearest->what.detail += ", in " + saw;
    return negative(std::move(nearest->what), saw);
  }
  const std::string count = std::to_string(values.read.size());
  return negative(Problem(ProblemCode::kDnsNoRecord, printable(lookup.name),
                          "no record of our issuer among " + count + " TXT" + at(lookup)),
                  count + " TXT of other issuers" + at(lookup));
}

}  // namespace mpic::rules::dns
