// The labels by which CAA's validationmethods names a validation method (RFC 8657 4; BR 4.2.2.1.2). Pure.
#pragma once

#include <string_view>

#include "common/domain/dcv.hpp"

namespace mpic::rules {

// The ACME label where the method is ACME's ("http-01"), else that of its clause ("ca-tbr-7" for 3.2.2.4.7):
// what a validation by `method` may claim to be, the other label of the same mechanism included (caa.hpp).
// Empty for methods that only validate addresses, which have no CAA.
[[nodiscard]] std::string_view caa_label_of(DcvMethod method);

// Whether a validation by `method` is one that `label` names: by ACME's label or by that of the clause.
// dns-change is not dns-01, although their clause is the same.
[[nodiscard]] bool is_caa_label_of(std::string_view label, DcvMethod method);

}  // namespace mpic::rules
