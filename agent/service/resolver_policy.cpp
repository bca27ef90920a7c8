#include "agent/service/resolver_policy.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

#include "common/domain/problem.hpp"

namespace mpic::agent {
namespace {

struct Word {
  std::size_t line = 0;
  std::string_view text;
  bool quoted = false;
};

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_line_end(char c) { return c == '\n' || c == '\r'; }

// Splits the text as Unbound's lexer does.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  std::vector<Word> read() {
    std::vector<Word> words;
    while (skip_to_word()) {
      const char first = rest_.front();
      words.push_back(first == '"' || first == '\'' ? quoted_word(first) : plain_word());
    }
    return words;
  }
  // Of a quoted text without end; 0: there is none.
  [[nodiscard]] std::size_t open_quote() const { return open_quote_; }

 private:
  bool skip_to_word() {
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '#') {
        rest_.remove_prefix(std::min(rest_.find_first_of("\r\n"), rest_.size()));
      } else if (is_blank(c) || is_line_end(c)) {
        if (c == '\n') ++line_;
        rest_.remove_prefix(1);
      } else {
        return true;
      }
    }
    return false;
  }

  Word quoted_word(char quote) {
    rest_.remove_prefix(1);
    const std::size_t end = end_of_word([quote](char c) { return c == quote || is_line_end(c); });
    const Word word{line_, rest_.substr(0, end), true};
    const bool closed = end < rest_.size() && rest_[end] == quote;
    if (!closed && open_quote_ == 0) open_quote_ = line_;
    rest_.remove_prefix(closed ? end + 1 : end);
    return word;
  }

  Word plain_word() {
    const std::size_t end = end_of_word([](char c) { return is_blank(c) || is_line_end(c) || c == '"' || c == '\''; });
    const Word word{line_, rest_.substr(0, end), false};
    rest_.remove_prefix(end);
    return word;
  }

  // A backslash takes the next character along.
  template <class Ends>
  [[nodiscard]] std::size_t end_of_word(Ends ends) const {
    std::size_t end = 0;
    while (end < rest_.size() && !ends(rest_[end])) {
      const bool escape = rest_[end] == '\\' && end + 1 < rest_.size() && !is_line_end(rest_[end + 1]);
      end += escape ? 2 : 1;
    }
    return end;
  }

  std::string_view rest_;
  std::size_t line_ = 1;
  std::size_t open_quote_ = 0;
};

// The two words after an option's name; empty when there are none.
using Values = std::array<std::string_view, 2>;

bool always(const Values&) { return true; }
bool unless_no(const Values& values) { return values[0] != "no"; }
bool unless_yes(const Values& values) { return values[0] != "yes"; }

std::optional<long> number(std::string_view text) {
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <long kMost>
bool over(const Values& values) {
  const auto value = number(values[0]);
  return !value || *value < 0 || *value > kMost;
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
    text.remove_prefix(begin);
    if (text.empty()) return parts;
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

// "subnetcache" tells name servers where the question comes from; every other module answers in the DNS's stead.
bool other_modules(const Values& values) {
  std::vector<std::string_view> modules = split(values[0]);
  modules.erase(std::remove(modules.begin(), modules.end(), "subnetcache"), modules.end());
  return modules != std::vector<std::string_view>{"validator", "iterator"};
}

bool other_date(const Values& values) { return !values[0].empty() && values[0] != "0"; }

bool answers_itself(const Values& values) { return values[1] != "nodefault" && values[1] != "transparent"; }

// The keys of the root, as https://data.iana.org/root-anchors/root-anchors.xml has them: KSK-2017, KSK-2024.
constexpr std::array<std::string_view, 2> kIanaAnchors = {
    "20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
    "38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
};

bool is_iana_anchor(std::string_view text) {
  const std::vector<std::string_view> parts = split(text);
  const auto type = std::find(parts.begin(), parts.end(), "DS");
  if (parts.empty() || parts[0] != "." || type == parts.end() || parts.end() - type < 5) return false;
  std::string anchor;
  for (auto part = type + 1; part != parts.end(); ++part) {
    if (part - type <= 4 && !anchor.empty()) anchor += ' ';
    for (const char c : *part) anchor += c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return std::find(kIanaAnchors.begin(), kIanaAnchors.end(), anchor) != kIanaAnchors.end();
}

bool foreign_anchor(const Values& values) { return !is_iana_anchor(values[0]); }

struct Row {
  std::string_view option;
  bool (*is_bad)(const Values&);
  bool own_tree_may;  // a laboratory with a root of its own
  std::string_view why;
};

constexpr std::string_view kTtlWhy =
    "keeps answers for more than 60 s, so that one of the last attempt lives on in the next";
constexpr std::string_view kAnchorWhy =
    "validates to another root than IANA's (BR 4.2.2.2.4); take auto-trust-anchor-file";
constexpr std::string_view kIncludeWhy =
    "hides what it names from this check and from the digest in every observation (BR 4.2.2.2.4); put its lines here";
constexpr std::string_view kOwnAnswerWhy = "answers from this file instead of from the DNS (BR 4.2.2.2.4)";
constexpr std::string_view kSkewWhy = "takes signatures that have expired, or are not yet valid (BR 4.2.2.2.4)";

constexpr Row kRows[] = {
    {"auth-zone", always, true, "answers from a copy of a zone that nobody validates (BR 4.2.2.2.4)"},
    {"cache-max-negative-ttl", over<kMaxResolverTtl>, false, kTtlWhy},
    {"cache-max-ttl", over<kMaxResolverTtl>, false, kTtlWhy},
    {"cache-min-negative-ttl", over<kMaxResolverTtl>, false, kTtlWhy},
    {"cache-min-ttl", over<kMaxResolverTtl>, false, kTtlWhy},
    {"cachedb", always, false, "shares a cache, and so one answer, with others (BR 3.2.2.9)"},
    {"control-enable", unless_no, true,
     "lets whoever has the socket change what is checked here, at any time (BR 4.2.2.2.4)"},
    {"disable-edns-do", unless_no, false, "asks for no signatures (BR 4.2.2.2.4)"},
    {"domain-insecure", always, false, "is a negative trust anchor: it switches validation off (BR 4.2.2.2.4)"},
    {"fake-dsa", unless_no, false, "is for tests of signatures (BR 4.2.2.2.4)"},
    {"fake-sha1", unless_no, false, "is for tests of signatures (BR 4.2.2.2.4)"},
    {"forward-zone", always, false, "asks a resolver whose cache and place are not this perspective's (BR 3.2.2.9)"},
    {"harden-dnssec-stripped", unless_yes, false, "takes answers whose signatures were removed (BR 4.2.2.2.4)"},
    {"include", always, false, kIncludeWhy},
    {"include-toplevel", always, false, kIncludeWhy},
    {"insecure-lan-zones", unless_no, false, "switches validation off for reverse zones (BR 4.2.2.2.4)"},
    {"local-data", always, true, kOwnAnswerWhy},
    {"local-data-ptr", always, true, kOwnAnswerWhy},
    {"local-zone", answers_itself, true, kOwnAnswerWhy},
    {"module-config", other_modules, false,
     "is not \"validator iterator\": without them nothing is validated, others answer instead of the DNS (BR "
     "4.2.2.2.4)"},
    {"response-ip", always, false, kOwnAnswerWhy},
    {"response-ip-data", always, false, kOwnAnswerWhy},
    {"root-hints", always, true, "asks roots of its own choice (BR 4.2.2.2.4)"},
    {"rpz", always, false, kOwnAnswerWhy},
    {"serve-expired", unless_no, false, "answers what is no longer so"},
    {"serve-original-ttl", unless_no, false, kTtlWhy},
    {"stub-zone", always, true,
     "asks servers of its own choice instead of those that the DNS delegates to (BR 4.2.2.2.4)"},
    {"trust-anchor", foreign_anchor, true, kAnchorWhy},
    {"trust-anchor-file", always, true, kAnchorWhy},
    {"trusted-keys-file", always, true, kAnchorWhy},
    {"val-nsec3-keysize-iterations", always, false,
     "takes zones for unsigned whose NSEC3 has more iterations (BR 4.2.2.2.4)"},
    {"val-override-date", other_date, false, "validates for another day than today (BR 4.2.2.2.4)"},
    {"val-permissive-mode", unless_no, false, "lets bogus answers pass (BR 4.2.2.2.4)"},
    {"val-sig-skew-max", over<86'400>, false, kSkewWhy},
    {"val-sig-skew-min", over<3'600>, false, kSkewWhy},
    {"view", always, false, "answers some who ask otherwise than others"},
};

// What begins a section. Unbound also reads an option that follows without a blank: "server:domain-insecure: x".
constexpr std::string_view kSections[] = {
    "server", "remote-control", "stub-zone", "forward-zone", "auth-zone", "view",  "rpz",
    "python", "dynlib",         "dnscrypt",  "dnstap",       "cachedb",   "ipset", "ipsecmod"};

bool is_section(std::string_view option) {
  return std::find(std::begin(kSections), std::end(kSections), option) != std::end(kSections);
}

struct Required {
  std::vector<std::string_view> options;  // one of them
  std::string_view why;
};

std::vector<Required> required() {
  return {
      {{"auto-trust-anchor-file", "trust-anchor", "trust-anchor-file", "trusted-keys-file"},
       "there is no trust anchor, so nothing is validated (BR 4.2.2.2.1): auto-trust-anchor-file is missing"},
      {{"cache-max-ttl"}, "cache-max-ttl is missing: answers are kept for up to a day instead of 60 s"},
      {{"cache-max-negative-ttl"},
       "cache-max-negative-ttl is missing: that a record is not there is kept for up to an hour instead of 60 s"},
  };
}

}  // namespace

std::vector<ResolverFinding> check_resolver_configuration(std::string_view text, bool own_tree) {
  std::vector<ResolverFinding> findings;
  std::vector<std::string_view> seen;
  Words reader(text);
  const std::vector<Word> words = reader.read();
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t colon = words[i].quoted ? std::string_view::npos : words[i].text.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view option = words[i].text.substr(0, colon);
    if (is_section(option) && colon + 1 < words[i].text.size()) {
      findings.push_back(
          {words[i].line, std::string(option) + ": hides what follows it without a blank: begin a new line"});
    }
    Values values;
    std::size_t next = i + 1;
    for (std::size_t v = 0; v < values.size(); ++v) {
      if (v == 0 && colon + 1 < words[i].text.size()) {
        values[v] = words[i].text.substr(colon + 1);
      } else if (next < words.size()) {
        values[v] = words[next++].text;
      }
    }
    seen.push_back(option);
    const auto row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.option == option; });
    if (row == std::end(kRows) || (own_tree && row->own_tree_may) || !row->is_bad(values)) continue;
    findings.push_back({words[i].line, std::string(option) + ' ' + std::string(row->why)});
  }
  if (reader.open_quote() != 0) findings.push_back({reader.open_quote(), "a quotation mark is not closed on its line"});
  std::sort(seen.begin(), seen.end());
  const auto is_there = [&](std::string_view option) { return std::binary_search(seen.begin(), seen.end(), option); };
  for (const Required& needed : required()) {
    if (std::none_of(needed.options.begin(), needed.options.end(), is_there)) {
      findings.push_back({0, std::string(needed.why)});
    }
  }
  std::stable_sort(findings.begin(), findings.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
  return findings;
}

}  // namespace mpic::agent
