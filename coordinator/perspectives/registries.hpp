// Data of others that rules rest on, as snapshots state it: which, whose, of which day.
#pragma once

#include <vector>

#include "mpic/v1/record.pb.h"

namespace mpic::coordinator {

// Of this program.
[[nodiscard]] std::vector<v1::DataSource> registries();

// Whether a snapshot that states these was made with the same data. What it does not state is not compared: older
// programs stated less.
template <class Stated>
[[nodiscard]] bool are_registries_of_this_program(const Stated& stated) {
  const std::vector<v1::DataSource> ours = registries();
  for (const v1::DataSource& one : stated) {
    bool is_ours = false;
    for (const v1::DataSource& own : ours) is_ours |= own.name() == one.name() && own.date() == one.date();
    if (!is_ours) return false;
  }
  return true;
}

}  // namespace mpic::coordinator
