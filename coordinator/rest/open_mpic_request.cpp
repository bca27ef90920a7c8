#include "coordinator/rest/open_mpic_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "coordinator/rest/json_fields.hpp"
#include "coordinator/rest/open_mpic_methods.hpp"

namespace mpic::coordinator {
namespace {

namespace bj = boost::json;

constexpr std::size_t kMostIssues = 20;

v1::CertificateType certificate_type(JsonFields& fields, std::string& told) {
  told = fields.text("certificate_type").value_or("tls-server");
  if (told == "s-mime") return v1::CERTIFICATE_TYPE_SMIME;
  if (told != "tls-server") fields.issue("invalid-certificate-type", "certificate_type", "tls-server or s-mime");
  return v1::CERTIFICATE_TYPE_TLS_SERVER;
}

void read_caa(JsonFields fields, const std::vector<std::string>& own, OpenMpicRequest& out) {
  v1::CaaQuestion& caa = *out.request.mutable_caa();
  std::string type;
  caa.set_certificate_type(certificate_type(fields, type));
  auto domains = fields.texts("caa_domains").value_or(std::vector<std::string>{});
  if (domains.empty()) domains = own;
  if (domains.empty()) {
    fields.issue("missing-field", "caa_domains",
                 "this deployment has none of its own: name the CA's Issuer Domain Names");
  }
  for (const std::string& domain : domains) caa.add_issuer_domains(domain);
  caa.set_allow_lookup_failure(fields.boolean("allow_lookup_failure").value_or(false));
  out.parameters = {{"certificate_type", type},
                    {"caa_domains", bj::array(domains.begin(), domains.end())},
                    {"allow_lookup_failure", caa.allow_lookup_failure()}};
}

Orchestration read_orchestration(JsonFields fields) {
  return {fields.integer("perspective_count"), fields.integer("quorum_count"), fields.integer("max_attempts"),
          fields.integer("cohort_for_single_attempt")};
}

// By the name of the check, or by the parameters that are there.
std::optional<bool> is_caa(JsonFields& fields) {
  const auto told = fields.text("check_type");
  if (told == "caa") return true;
  if (told == "dcv") return false;
  if (told) {
    fields.issue("invalid-check-type", "check_type", "caa or dcv");
    return std::nullopt;
  }
  const bool has_dcv = fields.has("dcv_check_parameters");
  if (has_dcv != fields.has("caa_check_parameters")) return !has_dcv;
  fields.issue("missing-field", "check_type", "caa or dcv: the parameters do not tell which");
  return std::nullopt;
}

void read_body(JsonFields fields, const std::vector<std::string>& caa_domains, ValidationIssues& issues,
               OpenMpicRequest& out) {
  const auto caa = is_caa(fields);
  out.target = fields.needed_text("domain_or_ip_target");
  const auto address = address_in_any_form(out.target);
  out.request.set_identifier(address ? address->text() : out.target);
  out.trace_identifier = fields.text("trace_identifier");
  out.request.set_trace_id(out.trace_identifier.value_or(""));
  static const bj::object kNothing;
  const bj::object* orchestration = fields.object("orchestration_parameters");
  if (orchestration != nullptr) {
    out.orchestration = read_orchestration({*orchestration, "orchestration_parameters.", issues});
  }
  if (!caa) return;
  out.is_caa = *caa;
  const char* name = *caa ? "caa_check_parameters" : "dcv_check_parameters";
  const bj::object* parameters = fields.object(name);
  if (parameters == nullptr && !*caa) fields.issue("missing-field", name, "it is needed");
  JsonFields of_check(parameters == nullptr ? kNothing : *parameters, std::string(name) + ".", issues);
  if (*caa) return read_caa(std::move(of_check), caa_domains, out);
  if (parameters != nullptr) read_dcv(of_check, out);
}

bj::value parse(std::string_view body, bj::error_code& error) {
  bj::parse_options options;
  options.max_depth = kMaxOpenMpicDepth;
  return bj::parse(bj::string_view(body.data(), body.size()), error, {}, options);
}

}  // namespace

OpenMpicParsed read_open_mpic(std::string_view body, const std::vector<std::string>& caa_domains) {
  OpenMpicParsed out;
  bj::error_code error;
  const bj::value value = parse(body, error);
  if (error || !value.is_object()) {
    out.issues.push_back(
        {"invalid-json", error ? "the body is no JSON: " + error.message() : "the body is no JSON object"});
    return out;
  }
  OpenMpicRequest request;
  read_body({value.get_object(), "", out.issues}, caa_domains, out.issues, request);
  if (out.issues.size() > kMostIssues) out.issues.resize(kMostIssues);
  if (out.issues.empty()) out.request = std::move(request);
  return out;
}

}  // namespace mpic::coordinator
