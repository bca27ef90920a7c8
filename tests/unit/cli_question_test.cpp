#include "cli/question.hpp"
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
  CHECK(request->caa().validation_method() == "http-01");
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
