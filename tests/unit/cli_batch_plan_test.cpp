#include "cli/batch/plan.hpp"

#include <set>

#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::cli;

namespace {

const BatchValues kCaa = {{"method", "caa"}, {"issuer", "ca.example"}};

BatchPlan plan(const std::string& text, const BatchValues& defaults = {}, BatchFormat format = BatchFormat::kCsv) {
  CheckOptions common;
  common.settled = true;
  common.attempts = 2;
  return plan_batch(text, format, defaults, common);
}

v1::CorroborateRequest request_at(const BatchPlan& plan, std::size_t index) {
  REQUIRE(plan.mistake_count == 0);
  REQUIRE(index < plan.lines.size());
  v1::CorroborateRequest request;
  REQUIRE(request.ParseFromString(plan.lines[index].request));
  return request;
}

// The only mistake, "3: why".
std::string mistake(const BatchPlan& plan) {
  REQUIRE(plan.mistakes.size() == 1);
  return std::to_string(plan.mistakes[0].line) + ": " + plan.mistakes[0].text;
}

constexpr const char* kToken = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA";
constexpr const char* kKeyAuthorization =
    "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI";

}  // namespace

TEST_CASE("cli: a plain list of names, with what is asked on the command line", "[cli][batch]") {
  const BatchPlan made = plan(
      "name\nwww.example.com\n\n*.b\xC3\xBC"
      "cher.example\n",
      kCaa);
  REQUIRE(made.lines.size() == 2);
  CHECK(made.lines[0].number == 2);
  CHECK(made.lines[1].number == 4);
  CHECK(request_at(made, 0).ShortDebugString() ==
        "identifier: \"www.example.com\" caa { certificate_type: CERTIFICATE_TYPE_TLS_SERVER issuer_domains: "
        "\"ca.example\" } max_attempts: 2 respond: RESPOND_SETTLED");
  CHECK(request_at(made, 1).identifier() == "*.xn--bcher-kva.example");
}

TEST_CASE("cli: each line may ask something else", "[cli][batch]") {
  const std::string key(kKeyAuthorization);
  const BatchPlan made =
      plan(std::string("name,method,token,key-authorization,issuer,trace,adn,account\n") + "a.example,http-01," +
               kToken + "," + key + ",,order 1,,\n" + "b.b.example,dns-01,," + key +
               ",one.example two.example,,b.example,https://ca.example/1 https://ca.example/2\n" +
               "c.example,,,,,,,https://ca.example/1\n" + "d.example,http-01," + kToken + "," + key + ",,,,\n",
           {{"method", "dns-persistent"}, {"issuer", "ca.example"}, {"caa", "yes"}});
  REQUIRE(made.lines.size() == 4);
  CHECK(request_at(made, 0).dcv().acme_http_01().token() == kToken);
  CHECK(request_at(made, 0).trace_id() == "order 1");
  CHECK(request_at(made, 0).caa().issuer_domains(0) == "ca.example");
  CHECK(request_at(made, 1).dcv().acme_dns_01().key_authorization() == key);
  CHECK(request_at(made, 1).authorization_domain() == "b.example");
  CHECK(request_at(made, 1).caa().issuer_domains(1) == "two.example");
  CHECK(request_at(made, 1).caa().account_uris_size() == 2);
  CHECK(request_at(made, 2).dcv().dns_persistent().account_uri() == "https://ca.example/1");
  CHECK(request_at(made, 2).caa().account_uris(0) == "https://ca.example/1");  // caa is asked by the default
}

TEST_CASE("cli: a default holds for the methods that know it, and a cell is never passed over", "[cli][batch]") {
  const BatchValues reverse = {{"method", "reverse"}, {"issuer", "ca.example"}};
  CHECK_FALSE(request_at(plan("name,fqdn\n192.0.2.1,a.example\n", reverse), 0).has_caa());
  CHECK(mistake(plan("name,fqdn,token\n192.0.2.1,a.example,t\n", reverse)) ==
        "2: token: is nothing that reverse knows");
}

TEST_CASE("cli: mistakes in a CSV batch are told with their line", "[cli][batch]") {
  struct Row {
    const char* text;
    const char* mistake;
  };
  const Row rows[] = {
      {"", "1: empty: the first line names the columns"},
      {"name\n", "1: no line asks anything"},
      {"issuer\nca.example\n", "1: the column name is missing"},
      {"name,name\na.example,b.example\n", "1: the column name stands there twice"},
      {"name\na.example,b.example\n", "2: 2 fields, but the first line names 1 columns"},
      {"name\na.example\n\n_b.example\n", "4: identifier: "},
      {"name\n\xE2\x98\x83.example\n", "2: "},
      {"name,method\na.example,htp-01\n", "2: method: \"htp-01\" is none of caa, http-01, dns-01, "},
      {"name,method\na.example,http-01\n", "2: token: missing, and http-01 needs it"},
      {"name,method,value,type\na.example,dns-change,v,MX\n", "2: type: \"MX\" is none of TXT, CNAME, CAA"},
      {"name,method,value,exact\na.example,dns-change,v,true\n", "2: exact: \"true\" is neither yes nor no"},
      {"name,method,contact,via\na.example,contact-email,a@a.example,post\n", "2: via: \"post\" is none of caa, txt"},
      {"name,method,digest\na.example,tls-alpn-01,00\n", "2: --digest: 64 hexadecimal digits"},
      {"name,trace\na.example,ü\n", "2: trace: at most 128 octets of printable ASCII"},
      {"name,issuer\na.example,ca..example\n", "2: caa.issuer_domains[0]: "},
      {"name,color\na.example,red\n", "1: \"color\" is no column; these are: name, trace, method, "},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.text) {
      CHECK_THAT(mistake(plan(row.text, kCaa)), Catch::StartsWith(row.mistake));
    }
  CHECK_THAT(mistake(plan("name\na.example\n")), Catch::StartsWith("2: method: missing, and --method does not say it"));
}

TEST_CASE("cli: a CAA check that is meant is not left out in silence", "[cli][batch]") {
  const std::string key(kKeyAuthorization);
  const BatchValues dns = {{"method", "dns-01"}, {"key_authorization", key}};
  CHECK_THAT(mistake(plan("name,account\na.example,https://ca.example/1\n", dns)),
             Catch::StartsWith("2: --issuer: missing"));
  CHECK_THAT(mistake(plan("name,validation-method\na.example,dns-01\n", dns)),
             Catch::StartsWith("2: --issuer: missing"));
  const BatchValues http = {
      {"method", "http-01"}, {"token", kToken}, {"key_authorization", key}, {"issuer", "ca.example"}};
  CHECK_THAT(mistake(plan("name\n192.0.2.1\n", http)), Catch::StartsWith("2: caa: CAA is for names"));
}

TEST_CASE("cli: twenty mistakes are told, and all are counted", "[cli][batch]") {
  std::string text = "name\n";
  for (int i = 0; i < 50; ++i) text += "not a name\n";
  const BatchPlan made = plan(text, kCaa);
  CHECK(made.mistakes.size() == 20);
  CHECK(made.mistake_count == 50);
}

TEST_CASE("cli: a batch of JSON lines", "[cli][batch]") {
  const auto json = [](const std::string& text) { return plan(text, {}, BatchFormat::kJsonLines); };
  const std::string good = R"({"identifier":"a.example","caa":{"issuer_domains":["ca.example"]}})";
  const BatchPlan made = json(good + "\r\n\n" + R"({"identifier":"b.example","caa":{"issuerDomains":["ca.example"]},)" +
                              R"("respond":"RESPOND_COMPLETE","max_attempts":1,"deadline_ms":9000})");
  REQUIRE(made.lines.size() == 2);
  CHECK(made.lines[1].number == 3);
  CHECK(made.longest_deadline_ms == 9000);
  CHECK(request_at(made, 0).respond() == v1::RESPOND_SETTLED);  // the command's, where the line is silent
  CHECK(request_at(made, 0).max_attempts() == 2);
  CHECK(request_at(made, 1).respond() == v1::RESPOND_COMPLETE);
  CHECK(request_at(made, 1).max_attempts() == 1);
  struct Row {
    const char* text;
    const char* mistake;
  };
  const Row rows[] = {
      {"{\"identifier\":\"a.example\",\"cca\":{}}", "2: no CorroborateRequest: "},
      {"not JSON", "2: no CorroborateRequest: "},
      {"[]", "2: no CorroborateRequest: "},
      {"{\"identifier\":\"a.example\"}", "2: dcv, caa: neither is there: nothing is asked"},
      {"{\"caa\":{\"issuer_domains\":[\"ca.example\"]}}", "2: identifier: "},
      {"{\"identifier\":\"a.example\",\"caa\":{},\"request_id\":\"mine\"}", "2: request_id: is made by the batch"},
      {"{\"identifier\":\"a.example\",\"dcv\":{}}", "2: dcv"},
      {"{\"identifier\":\"a.example\",\"caa\":{\"issuer_domains\":[\"ca.example\"]},\"deadline_ms\":5}",
       "2: deadline_ms: 1000 to 120000 are accepted"},
      {"{\"identifier\":\"a.example\",\"caa\":{\"issuer_domains\":[\"ca.example\"]},\"max_attempts\":6}",
       "2: max_attempts: at most 5 are accepted"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.text) {
      CHECK_THAT(mistake(json(good + "\n" + row.text + "\n" + good)), Catch::StartsWith(row.mistake));
    }
  CHECK_THAT(mistake(json(good + "\n" + std::string(70'000, ' ') + "{}")), Catch::StartsWith("2: longer than 65536"));
}

TEST_CASE("cli: a batch's digest tells whether the same is asked", "[cli][batch]") {
  const std::string digest = digest_of(plan("name\na.example\nb.example\n", kCaa));
  CHECK(digest.size() == 64);
  CHECK(digest_of(plan("name\r\na.example\r\nb.example", kCaa)) == digest);
  CHECK(digest_of(plan("name\nb.example\na.example\n", kCaa)) != digest);
  CHECK(digest_of(plan("name\n\na.example\nb.example\n", kCaa)) != digest);  // other line numbers, so other ids
  CHECK(digest_of(plan("name\na.example\nb.example\n", {{"method", "caa"}, {"issuer", "other.example"}})) != digest);
}

TEST_CASE("cli: a line's request id follows from batch and line", "[cli][batch]") {
  std::set<std::string> ids;
  for (const char* batch : {"a1", "a"}) {
    for (std::size_t line = 1; line < 200; ++line) ids.insert(request_id_of(batch, line));
  }
  CHECK(ids.size() == 2 * 199);
  CHECK(request_id_of("a", 7) == request_id_of("a", 7));
  CHECK(ids.begin()->size() == 70);  // of 128 that the contract allows
}

TEST_CASE("cli: the format of a batch by its file's name", "[cli][batch]") {
  CHECK(batch_format_of("a.csv") == BatchFormat::kCsv);
  CHECK(batch_format_of("a.jsonl") == BatchFormat::kJsonLines);
  CHECK(batch_format_of("a.ndjson") == BatchFormat::kJsonLines);
  CHECK_FALSE(batch_format_of("a.txt"));
  CHECK_FALSE(batch_format_of("-"));
}
