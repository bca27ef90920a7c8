// `dcv_check_parameters` of the Open MPIC API, method by method. Pure.
#pragma once

#include "coordinator/rest/json_fields.hpp"

namespace mpic::coordinator {

// An address however it is written: IPv6 with zeros that RFC 5952 leaves out, in capitals.
[[nodiscard]] std::optional<IpAddress> address_in_any_form(const std::string& text);

// Into `out`: the question, and the parameters as they are told again. What is wrong goes to the issues of `fields`.
void read_dcv(JsonFields& fields, OpenMpicRequest& out);

}  // namespace mpic::coordinator
