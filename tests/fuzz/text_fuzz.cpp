// Text from outside made fit for people. Input: the limit, then the text.
#include "common/domain/problem.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

void run(Octets octets) {
  Input input(octets);
  const std::size_t limit = input.octet();
  const std::string_view text = input.rest();
  const std::string shown = printable(text, limit);
  hold(shown.size() <= limit, "what is shown is bounded");
  hold(is_utf8(shown), "what is shown is UTF-8");
  for (const char c : shown) hold(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F, "no control character is shown");

  const std::string whole = printable(text, 4 * text.size() + 4);
  if (text.size() < 1024) hold_presentable(whole);
  const std::string between_quotes = quoted(text, 4 * text.size() + 4);
  hold(between_quotes.find('"', 1) == between_quotes.size() - 1, "a quotation cannot be left");
}

const Target kTarget("text", run);

}  // namespace
}  // namespace mpic::fuzz
