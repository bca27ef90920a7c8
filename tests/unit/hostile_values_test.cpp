// What a careless matcher would take exponential or quadratic time for: judging takes time in proportion to what came.
#include <algorithm>
#include <ctime>
#include <functional>

#include "common/rules/judgement.hpp"
#include "common/rules/page_meta.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/observed.hpp"

namespace mpic::rules {
namespace {

// Processor time of this thread, so that a busy machine does not matter.
double seconds_for(const std::function<void()>& work) {
  const auto now = [] {
    timespec at{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) / 1e9;
  };
  double best = 1e9;
  for (int i = 0; i < 3; ++i) {
    const double start = now();
    work();
    best = std::min(best, now() - start);
  }
  return best;
}

std::string times(std::size_t octets, std::string_view pattern) {
  std::string out;
  while (out.size() < octets) out += pattern;
  return out;
}

}  // namespace

TEST_CASE("judging a CAA value takes time in proportion to its length", "[caa][hostile]") {
  struct Row {
    const char* what;
    std::function<std::string(std::size_t)> value;
  };
  const Row rows[] = {
      {"letters, then what no domain has", [](std::size_t n) { return times(n, "a") + '!'; }},
      {"labels, then what no domain has", [](std::size_t n) { return times(n, "a.") + '!'; }},
      {"hyphens", [](std::size_t n) { return 'a' + times(n, "-") + '!'; }},
      {"blanks, then a letter", [](std::size_t n) { return "ca.example" + times(n, " ") + 'x'; }},
      {"blanks between parameters", [](std::size_t n) { return "ca.example;" + times(n, " \t") + "a=b"; }},
      {"parameters without end", [](std::size_t n) { return "ca.example" + times(n, ";a=b"); }},
      {"parameters, the last one broken", [](std::size_t n) { return "ca.example" + times(n, "; a = b ") + ";!"; }},
      {"equal signs", [](std::size_t n) { return "ca.example;a" + times(n, "="); }},
      {"accounts that are repeated", [](std::size_t n) { return "ca.example" + times(n, ";accounturi=https://x"); }},
      {"methods without end",
       [](std::size_t n) { return "ca.example;validationmethods=" + times(n, "dns-02,") + "x"; }},
      {"octets that are escaped", [](std::size_t n) { return times(n, "\x1b\\\"\xff"); }},
  };
  CaaQuestion question;
  question.issuer_domains = {"ca.example"};
  question.account_uris = {"https://ca.example/acct/1"};
  question.validation_method = "http-01";
  const Identifier asked = test::identifier("example.com");
  const auto judge = [&](const std::string& value, const std::string& tag) {
    CaaObservation seen;
    seen.lookups = {test::answered("example.com", RecordType::kCaa, {test::caa_rdata(0, tag, value)}),
                    test::answered("com", RecordType::kCaa)};
    return judge_caa(asked, question, seen);
  };
  constexpr std::size_t kSmall = 15'000;
  for (const std::string tag : {"issue", "iodef"}) {
    for (const Row& row : rows) DYNAMIC_SECTION(tag << ": " << row.what) {
        const std::string small = row.value(kSmall);
        const std::string large = row.value(4 * kSmall);
        const double once = seconds_for([&] { (void)judge(small, tag); });
        const double four_times = seconds_for([&] { (void)judge(large, tag); });
        CHECK(four_times < 8 * once + 0.002);  // quadratic would be sixteen times
        CHECK(four_times < 0.25);
      }
  }
}

TEST_CASE("looking for meta tags takes time in proportion to the page", "[page][hostile]") {
  const char* const patterns[] = {"<",
                                  "<!--",
                                  "<!-- --",
                                  "<!---->",
                                  "</",
                                  "<meta ",
                                  "<meta content=x>",
                                  "<meta content='",
                                  "<meta a=\"",
                                  "<a b=c/ ",
                                  "<script></scrip",
                                  "<title></title>",
                                  "--",
                                  "--!",
                                  "=",
                                  "<a ====",
                                  "</script ",
                                  "& &amp;"};
  constexpr std::size_t kSmall = 50'000;
  for (const char* pattern : patterns) DYNAMIC_SECTION(pattern) {
      const std::string small = times(kSmall, pattern), large = times(4 * kSmall, pattern);
      const double once = seconds_for([&] { (void)has_meta_content(small, "v&lue"); });
      const double four_times = seconds_for([&] { (void)has_meta_content(large, "v&lue"); });
      CHECK(four_times < 8 * once + 0.002);  // quadratic would be sixteen times
      CHECK(four_times < 0.25);
    }
}

}  // namespace mpic::rules
