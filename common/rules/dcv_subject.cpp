#include "common/rules/dcv_subject.hpp"

namespace mpic::rules {

DcvSubject subject_of(const Identifier& applied_for, const std::optional<DnsName>& authorization_domain) {
  if (applied_for.is_ip()) return {applied_for, applied_for};
  return {applied_for, Identifier::of(authorization_domain.value_or(applied_for.name()))};
}

DcvSubject subject_of(const Assignment& assignment) {
  return subject_of(assignment.identifier, assignment.authorization_domain);
}

std::string reverse_name(const IpAddress& address) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto octets = address.octets();
  std::string name;
  for (auto octet = octets.rbegin(); octet != octets.rend(); ++octet) {
    if (address.is_v4()) {
      name += std::to_string(*octet) + '.';
    } else {
      name += {kHex[*octet & 0xFU], '.', kHex[*octet >> 4U], '.'};
    }
  }
  return name + (address.is_v4() ? "in-addr.arpa" : "ip6.arpa");
}

}  // namespace mpic::rules
