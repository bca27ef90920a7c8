// What a resolver's configuration is held to: findings are fit to be shown and name lines that are there, a laboratory
// may only do more, and nothing that stands before or after a forbidden line hides it. Input: the file.
#include "agent/service/resolver_policy.hpp"

#include <algorithm>

#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

using agent::ResolverFinding;

constexpr std::string_view kForbidden = "domain-insecure";

bool forbids(const std::vector<ResolverFinding>& findings, std::size_t line) {
  return std::any_of(findings.begin(), findings.end(), [&](const ResolverFinding& each) {
    return each.line == line && each.text.starts_with(kForbidden);
  });
}

void run(Octets octets) {
  const std::string_view text = text_of(octets);
  const auto lines = 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  const std::vector<ResolverFinding> strict = agent::check_resolver_configuration(text, false);
  const std::vector<ResolverFinding> lab = agent::check_resolver_configuration(text, true);
  hold(lab.size() <= strict.size(), "a laboratory may do more, not less");
  std::size_t before = 0;
  for (const ResolverFinding& finding : strict) {
    hold_presentable(finding.text);
    hold(finding.line <= lines, "a finding names a line that is there");
    hold(finding.line >= before, "findings come in the order of lines");
    before = finding.line;
  }
  const std::string line = std::string(kForbidden) + ": example.com\n";
  const std::string after = std::string(text) + '\n' + line;
  hold(forbids(agent::check_resolver_configuration(after, true), lines + 1), "what stands before hides nothing");
  const std::string ahead = line + std::string(text);
  hold(forbids(agent::check_resolver_configuration(ahead, true), 1), "what stands after takes nothing back");
}

const Target kTarget("resolver_policy", run);

}  // namespace
}  // namespace mpic::fuzz
