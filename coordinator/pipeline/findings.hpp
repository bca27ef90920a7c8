// What the pattern over the perspectives of a check suggests, in a sentence for people. Pure.
//
// A pattern that explains some rows is told once, and those rows are not told again:
//   DNSSEC is bogus wherever it was looked    the domain's DNSSEC is broken, with the reason
//   IPv6 is needed and not there              our own deployment, not the site
//   an IPv6 address is dead while IPv4 works  told although it cost nothing yet
//   whole RIR regions are kept out            geo-blocking: others get through, and of those regions nobody does
//   a DNS method sees different records       an old value at some name servers, or in caches
// What is left is told by its outcome: contradictions (a hijacked route?), targets out of reach, and faults of our own.
// Shadows are never spoken of.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "coordinator/pipeline/stages.hpp"

namespace mpic::coordinator {

// `method`: of the DCV check among `checks`. Text from outside is escaped and cut.
[[nodiscard]] std::vector<std::string> findings_of(const std::vector<CheckDecision>& checks,
                                                   std::optional<DcvMethod> method);

}  // namespace mpic::coordinator
