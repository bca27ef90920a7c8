// Permission by CAA over one RRset, apart from the climb (RFC 8659 4, RFC 8657, RFC 9495; BR 4.2.2.1). Pure; fuzzed.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/domain/caa.hpp"

namespace mpic::rules {

// None: permitted. Else kCaaForbids or kCaaCriticalUnknown, naming the property that decided (escaped).
// `wildcard`: issuewild if any is present, else issue. A malformed value grants nothing and still counts as present.
[[nodiscard]] std::optional<Problem> caa_prohibition(std::span<const CaaRecord> rrset, const CaaQuestion& question,
                                                     bool wildcard);

// The properties that decide: issuemail for S/MIME; for a wildcard issuewild if any is present; else issue. Empty:
// CAA restricts nothing.
[[nodiscard]] std::vector<CaaRecord> relevant_properties(std::span<const CaaRecord> rrset, CertificateType type,
                                                         bool wildcard);
// The first property that forbids whatever the others say: critical and of an unknown kind; null when none does.
[[nodiscard]] const CaaRecord* unknown_critical(std::span<const CaaRecord> rrset);
// The tag in lower case, escaped: tags are compared without case (RFC 8659 4.1).
[[nodiscard]] std::string property_tag(const CaaRecord& record);

// RFC 8657 3: no accounturi parameter, or exactly one, a URI that is one of the accepted ones.
[[nodiscard]] bool account_uri_matches(std::span<const std::pair<std::string, std::string>> parameters,
                                       std::span<const std::string> accepted);
// RFC 8657 4: no validationmethods parameter, or exactly one that lists the method's label or the other label of the
// same mechanism (http-01 = ca-tbr-19, ...). A request that says ca-tbr-7 is not authorised by dns-01: that validation
// may have been done outside ACME.
[[nodiscard]] bool validation_method_matches(std::span<const std::pair<std::string, std::string>> parameters,
                                             std::string_view method);

// 0 issue "ca.example"; octets outside printable ASCII as \DDD, quotes and backslashes as in zone files (RFC 1035 5.1).
[[nodiscard]] std::string presentation(const CaaRecord& record);

}  // namespace mpic::rules
