#include <arpa/inet.h>

#include <algorithm>
#include <cstdio>

#include "common/domain/identifier.hpp"

namespace mpic {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

std::string dotted(std::span<const std::uint8_t> four) {
  return std::to_string(four[0]) + '.' + std::to_string(four[1]) + '.' + std::to_string(four[2]) + '.' +
         std::to_string(four[3]);
}

// RFC 5952 4: lower case, no leading zeros, "::" for the longest run of at least two zero groups, the first
// of equals. 5: the mixed form where the prefix says that an IPv4 address is inside; inet_ntop(3) also takes
// it for ::1:2 and such.
std::string rfc5952(std::span<const std::uint8_t> octets) {
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), octets.begin())) {
    return "::ffff:" + dotted(octets.subspan(kMappedPrefix.size()));
  }
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < groups.size(); ++i) groups[i] = octets[2 * i] * 256U + octets[2 * i + 1];
  std::size_t run_start = groups.size();
  std::size_t run_length = 1;  // one zero group is written, not shortened
  for (std::size_t start = 0; start < groups.size(); ++start) {
    std::size_t end = start;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - start > run_length) {
      run_start = start;
      run_length = end - start;
    }
  }
  std::string text;
  for (std::size_t i = 0; i < groups.size();) {
    if (i == run_start) {
      text += "::";
      i += run_length;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    std::array<char, 8> hex{};
    std::snprintf(hex.data(), hex.size(), "%x", groups[i]);
    text += hex.data();
    ++i;
  }
  return text;
}

}  // namespace

Expected<IpAddress> IpAddress::parse(std::string_view text) {
  const auto refused = [&](const char* why) { return fail(ProblemCode::kInvalidArgument, printable(text, 128), why); };
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return refused("not an IP address");
  std::array<std::uint8_t, 4> four{};
  if (inet_pton(AF_INET, terminated.c_str(), four.data()) == 1) {
    const IpAddress address = v4(four);
    if (address.text() != text) return refused("an IPv4 address is four decimal numbers without leading zeros");
    return address;
  }
  std::array<std::uint8_t, 16> sixteen{};
  if (inet_pton(AF_INET6, terminated.c_str(), sixteen.data()) != 1) {
    return refused("not an IP address: no zone, port, brackets or prefix length may be with it");
  }
  const IpAddress address = v6(sixteen);
  const std::string canonical = address.text();
  if (canonical != text) {
    return fail(ProblemCode::kInvalidArgument, printable(text, 128),
                "an IPv6 address is written as RFC 5952 says: " + canonical);
  }
  return address;
}

IpAddress IpAddress::v4(std::array<std::uint8_t, 4> octets) {
  IpAddress address;
  std::copy(octets.begin(), octets.end(), address.octets_.begin());
  address.v4_ = true;
  return address;
}

IpAddress IpAddress::v6(std::array<std::uint8_t, 16> octets) {
  IpAddress address;
  address.octets_ = octets;
  return address;
}

Expected<IpAddress> IpAddress::from_octets(std::span<const std::uint8_t> octets) {
  IpAddress address;
  if (octets.size() != 4 && octets.size() != 16) {
    return fail(ProblemCode::kDnsMalformed, "", "an address record of " + std::to_string(octets.size()) + " octets");
  }
  std::copy(octets.begin(), octets.end(), address.octets_.begin());
  address.v4_ = octets.size() == 4;
  return address;
}

std::string IpAddress::text() const { return v4_ ? dotted(octets()) : rfc5952(octets()); }

}  // namespace mpic
