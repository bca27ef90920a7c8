#include "common/domain/perspective.hpp"

#include "common/domain/dcv.hpp"
#include "common/domain/observation.hpp"
#include "tests/support/catch.hpp"

namespace mpic {

TEST_CASE("regions and roles have one name each", "[perspective]") {
  for (const Rir rir : {Rir::kArin, Rir::kRipe, Rir::kApnic, Rir::kLacnic, Rir::kAfrinic}) {
    CHECK(rir_from(to_string(rir)) == rir);
  }
  CHECK(rir_from("ripe") == Rir::kRipe);
  CHECK(rir_from("RIPE NCC") == Rir::kRipe);
  CHECK_FALSE(rir_from("IANA"));
  CHECK_FALSE(rir_from(""));
  CHECK_FALSE(rir_from("ARIN "));
  for (const Role role : {Role::kPrimary, Role::kRemote, Role::kShadow}) CHECK(role_from(to_string(role)) == role);
  CHECK_FALSE(role_from("Primary"));
  CHECK_FALSE(role_from("leader"));
}

TEST_CASE("a perspective's id can be a DNS label", "[perspective]") {
  for (const char* good : {"a", "0", "ams-1", "us-east-1", "a--b"}) {
    INFO(good);
    CHECK(PerspectiveId::parse(good)->text() == good);
  }
  CHECK(PerspectiveId::parse(std::string(63, 'a')));
  for (const std::string& bad :
       {std::string(), std::string(64, 'a'), std::string("-a"), std::string("a-"), std::string("A"), std::string("a.b"),
        std::string("a_b"), std::string("a b"), std::string("a\n"), std::string("\xC3\xA9")}) {
    INFO(bad);
    CHECK_FALSE(PerspectiveId::parse(bad));
  }
}

TEST_CASE("distances agree with published ones to the formula's error", "[perspective]") {
  const Place frankfurt{"Frankfurt", 50.1109, 8.6821};
  const Place amsterdam{"Amsterdam", 52.3676, 4.9041};
  const Place new_york{"New York", 40.7128, -74.0060};
  const Place sydney{"Sydney", -33.8688, 151.2093};
  CHECK(distance_km(frankfurt, frankfurt) == Approx(0).margin(1e-9));
  CHECK(distance_km(frankfurt, amsterdam) == Approx(364).epsilon(0.006));
  CHECK(distance_km(amsterdam, frankfurt) == Approx(distance_km(frankfurt, amsterdam)));
  CHECK(distance_km(amsterdam, new_york) == Approx(5'863).epsilon(0.006));
  CHECK(distance_km(new_york, sydney) == Approx(15'990).epsilon(0.006));
}

TEST_CASE("distances hold at the edges of the map", "[perspective]") {
  const auto at = [](double latitude, double longitude) { return Place{"", latitude, longitude}; };
  CHECK(distance_km(at(0, 179.9), at(0, -179.9)) == Approx(22.24).epsilon(0.001));  // across the date line
  CHECK(distance_km(at(90, 0), at(90, 120)) == Approx(0).margin(1e-6));             // one pole
  CHECK(distance_km(at(90, 0), at(-90, 0)) == Approx(20'015.1).epsilon(0.0001));
  CHECK(distance_km(at(0, 0), at(0, 180)) == Approx(20'015.1).epsilon(0.0001));  // antipodes
  CHECK(distance_km(at(37.5, 12.25), at(-37.5, -167.75)) == Approx(20'015.1).epsilon(0.0001));
  CHECK(distance_km(at(0, 0), at(0, 4.5415)) == Approx(kMinDistanceKm).epsilon(0.0005));
}

TEST_CASE("methods and record types are named as in the standard", "[perspective]") {
  CHECK(to_string(DcvMethod::kAcmeHttp01) == "acme-http-01");
  CHECK(clause_of(DcvMethod::kAcmeHttp01) == "BR 3.2.2.4.19");
  CHECK(clause_of(DcvMethod::kContactPhoneTxt) == "BR 3.2.2.4.16");
  CHECK(clause_of(DcvMethod::kDnsPersistent) == "BR 3.2.2.4.22");
  for (unsigned number = 1; number <= 13; ++number) {
    CHECK(to_string(static_cast<DcvMethod>(number)) != "unspecified");
    CHECK(clause_of(static_cast<DcvMethod>(number)).size() > std::string_view("BR 3.2.2.4").size());
  }
  CHECK(DcvQuestion{AcmeHttp01{}}.method() == DcvMethod::kAcmeHttp01);
  CHECK(to_string(RecordType::kCaa) == "CAA");
  CHECK(to_string(static_cast<RecordType>(65)) == "TYPE65");
}

}  // namespace mpic
