#include "cli/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace mpic::cli {
namespace {

std::string without_prefix(const std::string& name, std::string_view prefix, int number) {
  if (name.empty()) return fmt::format("unknown ({})", number);
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

// "COULD_NOT_LOOK" -> "could not look" or "could-not-look".
std::string lower(std::string text, char separator) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [separator](unsigned char c) { return c == '_' ? separator : static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

std::string word(v1::Verdict verdict) { return without_prefix(v1::Verdict_Name(verdict), "VERDICT_", verdict); }
std::string word(v1::CheckKind kind) { return without_prefix(v1::CheckKind_Name(kind), "CHECK_KIND_", kind); }
std::string word(v1::Outcome outcome) {
  return lower(without_prefix(v1::Outcome_Name(outcome), "OUTCOME_", outcome), ' ');
}
std::string word(v1::Rir rir) { return without_prefix(v1::Rir_Name(rir), "RIR_", rir); }
std::string word(v1::Role role) { return lower(without_prefix(v1::Role_Name(role), "ROLE_", role), ' '); }
std::string word(v1::DcvMethod method) {
  return lower(without_prefix(v1::DcvMethod_Name(method), "DCV_METHOD_", method), '-');
}
std::string word(v1::ProblemCode code) { return without_prefix(v1::ProblemCode_Name(code), "PROBLEM_CODE_", code); }

}  // namespace mpic::cli
