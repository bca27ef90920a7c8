// Checks on single fields while a message is decoded. Internal to common/wire.
//
// A bad field ends the whole decoding, many levels up; so inside this folder it is an exception, which the public
// functions of convert.hpp turn into a Problem. Nothing else may see it.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/observation.hpp"

namespace mpic::wire {

struct BadField {
  std::string field;
  std::string reason;
};

[[noreturn]] inline void bad(std::string_view field, std::string reason) {
  throw BadField{std::string(field), std::move(reason)};
}

// "caa.issuer_domains"
inline std::string in(std::string_view parent, std::string_view field) { return fmt::format("{}.{}", parent, field); }

// Runs a decoding and turns a BadField into a Problem with `code`.
template <class Decode>
auto decoding(ProblemCode code, Decode&& decode) -> Expected<decltype(decode())> {
  try {
    return decode();
  } catch (const BadField& refused) {
    return fail(code, refused.field, refused.field + ": " + refused.reason);
  }
}

inline std::string_view bounded(std::string_view value, std::size_t max, std::string_view field) {
  if (value.size() > max) bad(field, fmt::format("{} octets, at most {} are accepted", value.size(), max));
  return value;
}

// Printable ASCII only: identifiers of people and programs, values that are compared.
inline std::string ascii(std::string_view value, std::size_t max, std::string_view field) {
  bounded(value, max, field);
  const bool clean = std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x21 && c <= 0x7E; });
  if (!clean) bad(field, "holds a blank, a control character or an octet outside ASCII");
  return std::string(value);
}

template <class Repeated>
void at_most(const Repeated& values, std::size_t max, std::string_view field) {
  if (static_cast<std::size_t>(values.size()) > max) {
    bad(field, fmt::format("{} entries, at most {} are accepted", values.size(), max));
  }
}

template <std::size_t N>
std::array<std::uint8_t, N> octets(std::string_view value, std::string_view field) {
  if (value.size() != N) bad(field, fmt::format("{} octets instead of {}", value.size(), N));
  std::array<std::uint8_t, N> out{};
  std::copy(value.begin(), value.end(), out.begin());
  return out;
}

template <std::size_t N>
std::string text(const std::array<std::uint8_t, N>& octets) {
  return {reinterpret_cast<const char*>(octets.data()), N};
}

// 1 to 16 names, in lower case.
template <class Repeated>
std::vector<std::string> names(const Repeated& values, const std::string& field) {
  constexpr std::size_t kMost = 16;
  if (values.empty()) bad(field, "at least one Issuer Domain Name is needed");
  at_most(values, kMost, field);
  std::vector<std::string> out;
  for (int i = 0; i < values.size(); ++i) {
    auto name = DnsName::parse(values.Get(i));
    const std::string which = fmt::format("{}[{}]", field, i);
    if (!name) bad(which, name.error().detail);
    out.push_back(name->text());
  }
  return out;
}

// An enumerator between first and last; proto3 lets any number through.
template <class Enum>
Enum enumerator(int value, Enum first, Enum last, std::string_view field) {
  if (value < static_cast<int>(first) || value > static_cast<int>(last)) {
    bad(field, fmt::format("{} is not a value of this field", value));
  }
  return static_cast<Enum>(value);
}

// The value of a domain parser, or a BadField with its reason.
template <class T>
T take(Expected<T> value, std::string_view field) {
  if (!value) bad(field, value.error().detail);
  return *std::move(value);
}

}  // namespace mpic::wire
