// Names and addresses that certificates are issued for, and the syntax they must have.
//
// Anything of these types has passed its check: a function that takes a DnsName need not doubt it.
// BR 1.6.1, 7.1.2.7.12, RFC 5890, RFC 5952. Whether a name may be *validated* (TLD, public suffix, reserved address) is
// namespace policy: common/rules/namespace_policy.hpp.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/domain/problem.hpp"

namespace mpic {

// A fully qualified name in lower-case A-labels, without a final dot: at most 253 octets, 2 or more labels unless a TLD
// is reached by self_and_parents(). Labels of letters, digits and inner hyphens, 1 to 63 octets; "??--" only as a
// P-Label
// ("xn--" and valid Punycode, BR 1.6.1) whose text is in NFC. The last label is never a number.
class DnsName {
 public:
  // Strict: what a request may carry. Upper case is accepted and lowered; U-labels, "_", a final dot, an IPv4 address
  // in disguise are refused (kInvalidArgument, saying which label and why).
  [[nodiscard]] static Expected<DnsName> parse(std::string_view text);
  // Host names met on the way (a redirect's target, a CNAME's): as parse(), but one final dot is removed, and one
  // label alone is possible.
  [[nodiscard]] static Expected<DnsName> parse_host(std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::size_t label_count() const;
  [[nodiscard]] std::string_view tld() const;
  // This name, then each parent, down to and including the TLD: the CAA climb (RFC 8659 3).
  [[nodiscard]] std::vector<DnsName> self_and_parents() const;
  [[nodiscard]] bool is_at_or_below(const DnsName& ancestor) const;

  friend auto operator<=>(const DnsName&, const DnsName&) = default;

 private:
  explicit DnsName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

class IpAddress {
 public:
  // Canonical text only: dotted decimal without leading zeros, RFC 5952 for IPv6, no zone, port or brackets.
  [[nodiscard]] static Expected<IpAddress> parse(std::string_view text);
  [[nodiscard]] static IpAddress v4(std::array<std::uint8_t, 4> octets);
  [[nodiscard]] static IpAddress v6(std::array<std::uint8_t, 16> octets);
  // From RDATA of an A (4 octets) or AAAA (16 octets) record; anything else is kDnsMalformed.
  [[nodiscard]] static Expected<IpAddress> from_octets(std::span<const std::uint8_t> octets);

  [[nodiscard]] bool is_v4() const { return v4_; }
  [[nodiscard]] std::span<const std::uint8_t> octets() const { return {octets_.data(), v4_ ? 4U : 16U}; }
  [[nodiscard]] std::string text() const;  // dotted decimal, or RFC 5952

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  IpAddress() = default;
  std::array<std::uint8_t, 16> octets_{};
  bool v4_ = false;
};

// What a certificate is requested for: a name, "*." and a name, or an address.
class Identifier {
 public:
  [[nodiscard]] static Expected<Identifier> parse(std::string_view text);
  [[nodiscard]] static Identifier of(DnsName name) { return Identifier(std::move(name), false); }

  [[nodiscard]] bool is_wildcard() const { return wildcard_; }
  [[nodiscard]] bool is_ip() const { return std::holds_alternative<IpAddress>(value_); }
  // The name without "*."; precondition: !is_ip().
  [[nodiscard]] const DnsName& name() const { return std::get<DnsName>(value_); }
  [[nodiscard]] const IpAddress& ip() const { return std::get<IpAddress>(value_); }
  [[nodiscard]] std::string text() const;

  friend bool operator==(const Identifier&, const Identifier&) = default;

 private:
  explicit Identifier(std::variant<DnsName, IpAddress> value, bool wildcard)
      : value_(std::move(value)), wildcard_(wildcard) {}
  std::variant<DnsName, IpAddress> value_;
  bool wildcard_ = false;
};

}  // namespace mpic
