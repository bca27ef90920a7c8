// Observations as an honest agent would make them, for tests that do not look at real targets.
#pragma once

#include "common/domain/assignment.hpp"
#include "common/domain/observation.hpp"

namespace mpic::test {

// sees: "yes" (the CA may issue), "no" (another CA may), "nothing" (no record anywhere), "timeout",
// "servfail".
[[nodiscard]] CaaObservation caa_seen(const DnsName& name, const CaaQuestion& question,
                                      const std::string& sees, TimePoint now);
// sees: "yes" (the key authorization), "no" (another), "nothing" (404), "forbidden-address", "timeout",
// "servfail".
[[nodiscard]] DcvObservation http_01_seen(const Assignment& asked, const std::string& sees, TimePoint now);

[[nodiscard]] DnsLookup answered(const std::string& name, RecordType type, std::vector<Bytes> records,
                                 TimePoint now, std::uint32_t ttl = 300);
[[nodiscard]] Bytes caa_rdata(std::uint8_t flags, std::string_view tag, std::string_view value);

}  // namespace mpic::test
