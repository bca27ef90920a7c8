// What "the same" means for a validation: the value that each perspective must have seen (BR 3.2.2.9).
#pragma once

#include <string>

#include "common/domain/dcv.hpp"

namespace mpic::rules {

// The key of every positive judgement of the question, and so what a caller that makes the Primary's determination
// itself must have seen: challenge value, key authorization or its digest, address, contact (mailbox_of(),
// digits_of()), FQDN, account URI. It follows from the question alone.
[[nodiscard]] std::string corroboration_key(const DcvQuestion& question);
inline constexpr const char* kPermittedKey = "permitted";  // of every positive judgement of CAA: permission, not octets

}  // namespace mpic::rules
