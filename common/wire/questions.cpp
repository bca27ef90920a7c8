// Questions, problems and times.

#include "common/rules/dcv_http.hpp"
#include "common/wire/convert.hpp"
#include "common/wire/field.hpp"

namespace mpic::wire {
namespace {

constexpr std::size_t kMaxUri = 1024;
constexpr std::size_t kMaxIssuers = 16;
constexpr std::size_t kMaxAccounts = 16;
constexpr std::int64_t kYear2200 = 7'258'118'400;

std::string in(std::string_view parent, std::string_view field) { return fmt::format("{}.{}", parent, field); }

AcmeHttp01 decode_http_01(const v1::AcmeHttp01& question, std::string_view field) {
  AcmeHttp01 out{ascii(question.token(), 128, in(field, "token")),
                 ascii(question.key_authorization(), 256, in(field, "key_authorization"))};
  if (const auto good = rules::check_question(out); !good) bad(in(field, good.error().where), good.error().detail);
  return out;
}

}  // namespace

Expected<DcvQuestion> decode(const v1::DcvQuestion& question, std::string_view field) {
  return decoding(ProblemCode::kInvalidArgument, [&]() -> DcvQuestion {
    switch (question.method_case()) {
      case v1::DcvQuestion::kAcmeHttp01:
        return {decode_http_01(question.acme_http_01(), in(field, "acme_http_01"))};
      case v1::DcvQuestion::METHOD_NOT_SET:
        bad(field, "names no validation method");
      default:
        bad(field, "this version validates by acme_http_01 only");
    }
  });
}

Expected<CaaQuestion> decode(const v1::CaaQuestion& question, std::string_view field) {
  return decoding(ProblemCode::kInvalidArgument, [&] {
    CaaQuestion out;
    switch (question.certificate_type()) {
      case v1::CERTIFICATE_TYPE_UNSPECIFIED:
      case v1::CERTIFICATE_TYPE_TLS_SERVER:
        out.certificate_type = CertificateType::kTlsServer;
        break;
      case v1::CERTIFICATE_TYPE_SMIME:
        out.certificate_type = CertificateType::kSmime;
        break;
      default:
        bad(in(field, "certificate_type"), fmt::format("{} is not a value of this field", question.certificate_type()));
    }
    const std::string issuers = in(field, "issuer_domains");
    if (question.issuer_domains().empty()) bad(issuers, "at least one Issuer Domain Name is needed");
    at_most(question.issuer_domains(), kMaxIssuers, issuers);
    for (int i = 0; i < question.issuer_domains_size(); ++i) {
      out.issuer_domains.push_back(
          take(DnsName::parse(question.issuer_domains(i)), fmt::format("{}[{}]", issuers, i)).text());
    }
    const std::string accounts = in(field, "account_uris");
    at_most(question.account_uris(), kMaxAccounts, accounts);
    for (int i = 0; i < question.account_uris_size(); ++i) {
      const std::string name = fmt::format("{}[{}]", accounts, i);
      out.account_uris.push_back(ascii(question.account_uris(i), kMaxUri, name));
      if (out.account_uris.back().find(':') == std::string::npos) bad(name, "is not a URI");
    }
    out.validation_method = ascii(question.validation_method(), 64, in(field, "validation_method"));
    out.allow_lookup_failure = question.allow_lookup_failure();
    return out;
  });
}

void encode(const DcvQuestion& question, v1::DcvQuestion& out) {
  const auto& parameters = std::get<AcmeHttp01>(question.parameters);
  out.mutable_acme_http_01()->set_token(parameters.token);
  out.mutable_acme_http_01()->set_key_authorization(parameters.key_authorization);
}

void encode(const CaaQuestion& question, v1::CaaQuestion& out) {
  out.set_certificate_type(static_cast<v1::CertificateType>(question.certificate_type));
  for (const std::string& issuer : question.issuer_domains) out.add_issuer_domains(issuer);
  for (const std::string& account : question.account_uris) out.add_account_uris(account);
  out.set_validation_method(question.validation_method);
  out.set_allow_lookup_failure(question.allow_lookup_failure);
}

v1::Problem encode(const Problem& problem) {
  v1::Problem out;
  out.set_code(static_cast<v1::ProblemCode>(problem.code));
  out.set_where(presentable(problem.where, 2100));
  out.set_detail(presentable(problem.detail, 1024));
  return out;
}

Problem decode(const v1::Problem& problem) {
  const bool known = v1::ProblemCode_IsValid(problem.code()) && problem.code() != v1::PROBLEM_CODE_UNSPECIFIED;
  return {known ? static_cast<ProblemCode>(problem.code()) : ProblemCode::kInternal, presentable(problem.where(), 2100),
          presentable(problem.detail(), 1024)};
}

google::protobuf::Timestamp encode(TimePoint when) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(when);
  google::protobuf::Timestamp out;
  out.set_seconds(seconds.time_since_epoch().count());
  out.set_nanos(static_cast<std::int32_t>((when - seconds).count()));
  return out;
}

std::optional<TimePoint> decode(const google::protobuf::Timestamp& when) {
  if (when.seconds() < 0 || when.seconds() > kYear2200 || when.nanos() < 0 || when.nanos() > 999'999'999) {
    return std::nullopt;
  }
  return TimePoint(std::chrono::seconds(when.seconds()) + std::chrono::nanoseconds(when.nanos()));
}

}  // namespace mpic::wire
