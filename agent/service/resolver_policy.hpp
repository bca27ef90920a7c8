// What may stand in the configuration of a perspective's resolver (Unbound's unbound.conf).
//
// No local policy may switch DNSSEC validation off (BR 4.2.2.2.4): no negative anchor, no permissive mode, no other
// root. The resolver must also be the perspective's own (BR 3.2.2.9: no forwarder, whose cache and place are others'),
// and forget within a minute (ours), so that an answer of the last attempt does not live on in the next.
//
// Pure. The text is that whose digest stands in every observation. Unbound's own lexer decides what is an option:
// words, not lines; quoted text is no option; what it would not read at all, it does not start with.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mpic::agent {

inline constexpr long kMaxResolverTtl = 60;  // seconds that an answer may be kept, whatever its TTL

struct ResolverFinding {
  std::size_t line = 0;  // 0: of what is missing
  std::string text;      // one sentence with the clause, fit to be shown
};

// What must not be there, or is missing; in the order of lines. `own_tree`: a laboratory with a root of its own
// (lab.foreign_trust_anchor), which needs its own anchors, and to say where its zones are.
[[nodiscard]] std::vector<ResolverFinding> check_resolver_configuration(std::string_view text, bool own_tree);

}  // namespace mpic::agent
