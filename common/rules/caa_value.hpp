// The value of an issue, issuewild or issuemail property (RFC 8659 4.2).
//
//   issue-value = *WSP [issuer-domain-name *WSP] [";" *WSP [parameters *WSP]]
//
// Linear time whatever the octets. Pure; fuzzed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mpic::rules {

struct IssueValue {
  std::string issuer_domain;                                    // lower case; empty: nobody may issue
  std::vector<std::pair<std::string, std::string>> parameters;  // tag (lower case), value; in order, repeats kept
};

// None when the value breaks the grammar. Such a property grants nothing and still counts as present.
// Strict: labels joined by dots (a final dot breaks it), tags of letters, digits and inner hyphens, value octets
// 0x21-3A and 0x3C-7E.
[[nodiscard]] std::optional<IssueValue> parse_issue_value(std::string_view value);

}  // namespace mpic::rules
