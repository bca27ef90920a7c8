#include "common/rules/page_regex.hpp"

#include <re2/re2.h>

namespace mpic::rules {
namespace {

RE2::Options options() {
  RE2::Options out;
  out.set_encoding(RE2::Options::EncodingLatin1);
  out.set_log_errors(false);
  out.set_max_mem(1 << 20);  // of the compiled program: a short pattern can ask for a very large one
  return out;
}

// Time is linear in the page, but each of its octets may cost as much as the program has steps.
bool is_small(const RE2& regex) {
  constexpr int kMaxSteps = 512;
  return regex.ProgramSize() <= kMaxSteps;
}

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Expected<void> check_page_regex(std::string_view pattern) {
  if (pattern.size() > kMaxRegex)
    return fail(ProblemCode::kInvalidArgument, "match_regex", "at most 256 octets are accepted");
  const RE2 regex(piece(pattern), options());
  if (!regex.ok()) {
    return fail(ProblemCode::kInvalidArgument, "match_regex", "not a regular expression: " + printable(regex.error()));
  }
  if (is_small(regex)) return {};
  return fail(ProblemCode::kInvalidArgument, "match_regex",
              "its repetitions make a program of " + std::to_string(regex.ProgramSize()) +
                  " steps, and over 512 take long on a page");
}

bool matches_page(std::string_view pattern, std::string_view page) {
  if (pattern.empty()) return true;
  const RE2 regex(piece(pattern), options());
  return regex.ok() && is_small(regex) && RE2::PartialMatch(piece(page), regex);
}

}  // namespace mpic::rules
