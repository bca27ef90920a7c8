// Found by fuzzing, or by what fuzzing asked: texts and observations that went beyond their bounds.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "agent/net/http_response_reader.hpp"
#include "common/config/yaml.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/config.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/observed.hpp"

using namespace mpic;

namespace {

std::string repeated(const std::string& text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

Observation observation() {
  Observation out{.perspective = PerspectiveId::parse("eu-west").value()};
  out.agent_version = out.resolver = "test";
  return out;
}

// What load_config says of a file with this content.
template <class Load>
std::string refusal(const std::string& content, const Load& load) {
  const auto file = std::filesystem::temp_directory_path() / ("mpic-bounds-" + std::to_string(getpid()) + ".yaml");
  std::ofstream(file) << content;
  std::string said;
  try {
    load(file);
  } catch (const config::ConfigError& error) {
    said = error.what();
  }
  std::filesystem::remove(file);
  return said;
}

}  // namespace

TEST_CASE("an observation is bounded, however long the names of a climb are", "[regression][wire]") {
  Observation seen = observation();
  seen.caa = CaaObservation{};
  const std::string far = repeated(repeated("\\001", 60) + ".", 4) + "example";
  for (const DnsName& name : test::dns_name(repeated("a.", 120) + "example.com").self_and_parents()) {
    DnsLookup lookup = test::answered(name.text(), RecordType::kCaa);
    lookup.chain = {{name.text(), far, 60}};
    lookup.end_of_chain = far;
    lookup.server = "127.0.0.1:53";
    seen.caa->lookups.push_back(lookup);
  }
  const std::string octets = wire::encode(seen);
  CHECK(octets.size() <= kMaxObservation);
  const auto heard = wire::decode_observation(octets);
  REQUIRE(heard);
  CHECK(heard->cut);
  CHECK(heard->caa->lookups.size() == seen.caa->lookups.size());
}

TEST_CASE("an observation is bounded, however long the URLs of its hops are", "[regression][wire]") {
  Observation seen = observation();
  HttpObservation http;
  for (std::size_t i = 0; i < kMaxHops; ++i) {
    const std::string url = "http://example.com/" + std::string(2029, 'x');
    HttpHop hop = test::hop(url, "example.com", {"203.113.7.1"}, 302, url);
    for (DnsLookup& lookup : hop.lookups) {
      lookup.server = "127.0.0.1:53";
      lookup.end_of_chain = repeated(repeated("\\001", 60) + ".", 4) + "example";
    }
    http.hops.push_back(hop);
  }
  http.body = std::string(kMaxBody, 'x');
  DcvObservation dcv;
  dcv.seen = http;
  seen.dcv = dcv;
  const std::string octets = wire::encode(seen);
  CHECK(octets.size() <= kMaxObservation);
  const auto heard = wire::decode_observation(octets);
  REQUIRE(heard);
  CHECK(heard->cut);
  CHECK(std::get<HttpObservation>(heard->dcv->seen).hops.size() == kMaxHops);
}

TEST_CASE("an observation without a lookup can be read", "[regression][wire]") {
  Observation seen = observation();
  DcvObservation dcv;
  dcv.method = DcvMethod::kAcmeDns01;
  dcv.seen = DnsObservation{};
  seen.dcv = dcv;
  const auto heard = wire::decode_observation(wire::encode(seen));
  REQUIRE(heard);
  CHECK(std::holds_alternative<DnsObservation>(heard->dcv->seen));
}

TEST_CASE("a redirect has no body, however much of it came with the header", "[regression][http]") {
  agent::HttpResponseReader reader("192.0.2.1:80", 100);
  REQUIRE(reader.feed("HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\nsome of the page").value());
  const agent::HttpReply reply = reader.take();
  CHECK(reply.location == "/x");
  CHECK(reply.body.empty());
}

TEST_CASE("a file that the YAML library never finishes is refused", "[regression][config]") {
  const auto load = [](const std::filesystem::path& file) { (void)config::YamlMap::load(file); };
  CHECK_FALSE(refusal(", ab \n-\n", load).empty());
  CHECK_FALSE(refusal(",u-westeeM-^?qress: ", load).empty());
  CHECK(refusal("a: b\n---\n", load).empty());
}

TEST_CASE("a time that a clock of 64 bits cannot hold is refused", "[regression][config]") {
  const auto key = std::filesystem::temp_directory_path() / ("mpic-bounds-" + std::to_string(getpid()) + ".pub");
  std::ofstream(key) << "-----BEGIN PUBLIC KEY-----\n"
                        "MCowBQYDK2VwAyEAxkEeO0HSB3j80NuhLfoqXNnGBEDip19Id0ybWsn0I50=\n"
                        "-----END PUBLIC KEY-----\n";
  const auto said_of = [&](const std::string& moment) {
    const std::string any = key.string();
    const std::string content =
        "log_origin: x\nlisten: 127.0.0.1:0\nadmin: 127.0.0.1:0\ntls: {ca: " + any + ", certificate: " + any +
        ", key: " + any + "}\nclients: [{name: a, san: b}]\nsigning: {key: " + any +
        "}\ncheckpoint_key: " + any + "\nstore: {sqlite: x}\npolicy: {profile: cabf-tls-br}\nperspectives:\n"
        "  - {id: p, role: primary, rir: ARIN, address: x, tls_name: x, place: {name: x, latitude: 1, longitude: 1},\n"
        "     keys: [{public_key: " +
        any + ", not_after: " + moment + "}]}\n";
    return refusal(content, [](const std::filesystem::path& file) { (void)coordinator::load_config(file); });
  };
  for (const char* moment : {"9999-12-31", "2263-01-01", "1013-01-01", "0001-01-01T00:00:00Z"}) {
    CHECK_THAT(said_of(moment), Catch::Matchers::Contains("1970 to 2200"));
  }
  CHECK(said_of("2200-12-31T23:59:59Z").empty());
  std::filesystem::remove(key);
}
