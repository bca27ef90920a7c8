#include "cli/json.hpp"

#include <google/protobuf/util/json_util.h>

#include <stdexcept>

namespace mpic::cli {

std::string to_json(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string out;
  const auto status = google::protobuf::util::MessageToJsonString(message, &out, options);
  if (!status.ok()) throw std::runtime_error("the answer cannot be written as JSON: " + status.ToString());
  return out;
}

std::string with_member(std::string object, std::string_view name, std::string_view json) {
  const std::size_t end = object.rfind('}');
  if (end == std::string::npos) throw std::invalid_argument("no JSON object");
  const bool is_empty = object.find_first_not_of(" \n", object.find('{') + 1) == end;
  object.insert(end, (is_empty ? "\"" : ",\"") + std::string(name) + "\":" + std::string(json));
  return object;
}

}  // namespace mpic::cli
