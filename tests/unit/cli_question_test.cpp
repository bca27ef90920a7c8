#include "cli/question.hpp"

#include <functional>

#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::cli;

TEST_CASE("cli: a CAA question", "[cli]") {
  CheckOptions options;
  options.name = "*.bücher.example";
  options.issuers = {"ca.example", "zertifikate-ü.example"};
  options.accounts = {"https://ca.example/acct/1"};
  options.method = "dns-01";
  options.trace = "order 7";
  options.deadline = 2.5;
  const auto request = caa_question(options);
  REQUIRE(request);
  CHECK(request->identifier() == "*.xn--bcher-kva.example");
  CHECK_FALSE(request->has_dcv());
  CHECK(request->caa().issuer_domains_size() == 2);
  CHECK(request->caa().issuer_domains(1) == "xn--zertifikate--olb.example");
  CHECK(request->caa().account_uris(0) == "https://ca.example/acct/1");
  CHECK(request->caa().validation_method() == "dns-01");
  CHECK(request->respond() == v1::RESPOND_COMPLETE);
  CHECK(request->deadline_ms() == 2500);
  CHECK(request->trace_id() == "order 7");
}

TEST_CASE("cli: an http-01 question, with CAA only when an issuer is named", "[cli]") {
  CheckOptions options;
  options.name = "www.example";
  options.token = "token";
  options.key_authorization = "token.thumbprint";
  auto request = http_01_question(options);
  REQUIRE(request);
  CHECK(request->dcv().acme_http_01().token() == "token");
  CHECK(request->dcv().acme_http_01().key_authorization() == "token.thumbprint");
  CHECK_FALSE(request->has_caa());
  CHECK(request->deadline_ms() == 0);
  options.issuers = {"ca.example"};
  request = http_01_question(options);
  REQUIRE(request);
  CHECK(request->caa().validation_method().empty());  // the coordinator takes the method's own
  options.method = "ca-tbr-19";
  CHECK(http_01_question(options)->caa().validation_method() == "ca-tbr-19");
}

TEST_CASE("cli: a name that is none is refused before it is sent", "[cli]") {
  CheckOptions options;
  options.name = "☃.example";
  CHECK_FALSE(caa_question(options));
  options.name = "a.example";
  options.issuers = {"☃.example"};
  CHECK_FALSE(caa_question(options));
  CHECK_FALSE(http_01_question(options));
}

TEST_CASE("cli: a question of each method", "[cli][methods]") {
  struct Row {
    const char* method;
    Expected<v1::CorroborateRequest> (*build)(const CheckOptions&);
    std::function<void(CheckOptions&)> set;
    const char* dcv;  // as protobuf writes it on one line
  };
  const Row rows[] = {
      {"dns-01 by key authorization", dns_01_question, [](CheckOptions& o) { o.key_authorization = "t.k"; },
       "acme_dns_01 { key_authorization: \"t.k\" }"},
      {"dns-01 by digest", dns_01_question, [](CheckOptions& o) { o.digest = "LPsIwTo7"; },
       "acme_dns_01 { key_authorization_digest: \"LPsIwTo7\" }"},
      {"tls-alpn-01 by key authorization", tls_alpn_01_question, [](CheckOptions& o) { o.key_authorization = "t.k"; },
       "acme_tls_alpn_01 { key_authorization: \"t.k\" }"},
      {"tls-alpn-01 by digest, as OpenSSL prints it", tls_alpn_01_question,
       [](CheckOptions& o) {
         for (int i = 0; i < 32; ++i) o.digest += i == 0 ? "4f" : ":4F";
       },
       "acme_tls_alpn_01 { key_authorization_digest: \"OOOOOOOOOOOOOOOOOOOOOOOOOOOOOOOO\" }"},
      {"dns-account-01", dns_account_01_question,
       [](CheckOptions& o) {
         o.key_authorization = "t.k";
         o.account = "https://ca.example/1";
       },
       "acme_dns_account_01 { key_authorization: \"t.k\" account_uri: \"https://ca.example/1\" }"},
      {"dns-persistent", dns_persistent_question,
       [](CheckOptions& o) {
         o.issuers = {"ca.example", "ü.example"};
         o.account = "https://ca.example/1";
       },
       "dns_persistent { issuer_domains: \"ca.example\" issuer_domains: \"xn--tda.example\" "
       "account_uri: \"https://ca.example/1\" }"},
      {"website", website_question,
       [](CheckOptions& o) {
         o.path = "a.txt";
         o.value = "value";
         o.https = true;
         o.regex = "^v";
       },
       "website_change { path: \"a.txt\" challenge_value: \"value\" https: true match_regex: \"^v\" }"},
      {"dns-change", dns_change_question, [](CheckOptions& o) { o.value = "value"; },
       "dns_change { challenge_value: \"value\" record_type: DNS_RECORD_TYPE_TXT }"},
      {"dns-change, all of it", dns_change_question,
       [](CheckOptions& o) {
         o.value = "value";
         o.record_type = "CNAME";
         o.prefix = "_ca";
         o.exact = o.ignore_case = true;
       },
       "dns_change { challenge_value: \"value\" record_type: DNS_RECORD_TYPE_CNAME name_prefix: \"_ca\" "
       "exact: true "
       "ignore_case: true }"},
      {"contact-email by CAA", contact_email_question,
       [](CheckOptions& o) {
         o.contact = "a@a.example";
         o.via = "caa";
       },
       "contact { method: DCV_METHOD_CONTACT_EMAIL_CAA contact: \"a@a.example\" }"},
      {"contact-email by TXT", contact_email_question,
       [](CheckOptions& o) {
         o.contact = "a@a.example";
         o.via = "txt";
       },
       "contact { method: DCV_METHOD_CONTACT_EMAIL_TXT contact: \"a@a.example\" }"},
      {"contact-phone by CAA", contact_phone_question,
       [](CheckOptions& o) {
         o.contact = "+1 555";
         o.via = "caa";
       },
       "contact { method: DCV_METHOD_CONTACT_PHONE_CAA contact: \"+1 555\" }"},
      {"contact-phone by TXT", contact_phone_question,
       [](CheckOptions& o) {
         o.contact = "+1 555";
         o.via = "txt";
       },
       "contact { method: DCV_METHOD_CONTACT_PHONE_TXT contact: \"+1 555\" }"},
      {"ip-address", ip_address_question, [](CheckOptions& o) { o.address = "192.0.2.1"; },
       "ip_address { address: \"192.0.2.1\" }"},
      {"reverse", reverse_question, [](CheckOptions& o) { o.fqdn = "ü.example"; },
       "reverse_address_lookup { fqdn: \"xn--tda.example\" }"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.method) {
      CheckOptions options;
      options.name = "www.a.example";
      row.set(options);
      auto request = row.build(options);
      REQUIRE(request);
      CHECK(request->dcv().ShortDebugString() == row.dcv);
      CHECK(request->respond() == v1::RESPOND_COMPLETE);
      CHECK_FALSE(request->has_caa());
      CHECK(request->authorization_domain().empty());

      options.adn = "ü.example";
      if (options.issuers.empty()) options.issuers = {"ca.example"};
      options.with_caa = true;
      request = row.build(options);
      REQUIRE(request);
      CHECK(request->authorization_domain() == "xn--tda.example");
      CHECK(request->caa().issuer_domains(0) == "ca.example");
      CHECK(request->caa().validation_method().empty());
      CHECK(request->caa().account_uris_size() == (options.account.empty() ? 0 : 1));
    }
}

TEST_CASE("cli: a key authorization or its digest is needed, and only one of them", "[cli][methods]") {
  for (const auto build : {dns_01_question, tls_alpn_01_question, dns_account_01_question}) {
    CheckOptions options;
    options.name = "www.a.example";
    CHECK_FALSE(build(options));
    options.key_authorization = "t.k";
    CHECK(build(options));
    options.digest = std::string(64, 'a');
    CHECK_FALSE(build(options));
  }
  for (const std::string& digest :
       {std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'g'), std::string(":")}) {
    CheckOptions options;
    options.name = "www.a.example";
    options.digest = digest;
    INFO(digest);
    const auto request = tls_alpn_01_question(options);
    REQUIRE_FALSE(request);
    CHECK_THAT(request.error().detail, Catch::StartsWith("--digest: 64 hexadecimal digits"));
  }
}
