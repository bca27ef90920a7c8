#include "coordinator/policy/reuse.hpp"

#include "tests/support/catch.hpp"

namespace mpic::coordinator {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::sys_days;

TimePoint at(std::chrono::year_month_day day) { return TimePoint(sys_days(day)); }

constexpr Reuse kHttp{DcvMethod::kAcmeHttp01};
constexpr Reuse kPersistent{DcvMethod::kDnsPersistent};
constexpr Reuse kPersistentForAddress{DcvMethod::kDnsPersistent, true};
constexpr Reuse kSmime{DcvMethod::kAcmeDns01, false, CertificateType::kSmime};
constexpr Reuse kSmimePersistent{DcvMethod::kDnsPersistent, false, CertificateType::kSmime};
constexpr Reuse kEmail{DcvMethod::kContactEmailTxt};
constexpr Reuse kPhone{DcvMethod::kContactPhoneTxt};
constexpr Reuse kReverse{DcvMethod::kReverseAddressLookup, true};
constexpr Reuse kRetired{DcvMethod::kIpAddress};

// The rule as the BR have it: an issuance at `issued` may rest on it.
bool may_rest(TimePoint validated, TimePoint issued) {
  days limit(398);
  for (const ReusePhase& phase : reuse_phases(Profile::kTls)) {
    if (issued >= TimePoint(phase.effective)) limit = phase.limit;
  }
  return issued - validated <= limit;
}

}  // namespace

TEST_CASE("how long an issuance may rest on a validation, by its date (BR 4.2.1)", "[policy][reuse]") {
  struct Row {
    const char* rule;
    Reuse reuse;
    TimePoint validated;
    TimePoint until;
  };
  const Row rows[] = {
      {"398 days, when all of them were before 2026-03-15", kHttp, at(2025y / 1 / 1), at(2025y / 1 / 1) + days(398)},
      {"what 398 days would carry over the date ends by 200, if those reach it", kHttp, at(2025y / 10 / 1),
       at(2025y / 10 / 1) + days(200)},
      {"and at the date, if those do not", kHttp, at(2025y / 6 / 1), at(2026y / 3 / 15) - 1s},
      {"the last day of 398 days", kHttp, at(2026y / 3 / 14), at(2026y / 3 / 14) + days(200)},
      {"the first day of 200 days", kHttp, at(2026y / 3 / 15), at(2026y / 3 / 15) + days(200)},
      {"200 days that end on the last second before 100", kHttp, at(2027y / 3 / 15) - days(200) - 1s,
       at(2027y / 3 / 15) - 1s},
      {"200 days that end on the first moment of 100 do not hold there", kHttp, at(2027y / 3 / 15) - days(200),
       at(2027y / 3 / 15) - 1s},
      {"a validation of today ends at 2027-03-15, as it is older than 100 days then", kHttp, at(2026y / 11 / 25),
       at(2027y / 3 / 15) - 1s},
      {"exactly 100 days old at the date: good for that one moment", kHttp, at(2027y / 3 / 15) - days(100),
       at(2027y / 3 / 15)},
      {"one second older than that", kHttp, at(2027y / 3 / 15) - days(100) - 1s, at(2027y / 3 / 15) - 1s},
      {"of the last months of 200 days, 100 remain", kHttp, at(2027y / 1 / 1), at(2027y / 1 / 1) + days(100)},
      {"the first day of 100 days", kHttp, at(2027y / 3 / 15), at(2027y / 3 / 15) + days(100)},
      {"100 days into the time of 10", kHttp, at(2029y / 2 / 1), at(2029y / 3 / 15) - 1s},
      {"10 days, once they are the rule", kHttp, at(2029y / 3 / 10), at(2029y / 3 / 20)},
      {"10 days, for good", kHttp, at(2035y / 1 / 1), at(2035y / 1 / 11)},

      {"dns-persistent: always 10 days", kPersistent, at(2026y / 11 / 25), at(2026y / 12 / 5)},
      {"long before the others too", kPersistent, at(2025y / 1 / 1), at(2025y / 1 / 11)},
      {"for addresses too (ours)", kPersistentForAddress, at(2026y / 11 / 25), at(2026y / 12 / 5)},
      {"and still 10 when all have 10", kPersistent, at(2029y / 3 / 10), at(2029y / 3 / 20)},

      {"S/MIME: 398 days, whatever the date (SBR 4.2.1)", kSmime, at(2026y / 11 / 25), at(2026y / 11 / 25) + days(398)},
      {"but dns-persistent keeps its 10", kSmimePersistent, at(2026y / 11 / 25), at(2026y / 12 / 5)},

      {"no result of a method outlives it: phone", kPhone, at(2027y / 1 / 1), at(2027y / 3 / 15) - 1s},
      {"phone, when its days are over before", kPhone, at(2026y / 4 / 1), at(2026y / 4 / 1) + days(200)},
      {"e-mail ends a year later", kEmail, at(2028y / 2 / 1), at(2028y / 3 / 15) - 1s},
      {"e-mail, when 100 days are over before", kEmail, at(2027y / 6 / 1), at(2027y / 6 / 1) + days(100)},
      {"the reverse lookup", kReverse, at(2027y / 3 / 14), at(2027y / 3 / 15) - 1s},
      {"ip-address, the day before it was retired", kRetired, at(2026y / 3 / 14), at(2026y / 3 / 15) - 1s},
      {"what was done after the end was never usable", kRetired, at(2026y / 11 / 25), at(2026y / 3 / 15) - 1s},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(usable_until(row.reuse, row.validated) == row.until);
    }
}

TEST_CASE("the last usable moment agrees with a naive reading, for every day and hour of four years",
          "[policy][reuse]") {
  for (TimePoint validated = at(2025y / 6 / 1) + 7h; validated < at(2029y / 6 / 1); validated += 25h) {
    const TimePoint until = usable_until(kHttp, validated);
    const bool holds_until_then = may_rest(validated, until) && may_rest(validated, validated);
    const bool not_after = !may_rest(validated, until + 1s);
    if (!holds_until_then || !not_after) {
      FAIL("validated " << (validated - at(2025y / 1 / 1)) / 1h << " hours after 2025-01-01");
    }
  }
}

}  // namespace mpic::coordinator
