// Fields of a JSON object that came from outside, by their types; what is wrong is kept as an issue, and reading goes
// on. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coordinator/rest/open_mpic_request.hpp"

namespace mpic::coordinator {

class JsonFields {
 public:
  // Both outlive it. `where`: before the names in messages, "dcv_check_parameters."
  JsonFields(const boost::json::object& object, std::string where, ValidationIssues& issues)
      : object_(object), where_(std::move(where)), issues_(issues) {}

  // Each: none when the field is absent or null, or of another type, which is an issue.
  std::optional<std::string> text(std::string_view name);      // at most kMaxText octets
  std::optional<std::int64_t> integer(std::string_view name);  // or a text that is one
  std::optional<bool> boolean(std::string_view name);
  std::optional<std::vector<std::string>> texts(std::string_view name);
  const boost::json::object* object(std::string_view name);
  std::string needed_text(std::string_view name);       // an issue when it is not there
  [[nodiscard]] bool has(std::string_view name) const;  // and is not null
  void issue(std::string type, std::string_view name, std::string_view why);

  static constexpr std::size_t kMaxText = 4096;
  static constexpr std::size_t kMaxTexts = 64;

 private:
  [[nodiscard]] const boost::json::value* find(std::string_view name) const;

  const boost::json::object& object_;
  const std::string where_;
  ValidationIssues& issues_;
};

}  // namespace mpic::coordinator
