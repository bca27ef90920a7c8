// A message as JSON, on one line, with the field names of the contract and with fields that hold their
// default.
#pragma once

#include <string>

namespace google::protobuf {
class Message;
}

namespace mpic::cli {

// Throws std::runtime_error: a message that cannot be written as JSON holds a time out of range.
[[nodiscard]] std::string to_json(const google::protobuf::Message& message);

// The same object with one member more, last. Precondition: it is one, and has none of that name.
[[nodiscard]] std::string with_member(std::string object, std::string_view name, std::string_view json);

}  // namespace mpic::cli
