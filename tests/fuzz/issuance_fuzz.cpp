// Stretching a statement. Input: whether it is signed again after it was changed, then changes to statement and
// issuance. What was not signed covers nothing; what was signed covers nothing that it does not say.
#include "common/evidence/issuance.hpp"
#include "common/wire/convert.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/issuance_draft.hpp"

namespace mpic::fuzz {
namespace {

constexpr int kMostChanges = 12;

// Fields hold nothing but UTF-8.
std::string a_text(Input& input) {
  const std::string_view piece = input.piece();
  return is_utf8(piece) ? std::string(piece) : printable(piece);
}

TimePoint a_time(Input& input) {
  const auto hours = std::chrono::hours(input.octet()) - std::chrono::hours(16);
  return test::kDecided + hours + std::chrono::seconds(input.octet()) - std::chrono::seconds(60);
}

std::string a_name(Input& input) {
  const char* const names[] = {"www.example.com",   "example.com", "*.example.com",
                               "*.www.example.com", "192.0.2.1",   "a.www.example.com"};
  return input.coin() ? a_text(input) : names[input.below(std::size(names))];
}

std::string an_account(Input& input) {
  return input.coin() ? a_text(input) : "https://ca.example/acct/" + std::to_string(input.below(4));
}

void change_check(v1::StatedCheck& check, Input& input) {
  switch (input.below(4)) {
    case 0:
      check.set_verdict(static_cast<v1::Verdict>(input.below(5)));
      break;
    case 1:
      *check.mutable_usable_until() = wire::encode(a_time(input));
      break;
    case 2:
      check.set_half_validation(input.coin());
      break;
    default:
      check.set_kind(static_cast<v1::CheckKind>(input.below(4)));
  }
}

void change(v1::StatementBody& said, Input& input) {
  switch (input.below(12)) {
    case 0:
      said.set_identifier(a_name(input));
      break;
    case 1:
      said.set_verdict(static_cast<v1::Verdict>(input.below(5)));
      break;
    case 2:
      said.set_basis_for_issuance(input.coin());
      break;
    case 3:
      *said.mutable_decided() = wire::encode(a_time(input));
      break;
    case 4:
      said.set_method(static_cast<v1::DcvMethod>(input.below(15)));
      break;
    case 5:
      said.add_account_uris(an_account(input));
      break;
    case 6:
      said.set_dcv_account_uri(an_account(input));
      break;
    case 7:
      said.clear_account_uris();
      break;
    case 8:
      said.set_validation_method(input.coin() ? a_text(input) : "dns-01");
      break;
    case 9:
      said.mutable_checks()->DeleteSubrange(0, said.checks().empty() ? 0 : 1);
      break;
    case 10:
      *said.add_checks() = test::covered_draft().said.checks(static_cast<int>(input.below(2)));
      break;
    default:
      if (!said.checks().empty()) {
        change_check(*said.mutable_checks(static_cast<int>(input.below(static_cast<std::size_t>(said.checks_size())))),
                     input);
      }
  }
}

void change(evidence::Issuance& issuance, Input& input) {
  switch (input.below(7)) {
    case 0:
      issuance.identifier = a_name(input);
      break;
    case 1:
      issuance.at = a_time(input);
      break;
    case 2:
      issuance.needs_dcv = input.coin();
      break;
    case 3:
      issuance.needs_caa = input.coin();
      break;
    case 4:
      issuance.method = static_cast<v1::DcvMethod>(input.below(15));
      break;
    case 5:
      issuance.account_uri = input.coin() ? "" : an_account(input);
      break;
    default:
      issuance.issuer_domain = a_text(input);
  }
}

void change(v1::Statement& statement, Input& input) {
  std::string& octets = input.coin() ? *statement.mutable_payload() : *statement.mutable_signature();
  const std::size_t at = octets.empty() ? 0 : (input.octet() * 256U + input.octet()) % octets.size();
  if (octets.empty() || input.coin()) {
    octets.insert(at, input.piece());
  } else {
    octets[at] = static_cast<char>(static_cast<unsigned char>(octets[at]) ^ (1U << input.below(8)));
  }
}

void hold_check(const v1::StatementBody& said, v1::CheckKind kind, const evidence::Issuance& issuance) {
  int found = 0;
  for (const v1::StatedCheck& check : said.checks()) {
    if (check.kind() != kind) continue;
    ++found;
    hold(check.verdict() == v1::VERDICT_CORROBORATED, "a check that is needed is corroborated");
    hold(!check.half_validation(), "and whole");
    hold(wire::decode(check.usable_until()).value() >= issuance.at, "and usable at the time of issuance");
  }
  hold(found == 1, "a check that is needed is there once");
}

void hold_covered(const v1::StatementBody& said, const evidence::Issuance& issuance) {
  hold_equal(Identifier::parse(said.identifier()).value().text(), Identifier::parse(issuance.identifier).value().text(),
             "the identifier is the one applied for");
  hold(said.verdict() == v1::VERDICT_CORROBORATED && said.basis_for_issuance(), "only a basis for issuance covers");
  hold(wire::decode(said.decided()).value() <= issuance.at + std::chrono::seconds(30), "nothing is issued before");
  hold(issuance.needs_dcv || issuance.needs_caa, "something is needed");
  if (issuance.needs_dcv) hold_check(said, v1::CHECK_KIND_DCV, issuance);
  if (issuance.needs_caa) hold_check(said, v1::CHECK_KIND_CAA, issuance);
  if (issuance.needs_dcv && issuance.method != 0) hold(said.method() == issuance.method, "by the method");
  const bool names_an_account = !said.account_uris().empty() || !said.dcv_account_uri().empty();
  hold(!names_an_account || !issuance.account_uri.empty(), "an account's statement is not for nobody");
  if (!said.dcv_account_uri().empty()) hold_equal(said.dcv_account_uri(), issuance.account_uri, "for its account");
  bool listed = said.account_uris().empty();
  for (const std::string& one : said.account_uris()) listed |= one == issuance.account_uri;
  hold(listed, "for one of its accounts");
}

void run(Octets octets) {
  Input input(octets);
  const bool signs_again = input.coin();
  test::Draft draft = test::covered_draft();
  const std::string first = draft.said.SerializeAsString();
  v1::Statement statement;
  if (!signs_again) statement = test::sign(draft);
  for (int i = 0; i < kMostChanges && !input.empty(); ++i) {
    if (input.coin()) {
      change(draft.issuance, input);
    } else if (signs_again) {
      change(draft.said, input);
    } else {
      change(statement, input);
    }
  }
  if (signs_again) statement = test::sign(draft);

  const std::vector<evidence::PinnedKey> keys = {{test::signing_key(test::Signer::kOurs).public_key()}};
  const auto told = evidence::check_issuance(statement, keys, draft.issuance);
  if (!told) {
    const ProblemCode code = told.error().code;
    hold(code == ProblemCode::kEvidenceInvalid || code == ProblemCode::kPolicy || code == ProblemCode::kInvalidArgument,
         "a refusal has one of three codes");
    hold_presentable(told.error().detail);
    return;
  }
  hold(signs_again || statement.payload() == first, "only what was signed covers anything");
  hold_equal(told->SerializeAsString(), statement.payload(), "what is told is what was signed");
  hold_covered(*told, draft.issuance);
}

const Target kTarget("issuance", run);

}  // namespace
}  // namespace mpic::fuzz
