// Permission by CAA over one RRset, apart from the climb (RFC 8659 4, RFC 8657, RFC 9495; BR 4.2.2.1). Pure; fuzzed.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "common/domain/caa.hpp"

namespace mpic::rules {

// None: permitted. Else kCaaForbids or kCaaCriticalUnknown, naming the property that decided (escaped).
// `wildcard`: issuewild if any is present, else issue. A malformed value grants nothing and still counts as present.
[[nodiscard]] std::optional<Problem> caa_prohibition(std::span<const CaaRecord> rrset, const CaaQuestion& question,
                                                     bool wildcard);

// RFC 8657 3: exactly one accounturi parameter, equal to one of the accepted URIs.
[[nodiscard]] bool account_uri_matches(std::span<const std::pair<std::string, std::string>> parameters,
                                       std::span<const std::string> accepted);
// RFC 8657 4: exactly one validationmethods parameter, listing the method's label or its ca-tbr alias.
[[nodiscard]] bool validation_method_matches(std::span<const std::pair<std::string, std::string>> parameters,
                                             std::string_view method);

// 0 issue "ca.example"; octets outside printable ASCII as \DDD.
[[nodiscard]] std::string presentation(const CaaRecord& record);

}  // namespace mpic::rules
