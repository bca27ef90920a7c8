#include "cli/audit/reconcile.hpp"

#include <algorithm>
#include <iterator>

#include "common/rules/caa_label.hpp"
#include "common/rules/namespace_policy.hpp"

namespace mpic::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kClocksDiffer = 30s;

Found found_of(const RecordedCheck& check, TimePoint at) {
  switch (check.standing) {
    case Standing::kBasis:
      return at <= check.until ? Found::kFound : Found::kTooOld;
    case Standing::kNotBasis:
      return Found::kNotBasis;
    case Standing::kNotCorroborated:
      break;
  }
  return Found::kNotCorroborated;
}

// What comes nearest: the order of Found, but for "no record", which is the beginning.
int distance(const Finding& finding) {
  return finding.check == nullptr ? static_cast<int>(Found::kNoIdentifier) : static_cast<int>(finding.found);
}

// Newest first, so the first one of its kind is the newest.
template <class Counts>
void search(const ReconcileIndex::Checks& checks, TimePoint at, const Counts& counts, Finding& best) {
  const auto is_later = [](TimePoint when, const RecordedCheck* check) { return when < check->decided; };
  auto end = std::upper_bound(checks.begin(), checks.end(), at + kClocksDiffer, is_later);
  while (end != checks.begin()) {
    const RecordedCheck* check = *--end;
    if (best.found == Found::kFound && best.check != nullptr && check->decided <= best.check->decided) return;
    if (!counts(*check)) continue;
    const Finding one{found_of(*check, at), check};
    const bool is_newer = best.check == nullptr || check->decided > best.check->decided;
    if (distance(one) < distance(best) || (distance(one) == distance(best) && is_newer)) best = one;
  }
}

Finding find_control(const ReconcileIndex& index, const IssuedCertificate& certificate, const Identifier& name,
                     TimePoint at) {
  Finding best;
  const auto& methods = certificate.methods;
  const auto is_asked = [&](const RecordedCheck& check) {
    return check.type == certificate.type &&
           (methods.empty() || std::find(methods.begin(), methods.end(), *check.method) != methods.end());
  };
  search(index.control_of(name), at, is_asked, best);
  if (name.is_ip()) return best;
  const auto is_by_another = [&](const RecordedCheck& check) { return is_asked(check) && covers(check, name); };
  for (const DnsName& adn : name.name().self_and_parents()) {
    search(index.control_at(adn.text()), at, is_by_another, best);
  }
  return best;
}

}  // namespace

std::string_view to_string(Found found) {
  switch (found) {
    case Found::kFound:
      return "found";
    case Found::kNoRecord:
      return "no_record";
    case Found::kTooOld:
      return "too_old";
    case Found::kNotBasis:
      return "not_a_basis";
    case Found::kNotCorroborated:
      return "not_corroborated";
    case Found::kNoIdentifier:
      break;
  }
  return "no_identifier";
}

bool covers(const RecordedCheck& check, const Identifier& name) {
  const auto applied_for = Identifier::parse(check.applied_for);
  const auto adn = DnsName::parse(check.adn);
  if (!applied_for || !adn || applied_for->is_ip() || name.is_ip()) return false;
  // By an alias only what was applied for is validated.
  if (rules::needs_alias({*applied_for, Identifier::of(*adn)})) return false;
  const rules::DcvSubject subject{name, Identifier::of(*adn)};
  if (rules::needs_alias(subject) || !rules::check_subject(subject, *check.method)) return false;
  // Without policy=wildcard a record of this method is for its own name alone; of names elsewhere it was seen to have
  // it (BR 3.2.2.4.22).
  const bool is_adn_itself = *applied_for == Identifier::of(*adn);
  return check.method != DcvMethod::kDnsPersistent || !is_adn_itself || name == *applied_for;
}

ReconciledName reconcile(const ReconcileIndex& index, const IssuedCertificate& certificate, const CertifiedName& name,
                         TimePoint at) {
  ReconciledName out;
  if (!name.identifier) {
    out.control.found = out.caa.found = Found::kNoIdentifier;
    return out;
  }
  out.control = find_control(index, certificate, *name.identifier, at);
  if (name.identifier->is_ip()) {
    out.caa.found = Found::kFound;
    return out;
  }
  // Permission may be for one method alone (RFC 8657 4).
  const RecordedCheck* control = out.control.check;
  const auto is_asked = [&](const RecordedCheck& check) {
    const bool is_of_method =
        control == nullptr || check.label.empty() || rules::is_caa_label_of(check.label, *control->method);
    return check.type == certificate.type && is_of_method;
  };
  search(index.caa_of(*name.identifier), at, is_asked, out.caa);
  return out;
}

}  // namespace mpic::cli
