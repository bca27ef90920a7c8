#include "coordinator/rest/json_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <charconv>
#include <cmath>

namespace mpic::coordinator {
namespace {

namespace bj = boost::json;

std::string_view view(const bj::string& text) { return {text.data(), text.size()}; }

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return out;
}

// 3, "3" and 3.0 are the same number to those who call the API.
std::optional<std::int64_t> number_of(const bj::value& value) {
  if (value.is_int64()) return value.get_int64();
  if (value.is_string()) return number_in(view(value.get_string()));
  constexpr double kLargest = 1e9;
  const bool is_whole = value.is_double() && std::abs(value.get_double()) < kLargest &&
                        std::trunc(value.get_double()) == value.get_double();
  return is_whole ? std::optional(static_cast<std::int64_t>(value.get_double())) : std::nullopt;
}

}  // namespace

const bj::value* JsonFields::find(std::string_view name) const {
  const bj::value* value = object_.if_contains(bj::string_view(name.data(), name.size()));
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool JsonFields::has(std::string_view name) const { return find(name) != nullptr; }

void JsonFields::issue(std::string type, std::string_view name, std::string_view why) {
  issues_.push_back({std::move(type), fmt::format("{}{}: {}", where_, name, why)});
}

std::optional<std::string> JsonFields::text(std::string_view name) {
  const bj::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    issue("invalid-type", name, "a text is needed");
    return std::nullopt;
  }
  if (value->get_string().size() > kMaxText) {
    issue("too-long", name, fmt::format("at most {} octets are accepted", kMaxText));
    return std::nullopt;
  }
  return std::string(view(value->get_string()));
}

std::string JsonFields::needed_text(std::string_view name) {
  if (!has(name)) issue("missing-field", name, "it is needed");
  return text(name).value_or("");
}

std::optional<std::int64_t> JsonFields::integer(std::string_view name) {
  const bj::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto number = number_of(*value);
  if (!number) issue("invalid-type", name, "a whole number is needed");
  return number;
}

std::optional<bool> JsonFields::boolean(std::string_view name) {
  const bj::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_bool()) return value->get_bool();
  issue("invalid-type", name, "true or false is needed");
  return std::nullopt;
}

std::optional<std::vector<std::string>> JsonFields::texts(std::string_view name) {
  const bj::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto wrong = [&]() -> std::optional<std::vector<std::string>> {
    issue("invalid-type", name, fmt::format("a list of at most {} texts is needed", kMaxTexts));
    return std::nullopt;
  };
  if (!value->is_array() || value->get_array().size() > kMaxTexts) return wrong();
  std::vector<std::string> out;
  for (const bj::value& one : value->get_array()) {
    if (!one.is_string() || one.get_string().size() > kMaxText) return wrong();
    out.emplace_back(view(one.get_string()));
  }
  return out;
}

const bj::object* JsonFields::object(std::string_view name) {
  const bj::value* value = find(name);
  if (value == nullptr) return nullptr;
  if (value->is_object()) return &value->get_object();
  issue("invalid-type", name, "an object is needed");
  return nullptr;
}

}  // namespace mpic::coordinator
