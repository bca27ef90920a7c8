// tests/vectors/issuance: the cases of issuance_cases.hpp as JSON, which other languages are held to. Octets are in
// base64, times in nanoseconds since 1970; what a case does not name has its default. To write them anew:
//   MPIC_WRITE_VECTORS=tests/vectors/issuance mpic-unit-tests "[write-vectors]"
#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "common/evidence/text_form.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/issuance_cases.hpp"

using namespace mpic;
namespace json = boost::json;

namespace {

std::int64_t ns(TimePoint when) { return when.time_since_epoch().count(); }
std::string base64(const google::protobuf::Message& message) {
  return evidence::to_base64(message.SerializeAsString());
}

const char* name_of(ProblemCode code) {
  return code == ProblemCode::kPolicy            ? "POLICY"
         : code == ProblemCode::kInvalidArgument ? "INVALID_ARGUMENT"
                                                 : "EVIDENCE_INVALID";
}

json::object to_json(const evidence::Issuance& issuance) {
  return {{"identifier", issuance.identifier},
          {"at", ns(issuance.at)},
          {"certificate", v1::CertificateType_Name(issuance.certificate)},
          {"needs_dcv", issuance.needs_dcv},
          {"needs_caa", issuance.needs_caa},
          {"method", v1::DcvMethod_Name(issuance.method)},
          {"account_uri", issuance.account_uri},
          {"issuer_domain", issuance.issuer_domain},
          {"client", issuance.client},
          {"log_origin", issuance.log_origin},
          {"accepts_asserted_primary", issuance.accepts_asserted_primary}};
}

std::string text(const json::object& object, const char* field) { return std::string(object.at(field).as_string()); }

evidence::Issuance issuance_from(const json::object& object) {
  evidence::Issuance out;
  out.identifier = text(object, "identifier");
  out.at = TimePoint(std::chrono::nanoseconds(object.at("at").as_int64()));
  REQUIRE(v1::CertificateType_Parse(text(object, "certificate"), &out.certificate));
  out.needs_dcv = object.at("needs_dcv").as_bool();
  out.needs_caa = object.at("needs_caa").as_bool();
  REQUIRE(v1::DcvMethod_Parse(text(object, "method"), &out.method));
  out.account_uri = text(object, "account_uri");
  out.issuer_domain = text(object, "issuer_domain");
  out.client = text(object, "client");
  out.log_origin = text(object, "log_origin");
  out.accepts_asserted_primary = object.at("accepts_asserted_primary").as_bool();
  return out;
}

template <class Case>
json::object with_end(json::object out, const Case& one) {
  if (one.refused) out["refused"] = json::object{{"code", name_of(one.refused->code)}, {"why", one.refused->why}};
  return out;
}

json::object statements_file() {
  json::array keys;
  for (const evidence::PinnedKey& key : test::statement_keys()) {
    keys.push_back({{"public_key", evidence::to_base64(key.key.spki_der())},
                    {"not_before", ns(key.not_before)},
                    {"not_after", ns(key.not_after)}});
  }
  json::array cases;
  for (const test::IssuanceCase& one : test::issuance_cases()) {
    cases.push_back(
        with_end({{"rule", one.rule}, {"issuance", to_json(one.issuance)}, {"statement", base64(one.statement)}}, one));
  }
  return {{"keys", std::move(keys)}, {"cases", std::move(cases)}};
}

json::object records_file() {
  json::array keys;
  for (const evidence::NoteVerifier& key : test::log_keys()) keys.push_back(json::string(key.vkey()));
  json::array cases;
  for (const test::RecordCase& one : test::record_cases()) {
    cases.push_back(
        with_end({{"rule", one.rule}, {"statement", base64(one.statement)}, {"record", base64(one.record)}}, one));
  }
  return {{"log_keys", std::move(keys)}, {"cases", std::move(cases)}};
}

// One case in each line, so that a change is seen for what it is.
void write(const std::string& path, const json::object& file) {
  std::ofstream out(path);
  const char* before = "{";
  for (const auto& [name, list] : file) {
    out << before << '"' << std::string_view(name) << "\": [";
    const char* between = "\n";
    for (const json::value& one : list.as_array()) {
      out << between << json::serialize(one);
      between = ",\n";
    }
    out << "\n]";
    before = ",\n";
  }
  out << "}\n";
  REQUIRE(out.flush());
}

json::object read(const char* name) {
  std::ifstream in(std::string(MPIC_VECTORS "/issuance/") + name);
  std::stringstream octets;
  octets << in.rdbuf();
  return json::parse(octets.str()).as_object();
}

template <class Message>
Message message(const json::object& one, const char* field) {
  Message out;
  const auto octets = evidence::from_base64(text(one, field));
  REQUIRE(octets);
  REQUIRE(out.ParseFromString(*octets));
  return out;
}

template <class T>
void hold(const Expected<T>& told, const json::object& one) {
  INFO((told ? std::string("taken") : told.error().detail));
  REQUIRE(told.has_value() == !one.contains("refused"));
  if (told) return;
  const json::object& refused = one.at("refused").as_object();
  CHECK(name_of(told.error().code) == text(refused, "code"));
  CHECK(told.error().detail.starts_with(text(refused, "why")));
}

// The same rules with the same end, in the same order: what was added to the table was written to the file.
void hold_rules(const json::array& written, const json::array& table) {
  REQUIRE(written.size() == table.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    json::object a = written[i].as_object(), b = table[i].as_object();
    for (json::object* one : {&a, &b}) one->erase("statement"), one->erase("record");  // P-256 signs anew each time
    CHECK(a == b);
  }
}

}  // namespace

TEST_CASE("statements that other languages are held to are covered here as there", "[issuance][vectors]") {
  const json::object file = read("statements.json");
  for (const json::value& value : file.at("cases").as_array()) {
    const json::object& one = value.as_object();
    INFO(text(one, "rule"));
    hold(evidence::check_issuance(message<v1::Statement>(one, "statement"), test::statement_keys(),
                                  issuance_from(one.at("issuance").as_object())),
         one);
  }
  hold_rules(file.at("cases").as_array(), statements_file().at("cases").as_array());
  CHECK(file.at("keys") == statements_file().at("keys"));
}

TEST_CASE("records that other languages are held to are taken here as there", "[issuance][vectors]") {
  const json::object file = read("records.json");
  for (const json::value& value : file.at("cases").as_array()) {
    const json::object& one = value.as_object();
    INFO(text(one, "rule"));
    hold(evidence::check_record(message<v1::Record>(one, "record"), message<v1::Statement>(one, "statement"),
                                test::log_keys()),
         one);
  }
  hold_rules(file.at("cases").as_array(), records_file().at("cases").as_array());
  CHECK(file.at("log_keys") == records_file().at("log_keys"));
}

TEST_CASE("vectors of issuance are written", "[.][write-vectors]") {
  const char* folder = std::getenv("MPIC_WRITE_VECTORS");
  REQUIRE(folder != nullptr);
  write(std::string(folder) + "/statements.json", statements_file());
  write(std::string(folder) + "/records.json", records_file());
}
