#include "common/rules/page_meta.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "common/domain/ascii.hpp"

namespace mpic::rules {
namespace {

constexpr std::string_view kBlanks = " \t\n\f\r";
// Elements whose content is text to its end tag, whatever it looks like (HTML 13.2.6).
constexpr std::array<std::string_view, 8> kTextOnly = {"script", "style",  "title",   "textarea",
                                                       "xmp",    "iframe", "noembed", "noframes"};

bool is_blank(char c) { return kBlanks.find(c) != std::string_view::npos; }
bool is_letter(char c) { return lowered(c) >= 'a' && lowered(c) <= 'z'; }

bool is_text_only(std::string_view element) {
  return std::any_of(kTextOnly.begin(), kTextOnly.end(),
                     [&](std::string_view each) { return equal_without_case(element, each); });
}

// Walks over a page, forwards only.
class Scanner {
 public:
  explicit Scanner(std::string_view page) : rest_(page) {}

  struct Tag {
    std::string_view name;
    std::optional<std::string_view> content;  // the first attribute of that name
  };

  // The next start tag; none at the end of the page.
  std::optional<Tag> next_start_tag() {
    while (skip_past("<")) {
      if (take("!--")) {
        skip_comment();
      } else if (take("!") || take("?")) {
        skip_past(">");
      } else if (take("/")) {
        // An end tag has attributes too, for what they are worth.
        if (begins_with_letter() ? !read_tag().has_value() : !skip_past(">")) return std::nullopt;
      } else if (begins_with_letter()) {
        return read_start_tag();
      }
    }
    return std::nullopt;
  }

 private:
  bool begins_with_letter() const { return !rest_.empty() && is_letter(rest_.front()); }

  bool take(std::string_view text) {
    if (rest_.substr(0, text.size()) != text) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  // False when `text` does not come any more: then all is skipped.
  bool skip_past(std::string_view text) {
    const std::size_t at = rest_.find(text);
    rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + text.size());
    return at != std::string_view::npos;
  }

  std::string_view take_until(std::string_view any_of) {
    const std::string_view taken = rest_.substr(0, rest_.find_first_of(any_of));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }

  // "<!-->" and "<!--->" are whole; "--!>" ends one too.
  void skip_comment() {
    if (take(">") || take("->")) return;
    while (skip_past("--")) {
      while (take("-")) {
      }
      if (take(">") || take("!>")) return;
    }
  }

  std::optional<Tag> read_start_tag() {
    auto tag = read_tag();
    if (!tag) return std::nullopt;
    if (equal_without_case(tag->name, "plaintext")) rest_ = {};  // text to the end of the page
    if (is_text_only(tag->name)) skip_text(tag->name);
    return tag;
  }

  // To the end tag of `element`, which is left where it is.
  void skip_text(std::string_view element) {
    while (skip_past("</")) {
      const std::string_view name = rest_.substr(0, element.size());
      const char after = rest_.size() > element.size() ? rest_[element.size()] : 'x';
      if (equal_without_case(name, element) && (is_blank(after) || after == '/' || after == '>')) {
        (void)read_tag();
        return;
      }
    }
  }

  // From the name to ">"; none when the page ends before.
  std::optional<Tag> read_tag() {
    constexpr std::string_view kNameEnds = " \t\n\f\r/>";
    Tag tag;
    tag.name = take_until(kNameEnds);
    for (;;) {
      while (!rest_.empty() && (is_blank(rest_.front()) || rest_.front() == '/')) rest_.remove_prefix(1);
      if (take(">")) return tag;
      if (rest_.empty()) return std::nullopt;
      const auto [name, value] = read_attribute();
      if (equal_without_case(name, "content") && !tag.content) tag.content = value;
    }
  }

  struct Attribute {
    std::string_view name;
    std::string_view value;
  };

  Attribute read_attribute() {
    const std::string_view from = rest_;
    if (rest_.front() == '=') rest_.remove_prefix(1);  // belongs to the name there
    take_until(" \t\n\f\r/>=");
    Attribute out{from.substr(0, from.size() - rest_.size()), {}};
    skip_blanks();
    if (!take("=")) return out;
    skip_blanks();
    for (const std::string_view quote : {"\"", "'"}) {
      if (!take(quote)) continue;
      out.value = take_until(quote);
      (void)take(quote);
      return out;
    }
    out.value = take_until(" \t\n\f\r>");
    return out;
  }

  std::string_view rest_;
};

std::string with_ampersands_written(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

bool has_meta_content(std::string_view page, std::string_view value) {
  const std::string written = with_ampersands_written(value);
  Scanner scanner(page);
  while (const auto tag = scanner.next_start_tag()) {
    if (equal_without_case(tag->name, "meta") && tag->content && (*tag->content == value || *tag->content == written)) {
      return true;
    }
  }
  return false;
}

}  // namespace mpic::rules
