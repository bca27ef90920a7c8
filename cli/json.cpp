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

}  // namespace mpic::cli
