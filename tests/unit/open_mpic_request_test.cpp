// Requests of the Open MPIC API: what is read, and what is refused with which issue.
#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "coordinator/rest/open_mpic_request.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::coordinator;

namespace {

namespace bj = boost::json;

const std::vector<std::string> kOwn = {"ca.example"};

std::string dcv(const std::string& parameters) {
  return fmt::format(R"({{"check_type":"dcv","domain_or_ip_target":"example.com","dcv_check_parameters":{{{}}}}})",
                     parameters);
}

std::string caa(const std::string& parameters) {
  return fmt::format(R"({{"check_type":"caa","domain_or_ip_target":"example.com","caa_check_parameters":{{{}}}}})",
                     parameters);
}

// Types of the issues, separated by blanks; "" for a request.
std::string issues_of(const std::string& body, const std::vector<std::string>& own = kOwn) {
  const OpenMpicParsed parsed = read_open_mpic(body, own);
  CHECK(parsed.request.has_value() == parsed.issues.empty());
  std::string out;
  for (const ValidationIssue& issue : parsed.issues) out += (out.empty() ? "" : " ") + issue.type;
  return out;
}

OpenMpicRequest read(const std::string& body, const std::vector<std::string>& own = kOwn) {
  OpenMpicParsed parsed = read_open_mpic(body, own);
  for (const ValidationIssue& issue : parsed.issues) FAIL_CHECK(issue.type << ": " << issue.message);
  REQUIRE(parsed.request);
  return *std::move(parsed.request);
}

}  // namespace

TEST_CASE("open mpic: what is no request is refused with what is wrong", "[rest]") {
  struct Row {
    const char* is;
    std::string body;
    const char* issues;
  };
  const std::string deep(100, '[');
  const Row rows[] = {
      {"nothing", "", "invalid-json"},
      {"no JSON", "{", "invalid-json"},
      {"a list", "[]", "invalid-json"},
      {"two values", "{} {}", "invalid-json"},
      {"without a bottom", deep, "invalid-json"},
      {"no UTF-8", "{\"check_type\":\"\xff\"}", "invalid-json"},
      {"an empty object", "{}", "missing-field missing-field"},
      {"neither check", R"({"domain_or_ip_target":"a.example"})", "missing-field"},
      {"a check that there is not", R"({"domain_or_ip_target":"a.example","check_type":"tls"})", "invalid-check-type"},
      {"a target that is a number", R"({"domain_or_ip_target":1,"check_type":"caa"})", "invalid-type"},
      {"no parameters", R"({"domain_or_ip_target":"a.example","check_type":"dcv"})", "missing-field"},
      {"parameters that are a list",
       R"({"domain_or_ip_target":"a.example","check_type":"dcv","dcv_check_parameters":[]})",
       "invalid-type missing-field"},
      {"a method that there is not", dcv(R"("validation_method":"email")"), "invalid-validation-method"},
      {"no method", dcv(""), "missing-field"},
      {"a method of nothing", dcv(R"("validation_method":"")"), "invalid-validation-method"},
      {"a value of nothing", dcv(R"("validation_method":"dns-change","challenge_value":"")"), "empty-challenge-value"},
      {"a record type that the method has not",
       dcv(R"("validation_method":"dns-change","challenge_value":"x","dns_record_type":"MX")"),
       "invalid-dns-record-type"},
      {"a hash that is not hexadecimal", dcv(R"("validation_method":"acme-tls-alpn-01","key_authorization_hash":"zz")"),
       "invalid-key-authorization-hash"},
      {"a hash of 32 digits",
       dcv(R"("validation_method":"acme-tls-alpn-01","key_authorization_hash":"00112233445566778899aabbccddeeff")"),
       "invalid-key-authorization-hash"},
      {"headers of the caller's",
       dcv(R"("validation_method":"acme-http-01","token":"x","key_authorization":"y","http_headers":{"Host":"z"})"),
       "not-supported"},
      {"a page without case",
       dcv(R"("validation_method":"website-change","http_token_path":"x","challenge_value":"y","require_exact_case":false)"),
       "not-supported"},
      {"another scheme",
       dcv(R"("validation_method":"website-change","http_token_path":"x","challenge_value":"y","url_scheme":"ftp")"),
       "invalid-url-scheme"},
      {"a certificate of another kind", caa(R"("certificate_type":"code")"), "invalid-certificate-type"},
      {"domains that are a number", caa(R"("caa_domains":5)"), "invalid-type"},
      {"a text beyond measure", dcv(R"("validation_method":")" + std::string(5'000, 'x') + "\""), "too-long invalid-validation-method"},
      {"half a number",
       R"({"check_type":"caa","domain_or_ip_target":"a.example","orchestration_parameters":{"quorum_count":4.5}})",
       "invalid-type"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.is) { CHECK(issues_of(row.body) == row.issues); }
  }
}

TEST_CASE("open mpic: a CAA check with the deployment's own domains, and with others", "[rest]") {
  const char* bare = R"({"check_type":"caa","domain_or_ip_target":"example.com"})";
  CHECK(read(bare).request.caa().issuer_domains(0) == "ca.example");
  CHECK(issues_of(bare, {}) == "missing-field");
  CHECK(read(caa(R"("caa_domains":null)")).request.caa().issuer_domains(0) == "ca.example");
  CHECK(read(caa(R"("caa_domains":[])")).request.caa().issuer_domains(0) == "ca.example");
  const OpenMpicRequest other = read(caa(R"("caa_domains":["a.example","b.example"],"certificate_type":"s-mime")"));
  CHECK(other.request.caa().issuer_domains_size() == 2);
  CHECK(other.request.caa().certificate_type() == v1::CERTIFICATE_TYPE_SMIME);
  CHECK(bj::serialize(other.parameters) ==
        R"({"certificate_type":"s-mime","caa_domains":["a.example","b.example"],"allow_lookup_failure":false})");
}

TEST_CASE("open mpic: which check is asked follows from the parameters where it is not said", "[rest]") {
  CHECK(read(R"({"domain_or_ip_target":"a.example","caa_check_parameters":{}})").is_caa);
  CHECK_FALSE(read(R"({"domain_or_ip_target":"a.example","dcv_check_parameters":
      {"validation_method":"dns-change","challenge_value":"x"}})")
                  .is_caa);
}

TEST_CASE("open mpic: numbers may be texts", "[rest]") {
  const OpenMpicRequest request = read(
      R"({"check_type":"caa","domain_or_ip_target":"a.example","trace_identifier":"t","orchestration_parameters":
          {"perspective_count":"6","quorum_count":4,"max_attempts":2.0,"cohort_for_single_attempt":null}})");
  CHECK(request.orchestration.perspective_count == 6);
  CHECK(request.orchestration.quorum_count == 4);
  CHECK(request.orchestration.max_attempts == 2);
  CHECK_FALSE(request.orchestration.cohort);
  CHECK(request.request.trace_id() == "t");
}

TEST_CASE("open mpic: an address that no record can hold is nobody's to look for", "[rest]") {
  struct Row {
    const char* value;
    const char* type;
    const char* address;  // that is looked for; empty: nothing can be
  };
  const Row rows[] = {
      {"192.0.2.1", "A", "192.0.2.1"},
      {"2001:db8:0:0:00:000:0000:1", "AAAA", "2001:db8::1"},
      {"2001:DB8::1", "AAAA", "2001:db8::1"},
      {"192.0.2.1", "AAAA", ""},
      {"2001:db8::1", "A", ""},
      {"2001:db8:0:0:0:00000:1", "AAAA", ""},
      {"nowhere", "A", ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.value << " " << row.type) {
      const OpenMpicRequest request = read(dcv(fmt::format(
          R"("validation_method":"ip-address","challenge_value":"{}","dns_record_type":"{}")", row.value, row.type)));
      CHECK(request.impossible.has_value() == std::string(row.address).empty());
      CHECK(request.request.dcv().ip_address().address() == row.address);
    }
  }
}

TEST_CASE("open mpic: an address as the target is written in one way", "[rest]") {
  CHECK(read(R"({"check_type":"dcv","domain_or_ip_target":"2001:DB8:0::1","dcv_check_parameters":
      {"validation_method":"reverse-address-lookup","challenge_value":"a.example"}})")
            .request.identifier() == "2001:db8::1");
}
