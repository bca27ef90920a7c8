#include "coordinator/pipeline/findings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

namespace mpic::coordinator {
namespace {

constexpr std::size_t kExcerpt = 256;     // octets of a problem's text
constexpr std::size_t kMaxAddresses = 3;  // that a finding names

using Rows = std::vector<const PerspectiveRow*>;

bool is_remote(const PerspectiveRow& row) { return row.perspective->where.role == Role::kRemote; }

bool has(const PerspectiveRow& row, ProblemCode code) { return row.problem && row.problem->code == code; }

// How somebody who is kept out notices it.
enum class Barred { kNot, kTimesOut, kRefused, kCutOff, kErrorStatus };

Barred barred(const PerspectiveRow& row) {
  if (!row.problem) return Barred::kNot;
  switch (row.problem->code) {
    case ProblemCode::kConnectionTimeout:
    case ProblemCode::kReadTimeout:
    case ProblemCode::kTlsTimeout:
    case ProblemCode::kDnsTimeout:
    case ProblemCode::kBudgetExhausted:
      return Barred::kTimesOut;
    case ProblemCode::kConnectionRefused:
    case ProblemCode::kDnsRefused:
      return Barred::kRefused;
    case ProblemCode::kConnectionReset:
    case ProblemCode::kConnectionClosed:
      return Barred::kCutOff;
    case ProblemCode::kHttpStatus:
      return Barred::kErrorStatus;
    default:
      return Barred::kNot;
  }
}

// "time out"; one word for all, or a general one when they differ.
std::string_view how_barred(const Rows& rows) {
  const Barred first = barred(*rows.front());
  const bool alike =
      std::all_of(rows.begin(), rows.end(), [&](const PerspectiveRow* row) { return barred(*row) == first; });
  switch (alike ? first : Barred::kNot) {
    case Barred::kTimesOut:
      return "time out";
    case Barred::kRefused:
      return "are refused";
    case Barred::kCutOff:
      return "are cut off";
    case Barred::kErrorStatus:
      return "get an error status";
    case Barred::kNot:
      break;
  }
  return "do not get through";
}

// A record that is another one, or not there, as an old value would be.
bool is_other_record(const PerspectiveRow& row) {
  constexpr std::array kCodes = {
      ProblemCode::kDnsNxdomain,       ProblemCode::kDnsNoRecord,     ProblemCode::kDnsNoAlias,
      ProblemCode::kChallengeMismatch, ProblemCode::kRecordMalformed, ProblemCode::kRecordExpired,
      ProblemCode::kAccountMismatch,   ProblemCode::kScopeTooNarrow,  ProblemCode::kKeyDiffersFromPrimary};
  return row.problem && std::find(kCodes.begin(), kCodes.end(), row.problem->code) != kCodes.end();
}

std::string names(const Rows& rows) {
  std::vector<std::string> out;
  for (const PerspectiveRow* row : rows) {
    const DeployedPerspective& where = row->perspective->where;
    out.push_back(fmt::format("{} ({})", where.id.text(), to_string(where.rir)));
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

// "APNIC", "AFRINIC and APNIC", "AFRINIC, APNIC and LACNIC".
std::string listed(std::vector<std::string> words) {
  std::string last = std::move(words.back());
  words.pop_back();
  if (words.empty()) return last;
  return fmt::format("{} and {}", fmt::join(words, ", "), last);
}

class CheckFindings {
 public:
  CheckFindings(const CheckDecision& check, std::optional<DcvMethod> method) : check_(check), method_(method) {
    for (const PerspectiveRow& row : check.rows) {
      if (row.perspective->where.role != Role::kShadow) unexplained_.push_back(&row);
    }
  }

  std::vector<std::string> all() && {
    broken_dnssec();
    no_ipv6();
    dead_ipv6();
    // Beside a Primary that is not positive there is nothing to compare with.
    if (check_.rows.front().outcome == Outcome::kCorroborates) {
      kept_out_regions();
      old_records();
      by_outcome();
    }
    return std::move(findings_);
  }

 private:
  void tell(const std::string& text) {
    findings_.push_back(fmt::format("{}: {}", check_.kind == CheckKind::kCaa ? "CAA" : "DCV", text));
  }

  template <class Test>
  Rows rows_that(Test test) const {
    Rows rows;
    std::copy_if(unexplained_.begin(), unexplained_.end(), std::back_inserter(rows),
                 [&](const PerspectiveRow* row) { return test(*row); });
    return rows;
  }

  void explained(const Rows& rows) {
    std::erase_if(unexplained_,
                  [&](const PerspectiveRow* row) { return std::count(rows.begin(), rows.end(), row) != 0; });
  }

  void broken_dnssec() {
    const Rows looked = rows_that([](const PerspectiveRow& row) { return !is_ours(row.outcome); });
    const Rows bogus = rows_that([](const PerspectiveRow& row) { return has(row, ProblemCode::kDnsBogus); });
    if (bogus.empty() || bogus.size() != looked.size()) return;
    tell("DNSSEC of the domain is broken: " + presentable(bogus.front()->problem->detail, kExcerpt));
    explained(bogus);
  }

  void no_ipv6() {
    const Rows rows = rows_that([](const PerspectiveRow& row) { return has(row, ProblemCode::kNoIpv6Egress); });
    if (rows.empty()) return;
    const std::string where = rows.size() == unexplained_.size() ? "any perspective that was asked" : names(rows);
    tell(fmt::format("the name has only IPv6 addresses, and there is no IPv6 at {}: our own deployment, not the site",
                     where));
    explained(rows);
  }

  void dead_ipv6() {
    std::set<IpAddress> addresses;
    std::size_t met = 0;
    std::size_t positive = 0;
    for (const PerspectiveRow* row : unexplained_) {
      if (row->outcome != Outcome::kCorroborates) continue;
      ++positive;
      if (!row->ipv6_failed) continue;
      ++met;
      addresses.insert(*row->ipv6_failed);
    }
    if (met == 0) return;
    std::vector<std::string> shown;
    for (const IpAddress& address : addresses) {
      if (shown.size() < kMaxAddresses) shown.push_back(address.text());
    }
    if (addresses.size() > kMaxAddresses) shown.push_back(fmt::format("{} more", addresses.size() - kMaxAddresses));
    const bool one = addresses.size() == 1;
    tell(
        fmt::format("the IPv6 address{} {} {} not answer in time while IPv4 works, met by {} of {} perspectives: mend "
                    "it, or remove its "
                    "AAAA record",
                    one ? "" : "es", listed(std::move(shown)), one ? "does" : "do", met, positive));
  }

  // Of some regions nobody gets through who looked, and elsewhere somebody does.
  void kept_out_regions() {
    const Rows out = rows_that([](const PerspectiveRow& row) { return is_remote(row) && barred(row) != Barred::kNot; });
    std::set<Rir> regions;
    for (const PerspectiveRow* row : out) regions.insert(row->perspective->where.rir);
    std::size_t inside = 0;
    bool elsewhere = false;
    for (const PerspectiveRow* row : unexplained_) {
      const bool within = regions.count(row->perspective->where.rir) != 0;
      if (within && !is_ours(row->outcome)) ++inside;  // the Primary too: it gets through
      if (!within && is_remote(*row) && row->outcome == Outcome::kCorroborates) elsewhere = true;
    }
    if (out.empty() || inside != out.size() || !elsewhere) return;
    std::vector<std::string> words;
    for (const Rir rir : regions) words.emplace_back(to_string(rir));
    std::sort(words.begin(), words.end());
    tell(fmt::format("only {} perspectives {}: probably geo-blocking ({})", listed(std::move(words)), how_barred(out),
                     names(out)));
    explained(out);
  }

  void old_records() {
    if (check_.kind != CheckKind::kDcv || !method_ || sight_of(*method_) != Sight::kDns) return;
    const Rows other = rows_that([](const PerspectiveRow& row) { return is_remote(row) && is_other_record(row); });
    const Rows right =
        rows_that([](const PerspectiveRow& row) { return is_remote(row) && row.outcome == Outcome::kCorroborates; });
    if (other.empty() || right.empty()) return;
    tell(fmt::format(
        "old value still served by some name servers, or by caches for up to its TTL: {} saw another record, or none, "
        "while others saw the right one; where that lasts, suspect a hijacked route",
        names(other)));
    explained(other);
  }

  void by_outcome() {
    report(Outcome::kContradicts,
           "saw something else than the Primary: a hijacked route, a stale copy, or a site that answers by region");
    report(Outcome::kCouldNotLook, "could not reach the target although the Primary could: a firewall, or routing");
    report(Outcome::kEvidenceInvalid,
           "sent evidence that does not verify: treat the agent as compromised until it is explained");
    report(Outcome::kUnreachable, "did not answer us: our own deployment, not the site");
    report(Outcome::kRefused, "refused the assignment: our own deployment, not the site");
  }

  void report(Outcome outcome, std::string_view meaning) {
    const Rows rows = rows_that([&](const PerspectiveRow& row) { return is_remote(row) && row.outcome == outcome; });
    if (!rows.empty()) tell(fmt::format("{} {}", names(rows), meaning));
  }

  const CheckDecision& check_;
  std::optional<DcvMethod> method_;
  Rows unexplained_;
  std::vector<std::string> findings_;
};

}  // namespace

std::vector<std::string> findings_of(const std::vector<CheckDecision>& checks, std::optional<DcvMethod> method) {
  std::vector<std::string> findings;
  for (const CheckDecision& check : checks) {
    for (std::string& finding : CheckFindings(check, method).all()) findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace mpic::coordinator
