#include "coordinator/policy/changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "coordinator/policy/methods.hpp"
#include "coordinator/policy/reuse.hpp"

namespace mpic::coordinator {
namespace {

using std::chrono::sys_days;
using namespace std::chrono_literals;

constexpr std::chrono::months kStaleAfter{6};

struct DatedRule {
  sys_days day;
  std::string_view what;
  std::string_view clause;
};

// What the program does on every day, whatever the date: a CA's own duties begin then.
constexpr std::array<DatedRule, 8> kTlsRules = {{
    {sys_days(2026y / 3 / 15), "a TLS server certificate is valid for 200 days at most", "BR 6.3.2"},
    {sys_days(2026y / 3 / 15), "the Primary validates DNSSEC for DCV and CAA", "BR 4.2.2.2"},
    {sys_days(2026y / 3 / 15), "names under in-addr.arpa and ip6.arpa are not certified", "BR 4.2.2"},
    {sys_days(2026y / 7 / 15), "records name the applied-for name, the ADN and the method", "BR 5.4.1"},
    {sys_days(2026y / 11 / 15), "the Authorization Domain Name is what the method's own rule allows", "BR 3.2.2.4"},
    {sys_days(2027y / 3 / 15), "a TLS server certificate is valid for 100 days at most", "BR 6.3.2"},
    {sys_days(2027y / 3 / 15), "accounturi and validationmethods of CAA (RFC 8657) must be obeyed", "BR 4.2.2.1.2"},
    {sys_days(2029y / 3 / 15), "a TLS server certificate is valid for 47 days at most", "BR 6.3.2"},
}};
constexpr std::array<DatedRule, 2> kSmimeRules = {{
    {sys_days(2025y / 3 / 15), "CAA is checked for each mailbox, by issuemail (RFC 9495)", "SBR 4.2.2.1"},
    {sys_days(2026y / 3 / 15), "the Primary validates DNSSEC for CAA", "SBR 4.2.2.1"},
}};

std::string counted(std::size_t number, std::string_view thing) {
  return fmt::format("{} {}{}", number, thing, number == 1 ? "" : "s");
}

void add_quorum(Profile profile, std::vector<PolicyChange>& out) {
  for (const QuorumPhase& phase : quorum_phases(profile)) {
    out.push_back({phase.effective,
                   fmt::format("{} in {} are needed{}", counted(phase.min_remotes, "remote perspective"),
                               counted(phase.min_rirs, "RIR region"), phase.enforced ? "" : " (report only)"),
                   std::string(phase.clause)});
  }
}

void add_methods(Profile profile, std::vector<PolicyChange>& out) {
  for (const MethodRow& row : method_rows()) {
    if (!applies_to(row, profile)) continue;
    const auto add = [&](const std::optional<sys_days>& day, std::string_view what) {
      if (day) out.push_back({*day, fmt::format("{} {}", to_string(row.method), what), std::string(row.clause)});
    };
    add(row.should_not, "SHOULD NOT be used");
    add(row.must_not, "MUST NOT be used any more, nor what it showed before");
  }
}

// The first phase has no beginning: it is no change.
void add_reuse(Profile profile, std::vector<PolicyChange>& out) {
  for (const ReusePhase& phase : reuse_phases(profile).subspan(1)) {
    out.push_back({phase.effective,
                   fmt::format("a validation is at most {} days old when a certificate is issued", phase.limit.count()),
                   std::string(phase.clause)});
  }
}

void add(std::span<const DatedRule> rules, std::vector<PolicyChange>& out) {
  for (const DatedRule& rule : rules) out.push_back({rule.day, std::string(rule.what), std::string(rule.clause)});
}

}  // namespace

std::vector<PolicyChange> changes_after(Profile profile, TimePoint when) {
  std::vector<PolicyChange> out;
  add_quorum(profile, out);
  add_methods(profile, out);
  add_reuse(profile, out);
  profile == Profile::kSmime ? add(kSmimeRules, out) : add(kTlsRules, out);
  std::erase_if(out, [&](const PolicyChange& change) { return change.day <= when; });
  std::stable_sort(out.begin(), out.end(), [](const PolicyChange& a, const PolicyChange& b) { return a.day < b.day; });
  return out;
}

bool is_stale(sys_days compared, TimePoint when) {
  std::chrono::year_month_day from = std::chrono::year_month_day(compared) + kStaleAfter;
  if (!from.ok()) from = from.year() / from.month() / std::chrono::last;
  return when >= sys_days(from);
}

std::vector<std::string> table_warnings(Profile profile, TimePoint when) {
  const RulesVersion rules = rules_version(profile);
  std::vector<std::string> out;
  if (is_stale(rules.compared, when)) {
    out.push_back(fmt::format(
        "this program's table of the {} was last compared with them on {}, {} days ago: they may demand more by now; "
        "update it",
        rules.name, to_string(rules.compared), (std::chrono::floor<std::chrono::days>(when) - rules.compared).count()));
  }
  if (!rules.newer.empty()) {
    out.push_back(fmt::format("this program's table is of the {} {}; {} is published, and was not compared with it",
                              rules.name, rules.version, rules.newer));
  }
  return out;
}

}  // namespace mpic::coordinator
