#include "common/evidence/issuance.hpp"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <array>

#include "common/domain/ascii.hpp"
#include "common/evidence/dsse.hpp"
#include "common/rules/caa_label.hpp"
#include "common/wire/convert.hpp"

namespace mpic::evidence {
namespace {

constexpr std::size_t kRecordId = 32;  // hexadecimal digits

Unexpected invalid(std::string why) { return fail(ProblemCode::kEvidenceInvalid, "statement", std::move(why)); }
Unexpected not_covered(const char* what, std::string why) { return fail(ProblemCode::kPolicy, what, std::move(why)); }

std::string text(TimePoint when) { return google::protobuf::util::TimeUtil::ToString(wire::encode(when)); }
std::string_view name_of(int method) { return mpic::to_string(static_cast<DcvMethod>(method)); }
const char* name_of(v1::CheckKind kind) { return kind == v1::CHECK_KIND_CAA ? "CAA" : "DCV"; }

// An issuance and what is said of it. Each question below asks one thing; the first that fails is told.
struct Matter {
  const Issuance& issuance;
  Identifier identifier;  // of the issuance
  const v1::StatementBody& said;
  TimePoint decided;
};

v1::CertificateType type_of(const Issuance& issuance) {
  return issuance.certificate == v1::CERTIFICATE_TYPE_UNSPECIFIED ? v1::CERTIFICATE_TYPE_TLS_SERVER
                                                                  : issuance.certificate;
}

const v1::StatedCheck* find(const v1::StatementBody& said, v1::CheckKind kind) {
  const auto at = std::find_if(said.checks().begin(), said.checks().end(),
                               [kind](const v1::StatedCheck& check) { return check.kind() == kind; });
  return at == said.checks().end() ? nullptr : &*at;
}

bool is_known(v1::CheckKind kind) { return kind == v1::CHECK_KIND_DCV || kind == v1::CHECK_KIND_CAA; }

// A restriction of a later version may stand in a field, a kind of check or a method that is not known here.
bool has_unknowns(const v1::StatementBody& said) {
  if (!v1::DcvMethod_IsValid(said.method())) return true;
  for (const v1::StatedCheck& check : said.checks()) {
    if (!is_known(check.kind())) return true;
  }
  v1::StatementBody known = said;
  known.DiscardUnknownFields();
  return known.ByteSizeLong() != said.ByteSizeLong();
}

// The payload, when one of the keys made it in its time.
Expected<v1::StatementBody> open(const v1::Statement& statement, std::span<const PinnedKey> keys) {
  if (statement.payload().size() > kMaxStatement) return invalid("the statement is longer than any that is made");
  const auto pinned =
      std::find_if(keys.begin(), keys.end(), [&](const PinnedKey& one) { return one.key.id() == statement.key_id(); });
  if (pinned == keys.end()) {
    return invalid(fmt::format("signed by key {}, which is none of the coordinator's", quoted(statement.key_id(), 64)));
  }
  if (!pinned->key.verify(pae(kStatementType, statement.payload()), statement.signature())) {
    return invalid("the signature does not verify");
  }
  v1::StatementBody said;
  if (!said.ParseFromString(statement.payload())) return invalid("what was signed is no statement");
  const auto decided = said.has_decided() ? wire::decode(said.decided()) : std::nullopt;
  if (!decided) return invalid("the statement does not say when it was decided");
  const bool in_time = std::any_of(keys.begin(), keys.end(), [&](const PinnedKey& one) {
    return one.key.id() == statement.key_id() && one.not_before <= *decided && *decided <= one.not_after;
  });
  if (!in_time) {
    return invalid(fmt::format("signed by key {} outside its validity, at {}", statement.key_id(), text(*decided)));
  }
  return said;
}

Expected<void> is_of_the_identifier(const Matter& matter) {
  const auto stated = Identifier::parse(matter.said.identifier());
  if (!stated) return invalid("the statement is for no identifier: " + stated.error().detail);
  if (*stated == matter.identifier) return {};
  return not_covered("identifier",
                     fmt::format("the statement is for {}, not for {}", stated->text(), matter.identifier.text()));
}

Expected<void> is_a_basis(const Matter& matter) {
  for (const v1::StatedCheck& check : matter.said.checks()) {
    const bool is_caa = check.kind() == v1::CHECK_KIND_CAA;
    const bool is_needed = is_caa ? matter.issuance.needs_caa : matter.issuance.needs_dcv;
    if (!is_needed || !check.half_validation()) continue;
    return not_covered(
        "half_validation",
        fmt::format("{} is only the DNS half of its method: the rest is not seen here", name_of(check.kind())));
  }
  if (matter.said.verdict() != v1::VERDICT_CORROBORATED) {
    return not_covered("verdict", "the statement's verdict is not CORROBORATED");
  }
  if (!matter.said.basis_for_issuance()) {
    return not_covered("basis_for_issuance", "the statement says that it is no basis for issuance");
  }
  return {};
}

// Older coordinators said less, newer ones may say more.
Expected<void> is_whole(const Matter& matter) {
  const v1::StatementBody& said = matter.said;
  if (has_unknowns(said)) {
    return not_covered("statement", "the statement says something that this version does not know");
  }
  const bool has_dcv = find(said, v1::CHECK_KIND_DCV) != nullptr;
  const bool has_caa = find(said, v1::CHECK_KIND_CAA) != nullptr;
  const bool by_account =
      said.method() == v1::DCV_METHOD_DNS_PERSISTENT || said.method() == v1::DCV_METHOD_ACME_DNS_ACCOUNT_01;
  const std::pair<const char*, bool> needed[] = {
      {"record_id", said.record_id().size() == kRecordId},
      {"log_origin", !said.log_origin().empty()},
      {"client", !said.client().empty()},
      {"certificate_type", said.certificate_type() != v1::CERTIFICATE_TYPE_UNSPECIFIED},
      {"profile", !said.profile().empty()},
      {"request_sha256", said.request_sha256().size() == sizeof(Digest)},
      {"record_sha256", said.record_sha256().size() == sizeof(Digest)},
      {"checks", !said.checks().empty()},
      {"method", !has_dcv || said.method() != v1::DCV_METHOD_UNSPECIFIED},
      {"dcv_account_uri", !by_account || !said.dcv_account_uri().empty()},
      {"issuer_domains", !has_caa || !said.issuer_domains().empty()}};
  for (const auto& [field, is_there] : needed) {
    if (!is_there)
      return not_covered(field, fmt::format("the statement lacks {}: it is of an older coordinator", field));
  }
  for (const v1::StatedCheck& check : said.checks()) {
    if (find(said, check.kind()) != &check) return invalid("the statement tells of one check twice");
  }
  return {};
}

Expected<void> is_for_the_certificate(const Matter& matter) {
  const v1::CertificateType needed = type_of(matter.issuance);
  if (matter.said.certificate_type() != needed) {
    return not_covered("certificate", "the statement is for another type of certificate");
  }
  const char* profile = needed == v1::CERTIFICATE_TYPE_SMIME ? "cabf-smime-br" : "cabf-tls-br";
  if (matter.said.profile() != profile) {
    return not_covered("profile", fmt::format("the statement goes by the profile {}, not by {}",
                                              quoted(matter.said.profile(), 64), profile));
  }
  return {};
}

Expected<void> is_from_who_is_trusted(const Matter& matter) {
  const Issuance& issuance = matter.issuance;
  if (!issuance.log_origin.empty() && matter.said.log_origin() != issuance.log_origin) {
    return not_covered("log_origin", fmt::format("the statement is of the log {}, not of {}",
                                                 quoted(matter.said.log_origin()), quoted(issuance.log_origin)));
  }
  if (!issuance.client.empty() && matter.said.client() != issuance.client) {
    return not_covered("client", fmt::format("the statement was told to the client {}, not to {}",
                                             quoted(matter.said.client()), quoted(issuance.client)));
  }
  if (matter.said.asserted_primary() && !issuance.accepts_asserted_primary) {
    return not_covered("asserted_primary", "the Primary's determination was asserted, not observed");
  }
  return {};
}

Expected<void> is_usable(const Matter& matter, v1::CheckKind kind) {
  const v1::StatedCheck* check = find(matter.said, kind);
  if (check == nullptr) return not_covered("checks", fmt::format("the statement has no {} check", name_of(kind)));
  if (check->verdict() != v1::VERDICT_CORROBORATED) {
    return not_covered("checks", fmt::format("{} is not CORROBORATED", name_of(kind)));
  }
  const auto until = check->has_usable_until() ? wire::decode(check->usable_until()) : std::nullopt;
  if (!until) {
    return not_covered("usable_until",
                       fmt::format("the statement does not say until when {} is usable", name_of(kind)));
  }
  if (matter.issuance.at > *until) {
    return not_covered("usable_until", fmt::format("{} was usable until {}", name_of(kind), text(*until)));
  }
  return {};
}

Expected<void> is_in_time(const Matter& matter) {
  if (matter.issuance.at < matter.decided - kMaxClockDifference) {
    return not_covered("at", fmt::format("the issuance is before the statement, of {}", text(matter.decided)));
  }
  if (matter.issuance.needs_dcv) {
    if (const auto usable = is_usable(matter, v1::CHECK_KIND_DCV); !usable) return usable;
  }
  return matter.issuance.needs_caa ? is_usable(matter, v1::CHECK_KIND_CAA) : Expected<void>();
}

Expected<void> is_by_the_method(const Matter& matter) {
  const v1::DcvMethod asked = matter.issuance.method;
  const bool any = asked == v1::DCV_METHOD_UNSPECIFIED;
  if (matter.issuance.needs_dcv && !any && matter.said.method() != asked) {
    return not_covered(
        "method", fmt::format("control was validated by {}, not by {}", name_of(matter.said.method()), name_of(asked)));
  }
  const std::string& label = matter.said.validation_method();
  if (!matter.issuance.needs_caa || label.empty()) return {};  // permitted whatever the method
  const v1::DcvMethod used = any && matter.issuance.needs_dcv ? matter.said.method() : asked;
  if (used == v1::DCV_METHOD_UNSPECIFIED) {
    return not_covered("method", fmt::format("CAA permits the method {} alone: say which was used", quoted(label)));
  }
  if (!rules::is_caa_label_of(label, static_cast<DcvMethod>(used))) {
    return not_covered("method",
                       fmt::format("CAA was asked for the method {}, not for {}", quoted(label), name_of(used)));
  }
  return {};
}

Expected<void> is_of_the_account(const Matter& matter) {
  const v1::StatementBody& said = matter.said;
  const std::string& account = matter.issuance.account_uri;
  const bool names_one = !said.account_uris().empty() || !said.dcv_account_uri().empty();
  if (account.empty()) {
    if (!names_one) return {};
    return not_covered("account_uri", "the statement is for an account, and the issuance names none");
  }
  if (!said.dcv_account_uri().empty() && said.dcv_account_uri() != account) {
    return not_covered("account_uri", fmt::format("control was validated for the account {}, not for {}",
                                                  quoted(said.dcv_account_uri()), quoted(account)));
  }
  if (said.account_uris().empty()) {
    if (!matter.issuance.needs_caa) return {};
    return not_covered("account_uri", "CAA was asked for no account");
  }
  if (std::find(said.account_uris().begin(), said.account_uris().end(), account) == said.account_uris().end()) {
    return not_covered("account_uri", fmt::format("CAA was not asked for the account {}", quoted(account)));
  }
  return {};
}

Expected<void> is_for_the_issuer(const Matter& matter) {
  const auto& stated = matter.said.issuer_domains();
  const std::string& ours = matter.issuance.issuer_domain;
  if (ours.empty() || stated.empty()) return {};  // empty: without CAA, as is_whole() saw
  const bool is_there =
      std::any_of(stated.begin(), stated.end(), [&](const std::string& one) { return equal_without_case(one, ours); });
  if (is_there) return {};
  return not_covered("issuer_domain", fmt::format("CAA was not asked for the issuer domain {}", quoted(ours)));
}

}  // namespace

Expected<v1::StatementBody> check_issuance(const v1::Statement& statement, std::span<const PinnedKey> keys,
                                           const Issuance& issuance) {
  const auto identifier = Identifier::parse(issuance.identifier);
  if (!identifier) {
    return fail(ProblemCode::kInvalidArgument, "identifier",
                "the issuance names no identifier: " + identifier.error().detail);
  }
  if (!issuance.needs_dcv && !issuance.needs_caa) {
    return fail(ProblemCode::kInvalidArgument, "issuance", "the issuance needs no check at all");
  }
  auto said = open(statement, keys);
  if (!said) return said;
  const Matter matter{issuance, *identifier, *said, *wire::decode(said->decided())};
  constexpr std::array kQuestions = {is_of_the_identifier,   is_a_basis, is_whole,         is_for_the_certificate,
                                     is_from_who_is_trusted, is_in_time, is_by_the_method, is_of_the_account,
                                     is_for_the_issuer};
  for (const auto question : kQuestions) {
    if (const auto answer = question(matter); !answer) return Unexpected(answer.error());
  }
  return said;
}

}  // namespace mpic::evidence
