// The Primary's determination made by the caller itself (BR 1.3.2: it is the CA's own, and never delegated): asserted,
// not observed. For clients alone whose configuration says where that Primary stands, so that distances are checked.
#pragma once

#include "coordinator/pipeline/stages.hpp"

namespace mpic::coordinator {

inline constexpr std::chrono::minutes kMaxAssertionAge{10};  // ours: what was seen longer ago is seen again
inline constexpr std::size_t kMaxAssertedKey = 2'048;        // octets

// kNoRight when `client` (null: nobody known) may speak for no Primary. kInvalidArgument naming the field: another
// Primary than its own, a determination of a check that is not asked, a corroboration key that does not follow from the
// question, or a moment that is not of the last kMaxAssertionAge.
[[nodiscard]] Expected<Assertion> check_assertion(const v1::AssertedPrimary& asserted, const ClientEntry* client,
                                                  const std::optional<DcvQuestion>& dcv,
                                                  const std::optional<CaaQuestion>& caa, TimePoint now);

// What it stands for, in the form of a Primary's part of an attempt: one look without assignment or evidence.
[[nodiscard]] Gathered asserted_part(const CheckedRequest& request, const AttemptId& attempt, TimePoint now);

}  // namespace mpic::coordinator
