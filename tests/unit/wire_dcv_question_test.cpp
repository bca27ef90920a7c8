// The question of each validation method on the wire: what is right survives, what is wrong is refused by its field.
#include <functional>

#include "common/wire/convert.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/dns_methods.hpp"

namespace mpic {
namespace {

const std::string kAccount = "https://ca.example/acct/1";

v1::DcvQuestion encoded(const DcvQuestion& question) {
  v1::DcvQuestion out;
  wire::encode(question, out);
  return out;
}

struct Good {
  const char* rule;
  DcvQuestion question;
};

std::vector<Good> good_questions() {
  Digest digest{};
  digest.fill(0xA7);
  return {
      {"acme-http-01", {AcmeHttp01{test::kSharedToken, test::kSharedKeyAuthorization}}},
      {"website-change", {WebsiteChange{"a/b.txt", "a value with blanks", true, "^a.*s$"}}},
      {"website-change, the least", {WebsiteChange{"f", "v", false, ""}}},
      {"acme-dns-01", {AcmeDns01{test::kSharedDigest}}},
      {"dns-change", {DnsChange{"v", RecordType::kCaa, "_dnsauth", true, true}}},
      {"dns-change, a CNAME", {DnsChange{"v", RecordType::kCname, "", false, true}}},
      {"dns-change, the least", {DnsChange{"v", RecordType::kTxt, "", false, false}}},
      {"acme-tls-alpn-01", {AcmeTlsAlpn01{digest}}},
      {"acme-dns-account-01", {AcmeDnsAccount01{test::kSharedDigest, kAccount}}},
      {"dns-persistent", {DnsPersistent{{"ca.example", "ca.test"}, kAccount}}},
      {"contact-email-caa", {ContactLookup{DcvMethod::kContactEmailCaa, "p\xC3\xA9rez@example.com"}}},
      {"contact-email-txt", {ContactLookup{DcvMethod::kContactEmailTxt, "\"a b\"@example.com"}}},
      {"contact-phone-txt", {ContactLookup{DcvMethod::kContactPhoneTxt, "+1 555 555 0100"}}},
      {"contact-phone-caa", {ContactLookup{DcvMethod::kContactPhoneCaa, "+15555550100"}}},
      {"ip-address, IPv4", {IpAddressLookup{test::ip("192.0.2.1")}}},
      {"ip-address, IPv6", {IpAddressLookup{test::ip("2001:db8::1")}}},
      {"reverse-address-lookup", {ReverseAddressLookup{test::dns_name("www.example.com")}}},
  };
}

}  // namespace

TEST_CASE("the question of every method survives the way there and back", "[wire][dcv]") {
  std::vector<bool> met(16, false);
  for (const Good& row : good_questions()) DYNAMIC_SECTION(row.rule) {
      const v1::DcvQuestion sent = encoded(row.question);
      const auto decoded = wire::decode(sent, "dcv");
      REQUIRE(decoded);
      CHECK(*decoded == row.question);
      CHECK(encoded(*decoded).SerializeAsString() == sent.SerializeAsString());
    }
  for (const Good& row : good_questions()) met[static_cast<std::size_t>(row.question.method())] = true;
  for (std::size_t method = 1; method <= 13; ++method) {
    INFO(to_string(static_cast<DcvMethod>(method)));
    CHECK(met[method]);
  }
}

TEST_CASE("an assignment carries the question of every method and its ADN", "[wire][dcv]") {
  for (const Good& row : good_questions()) DYNAMIC_SECTION(row.rule) {
      Assignment asked{.log_origin = "log",
                       .perspective = PerspectiveId::parse("ams-1").value(),
                       .issued = test::kLookedAt,
                       .budget = std::chrono::seconds(5),
                       .identifier = test::identifier("www.example.com"),
                       .authorization_domain = test::dns_name("example.com"),
                       .dcv = row.question,
                       .caa = std::nullopt};
      const auto decoded = wire::decode_assignment(wire::encode(asked));
      REQUIRE(decoded);
      CHECK(decoded->dcv == asked.dcv);
      CHECK(decoded->authorization_domain == asked.authorization_domain);
      asked.identifier = test::identifier("192.0.2.1");
      CHECK(wire::decode_assignment(wire::encode(asked)).error().where == "authorization_domain");
    }
}

TEST_CASE("only the digest of a key authorization goes on", "[wire][dcv]") {
  Digest digest{};
  const test::Octets octets = test::octets_of(test::kSharedKeyAuthorization);
  SHA256(octets.data(), octets.size(), digest.data());

  v1::DcvQuestion dns;
  dns.mutable_acme_dns_01()->set_key_authorization(test::kSharedKeyAuthorization);
  CHECK(wire::decode(dns, "dcv").value() == DcvQuestion{AcmeDns01{test::kSharedDigest}});

  v1::DcvQuestion account;
  account.mutable_acme_dns_account_01()->set_key_authorization(test::kSharedKeyAuthorization);
  account.mutable_acme_dns_account_01()->set_account_uri(kAccount);
  CHECK(wire::decode(account, "dcv").value() == DcvQuestion{AcmeDnsAccount01{test::kSharedDigest, kAccount}});

  v1::DcvQuestion tls;
  tls.mutable_acme_tls_alpn_01()->set_key_authorization(test::kSharedKeyAuthorization);
  CHECK(wire::decode(tls, "dcv").value() == DcvQuestion{AcmeTlsAlpn01{digest}});
  CHECK(encoded(wire::decode(tls, "dcv").value()).acme_tls_alpn_01().key_authorization().empty());
}

TEST_CASE("a name's case is lost on the way in, and a type that follows may be left out", "[wire][dcv]") {
  v1::DcvQuestion change;
  change.mutable_dns_change()->set_challenge_value("V");
  change.mutable_dns_change()->set_name_prefix("_DnsAuth");
  CHECK(wire::decode(change, "dcv").value() == DcvQuestion{DnsChange{"V", RecordType::kTxt, "_dnsauth", false, false}});
  v1::DcvQuestion address;
  address.mutable_ip_address()->set_address("2001:db8::1");
  CHECK(wire::decode(address, "dcv").value() == DcvQuestion{IpAddressLookup{test::ip("2001:db8::1")}});
  v1::DcvQuestion persistent;
  persistent.mutable_dns_persistent()->add_issuer_domains("CA.Example");
  persistent.mutable_dns_persistent()->set_account_uri(kAccount);
  CHECK(wire::decode(persistent, "dcv").value() == DcvQuestion{DnsPersistent{{"ca.example"}, kAccount}});
  v1::DcvQuestion reverse;
  reverse.mutable_reverse_address_lookup()->set_fqdn("WWW.example.com");
  CHECK(wire::decode(reverse, "dcv").value() == DcvQuestion{ReverseAddressLookup{test::dns_name("www.example.com")}});
}

TEST_CASE("a bad question is refused, and the field is named", "[wire][dcv]") {
  struct Row {
    const char* field;
    const char* rule;
    std::function<void(v1::DcvQuestion&)> make;
  };
  const std::string long_uri = "urn:" + std::string(1021, 'a');
  const std::string long_value(1025, 'v');
  const Row rows[] = {
      {"dcv", "no method", [](auto&) {}},
      {"dcv.acme_http_01.token", "129 octets",
       [](auto& q) { q.mutable_acme_http_01()->set_token(std::string(129, 'a')); }},
      {"dcv.acme_http_01.token", "a blank", [](auto& q) { q.mutable_acme_http_01()->set_token("a b"); }},
      {"dcv.acme_http_01.key_authorization", "257 octets",
       [](auto& q) {
         q.mutable_acme_http_01()->set_token(test::kSharedToken);
         q.mutable_acme_http_01()->set_key_authorization(std::string(257, 'a'));
       }},
      {"dcv.website_change.path", "257 octets",
       [](auto& q) { q.mutable_website_change()->set_path(std::string(257, 'a')); }},
      {"dcv.website_change.path", "a parent", [](auto& q) { q.mutable_website_change()->set_path("../x"); }},
      {"dcv.website_change.challenge_value", "over 1,024 octets",
       [&](auto& q) {
         q.mutable_website_change()->set_path("f");
         q.mutable_website_change()->set_challenge_value(long_value);
       }},
      {"dcv.website_change.challenge_value", "none", [](auto& q) { q.mutable_website_change()->set_path("f"); }},
      {"dcv.website_change.match_regex", "257 octets",
       [](auto& q) {
         q.mutable_website_change()->set_path("f");
         q.mutable_website_change()->set_challenge_value("v");
         q.mutable_website_change()->set_match_regex(std::string(257, 'a'));
       }},
      {"dcv.website_change.match_regex", "not RE2's",
       [](auto& q) {
         q.mutable_website_change()->set_path("f");
         q.mutable_website_change()->set_challenge_value("v");
         q.mutable_website_change()->set_match_regex("(?=a)");
       }},
      {"dcv.acme_dns_01", "neither of the two", [](auto& q) { q.mutable_acme_dns_01(); }},
      {"dcv.acme_dns_01", "both",
       [](auto& q) {
         q.mutable_acme_dns_01()->set_key_authorization(test::kSharedKeyAuthorization);
         q.mutable_acme_dns_01()->set_key_authorization_digest(test::kSharedDigest);
       }},
      {"dcv.acme_dns_01.key_authorization_digest", "44 octets",
       [](auto& q) { q.mutable_acme_dns_01()->set_key_authorization_digest(std::string(44, 'a')); }},
      {"dcv.acme_dns_01.key_authorization_digest", "42 octets",
       [](auto& q) { q.mutable_acme_dns_01()->set_key_authorization_digest(std::string(42, 'a')); }},
      {"dcv.acme_dns_01.key_authorization", "257 octets",
       [](auto& q) { q.mutable_acme_dns_01()->set_key_authorization(std::string(257, 'a')); }},
      {"dcv.acme_dns_01.key_authorization", "no key authorization",
       [](auto& q) { q.mutable_acme_dns_01()->set_key_authorization("secret"); }},
      {"dcv.dns_change.challenge_value", "over 1,024 octets",
       [&](auto& q) { q.mutable_dns_change()->set_challenge_value(long_value); }},
      {"dcv.dns_change.challenge_value", "none", [](auto& q) { q.mutable_dns_change(); }},
      {"dcv.dns_change.record_type", "one that the contract has not",
       [](auto& q) {
         q.mutable_dns_change()->set_challenge_value("v");
         q.mutable_dns_change()->set_record_type(static_cast<v1::DnsRecordType>(2));
       }},
      {"dcv.dns_change.record_type", "one that the method has not",
       [](auto& q) {
         q.mutable_dns_change()->set_challenge_value("v");
         q.mutable_dns_change()->set_record_type(v1::DNS_RECORD_TYPE_A);
       }},
      {"dcv.dns_change.name_prefix", "64 octets",
       [](auto& q) {
         q.mutable_dns_change()->set_challenge_value("v");
         q.mutable_dns_change()->set_name_prefix(std::string(64, '_'));
       }},
      {"dcv.dns_change.name_prefix", "no underscore",
       [](auto& q) {
         q.mutable_dns_change()->set_challenge_value("v");
         q.mutable_dns_change()->set_name_prefix("x");
       }},
      {"dcv.acme_tls_alpn_01", "neither of the two", [](auto& q) { q.mutable_acme_tls_alpn_01(); }},
      {"dcv.acme_tls_alpn_01", "both",
       [](auto& q) {
         q.mutable_acme_tls_alpn_01()->set_key_authorization(test::kSharedKeyAuthorization);
         q.mutable_acme_tls_alpn_01()->set_key_authorization_digest(std::string(32, 'd'));
       }},
      {"dcv.acme_tls_alpn_01.key_authorization_digest", "in base64url",
       [](auto& q) { q.mutable_acme_tls_alpn_01()->set_key_authorization_digest(test::kSharedDigest); }},
      {"dcv.acme_tls_alpn_01.key_authorization", "no key authorization",
       [](auto& q) { q.mutable_acme_tls_alpn_01()->set_key_authorization("secret"); }},
      {"dcv.acme_dns_account_01", "neither of the two",
       [](auto& q) { q.mutable_acme_dns_account_01()->set_account_uri(kAccount); }},
      {"dcv.acme_dns_account_01.account_uri", "none",
       [](auto& q) { q.mutable_acme_dns_account_01()->set_key_authorization_digest(test::kSharedDigest); }},
      {"dcv.acme_dns_account_01.account_uri", "over 1,024 octets",
       [&](auto& q) {
         q.mutable_acme_dns_account_01()->set_key_authorization_digest(test::kSharedDigest);
         q.mutable_acme_dns_account_01()->set_account_uri(long_uri);
       }},
      {"dcv.dns_persistent.issuer_domains", "none",
       [](auto& q) { q.mutable_dns_persistent()->set_account_uri(kAccount); }},
      {"dcv.dns_persistent.issuer_domains", "seventeen",
       [](auto& q) {
         for (int i = 0; i < 17; ++i) q.mutable_dns_persistent()->add_issuer_domains("ca.example");
       }},
      {"dcv.dns_persistent.issuer_domains[1]", "no name",
       [](auto& q) {
         q.mutable_dns_persistent()->add_issuer_domains("ca.example");
         q.mutable_dns_persistent()->add_issuer_domains("-");
       }},
      {"dcv.dns_persistent.account_uri", "none",
       [](auto& q) { q.mutable_dns_persistent()->add_issuer_domains("ca.example"); }},
      {"dcv.dns_persistent.account_uri", "over 1,024 octets",
       [&](auto& q) {
         q.mutable_dns_persistent()->add_issuer_domains("ca.example");
         q.mutable_dns_persistent()->set_account_uri(long_uri);
       }},
      {"dcv.contact.method", "none", [](auto& q) { q.mutable_contact()->set_contact("admin@example.com"); }},
      {"dcv.contact.method", "another kind",
       [](auto& q) { q.mutable_contact()->set_method(v1::DCV_METHOD_DNS_PERSISTENT); }},
      {"dcv.contact.contact", "over 320 octets",
       [](auto& q) {
         q.mutable_contact()->set_method(v1::DCV_METHOD_CONTACT_EMAIL_CAA);
         q.mutable_contact()->set_contact(std::string(310, 'a') + "@example.com");
       }},
      {"dcv.contact.contact", "no number",
       [](auto& q) {
         q.mutable_contact()->set_method(v1::DCV_METHOD_CONTACT_PHONE_CAA);
         q.mutable_contact()->set_contact("admin@example.com");
       }},
      {"dcv.ip_address.address", "none", [](auto& q) { q.mutable_ip_address(); }},
      {"dcv.ip_address.address", "not canonical", [](auto& q) { q.mutable_ip_address()->set_address("2001:DB8::1"); }},
      {"dcv.ip_address.record_type", "the other family",
       [](auto& q) {
         q.mutable_ip_address()->set_address("192.0.2.1");
         q.mutable_ip_address()->set_record_type(v1::DNS_RECORD_TYPE_AAAA);
       }},
      {"dcv.reverse_address_lookup.fqdn", "none", [](auto& q) { q.mutable_reverse_address_lookup(); }},
      {"dcv.reverse_address_lookup.fqdn", "an address",
       [](auto& q) { q.mutable_reverse_address_lookup()->set_fqdn("192.0.2.1"); }},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.field << ": " << row.rule) {
      v1::DcvQuestion question;
      row.make(question);
      const auto decoded = wire::decode(question, "dcv");
      REQUIRE_FALSE(decoded);
      CHECK(decoded.error().code == ProblemCode::kInvalidArgument);
      CHECK(decoded.error().where == row.field);
      CHECK_THAT(decoded.error().detail, Catch::StartsWith(std::string(row.field) + ": "));
    }
}

}  // namespace mpic
