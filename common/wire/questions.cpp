// The CAA question, problems and times.
#include "common/wire/convert.hpp"
#include "common/wire/field.hpp"

namespace mpic::wire {
namespace {

constexpr std::size_t kMaxUri = 1024;
constexpr std::size_t kMaxAccounts = 16;
constexpr std::int64_t kYear2200 = 7'258'118'400;

}  // namespace

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
    out.issuer_domains = names(question.issuer_domains(), in(field, "issuer_domains"));
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
