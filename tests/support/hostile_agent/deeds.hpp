// What a hostile agent does on its stream when an assignment comes: Forger's lies, each one message, and what lies in
// the sending itself.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/forger.hpp"

namespace mpic::test {

struct Deed {
  enum class End : std::uint8_t {
    kStay,
    kBreak,  // the stream ends when everything is sent
    kDie,    // the process ends while the last message is on its way
  };
  std::vector<std::string> messages;  // octets, as sent
  End end = End::kStay;
  std::chrono::milliseconds flood{0};  // for so long the last message is sent again and again
};

// The deeds that are no lies of Forger's.
[[nodiscard]] const std::vector<std::string_view>& deeds();

// Throws std::invalid_argument when there is no such deed or lie.
[[nodiscard]] Deed deed_for(std::string_view name, const std::string& sees, const std::string& assignment,
                            Forger& forger, TimePoint now);

}  // namespace mpic::test
