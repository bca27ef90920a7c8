#include "cli/audit/reconcile_records.hpp"

#include <algorithm>

#include "common/wire/convert.hpp"
#include "coordinator/pipeline/recorded.hpp"
#include "coordinator/policy/reuse.hpp"

namespace mpic::cli {
namespace {

constexpr std::size_t kMostPerspectives = 256;  // of one check that are kept; a record has a few

// Of a body what is needed here, without the evidence, which is most of it.
struct SlimRecord {
  v1::CorroborateRequest request;
  v1::Decision decision;
  google::protobuf::Timestamp decided;
  std::string record_id;
};

bool read(std::string_view body, SlimRecord& out) {
  const auto field = [&](int number) { return coordinator::field_octets(body, number).value_or(""); };
  const auto parse = [](google::protobuf::Message& message, std::string_view octets) {
    return message.ParseFromArray(octets.data(), static_cast<int>(octets.size()));
  };
  out.record_id = field(v1::RecordBody::kRecordIdFieldNumber);
  return !out.record_id.empty() && parse(out.request, field(v1::RecordBody::kRequestFieldNumber)) &&
         parse(out.decision, field(v1::RecordBody::kDecisionFieldNumber)) &&
         parse(out.decided, field(v1::RecordBody::kDecidedFieldNumber));
}

CertificateType type_of(const v1::CorroborateRequest& request) {
  const auto told = request.has_caa() ? request.caa().certificate_type() : request.certificate_type();
  return told == v1::CERTIFICATE_TYPE_SMIME ? CertificateType::kSmime : CertificateType::kTlsServer;
}

std::string canonical(const std::string& text) {
  const auto identifier = Identifier::parse(text);
  return identifier ? identifier->text() : std::string();
}

bool is_known(v1::DcvMethod method) { return v1::DcvMethod_IsValid(method) && method != v1::DCV_METHOD_UNSPECIFIED; }

// None: the record does not say until when it may be relied on.
std::optional<TimePoint> last_moment(const RecordedCheck& of, const v1::CheckResult& check) {
  if (!check.has_usable_until()) return std::nullopt;
  const auto told = wire::decode(check.usable_until());
  if (!told || !of.method) return told;
  // Tables of today may allow less than those of then did.
  const auto identifier = Identifier::parse(of.applied_for);
  const coordinator::Reuse reuse{*of.method, identifier && identifier->is_ip(), of.type};
  return std::min(*told, coordinator::usable_until(reuse, of.decided));
}

const ReconcileIndex::Checks& found_in(const std::unordered_map<std::string, ReconcileIndex::Checks>& by_name,
                                       const std::string& name) {
  static const ReconcileIndex::Checks kNone;
  const auto found = by_name.find(name);
  return found == by_name.end() ? kNone : found->second;
}

}  // namespace

std::uint32_t ReconcileIndex::Texts::number_of(const std::string& text) {
  const auto [place, is_new] = numbers.emplace(text, static_cast<std::uint32_t>(texts.size()));
  if (is_new) texts.push_back(text);
  return place->second;
}

ReconcileIndex::ReconcileIndex(std::span<const IssuedCertificate> certificates) {
  for (const IssuedCertificate& certificate : certificates) {
    for (const CertifiedName& name : certificate.names) {
      if (!name.identifier) continue;
      names_.insert(name.identifier->text());
      if (name.identifier->is_ip()) continue;
      for (const DnsName& above : name.identifier->name().self_and_parents()) {
        if (above.label_count() > 1) adns_.insert(above.text());
      }
    }
  }
}

bool ReconcileIndex::is_of_interest(const RecordedCheck& common) const {
  return names_.count(common.applied_for) > 0 || adns_.count(common.adn) > 0;
}

void ReconcileIndex::add(const coordinator::LoggedLeaf& leaf) {
  if (leaf.kind != evidence::LeafKind::kRecord) return;
  ++records_;
  if (leaf.body.empty()) {
    ++pruned_;
    return;
  }
  SlimRecord record;
  if (!read(leaf.body, record)) {
    ++unreadable_;
    return;
  }
  RecordedCheck common;
  common.leaf = leaf.index;
  common.applied_for = canonical(record.request.identifier());
  common.decided = wire::decode(record.decided).value_or(TimePoint{});
  common.type = type_of(record.request);
  for (const v1::CheckResult& check : record.decision.checks()) {
    if (check.has_dcv()) common.adn = canonical(check.dcv().authorization_domain());
  }
  if (common.applied_for.empty() || !is_of_interest(common)) return;
  common.record_id = record.record_id;
  common.label = coordinator::caa_label_of(record.request);
  for (const v1::CheckResult& check : record.decision.checks()) add_check(common, check, record.decision);
}

void ReconcileIndex::add_check(const RecordedCheck& common, const v1::CheckResult& check,
                               const v1::Decision& decision) {
  const bool is_caa = check.kind() == v1::CHECK_KIND_CAA;
  if (!is_caa && (check.kind() != v1::CHECK_KIND_DCV || !is_known(check.dcv().method()))) return;
  auto out = std::make_unique<RecordedCheck>(common);
  if (is_caa) out->adn.clear();
  if (!is_caa) out->method = static_cast<DcvMethod>(check.dcv().method());
  if (check.verdict() == v1::VERDICT_CORROBORATED) {
    const auto until = last_moment(*out, check);
    out->standing = decision.basis_for_issuance() && until ? Standing::kBasis : Standing::kNotBasis;
    out->until = until.value_or(TimePoint{});
  } else if (check.would_be() == v1::VERDICT_CORROBORATED) {
    out->standing = Standing::kNotBasis;
  }
  for (const v1::PerspectiveResult& row : check.perspectives()) {
    const auto outcome = static_cast<Outcome>(row.outcome());
    if (row.role() == v1::ROLE_PRIMARY) out->primary = outcome;
    if (row.role() != v1::ROLE_REMOTE || out->remotes.size() == kMostPerspectives) continue;
    out->remotes.emplace_back(perspectives_.number_of(row.perspective()), outcome);
  }
  out->fraction = check.quorum().fraction();
  for (const int rir : check.quorum().rirs()) {
    if (rir > 0 && v1::Rir_IsValid(rir)) out->rirs = static_cast<std::uint8_t>(out->rirs | 1U << rir);
  }
  out->clause = clauses_.number_of(check.clause());
  out->found_at = check.caa().found_at();
  if (is_caa) out->label = common.label;
  if (is_caa) {
    caa_[out->applied_for].push_back(out.get());
  } else {
    control_[out->applied_for].push_back(out.get());
    control_at_[out->adn].push_back(out.get());
  }
  checks_.push_back(std::move(out));
}

void ReconcileIndex::finish() {
  const auto is_older = [](const RecordedCheck* a, const RecordedCheck* b) {
    return std::pair(a->decided, a->leaf) < std::pair(b->decided, b->leaf);
  };
  for (ByName* all : {&caa_, &control_, &control_at_}) {
    for (auto& [name, checks] : *all) std::sort(checks.begin(), checks.end(), is_older);
  }
}

const ReconcileIndex::Checks& ReconcileIndex::caa_of(const Identifier& name) const {
  return found_in(caa_, name.text());
}
const ReconcileIndex::Checks& ReconcileIndex::control_of(const Identifier& name) const {
  return found_in(control_, name.text());
}
const ReconcileIndex::Checks& ReconcileIndex::control_at(const std::string& adn) const {
  return found_in(control_at_, adn);
}

}  // namespace mpic::cli
