#include "coordinator/policy/methods.hpp"

#include <set>

#include "common/rules/caa_label.hpp"
#include "tests/support/catch.hpp"

namespace mpic::coordinator {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

TimePoint at(std::chrono::year_month_day day) { return TimePoint(sys_days(day)); }

constexpr DcvMethod kFirst = DcvMethod::kDnsChange;
constexpr DcvMethod kLast = DcvMethod::kReverseAddressLookup;

DcvMethod next(DcvMethod method) { return static_cast<DcvMethod>(static_cast<unsigned>(method) + 1); }

}  // namespace

TEST_CASE("until when a method may be used (BR 3.2.2.4, 3.2.2.5)", "[policy][methods]") {
  struct Row {
    const char* rule;
    DcvMethod method;
    bool for_ip;
    TimePoint when;
    const char* said;  // "": nothing; "refused: " and a part of the reason; else a part of the warning
  };
  using M = DcvMethod;
  const Row rows[] = {
      {"ACME methods have no end", M::kAcmeHttp01, false, at(2040y / 1 / 1), ""},
      {"nor for addresses", M::kAcmeHttp01, true, at(2040y / 1 / 1), ""},
      {"dns-change has no end", M::kDnsChange, false, at(2040y / 1 / 1), ""},
      {"dns-persistent has no end, only short reuse", M::kDnsPersistent, false, at(2040y / 1 / 1), ""},
      {"nor for addresses, by ours", M::kDnsPersistent, true, at(2040y / 1 / 1), ""},
      {"website-change for an address has no end", M::kWebsiteChange, true, at(2040y / 1 / 1), ""},

      {"ip-address until its last moment", M::kIpAddress, false, at(2026y / 3 / 15) - 1ns,
       "ip-address (BR 3.2.2.4.8) MUST NOT be used from 2026-03-15 on"},
      {"ip-address is retired", M::kIpAddress, false, at(2026y / 3 / 15),
       "refused: ip-address (BR 3.2.2.4.8): retired 2026-03-15"},
      {"and stays so", M::kIpAddress, false, at(2040y / 1 / 1),
       "refused: ip-address (BR 3.2.2.4.8): retired 2026-03-15"},

      {"e-mail by CAA before it is discouraged", M::kContactEmailCaa, false, at(2026y / 3 / 15) - 1ns,
       "contact-email-caa (BR 3.2.2.4.13) MUST NOT be used from 2028-03-15 on"},
      {"e-mail by CAA is discouraged", M::kContactEmailCaa, false, at(2026y / 3 / 15),
       "(BR 3.2.2.4.13) SHOULD NOT be used since 2026-03-15, and MUST NOT be used from 2028-03-15 on"},
      {"e-mail by CAA at its last moment", M::kContactEmailCaa, false, at(2028y / 3 / 15) - 1ns, "from 2028-03-15 on"},
      {"e-mail by CAA has ended", M::kContactEmailCaa, false, at(2028y / 3 / 15),
       "refused: contact-email-caa (BR 3.2.2.4.13): retired 2028-03-15"},
      {"e-mail by TXT is discouraged", M::kContactEmailTxt, false, at(2026y / 11 / 25),
       "(BR 3.2.2.4.14) SHOULD NOT be used since 2026-03-15, and MUST NOT be used from 2028-03-15 on"},
      {"e-mail by TXT has ended", M::kContactEmailTxt, false, at(2028y / 3 / 15),
       "refused: contact-email-txt (BR 3.2.2.4.14): retired 2028-03-15"},

      {"phone by TXT ends a year earlier", M::kContactPhoneTxt, false, at(2027y / 3 / 15) - 1ns,
       "(BR 3.2.2.4.16) SHOULD NOT be used since 2026-03-15, and MUST NOT be used from 2027-03-15 on"},
      {"phone by TXT has ended", M::kContactPhoneTxt, false, at(2027y / 3 / 15),
       "refused: contact-phone-txt (BR 3.2.2.4.16): retired 2027-03-15"},
      {"phone by CAA at its last moment", M::kContactPhoneCaa, false, at(2027y / 3 / 15) - 1ns, "from 2027-03-15 on"},
      {"phone by CAA has ended", M::kContactPhoneCaa, false, at(2027y / 3 / 15),
       "refused: contact-phone-caa (BR 3.2.2.4.17): retired 2027-03-15"},

      {"the reverse lookup at its last moment", M::kReverseAddressLookup, true, at(2027y / 3 / 15) - 1ns,
       "reverse-address-lookup (BR 3.2.2.5.3) MUST NOT be used from 2027-03-15 on"},
      {"the reverse lookup has ended", M::kReverseAddressLookup, true, at(2027y / 3 / 15),
       "refused: reverse-address-lookup (BR 3.2.2.5.3): retired 2027-03-15"},

      {"dns-change validates no address", M::kDnsChange, true, at(2026y / 11 / 25),
       "refused: dns-change does not validate IP addresses"},
      {"the reverse lookup validates no name", M::kReverseAddressLookup, false, at(2026y / 11 / 25),
       "refused: reverse-address-lookup does not validate names"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const auto standing = method_at(row.method, row.for_ip, row.when);
      const std::string_view said = row.said;
      if (said.starts_with("refused: ")) {
        REQUIRE_FALSE(standing);
        CHECK(standing.error().code == ProblemCode::kPolicy);
        CHECK_THAT(standing.error().detail, Catch::Matchers::Contains(std::string(said.substr(9))));
        continue;
      }
      REQUIRE(standing);
      CHECK(standing->has_value() == !said.empty());
      if (*standing) CHECK_THAT(**standing, Catch::Matchers::Contains(std::string(said)));
    }
}

TEST_CASE("each method has one row for each clause it has, and the same clause everywhere", "[policy][methods]") {
  std::set<std::string_view> clauses;
  for (const MethodRow& row : method_rows()) {
    INFO(to_string(row.method) << (row.for_ip ? " for an address" : ""));
    CHECK(row.clause == clause_of(row.method, row.for_ip));
    CHECK(method_row(row.method, row.for_ip) == &row);
    CHECK(row.br_version == kBrVersion);
    if (row.should_not && row.must_not) CHECK(*row.should_not < *row.must_not);
    clauses.insert(row.clause);
  }
  CHECK(clauses.size() == method_rows().size() - 1);  // dns-change and acme-dns-01 share theirs
  for (DcvMethod method = kFirst; method <= kLast; method = next(method)) {
    INFO(to_string(method));
    CHECK((method_row(method, false) != nullptr || method_row(method, true) != nullptr));
  }
}

TEST_CASE("of half a validation it is said what is missing", "[policy][methods]") {
  for (DcvMethod method = kFirst; method <= kLast; method = next(method)) {
    INFO(to_string(method));
    CHECK(missing_half(method).empty() == !is_half_validation(method));
  }
}

TEST_CASE("a validation method has its labels in CAA (RFC 8657 4, BR 4.2.2.1.2)", "[caa][methods]") {
  struct Row {
    DcvMethod method;
    const char* label;
    const char* other;  // of the same mechanism
  };
  using M = DcvMethod;
  const Row rows[] = {
      {M::kAcmeHttp01, "http-01", "ca-tbr-19"},
      {M::kAcmeDns01, "dns-01", "ca-tbr-7"},
      {M::kAcmeTlsAlpn01, "tls-alpn-01", "ca-tbr-20"},
      {M::kAcmeDnsAccount01, "dns-account-01", "ca-tbr-21"},
      {M::kDnsPersistent, "dns-persist-01", "ca-tbr-22"},
      {M::kDnsChange, "ca-tbr-7", nullptr},
      {M::kIpAddress, "ca-tbr-8", nullptr},
      {M::kContactEmailCaa, "ca-tbr-13", nullptr},
      {M::kContactEmailTxt, "ca-tbr-14", nullptr},
      {M::kContactPhoneTxt, "ca-tbr-16", nullptr},
      {M::kContactPhoneCaa, "ca-tbr-17", nullptr},
      {M::kWebsiteChange, "ca-tbr-18", nullptr},
      {M::kReverseAddressLookup, "", nullptr},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(to_string(row.method)) {
      CHECK(rules::caa_label_of(row.method) == row.label);
      for (const Row& against : rows) {
        const bool named = !std::string_view(against.label).empty() &&
                           (std::string_view(against.label) == row.label ||
                            (row.other != nullptr && std::string_view(against.label) == row.other));
        CHECK(rules::is_caa_label_of(against.label, row.method) == named);
      }
      if (row.other != nullptr) CHECK(rules::is_caa_label_of(row.other, row.method));
      CHECK_FALSE(rules::is_caa_label_of("", row.method));
      CHECK_FALSE(rules::is_caa_label_of("HTTP-01", row.method));
    }
}

}  // namespace mpic::coordinator
