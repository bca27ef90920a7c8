// What a client may ask for: each right by itself.
#include "coordinator/access/rights.hpp"

#include <functional>

#include "tests/support/catch.hpp"
#include "tests/support/worldwide.hpp"

using namespace mpic;
using namespace mpic::coordinator;

namespace {

constexpr const char* kToken = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0";

using Request = v1::CorroborateRequest;

Request request() {
  Request out;
  out.set_identifier("www.example.com");
  out.mutable_caa()->add_issuer_domains("ca.example");
  out.mutable_dcv()->mutable_acme_http_01()->set_token(kToken);
  out.mutable_dcv()->mutable_acme_http_01()->set_key_authorization(std::string(kToken) + "." + std::string(43, 'k'));
  return out;
}

void make_persistent(Request& out, const std::string& issuer) {
  auto& persistent = *out.mutable_dcv()->mutable_dns_persistent();
  persistent.clear_issuer_domains();
  persistent.add_issuer_domains(issuer);
  persistent.set_account_uri("https://ca.example/acct/1");
}

}  // namespace

TEST_CASE("a client without limits may ask for everything but a Primary's part", "[access][rights]") {
  Request asked = request();
  CHECK(check_rights(asked, {}));
  for (const auto mode : {v1::MODE_ENFORCE, v1::MODE_MONITOR}) {
    asked.set_mode(mode);
    CHECK(check_rights(asked, {}));
  }
  asked.mutable_asserted()->set_primary_id("primary");
  CHECK_FALSE(check_rights(asked, {}));
}

TEST_CASE("what a client was not given is refused, and named", "[access][rights]") {
  struct Row {
    const char* rule;
    std::function<void(ClientEntry&)> limit;
    std::function<void(Request&)> ask;
    const char* says;  // empty: it may
  };
  const auto methods = [](std::vector<DcvMethod> may) { return [may](ClientEntry& c) { c.rights.methods = may; }; };
  const auto issuers = [](std::vector<std::string> may) {
    return [may](ClientEntry& c) { c.rights.issuer_domains = may; };
  };
  const auto as_it_is = [](Request&) {};
  const Row rows[] = {
      {"its method", methods({DcvMethod::kAcmeDns01, DcvMethod::kAcmeHttp01}), as_it_is, ""},
      {"another method", methods({DcvMethod::kAcmeDns01}), as_it_is,
       "dcv: this client has no right to validate by acme-http-01"},
      {"CAA alone needs no method", methods({DcvMethod::kAcmeDns01}), [](Request& r) { r.clear_dcv(); }, ""},
      {"its issuer", issuers({"other.example", "ca.example"}), as_it_is, ""},
      {"its issuer, in upper case", issuers({"ca.example"}),
       [](Request& r) { r.mutable_caa()->set_issuer_domains(0, "CA.Example"); }, ""},
      {"another issuer", issuers({"other.example"}), as_it_is,
       R"(caa.issuer_domains: this client has no right to ask for the issuer "ca.example")"},
      {"another issuer beside its own", issuers({"ca.example"}),
       [](Request& r) { r.mutable_caa()->add_issuer_domains("other.example"); },
       R"(caa.issuer_domains: this client has no right to ask for the issuer "other.example")"},
      {"its issuer, of dns-persistent", issuers({"ca.example"}), [](Request& r) { make_persistent(r, "ca.example"); },
       ""},
      {"another issuer, of dns-persistent", issuers({"ca.example"}),
       [](Request& r) { make_persistent(r, "other.example"); },
       R"(dcv.dns_persistent.issuer_domains: this client has no right to ask for the issuer "other.example")"},
      {"no verdict to rest on", [](ClientEntry& c) { c.rights.enforce = false; }, as_it_is,
       "mode: this client has no right to ask in mode ENFORCE"},
      {"no verdict to rest on, said aloud", [](ClientEntry& c) { c.rights.enforce = false; },
       [](Request& r) { r.set_mode(v1::MODE_ENFORCE); }, "mode: this client has no right to ask in mode ENFORCE"},
      {"a trial, where no verdict is to be had", [](ClientEntry& c) { c.rights.enforce = false; },
       [](Request& r) { r.set_mode(v1::MODE_MONITOR); }, ""},
      {"no trial", [](ClientEntry& c) { c.rights.monitor = false; }, [](Request& r) { r.set_mode(v1::MODE_MONITOR); },
       "mode: this client has no right to ask in mode MONITOR"},
      {"its Primary",
       [](ClientEntry& c) { c.asserted_primary = test::placed("theirs", Role::kPrimary, Rir::kRipe, 48.86, 2.35); },
       [](Request& r) { r.mutable_asserted()->set_primary_id("theirs"); }, ""},
      {"a Primary", [](ClientEntry&) {}, [](Request& r) { r.mutable_asserted()->set_primary_id("theirs"); },
       "asserted: this client has no right to speak for a Primary: clients[].asserted_primary"},
      {"what cannot be read is told by who reads it", methods({DcvMethod::kAcmeDns01}),
       [](Request& r) { r.mutable_dcv()->mutable_acme_http_01()->clear_token(); }, ""},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      ClientEntry client{.name = "pipeline", .san = "pipeline.example"};
      row.limit(client);
      Request asked = request();
      row.ask(asked);
      const auto may = check_rights(asked, client);
      CHECK((may ? "" : may.error().detail) == row.says);
      if (!may) CHECK(may.error().code == ProblemCode::kNoRight);
    }
}
