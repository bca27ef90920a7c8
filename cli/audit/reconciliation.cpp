#include "cli/audit/reconciliation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/audit/times.hpp"
#include "cli/words.hpp"
#include "common/rules/caa_label.hpp"
#include "common/rules/dcv_subject.hpp"
#include "common/rules/namespace_policy.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/policy/methods.hpp"

namespace mpic::cli {
namespace {

constexpr std::size_t kMostRemembered = 20'000;  // names
constexpr std::size_t kMostOfOneName = 200;      // records, newest first
// A coordinator's clock and that of who issues may differ; and notBefore is often set back a little.
constexpr std::chrono::hours kBackdated{1};

const v1::CheckResult* check_of(const v1::RecordBody& body, v1::CheckKind kind) {
  for (const v1::CheckResult& check : body.decision().checks()) {
    if (check.kind() == kind) return &check;
  }
  return nullptr;
}

// Whether what was validated for one name holds for another: the same name, or one below the ADN where the method lets
// left labels be pruned.
bool holds_for(const v1::RecordBody& body, const std::string& name, v1::CheckKind kind) {
  const auto asked = Identifier::parse(body.request().identifier());
  const auto wanted = Identifier::parse(name);
  if (!asked || !wanted) return false;
  if (asked->text() == wanted->text()) return true;
  const auto question = wire::decode(body.request().dcv(), "dcv");
  if (kind != v1::CHECK_KIND_DCV || !question || wanted->is_ip() || asked->is_ip()) return false;
  const std::string& told = body.request().authorization_domain();
  auto adn = told.empty() ? Expected<DnsName>(asked->name()) : DnsName::parse(told);
  if (!adn || !wanted->name().is_at_or_below(*adn)) return false;
  return rules::check_subject(rules::subject_of(*wanted, *adn), question->method()).has_value();
}

// Why an issuance may not rest on this record's check; empty: it may.
std::string why_not(const v1::RecordBody& body, const v1::CheckResult& check, TimePoint issued) {
  const auto decided = wire::decode(body.decided());
  if (!decided || *decided > issued + kBackdated) return "only records from after the issuance";
  if (!body.decision().basis_for_issuance()) {
    return check.verdict() == v1::VERDICT_CORROBORATED ? "corroborated, but no basis for issuance" : "not corroborated";
  }
  const auto until = wire::decode(check.usable_until());
  if (!check.has_usable_until() || !until || *until < issued) return "too old at issuance";
  return {};
}

std::vector<std::string> candidates_for(const std::string& name, bool with_parents) {
  const auto identifier = Identifier::parse(name);
  if (!identifier) return {name};
  std::vector<std::string> out{identifier->text()};
  if (!with_parents || identifier->is_ip()) return out;
  const auto add = [&](std::string candidate) {
    if (std::find(out.begin(), out.end(), candidate) == out.end()) out.push_back(std::move(candidate));
  };
  for (const DnsName& parent : identifier->name().self_and_parents()) {
    add(parent.text());
    add("*." + parent.text());
  }
  return out;
}

// How near a reason is to a record that would do, so that the most telling one is told.
int nearness(const std::string& why) {
  constexpr std::string_view kOrder[] = {"no record",           "only records from after the issuance",
                                         "not corroborated",    "corroborated, but no basis for issuance",
                                         "too old at issuance", ""};
  return static_cast<int>(std::find(std::begin(kOrder), std::end(kOrder), why) - std::begin(kOrder));
}

std::string method_text(const v1::RecordBody& body) {
  const auto question = wire::decode(body.request().dcv(), "dcv");
  if (!question) return {};
  const std::string_view label = rules::caa_label_of(question->method());
  return fmt::format("{}{}{}", to_string(question->method()), label.empty() ? "" : " ", label);
}

std::string outcome_text(const v1::PerspectiveResult& row) {
  return fmt::format("{}={}", row.perspective(), word(row.outcome()));
}

// Primary, remotes, fraction, regions, clause of one check.
std::vector<std::string> check_fields(const Support& support, v1::CheckKind kind) {
  const v1::CheckResult* check = support.record ? check_of(*support.record, kind) : nullptr;
  if (check == nullptr) return {"", "", "", "", ""};
  std::string primary;
  std::vector<std::string> remotes;
  for (const v1::PerspectiveResult& row : check->perspectives()) {
    if (row.role() == v1::ROLE_PRIMARY) primary = outcome_text(row) + (row.asserted() ? " (asserted)" : "");
    if (row.role() == v1::ROLE_REMOTE) remotes.push_back(outcome_text(row));
  }
  std::vector<std::string> rirs;
  for (const int rir : check->quorum().rirs()) rirs.push_back(word(static_cast<v1::Rir>(rir)));
  return {primary, fmt::format("{}", fmt::join(remotes, " ")), check->quorum().fraction(),
          fmt::format("{}", fmt::join(rirs, " ")), check->clause()};
}

}  // namespace

Expected<const std::vector<Reconciler::Known>*> Reconciler::records_of(const std::string& identifier) {
  if (const auto known = known_.find(identifier); known != known_.end()) return &known->second;
  if (known_.size() >= kMostRemembered) known_.clear();
  coordinator::RecordQuery query;
  query.identifier = identifier;
  query.most = kMostOfOneName;
  const auto found = log_.find(query);
  if (!found) return Unexpected(found.error());
  std::vector<Known> all;
  for (const coordinator::StoredRecord& one : *found) {
    if (one.identifier != identifier) continue;  // "*.": names below it are found too
    const auto whole = log_.record(one.record_id);
    if (!whole) return Unexpected(whole.error());
    Known known{{}, one.leaf};
    if (*whole && known.body.ParseFromString((*whole)->body)) all.push_back(std::move(known));
  }
  return &known_.emplace(identifier, std::move(all)).first->second;
}

Expected<Support> Reconciler::find(const std::vector<std::string>& candidates, const std::string& name,
                                   v1::CheckKind kind, const IssuedCertificate& certificate) {
  Support best{.record = {}, .why_not = "no record"};
  for (const std::string& candidate : candidates) {
    const auto records = records_of(candidate);
    if (!records) return Unexpected(records.error());
    for (const Known& known : **records) {
      const v1::CheckResult* check = check_of(known.body, kind);
      const bool is_smime = known.body.policy().profile() == "cabf-smime-br";
      if (check == nullptr || is_smime != certificate.is_smime || !holds_for(known.body, name, kind)) continue;
      std::string why = why_not(known.body, *check, certificate.issued);
      if (nearness(why) <= nearness(best.why_not) && !best.why_not.empty() && best.record) continue;
      if (nearness(why) < nearness(best.why_not)) continue;
      best = {known.body, known.leaf, std::move(why)};
      if (best.why_not.empty()) return best;
    }
  }
  return best;
}

Expected<ReconciledName> Reconciler::reconcile(const IssuedCertificate& certificate, const std::string& name) {
  ReconciledName out{.told_by = certificate.told_by, .name = name, .issued = certificate.issued, .dcv = {}, .caa = {}};
  auto dcv = find(candidates_for(name, true), name, v1::CHECK_KIND_DCV, certificate);
  if (!dcv) return Unexpected(dcv.error());
  out.dcv = *std::move(dcv);
  const auto identifier = Identifier::parse(name);
  if (identifier && identifier->is_ip()) return out;  // CAA is for names (BR 4.2.2.1)
  auto caa = find(candidates_for(name, false), name, v1::CHECK_KIND_CAA, certificate);
  if (!caa) return Unexpected(caa.error());
  out.caa = *std::move(caa);
  return out;
}

std::vector<std::string> reconciled_header() {
  return {"certificate", "name",        "issued",       "covered",      "dcv",         "applied_for", "adn",
          "method",      "dcv_time",    "dcv_record",   "dcv_leaf",     "dcv_primary", "dcv_remotes", "dcv_fraction",
          "dcv_rirs",    "dcv_clause",  "caa",          "caa_found_at", "caa_time",    "caa_record",  "caa_leaf",
          "caa_primary", "caa_remotes", "caa_fraction", "caa_rirs",     "caa_clause"};
}

std::vector<std::string> reconciled_fields(const ReconciledName& name) {
  const auto found = [](const Support& support) {
    return support.why_not.empty() ? std::string("found") : support.why_not;
  };
  std::vector<std::string> out{name.told_by, name.name, rfc3339(name.issued), name.is_covered() ? "yes" : "no",
                               found(name.dcv)};
  const auto add_where = [&](const Support& support) {
    const bool there = support.record.has_value();
    out.push_back(there ? rfc3339(wire::decode(support.record->decided()).value_or(TimePoint{})) : "");
    out.push_back(there ? support.record->record_id() : "");
    out.push_back(there ? std::to_string(support.leaf) : "");
  };
  const auto add_check = [&](const Support& support, v1::CheckKind kind) {
    for (std::string& field : check_fields(support, kind)) out.push_back(std::move(field));
  };
  const v1::CheckResult* dcv = name.dcv.record ? check_of(*name.dcv.record, v1::CHECK_KIND_DCV) : nullptr;
  out.push_back(name.dcv.record ? name.dcv.record->request().identifier() : "");
  out.push_back(dcv != nullptr ? dcv->dcv().authorization_domain() : "");
  out.push_back(name.dcv.record ? method_text(*name.dcv.record) : "");
  add_where(name.dcv);
  add_check(name.dcv, v1::CHECK_KIND_DCV);
  out.push_back(name.caa.record || !name.caa.why_not.empty() ? found(name.caa) : "not needed");
  const v1::CheckResult* caa = name.caa.record ? check_of(*name.caa.record, v1::CHECK_KIND_CAA) : nullptr;
  out.push_back(caa == nullptr ? "" : caa->caa().found_at().empty() ? "(no CAA records)" : caa->caa().found_at());
  add_where(name.caa);
  add_check(name.caa, v1::CHECK_KIND_CAA);
  return out;
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string out;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    std::string field = fields[i];
    if (!field.empty() && std::string_view("=+-@\t\r").find(field[0]) != std::string_view::npos)
      field.insert(0, 1, '\'');
    if (field.find_first_of(",\"\r\n") != std::string::npos) {
      for (std::size_t at = 0; (at = field.find('"', at)) != std::string::npos; at += 2) field.insert(at, 1, '"');
      field = '"' + field + '"';
    }
    out += (i == 0 ? "" : ",") + field;
  }
  return out + "\r\n";
}

}  // namespace mpic::cli
