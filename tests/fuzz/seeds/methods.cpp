#include "common/wire/convert.hpp"
#include "tests/fuzz/seeds/seeds.hpp"
#include "tests/support/dns_methods.hpp"

namespace mpic::fuzz {
namespace {

const std::string kValue = "bQkz7Yc1nXw4Gd8Rf0Lp2A";
const std::string kAccount = "https://ca.example/acct/1";

void add_persistent(Seeds& out) {
  constexpr char kNameAlone = 2, kMore = 3;  // and today, not 1970
  int number = 0;
  const auto add = [&](char flags, const std::string& text) {
    out.push_back({"persistent", "record-" + std::to_string(number++), flags + text});
  };
  const std::string good = "ca.example;accounturi=" + kAccount;
  for (const char flags : {kNameAlone, kMore}) {
    add(flags, good);
    add(flags, good + ";policy=wildcard;persistUntil=4102444800");
  }
  for (const std::string& text :
       {std::string(), std::string(";"), std::string("ca.test"), "other.example;accounturi=" + kAccount, good + ";",
        good + ";persistUntil=1795392000", good + ";persistUntil=0", good + ";persistUntil=-1",
        good + ";persistUntil=9223372036854775807", good + ";persistUntil=99999999999999999999", good + "0",
        good + ";accounturi=x:y", good + ";x-y=1;x-y=2", "CA.EXAMPLE. ; accounturi = " + kAccount,
        "\tca.test \t;\tAccountURI \t=\t" + kAccount + " ; pOlIcY = WildCard ", "\"" + good + "\"",
        std::string("v=spf1 -all"),
        good + ";\nweird=\x01"
               "337"}) {
    add(kNameAlone, text);
  }
}

void add_contact(Seeds& out) {
  int number = 0;
  for (const char* text : {"admin@example.com", "Admin@EXAMPLE.com", "\"a b\\\"c@\"@example.com", "\"\"@a",
                           "p\xc3\xa9rez@ex\xc3\xa4mple.com", "a.@example.com", "<admin@example.com>", "a@b@c",
                           "admin@[192.0.2.1]", "caf\xe9@example.com", "\"a", "+15555550100", "+1 (555) 555-01.00",
                           "+0155555501", "+1234", "+1234567890123456", "tel:+15555550100", ""}) {
    out.push_back({"contact", "text-" + std::to_string(number++), text});
  }
}

std::string piece(std::string_view text) { return static_cast<char>(text.size()) + std::string(text); }
std::string piece(const Bytes& octets) {
  return piece(std::string_view(reinterpret_cast<const char*>(octets.data()), octets.size()));
}

// One lookup as dns_methods_fuzz.cpp reads it: answered, NOERROR, with AD.
std::string seen(const std::vector<std::string>& chain, const std::vector<Bytes>& records) {
  std::string out{0, 0, 1, static_cast<char>(chain.size())};
  for (const std::string& target : chain) out += piece(target);
  out += static_cast<char>(records.size());
  for (const Bytes& record : records) out += piece(record);
  return out;
}

void add_dns_methods(Seeds& out) {
  enum : char { kItself, kWildcard, kParent, kAlias, kBelowBase, kAddress };
  const auto add = [&](const char* name, char method, char about, const std::string& lookups) {
    out.push_back({"dns_methods", name, std::string{method, about} + lookups});
  };
  const Bytes digest = test::txt(test::kSharedDigest);
  const Bytes persistent = test::txt("ca.example;accounturi=" + kAccount + ";policy=wildcard;persistUntil=4102444800");
  const std::string nothing = seen({}, {});
  add("change-txt", 0, kItself, seen({}, {test::txt("x"), test::txt("a" + kValue + "b")}));
  add("change-txt-exact", 1, kParent, seen({"a.example.net"}, {test::txt(kValue)}));
  add("change-cname", 2, kWildcard, seen({}, {test::wire_name(kValue)}));
  add("change-caa", 3, kItself, seen({}, {test::caa_rdata(0, "x", "BQKZ7YC1NXW4GD8RF0LP2A")}));
  add("dns-01", 4, kWildcard, seen({}, {digest}));
  add("dns-01-split", 4, kItself,
      seen({}, {test::txt_rdata({test::kSharedDigest.substr(0, 9), "", test::kSharedDigest.substr(9)})}));
  add("dns-01-alias", 4, kAlias, seen({"b.example.org", "a.example.net"}, {}) + seen({}, {digest}));
  add("dns-01-alias-above-base", 4, kBelowBase, seen({"www.site.bo.telemark.no"}, {}) + seen({}, {digest}));
  add("dns-01-no-alias", 4, kAlias, nothing + seen({}, {digest}));
  add("dns-account-01", 5, kParent, seen({}, {test::txt("a"), digest}));
  add("persistent", 6, kParent, seen({}, {test::txt("other.example;accounturi=x:y"), persistent}));
  add("persistent-address", 6, kAddress, seen({"1.0-25.2.0.192.in-addr.arpa"}, {persistent}));
  add("email-caa", 7, kParent, nothing + seen({}, {test::caa_rdata(0, "ContactEmail", "Admin@Example.com")}));
  add("email-txt", 8, kAlias, seen({"example.net"}, {}) + seen({}, {test::txt("Admin@EXAMPLE.com")}));
  add("phone-txt", 9, kItself, seen({}, {test::txt("+1-555-555-0100")}));
  add("phone-caa", 10, kItself, seen({}, {test::caa_rdata(0, "contactphone", "+15555550100")}) + nothing + nothing);
  add("address", 11, kItself, seen({}, {{192, 0, 2, 9}, {192, 0, 2, 1}}));
  add("address-ipv6", 12, kItself, seen({}, {{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}));
  add("reverse", 13, kAddress, seen({}, {test::wire_name("WWW.example.com")}));
  add("empty-strings", 4, kItself, seen({}, {Bytes{0}, Bytes{0, 0, 0}, Bytes{}}));
  add("servfail", 4, kItself, std::string{0, 2, 0, 0, 0});
  add("another-name", 4, kItself, std::string{0, 0, 4} + piece("evil.example") + std::string{0, 0});
}

struct Asked {
  const char* name;
  const char* identifier;
  const char* adn;
  DcvQuestion question;
};

std::vector<Asked> every_method() {
  return {
      {"website-change", "www.example.com", "", {WebsiteChange{"a/fileauth.txt", kValue, true, "^[0-9A-Za-z]+$"}}},
      {"website-change-address", "128.0.0.1", "", {WebsiteChange{"fileauth.txt", kValue, false, ""}}},
      {"dns-change",
       "*.www.example.com",
       "example.com",
       {DnsChange{kValue, RecordType::kCname, "_dnsauth", true, true}}},
      {"dns-01", "www.example.com", "example.net", {AcmeDns01{test::kSharedDigest}}},
      {"tls-alpn-01", "www.example.com", "", {AcmeTlsAlpn01{Digest{1, 2, 3}}}},
      {"tls-alpn-01-address", "2600::1", "", {AcmeTlsAlpn01{}}},
      {"dns-account-01", "*.example.com", "", {AcmeDnsAccount01{test::kSharedDigest, kAccount}}},
      {"persistent", "www.example.com", "example.com", {DnsPersistent{{"ca.example", "ca.test"}, kAccount}}},
      {"persistent-address", "128.0.0.1", "", {DnsPersistent{{"ca.example"}, "urn:a"}}},
      {"email-caa", "www.example.com", "", {ContactLookup{DcvMethod::kContactEmailCaa, "p\xc3\xa9rez@example.com"}}},
      {"email-txt", "www.example.com", "", {ContactLookup{DcvMethod::kContactEmailTxt, "\"a b\"@example.com"}}},
      {"phone-txt", "www.example.com", "", {ContactLookup{DcvMethod::kContactPhoneTxt, "+1 555 555 0100"}}},
      {"phone-caa", "www.example.com", "", {ContactLookup{DcvMethod::kContactPhoneCaa, "+15555550100"}}},
      {"ip-address", "www.example.com", "", {IpAddressLookup{test::ip("128.0.0.1")}}},
      {"reverse-address-lookup", "128.0.0.1", "", {ReverseAddressLookup{test::dns_name("www.example.com")}}},
  };
}

void add_questions(Seeds& out) {
  for (const Asked& asked : every_method()) {
    Assignment assignment{.log_origin = "mpic.test/fuzz",
                          .perspective = PerspectiveId::parse("eu-west").value(),
                          .issued = test::kLookedAt,
                          .budget = std::chrono::seconds(5),
                          .identifier = test::identifier(asked.identifier),
                          .dcv = asked.question};
    v1::CorroborateRequest request;
    request.set_identifier(asked.identifier);
    wire::encode(asked.question, *request.mutable_dcv());
    if (*asked.adn != '\0') {
      assignment.authorization_domain = test::dns_name(asked.adn);
      request.set_authorization_domain(asked.adn);
    }
    out.push_back({"assignment", asked.name, wire::encode(assignment)});
    out.push_back({"request", asked.name, '\0' + request.SerializeAsString()});
  }
  v1::CorroborateRequest whole;
  whole.set_identifier("www.example.com");
  whole.mutable_dcv()->mutable_acme_dns_01()->set_key_authorization(test::kSharedKeyAuthorization);
  out.push_back({"request", "key-authorization", '\0' + whole.SerializeAsString()});
}

// What observation_fuzz.cpp asks for www.example.com, seen by an honest agent.
void add_observations(Seeds& out) {
  const auto add = [&](const char* name, DcvMethod method, std::vector<DnsLookup> lookups) {
    Observation observation{.perspective = PerspectiveId::parse("eu-west").value(),
                            .agent_version = "0.1.0",
                            .started = test::kLookedAt,
                            .ended = test::kLookedAt,
                            .resolver = "127.0.0.1:53"};
    observation.dcv = DcvObservation{method, DnsObservation{std::move(lookups)}};
    out.push_back({"observation", name, wire::encode(observation)});
  };
  const std::string name = "www.example.com";
  const auto caa = [](const char* at, std::vector<Bytes> records) {
    return test::answered(at, RecordType::kCaa, std::move(records));
  };
  add("dns-change", DcvMethod::kDnsChange, {test::txt_at(name, {"a", "x" + kValue})});
  add("dns-01", DcvMethod::kAcmeDns01, {test::txt_at("_acme-challenge." + name, {test::kSharedDigest})});
  add("dns-account-01", DcvMethod::kAcmeDnsAccount01,
      {test::txt_at(rules::account_label(kAccount) + "._acme-challenge." + name, {test::kSharedDigest})});
  add("persistent", DcvMethod::kDnsPersistent,
      {test::txt_at("_validation-persist." + name, {"ca.example;accounturi=" + kAccount})});
  add("email-caa", DcvMethod::kContactEmailCaa,
      {caa("www.example.com", {}), caa("example.com", {test::caa_rdata(0, "contactemail", "admin@example.com")}),
       caa("com", {})});
  add("phone-txt", DcvMethod::kContactPhoneTxt,
      {test::txt_at("_validation-contactphone." + name, {"+1.555.555.0100"})});
  add("ip-address", DcvMethod::kIpAddress, {test::answered(name, RecordType::kA, {{128, 0, 0, 1}})});
  add("reverse-address-lookup", DcvMethod::kReverseAddressLookup,
      {test::answered("1.0.0.128.in-addr.arpa", RecordType::kPtr, {test::wire_name(name)})});
  DnsLookup many = test::txt_at("_acme-challenge." + name, {test::kSharedDigest});
  for (int i = 0; i < 150; ++i) many.records.push_back(test::txt(std::string(500, 'x')));
  add("dns-01-cut", DcvMethod::kAcmeDns01, {many});
}

}  // namespace

void add_methods(Seeds& out) {
  add_persistent(out);
  add_contact(out);
  add_dns_methods(out);
  add_questions(out);
  add_observations(out);
}

}  // namespace mpic::fuzz
