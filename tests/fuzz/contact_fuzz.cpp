// Contacts in DNS (BR Appendix A). Input: the text of a record.
#include <algorithm>

#include "common/domain/problem.hpp"
#include "common/rules/dcv_contact.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void hold_address(const std::string& text) {
  hold(text.size() <= 320 && is_utf8(text), "an address is short UTF-8");
  hold(text.find('@') != std::string::npos, "an address has an at sign");
  hold(std::none_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7F; }),
       "an address has no control characters");
  const std::string mailbox = rules::mailbox_of(text);
  hold(mailbox.size() == text.size(), "a mailbox is the address with another case");
  hold(rules::is_email_address(mailbox), "a mailbox is an address");
  hold_equal(rules::mailbox_of(mailbox), mailbox, "a mailbox has one spelling");
  const std::size_t at = text.rfind('@');
  hold_equal(mailbox.substr(0, at), text.substr(0, at), "the local part keeps its case");
  for (const std::string& padded :
       {" " + text, text + " ", text + "\n", "<" + text + ">", text + "," + text, text + "."}) {
    hold(!rules::is_email_address(padded), "the whole value is the address");
  }
  hold(!rules::is_global_number(text), "an address is no number");
}

void hold_number(const std::string& text) {
  const std::string digits = rules::digits_of(text);
  hold(text.size() <= 64 && digits.size() >= 5 && digits.size() <= 16, "a number is bounded");
  hold(digits.front() == '+' && digits[1] != '0' && std::all_of(digits.begin() + 1, digits.end(), is_digit),
       "a number is a plus sign and digits");
  hold(rules::is_global_number(digits), "a number without separators is a number");
  hold_equal(rules::digits_of(digits), digits, "a number has one spelling");
  std::string spaced = "+";
  for (const char c : digits.substr(1)) spaced += {c, '-'};
  hold(rules::is_global_number(spaced) && rules::digits_of(spaced) == digits, "separators do not matter");
  for (const std::string& padded : {" " + text, text + " ", "tel:" + text, text + ";ext=1", text + "," + text}) {
    hold(!rules::is_global_number(padded), "the whole value is the number");
  }
}

void run(Octets octets) {
  const std::string text(text_of(octets));
  hold(rules::mailbox_of(text).empty() != rules::is_email_address(text), "a mailbox is of an address");
  if (rules::is_email_address(text)) hold_address(text);
  if (rules::is_global_number(text)) hold_number(text);
}

const Target kTarget("contact", run);

}  // namespace
}  // namespace mpic::fuzz
