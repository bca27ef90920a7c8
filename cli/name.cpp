#include "cli/name.hpp"

#include <fmt/format.h>
#include <idn2.h>

#include <algorithm>
#include <memory>

namespace mpic::cli {

Expected<std::string> to_a_labels(std::string_view name) {
  const auto ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(name.begin(), name.end(), ascii)) return std::string(name);
  const std::string_view prefix = name.starts_with("*.") ? "*." : "";
  const std::string labels(name.substr(prefix.size()));
  const auto refuse = [name](std::string_view reason) {
    return fail(ProblemCode::kInvalidArgument, printable(name),
                fmt::format("\"{}\" is no internationalized name: {}", printable(name), reason));
  };
  if (labels.find('\0') != std::string::npos) return refuse("it holds a zero octet");
  char* converted = nullptr;
  const int status = idn2_to_ascii_8z(labels.c_str(), &converted, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, void (*)(char*)> owner(converted, [](char* text) { idn2_free(text); });
  if (status != IDN2_OK) return refuse(idn2_strerror(status));
  // The library's own option for this (STD3 rules) drops such characters silently: "ü.example:80" would be
  // asked as another name, "xn--tda.example80".
  const std::string_view result = converted;
  const std::size_t strange = result.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.");
  if (strange != std::string_view::npos) {
    return refuse(fmt::format("'{}' has no place in a name", printable(result.substr(strange, 1))));
  }
  return std::string(prefix) + converted;
}

}  // namespace mpic::cli
