#include "tests/fuzz/seeds/seeds.hpp"

namespace mpic::fuzz {

void add_rest(Seeds& out) {
  const auto add = [&](const char* name, const std::string& text) { out.push_back({"open_mpic", name, text}); };
  const auto dcv = [](const std::string& parameters) {
    return R"({"check_type":"dcv","domain_or_ip_target":"www.example.com","dcv_check_parameters":{)" + parameters +
           "}}";
  };
  add("caa",
      R"({"check_type":"caa","domain_or_ip_target":"example.com","trace_identifier":"t","orchestration_parameters":
      {"perspective_count":"6","quorum_count":4,"max_attempts":2,"cohort_for_single_attempt":null},"caa_check_parameters":
      {"certificate_type":"s-mime","caa_domains":["ca.example"],"allow_lookup_failure":true}})");
  add("http-01",
      dcv(R"("validation_method":"acme-http-01","token":"x","key_authorization":"x.y","http_headers":null)"));
  add("website", dcv(R"("validation_method":"website-change","http_token_path":"a.txt","challenge_value":"v",
      "url_scheme":"https","match_regex":"v$","require_exact_case":true)"));
  add("dns-01", dcv(R"("validation_method":"acme-dns-01","key_authorization_hash":"abc")"));
  add("dns-change", dcv(R"("validation_method":"dns-change","challenge_value":"v","dns_record_type":"CAA",
      "dns_name_prefix":"_x","require_exact_match":true,"require_exact_case":false)"));
  add("persistent", dcv(R"("validation_method":"dns-persistent","issuer_domain_names":["a.example"],
      "expected_account_uri":"https://a.example/1")"));
  add("contact", dcv(R"("validation_method":"contact-email-caa","challenge_value":"a@b.example")"));
  add("ip-address",
      dcv(R"("validation_method":"ip-address","challenge_value":"2001:db8:0:0::1","dns_record_type":"AAAA")"));
  add("reverse", R"({"domain_or_ip_target":"192.0.2.1","dcv_check_parameters":
      {"validation_method":"reverse-address-lookup","challenge_value":"a.example"}})");
  add("tls-alpn", dcv(R"("validation_method":"acme-tls-alpn-01",
      "key_authorization_hash":"653471d42925d7eb4cd39a39cda8b34d3034c94cb90067ab78c8123560ba2e5f")"));
  add("escapes", R"({"check_type":"\u0063aa","domain_or_ip_target":"\ud83d\ude00\u0000"})");
  add("deep", std::string(40, '['));
  add("numbers", R"({"orchestration_parameters":{"perspective_count":1e400,"quorum_count":-5,"max_attempts":"9x"}})");
}

}  // namespace mpic::fuzz
