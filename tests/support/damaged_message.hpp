// A message with one thing changed, whatever it is: for tests of who must notice.
#pragma once

#include <google/protobuf/message.h>

#include <optional>
#include <random>
#include <string>

namespace mpic::test {

// Changes one field somewhere within, or removes, doubles or exchanges one. What was changed, as in
// "attempts.planned.received.nanos"; none when what was picked cannot be changed.
[[nodiscard]] std::optional<std::string> change_something(google::protobuf::Message& message, std::mt19937_64& random);

}  // namespace mpic::test
