// Observations as an honest agent would make them, for tests that do not look at real targets.
#pragma once

#include "common/domain/assignment.hpp"
#include "common/domain/observation.hpp"

namespace mpic::test {

// sees: "yes" (the CA may issue), "no" (another CA may), "no+iodef" (the same, and whom to tell), "nothing" (no record
// anywhere), "timeout", "servfail", "bogus" (SERVFAIL by an expired signature). What is wrong with the site alone,
// below, is as "yes".
[[nodiscard]] CaaObservation caa_seen(const DnsName& name, const CaaQuestion& question, const std::string& sees,
                                      TimePoint now);

// What a look by the method of `asked` sees.
//   "yes"      what proves control; also "yes+dead-ipv6": after an IPv6 address that does not answer (http, tls)
//   "no"       something else: another page, record, certificate, contact, account
//   "nothing"  404, no record, no agreement on acme-tls/1
//   "timeout", "servfail", "bogus"     of the DNS, as for CAA
//   "forbidden-address", "drops", "refuses", "403"   of the site: an internal address, no connection, a status
[[nodiscard]] DcvObservation dcv_seen(const Assignment& asked, const std::string& sees, TimePoint now);
[[nodiscard]] DcvObservation http_01_seen(const Assignment& asked, const std::string& sees, TimePoint now);

[[nodiscard]] DnsLookup answered(const std::string& name, RecordType type, std::vector<Bytes> records, TimePoint now,
                                 std::uint32_t ttl = 300);
// A lookup that ends as `sees` has it: "timeout", "servfail", "bogus"; else without records.
[[nodiscard]] DnsLookup failed(const std::string& name, RecordType type, const std::string& sees, TimePoint now);
[[nodiscard]] Bytes caa_rdata(std::uint8_t flags, std::string_view tag, std::string_view value);

}  // namespace mpic::test
