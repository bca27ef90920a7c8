#include "coordinator/pipeline/recorded.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include "common/domain/hex.hpp"
#include "common/rules/caa_label.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/pipeline/stages.hpp"

namespace mpic::coordinator {
namespace {

using google::protobuf::internal::WireFormatLite;

constexpr int kRequestField = v1::RecordBody::kRequestFieldNumber;

std::string sha256_text(std::string_view octets) {
  const Digest digest = evidence::sha256(octets);
  return {digest.begin(), digest.end()};
}

std::string hex_of(const std::string& octets) {
  return hex({reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size()});
}

// As requests are checked: in lower case, an address as RFC 5952 writes it. What cannot be read stays as it is.
std::string canonical_identifier(const std::string& text) {
  const auto identifier = Identifier::parse(text);
  return identifier ? identifier->text() : text;
}

// The name that DCV validates; empty: there is none.
std::string validated_name(const v1::CorroborateRequest& request) {
  if (!request.has_dcv()) return {};
  if (!request.authorization_domain().empty()) {
    const auto name = DnsName::parse(request.authorization_domain());
    return name ? name->text() : request.authorization_domain();
  }
  const auto identifier = Identifier::parse(request.identifier());
  return identifier && !identifier->is_ip() ? identifier->name().text() : std::string();
}

// What the certificate is for: told by `caa`, else by the request.
v1::CertificateType certificate_of(const v1::CorroborateRequest& request) {
  const auto told = request.has_caa() ? request.caa().certificate_type() : request.certificate_type();
  return told == v1::CERTIFICATE_TYPE_SMIME ? told : v1::CERTIFICATE_TYPE_TLS_SERVER;
}

std::optional<DcvMethod> method_of(const v1::CorroborateRequest& request) {
  if (!request.has_dcv()) return std::nullopt;
  const auto question = wire::decode(request.dcv(), "dcv");
  return question ? std::optional(question->method()) : std::nullopt;
}

void write_dcv(const v1::CorroborateRequest& request, v1::StatementBody& out) {
  const auto method = method_of(request);
  if (!method) return;
  out.set_authorization_domain(validated_name(request));
  out.set_method(static_cast<v1::DcvMethod>(*method));
  if (request.dcv().has_dns_persistent()) out.set_dcv_account_uri(request.dcv().dns_persistent().account_uri());
  if (request.dcv().has_acme_dns_account_01()) {
    out.set_dcv_account_uri(request.dcv().acme_dns_account_01().account_uri());
  }
}

void write_caa(const v1::CorroborateRequest& request, v1::StatementBody& out) {
  if (!request.has_caa()) return;
  *out.mutable_account_uris() = request.caa().account_uris();
  *out.mutable_issuer_domains() = request.caa().issuer_domains();
  out.set_validation_method(caa_label_of(request));
}

bool is_earlier(const google::protobuf::Timestamp& a, const google::protobuf::Timestamp& b) {
  return a.seconds() < b.seconds() || (a.seconds() == b.seconds() && a.nanos() < b.nanos());
}

void write_checks(const v1::Decision& decision, v1::StatementBody& out) {
  for (const v1::CheckResult& check : decision.checks()) {
    v1::StatedCheck& stated = *out.add_checks();
    stated.set_kind(check.kind());
    stated.set_verdict(check.verdict());
    stated.set_half_validation(check.dcv().half_validation());
    if (!check.has_usable_until()) continue;
    *stated.mutable_usable_until() = check.usable_until();
    if (!out.has_usable_until() || is_earlier(check.usable_until(), out.usable_until())) {
      *out.mutable_usable_until() = check.usable_until();
    }
  }
}

void add_rows(const std::string& attempt, const v1::Decision& decision, std::vector<AttemptRow>& out) {
  for (const v1::CheckResult& check : decision.checks()) {
    for (const v1::PerspectiveResult& row : check.perspectives()) {
      out.push_back({attempt, row.perspective(), std::string(to_string(static_cast<Role>(row.role()))),
                     std::string(to_string(static_cast<Rir>(row.rir()))),
                     check.kind() == v1::CHECK_KIND_CAA ? "caa" : "dcv",
                     std::string(to_string(static_cast<Outcome>(row.outcome()))),
                     row.has_problem() ? std::string(to_string(static_cast<ProblemCode>(row.problem().code()))) : ""});
    }
  }
}

// Whether a perspective was asked for a check: as its assignment says, or, without one (an asserted Primary), the
// request.
bool was_asked(const v1::PlannedPerspective& planned, const v1::CorroborateRequest& request, bool caa) {
  v1::Assignment assignment;
  if (planned.assignment().empty() || !assignment.ParseFromString(planned.assignment())) {
    return caa ? request.has_caa() : request.has_dcv();
  }
  return caa ? assignment.has_caa() : assignment.has_dcv();
}

// Rows as they would have been, each without a result.
std::vector<AttemptRow> rows_without_result(const v1::RecordBody& body) {
  std::vector<AttemptRow> out;
  for (const v1::AttemptRecord& attempt : body.attempts()) {
    for (const v1::PlannedPerspective& planned : attempt.planned()) {
      for (const bool caa : {false, true}) {
        if (!was_asked(planned, body.request(), caa)) continue;
        out.push_back({hex_of(attempt.attempt_id()), planned.perspective_id(),
                       std::string(to_string(static_cast<Role>(planned.role()))),
                       std::string(to_string(static_cast<Rir>(planned.rir()))), caa ? "caa" : "dcv",
                       std::string(to_string(Outcome::kNoResult)), std::string(to_string(ProblemCode::kNoResult))});
      }
    }
  }
  return out;
}

// Of each attempt once, in their order: the Primary's and the remotes' plans share one.
std::vector<std::string> attempt_ids(const v1::RecordBody& body) {
  std::vector<std::string> out;
  for (const v1::AttemptRecord& attempt : body.attempts()) {
    std::string id = hex_of(attempt.attempt_id());
    if (out.empty() || out.back() != id) out.push_back(std::move(id));
  }
  return out;
}

}  // namespace

std::optional<std::string_view> field_octets(std::string_view message, int number) {
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(message.data()),
                                            static_cast<int>(message.size()));
  std::optional<std::string_view> found;
  while (const std::uint32_t tag = in.ReadTag()) {
    const bool is_it = WireFormatLite::GetTagFieldNumber(tag) == number &&
                       WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
    if (!is_it) {
      if (!WireFormatLite::SkipField(&in, tag)) return std::nullopt;
      continue;
    }
    std::uint32_t size = 0;
    if (!in.ReadVarint32(&size)) return std::nullopt;
    const auto at = static_cast<std::size_t>(in.CurrentPosition());
    if (size > message.size() - at || !in.Skip(static_cast<int>(size))) return std::nullopt;
    found = message.substr(at, size);
  }
  return found;
}

bool is_without_result(const v1::RecordBody& body) { return body.decision().checks().empty(); }

std::string caa_label_of(const v1::CorroborateRequest& request) {
  if (!request.has_caa() || !request.caa().validation_method().empty()) return request.caa().validation_method();
  const auto method = method_of(request);
  return method ? std::string(rules::caa_label_of(*method)) : std::string();
}

v1::StatementBody statement_of(const v1::RecordBody& body, std::string_view octets) {
  v1::StatementBody out;
  const v1::CorroborateRequest& request = body.request();
  out.set_log_origin(body.log_origin());
  out.set_record_id(body.record_id());
  out.set_client(body.client());
  out.set_identifier(canonical_identifier(request.identifier()));
  out.set_certificate_type(certificate_of(request));
  write_dcv(request, out);
  write_caa(request, out);
  out.set_asserted_primary(request.has_asserted());
  out.set_profile(body.policy().profile());
  out.set_verdict(body.decision().verdict());
  out.set_basis_for_issuance(body.decision().basis_for_issuance());
  write_checks(body.decision(), out);
  out.set_request_sha256(sha256_text(field_octets(octets, kRequestField).value_or("")));
  out.set_record_sha256(sha256_text(octets));
  *out.mutable_decided() = body.decided();
  return out;
}

std::vector<AttemptRow> attempt_rows(const v1::RecordBody& body) {
  if (is_without_result(body)) return rows_without_result(body);
  std::vector<AttemptRow> out;
  const auto ids = attempt_ids(body);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto earlier = static_cast<std::size_t>(body.earlier_size());
    add_rows(ids[i], i < earlier ? body.earlier(static_cast<int>(i)) : body.decision(), out);
  }
  return out;
}

StoredRecord stored_record(const v1::RecordBody& body, std::string octets, const v1::Statement& statement) {
  StoredRecord out;
  out.record_id = body.record_id();
  out.client = body.client();
  if (!is_without_result(body)) out.request_id = body.request().request_id();
  out.trace_id = body.request().trace_id();
  out.identifier = canonical_identifier(body.request().identifier());
  out.verdict = to_string(static_cast<Verdict>(body.decision().verdict()));
  out.received = wire::decode(body.received()).value_or(TimePoint{});
  out.decided = wire::decode(body.decided()).value_or(TimePoint{});
  out.body = std::move(octets);
  out.statement = statement.SerializeAsString();
  out.rows = attempt_rows(body);
  return out;
}

}  // namespace mpic::coordinator
