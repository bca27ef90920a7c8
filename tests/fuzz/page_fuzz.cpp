// What a page is, for every method that fetches one (RFC 8555 8.3; BR 3.2.2.4.18, 3.2.2.5.1).
// Input: the method, the challenge value, the regular expression, then the page.
#include <algorithm>

#include "common/evidence/merkle.hpp"
#include "common/rules/dcv_question.hpp"
#include "common/rules/http_ask.hpp"
#include "common/rules/page_meta.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

constexpr std::string_view kToken = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0";
constexpr std::string_view kThumbprint = "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI";
constexpr std::string_view kValue = "0123456789abcdef0123456789abcdef";
enum Method : std::uint8_t { kHttp01, kPageOfName, kPageOfAddress, kMethods };

rules::DcvSubject subject_of(std::size_t method) {
  const auto validated = Identifier::parse(method == kPageOfName ? "www.example.com" : "93.184.216.34").value();
  return {validated, validated};
}

DcvQuestion question_of(std::size_t method, std::string_view value, std::string_view regex) {
  if (method == kHttp01) {
    return {AcmeHttp01{std::string(kToken), std::string(kToken) + '.' + std::string(kThumbprint)}};
  }
  return {WebsiteChange{"a.txt", std::string(value.empty() ? kValue : value), false, std::string(regex)}};
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string written(std::string_view value) {
  std::string out;
  for (const char c : value) out += c == '&' ? "&amp;" : std::string(1, c);
  return out;
}

// By other means than the rules': what must be there is there, as octets.
void hold_proof(std::size_t method, const DcvQuestion& question, std::string_view page) {
  if (const auto* http_01 = std::get_if<AcmeHttp01>(&question.parameters)) {
    hold(page.starts_with(http_01->key_authorization), "a page of http-01 begins with the key authorization");
    return;
  }
  const std::string& value = std::get<WebsiteChange>(question.parameters).challenge_value;
  hold(contains(page, value) || (method == kPageOfAddress && contains(page, written(value))),
       "the page holds the value");
  if (method == kPageOfName) return;
  const std::string whole = std::string(page) + "<!-- \"'";
  hold(rules::has_meta_content(whole, value), "what follows a tag takes nothing away");
  if (!contains(page, "--")) {
    hold(!rules::has_meta_content("<!--x" + std::string(page), value), "a comment has no tags");
  }
  const auto lowered = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  std::string small(page);
  std::transform(small.begin(), small.end(), small.begin(), lowered);
  hold(contains(small, "<meta") && contains(small, "content"), "there is a tag");
}

void hold_judged(const rules::DcvSubject& subject, const DcvQuestion& question, std::string_view page, bool proven) {
  HttpObservation seen;
  HttpHop hop;
  const rules::HttpAsk ask = rules::http_ask(subject, question);
  hop.url = ask.first.url();
  hop.tried = {{subject.validated.ip(), 80, std::nullopt}};
  hop.status = 200;
  seen.hops = {hop};
  seen.body = page;
  seen.body_size = page.size();
  seen.body_sha256 = evidence::sha256(seen.body);
  const bool fits = page.size() <= ask.body_limit && !rules::holds_secret(hop.url, ask.secret);
  const auto judgement = rules::judge_http(subject, question, seen, {});
  hold((judgement.outcome == Outcome::kCorroborates) == (proven && fits), "the judgement is the page's");
  hold_presentable(judgement.saw);
  if (judgement.problem) hold_presentable(judgement.problem->detail);
  // As an agent keeps it that takes it for no proof.
  seen.body.resize(std::min(seen.body.size(), kBodyPrefix));
  seen.body_cut = true;
  hold(rules::judge_http(subject, question, seen, {}).outcome != Outcome::kCorroborates, "a cut page proves nothing");
}

void run(Octets octets) {
  Input input(octets);
  const std::size_t method = input.below(kMethods);
  const std::string_view value = input.piece();
  const std::string_view regex = input.piece();
  const std::string_view page = input.rest();
  const DcvQuestion question = question_of(method, value, regex);
  if (!rules::check_question(question)) return;
  const rules::DcvSubject subject = subject_of(method);
  const auto mismatch = rules::body_mismatch(subject, question, page);
  if (mismatch) {
    hold(mismatch->code == ProblemCode::kChallengeMismatch, "a page matches or mismatches");
    hold_presentable(mismatch->detail);
  } else {
    hold_proof(method, question, page);
  }
  if (subject.validated.is_ip()) hold_judged(subject, question, page, !mismatch);
}

const Target kTarget("page", run);

}  // namespace
}  // namespace mpic::fuzz
