// request: what a client sent, made safe to work with.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "common/rules/caa_label.hpp"
#include "common/rules/dcv_question.hpp"
#include "common/rules/namespace_policy.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/pipeline/assertion.hpp"
#include "coordinator/policy/methods.hpp"

namespace mpic::coordinator {
namespace {

constexpr std::size_t kMaxId = 128;
constexpr std::uint32_t kMaxAttempts = 5;
constexpr std::uint32_t kMinDeadlineMs = 1'000;
constexpr std::uint32_t kMaxDeadlineMs = 120'000;

Unexpected bad(std::string_view field, std::string_view why) {
  return fail(ProblemCode::kInvalidArgument, std::string(field), fmt::format("{}: {}", field, why));
}

// A Problem of a parser, told with the field's name in front.
Unexpected in_field(std::string_view field, const Problem& problem) {
  return fail(problem.code, std::string(field), fmt::format("{}: {}", field, problem.detail));
}

Expected<void> check_id(std::string_view field, const std::string& id) {
  if (id.size() > kMaxId) return bad(field, fmt::format("{} octets, at most {} are accepted", id.size(), kMaxId));
  const bool printable_ascii = std::all_of(id.begin(), id.end(), [](char c) { return c >= 0x20 && c <= 0x7E; });
  if (!printable_ascii) return bad(field, "only printable ASCII is accepted");
  return {};
}

Expected<Identifier> check_name(const v1::CorroborateRequest& request, const LabRelaxations& lab) {
  if (request.identifier().empty())
    return bad("identifier", "missing: the FQDN or IP address that the certificate is for");
  auto identifier = Identifier::parse(request.identifier());
  if (!identifier) return in_field("identifier", identifier.error());
  if (const auto allowed = rules::check_identifier(*identifier, lab); !allowed) {
    return in_field("identifier", allowed.error());
  }
  return identifier;
}

// A demand that nobody here can meet is refused, instead of told as the site's failure after seven visits.
Expected<void> check_within_reach(const v1::StricterQuorum& asked, const Deployment& deployment) {
  std::size_t remotes = 0;
  std::set<Rir> regions;
  for (const PerspectiveEntry& entry : deployment.perspectives) {
    if (entry.where.role != Role::kRemote) continue;
    ++remotes;
    regions.insert(entry.where.rir);
  }
  const std::size_t most = remotes / deployment.planning.cohorts;
  if (asked.min_remotes() > most) {
    return bad("stricter.min_remotes", fmt::format("{}, and this deployment can ask {}", asked.min_remotes(), most));
  }
  if (asked.min_corroborations() > most) {
    return bad("stricter.min_corroborations",
               fmt::format("{}, and this deployment can ask {}", asked.min_corroborations(), most));
  }
  if (asked.min_rirs() > regions.size()) {
    return bad("stricter.min_rirs",
               fmt::format("{}, and this deployment has remotes in {}", asked.min_rirs(), regions.size()));
  }
  return {};
}

Expected<QuorumPolicy> quorum(const v1::CorroborateRequest& request, const Deployment& deployment, Profile profile,
                              TimePoint now) {
  auto demanded = deployment.quorum_at(profile, deployment.policy_time(now));
  if (!demanded || !request.has_stricter()) return demanded;
  QuorumPolicy policy = *demanded;
  const v1::StricterQuorum& asked = request.stricter();
  const auto weaker = [](std::uint32_t number, std::size_t least) {
    return fmt::format("{} is weaker than the {} that the policy of the day demands (BR 3.2.2.9)", number, least);
  };
  if (asked.min_remotes() != 0 && asked.min_remotes() < policy.min_remotes) {
    return bad("stricter.min_remotes", weaker(asked.min_remotes(), policy.min_remotes));
  }
  if (asked.min_rirs() != 0 && asked.min_rirs() < policy.min_rirs) {
    return bad("stricter.min_rirs", weaker(asked.min_rirs(), policy.min_rirs));
  }
  if (const auto good = check_within_reach(asked, deployment); !good) return Unexpected(good.error());
  policy.min_remotes = std::max<std::size_t>(policy.min_remotes, asked.min_remotes());
  policy.min_rirs = std::max<std::size_t>(policy.min_rirs, asked.min_rirs());
  policy.unanimous = asked.unanimous();
  // So many must be asked first.
  policy.min_corroborations = asked.min_corroborations();
  policy.min_remotes = std::max(policy.min_remotes, policy.min_corroborations);
  return policy;
}

// The name that DCV validates, by the method's row of BR 3.2.2.4; none for an IP address.
Expected<std::optional<DnsName>> check_adn(const v1::CorroborateRequest& request, const Identifier& identifier,
                                           const std::optional<DcvQuestion>& dcv) {
  std::optional<DnsName> adn;
  if (!request.authorization_domain().empty()) {
    if (!dcv) return bad("authorization_domain", "only DCV has one");
    if (identifier.is_ip()) return bad("authorization_domain", "an IP address has none");
    auto parsed = DnsName::parse(request.authorization_domain());
    if (!parsed) return in_field("authorization_domain", parsed.error());
    adn = *std::move(parsed);
  }
  if (dcv) {
    const auto allowed = rules::check_subject(rules::subject_of(identifier, adn), dcv->method());
    if (!allowed) return in_field(adn ? "authorization_domain" : "identifier", allowed.error());
  }
  return adn;
}

// What the dated table says of the method. Under `custom` a method that has ended is a warning.
Expected<std::vector<std::string>> check_method(const std::optional<DcvQuestion>& dcv, const Identifier& identifier,
                                                const Deployment& deployment, TimePoint now) {
  if (!dcv) return std::vector<std::string>{};
  auto standing = method_at(dcv->method(), identifier.is_ip(), deployment.policy_time(now));
  if (!standing && !deployment.is_custom()) return in_field("dcv", standing.error());
  std::vector<std::string> warnings;
  if (!standing) warnings.push_back(std::move(standing.error().detail));
  if (standing && *standing) warnings.push_back(**std::move(standing));
  // Callers of other APIs do so in tests; no ACME server would.
  const auto* page = std::get_if<AcmeHttp01>(&dcv->parameters);
  if (page != nullptr && !rules::is_of_its_token(*page)) {
    warnings.emplace_back("the key authorization is of another token than the path's (RFC 8555 8.1)");
  }
  return warnings;
}

// BR 1.6.1. Outside ACME the CA makes the value, and nobody else can see whether it is random: only whether it is long
// enough.
Expected<void> check_random_value(const DcvQuestion& dcv) {
  Expected<void> good;
  std::string_view field;
  if (const auto* change = std::get_if<DnsChange>(&dcv.parameters)) {
    field = "dcv.dns_change.challenge_value";
    const bool without_case = change->ignore_case || change->record_type == RecordType::kCname;
    good = rules::check_random_value(change->challenge_value, without_case);
  } else if (const auto* website = std::get_if<WebsiteChange>(&dcv.parameters)) {
    field = "dcv.website_change.challenge_value";
    good = rules::check_random_value(website->challenge_value);
  }
  if (good) return {};
  return in_field(field, good.error());
}

Expected<std::optional<DcvQuestion>> check_dcv(const v1::CorroborateRequest& request, const Deployment& deployment) {
  if (!request.has_dcv()) return std::nullopt;
  auto question = wire::decode(request.dcv(), "dcv");
  if (!question) return Unexpected(question.error());
  if (!deployment.is_custom()) {
    if (const auto good = check_random_value(*question); !good) return Unexpected(good.error());
  }
  return question;
}

Expected<std::optional<CaaQuestion>> check_caa(const v1::CorroborateRequest& request, const Identifier& identifier,
                                               const std::optional<DcvQuestion>& dcv) {
  if (!request.has_caa()) return std::nullopt;
  if (identifier.is_ip()) return bad("caa", "CAA is for names, not for IP addresses (BR 4.2.2.1)");
  auto caa = wire::decode(request.caa(), "caa");
  if (!caa) return Unexpected(caa.error());
  if (!dcv) return caa;
  const std::string_view label = rules::caa_label_of(dcv->method());
  if (caa->validation_method.empty()) {
    caa->validation_method = label;
  } else if (!rules::is_caa_label_of(caa->validation_method, dcv->method())) {
    return bad("caa.validation_method",
               fmt::format("\"{}\" is not the method of dcv, {}, whose label is {} (RFC 8657 4)",
                           printable(caa->validation_method), to_string(dcv->method()), label));
  }
  return caa;
}

// What the certificate is for; told once, or twice the same.
Expected<CertificateType> certificate_type(const v1::CorroborateRequest& request, const Identifier& identifier,
                                           const std::optional<CaaQuestion>& caa) {
  if (!v1::CertificateType_IsValid(request.certificate_type()))
    return bad("certificate_type", "not a value of this field");
  const bool told = request.certificate_type() != v1::CERTIFICATE_TYPE_UNSPECIFIED;
  const auto type =
      request.certificate_type() == v1::CERTIFICATE_TYPE_SMIME ? CertificateType::kSmime : CertificateType::kTlsServer;
  if (caa && told && type != caa->certificate_type)
    return bad("certificate_type", "caa.certificate_type says otherwise");
  const CertificateType sure = caa ? caa->certificate_type : type;
  if (sure == CertificateType::kSmime && (identifier.is_ip() || identifier.is_wildcard())) {
    return bad("identifier", "an S/MIME certificate is for mailboxes of one name, not for a wildcard or an address");
  }
  return sure;
}

Expected<Profile> profile_for(const Deployment& deployment, CertificateType certificate) {
  if (const auto profile = deployment.profile_for(certificate)) return *profile;
  return fail(ProblemCode::kPolicy, "certificate_type",
              fmt::format("certificate_type: this coordinator does not serve {}; its policy.profile has not got it",
                          to_string(profile_of(certificate))));
}

// The policy moves on at midnight UTC, whether or not anybody restarts us: so each request asks again.
Expected<void> check_compliance(const Deployment& deployment, Profile profile, TimePoint now) {
  const auto findings = deployment.findings_at(profile, deployment.policy_time(now));
  if (findings.violations.empty() || deployment.is_custom()) return {};
  return fail(
      ProblemCode::kDeploymentPolicy, findings.violations.front().where,
      fmt::format("this deployment cannot satisfy the policy of the day: {}", findings.violations.front().detail));
}

Expected<void> check_cohort(const v1::CorroborateRequest& request, const Deployment& deployment) {
  if (request.cohort() == 0) return {};
  if (request.cohort() > deployment.planning.cohorts) {
    return bad("cohort", fmt::format("{}, and this deployment has {}", request.cohort(), deployment.planning.cohorts));
  }
  if (request.max_attempts() > 1) return bad("cohort", "only a request for a single attempt has one");
  return {};
}

Expected<void> check_primary(const v1::CorroborateRequest& request, const Deployment& deployment) {
  const PerspectiveEntry* primary = deployment.primary();
  if (primary == nullptr) return bad("primary_agent", "no Primary is configured: each client speaks for its own");
  if (request.primary_agent().empty() || request.primary_agent() == primary->where.id.text()) return {};
  return bad("primary_agent", fmt::format("no Primary \"{}\" is configured", printable(request.primary_agent(), 64)));
}

}  // namespace

Expected<void> check_ids(const v1::CorroborateRequest& request) {
  if (auto good = check_id("request_id", request.request_id()); !good) return good;
  return check_id("trace_id", request.trace_id());
}

Expected<CheckedRequest> check_request(const v1::CorroborateRequest& request, const Deployment& deployment,
                                       const RequestLimits& limits, const ClientEntry* client, TimePoint now) {
  if (const auto good = check_ids(request); !good) return Unexpected(good.error());
  if (request.max_attempts() > kMaxAttempts) {
    return bad("max_attempts", fmt::format("{}, at most {} are made", request.max_attempts(), kMaxAttempts));
  }
  if (const auto good = check_cohort(request, deployment); !good) return Unexpected(good.error());
  if (!v1::Mode_IsValid(request.mode())) return bad("mode", "not a value of this field");
  if (!v1::Respond_IsValid(request.respond())) return bad("respond", "not a value of this field");
  auto identifier = check_name(request, deployment.lab);
  if (!identifier) return Unexpected(identifier.error());

  if (!request.has_dcv() && !request.has_caa()) return bad("dcv", "neither dcv nor caa is asked");
  auto dcv = check_dcv(request, deployment);
  if (!dcv) return Unexpected(dcv.error());
  auto caa = check_caa(request, *identifier, *dcv);
  if (!caa) return Unexpected(caa.error());
  const auto certificate = certificate_type(request, *identifier, *caa);
  if (!certificate) return Unexpected(certificate.error());
  const auto profile = profile_for(deployment, *certificate);
  if (!profile) return Unexpected(profile.error());
  auto adn = check_adn(request, *identifier, *dcv);
  if (!adn) return Unexpected(adn.error());
  auto warnings = check_method(*dcv, *identifier, deployment, now);
  if (!warnings) return Unexpected(warnings.error());
  std::optional<Assertion> asserted;
  if (request.has_asserted()) {
    const auto checked = check_assertion(request.asserted(), client, *dcv, *caa, now);
    if (!checked) return Unexpected(checked.error());
    asserted = *checked;
  } else if (const auto good = check_primary(request, deployment); !good) {
    return Unexpected(good.error());
  }
  if (const auto good = check_compliance(deployment, *profile, now); !good) return Unexpected(good.error());
  const auto policy = quorum(request, deployment, *profile, now);
  if (!policy) return Unexpected(policy.error());

  auto budget = limits.default_deadline;
  if (request.deadline_ms() != 0) {
    if (request.deadline_ms() < kMinDeadlineMs || request.deadline_ms() > kMaxDeadlineMs) {
      return bad("deadline_ms",
                 fmt::format("{} is not between {} and {}", request.deadline_ms(), kMinDeadlineMs, kMaxDeadlineMs));
    }
    budget = std::chrono::milliseconds(request.deadline_ms());
  }
  // Beside an asserted Primary there is nobody to wait for.
  const bool is_parallel = !asserted && (request.parallel() || deployment.planning.parallel);
  return CheckedRequest{.original = request,
                        .identifier = *std::move(identifier),
                        .authorization_domain = *std::move(adn),
                        .dcv = *std::move(dcv),
                        .caa = *std::move(caa),
                        .certificate = *certificate,
                        .profile = *profile,
                        .quorum = *policy,
                        .budget = budget,
                        .warnings = *std::move(warnings),
                        .asserted = asserted,
                        .max_attempts = std::max<std::size_t>(1, request.max_attempts()),
                        .parallel = is_parallel};
}

}  // namespace mpic::coordinator
