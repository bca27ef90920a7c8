#include "cli/batch/progress.hpp"

#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::cli;
using namespace std::chrono_literals;

namespace {

LineOutcome outcome(v1::Verdict verdict, v1::Verdict would_be = v1::VERDICT_UNSPECIFIED,
                    std::vector<std::string> problems = {}) {
  return {1, verdict, would_be, std::move(problems), ""};
}

LineOutcome error(const char* code) {
  LineOutcome out;
  out.error = code;
  return out;
}

constexpr auto kYes = v1::VERDICT_CORROBORATED;
constexpr auto kNo = v1::VERDICT_NOT_CORROBORATED;
constexpr auto kUnknown = v1::VERDICT_NOT_DETERMINED;

Tally tally_of(const std::vector<LineOutcome>& outcomes, bool follow_would_be = false) {
  Tally tally(follow_would_be);
  for (const LineOutcome& each : outcomes) tally.add(each);
  return tally;
}

Style plain(std::size_t width, bool unicode = true) { return {false, unicode, width}; }

}  // namespace

TEST_CASE("cli: a batch's exit status", "[cli][batch]") {
  struct Row {
    const char* rule;
    std::vector<LineOutcome> outcomes;
    bool follow_would_be;
    int status;
  };
  const Row rows[] = {
      {"all corroborated", {outcome(kYes), outcome(kYes)}, false, 0},
      {"one is not", {outcome(kYes), outcome(kNo)}, false, 1},
      {"of one it is not known", {outcome(kYes), outcome(kUnknown)}, false, 2},
      {"not to know comes before no", {outcome(kNo), outcome(kUnknown)}, false, 2},
      {"a refused line", {outcome(kYes), error("INVALID_ARGUMENT")}, false, 2},
      {"a laboratory's yes is no yes", {outcome(kUnknown, kYes)}, false, 2},
      {"unless that is asked for", {outcome(kUnknown, kYes)}, true, 0},
      {"as is its no", {outcome(kUnknown, kYes), outcome(kUnknown, kNo)}, true, 1},
      {"an answer without verdict is none", {outcome(v1::VERDICT_UNSPECIFIED)}, true, 2},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      CHECK(tally_of(row.outcomes, row.follow_would_be).exit_status() == row.status);
    }
}

TEST_CASE("cli: the problems of a batch, by how many lines met them", "[cli][batch]") {
  v1::CorroborateResponse response;
  for (int i = 0; i < 3; ++i) {
    v1::PerspectiveResult& row = *response.add_checks()->add_perspectives();
    row.mutable_problem()->set_code(i == 0 ? v1::PROBLEM_CODE_NOT_WAITED_FOR : v1::PROBLEM_CODE_DNS_TIMEOUT);
  }
  Tally tally(false);
  tally.add(outcome_of(7, response));
  tally.add(outcome(kNo, {}, {"CAA_FORBIDS"}));
  tally.add(outcome(kNo, {}, {"CAA_FORBIDS", "DNS_TIMEOUT"}));
  tally.add(outcome(kNo, {}, {"CAA_FORBIDS"}));
  CHECK(tally.problems() == Tally::Counts{{"CAA_FORBIDS", 3}, {"DNS_TIMEOUT", 2}});
}

TEST_CASE("cli: numbers and times for people", "[cli][batch]") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1'000) == "1,000");
  CHECK(grouped(1'234'567) == "1,234,567");
  CHECK(clock_text(7s) == "0:07");
  CHECK(clock_text(61s) == "1:01");
  CHECK(clock_text(3'723s) == "1:02:03");
  CHECK(clock_text(-1s) == "0:00");
}

TEST_CASE("cli: the rate of a batch is that of the last quarter of a minute", "[cli][batch]") {
  RateMeter rate;
  CHECK(rate.per_second() == 0);
  const SteadyPoint begin{};
  std::size_t done = 0;
  for (int tenth = 0; tenth < 600; ++tenth) {  // a minute at 10 a second, then a minute at 100
    rate.observe(begin + tenth * 100ms, done);
    done += 1;
  }
  CHECK(rate.per_second() == Approx(10).epsilon(0.02));
  for (int tenth = 600; tenth < 1200; ++tenth) {
    rate.observe(begin + tenth * 100ms, done);
    done += 10;
  }
  CHECK(rate.per_second() == Approx(100).epsilon(0.02));
}

TEST_CASE("cli: a batch's bar, in as much as fits", "[cli][batch]") {
  std::vector<LineOutcome> outcomes(4'100, outcome(kYes));
  outcomes.resize(4'180, outcome(kNo));
  outcomes.resize(4'200, outcome(kUnknown));
  const Tally tally = tally_of(outcomes);
  const BatchProgress progress{4'200, 10'000, 64, 512, ""};
  CHECK(progress_bar(progress, tally, plain(100)) ==
        "[████████████████░░░░░░░░░░░░░░░░░░░░░░░░] 4,200/10,000 42% 0:11 left ✓ 4,100 ✗ 80 ? 20 512/s");
  CHECK(progress_bar(progress, tally, plain(72, false)) ==
        "[#######-----------] 4,200/10,000 42% 0:11 left + 4,100 x 80 ? 20 512/s");
  CHECK(progress_bar(progress, tally, plain(40)) == "4,200/10,000 42% 0:11 left 512/s");
  CHECK(progress_bar(progress, tally, plain(12)) == "42% 512/s");
  CHECK(progress_bar({10'000, 10'000, 0, 512, ""}, tally, plain(32)) == "10,000/10,000 100% 0:00 left");
  const std::string trouble = "the coordinator \x1b[31mat c.example:7443 gives no answer";
  CHECK(progress_bar({0, 10'000, 64, 0, trouble}, tally, plain(60)) ==
        "0/10,000 0% waiting: the coordinator \\x1b[31mat");
  CHECK(
      progress_bar({0, 10'000, 64, 0, trouble}, tally, plain(110)) ==
      "[░░░░░░░░░░░░░░░░░░░░░░░░░░░░] 0/10,000 0% waiting: the coordinator \\x1b[31mat c.example:7443 gives no answer");
}

TEST_CASE("cli: a batch's bar is never wider than the terminal", "[cli][batch]") {
  const Tally tally = tally_of({outcome(kYes), outcome(kNo), error("INTERNAL")});
  for (const bool colour : {false, true}) {
    for (std::size_t width = 1; width < 160; ++width) {
      Style style = plain(width);
      style.colour = colour;
      std::string line = progress_bar({1'234, 99'999, 64, 1, width % 2 == 0 ? "" : "none"}, tally, style);
      for (std::size_t at = line.find('\x1b'); at != std::string::npos; at = line.find('\x1b')) {
        line.erase(at, line.find('m', at) - at + 1);
      }
      INFO(width << ": " << line);
      CHECK(display_width(line) < width);
    }
  }
}

TEST_CASE("cli: a batch's progress in a log, and its summary", "[cli][batch]") {
  const Tally tally =
      tally_of({outcome(kYes), outcome(kUnknown, kYes, {"DNS_TIMEOUT"}), outcome(kNo, {}, {"CAA_FORBIDS"}),
                outcome(kNo, {}, {"CAA_FORBIDS"}), error("INVALID_ARGUMENT")});
  CHECK(progress_words({5, 10, 3, 2.5, ""}, tally) ==
        "5 of 10 lines answered (50%), 2.5/s, 0:02 left, CORROBORATED 1, NOT_CORROBORATED 2, NOT_DETERMINED 1, "
        "errors 1");
  const BatchSummary summary{10, 3, 1'500ms, "names.csv.results.jsonl"};
  CHECK(summary_text(summary, tally, plain(100)) ==
        R"(5 of 10 lines are answered; 3 of them now, in 0:02 (2.0/s)
  CORROBORATED                 1
  NOT_CORROBORATED             2
  NOT_DETERMINED               1  would be: CORROBORATED 1
  no verdict                   1  INVALID_ARGUMENT 1
Problems  CAA_FORBIDS 2, DNS_TIMEOUT 1
Results   names.csv.results.jsonl
)");
  CHECK(summary_json(summary, tally) ==
        R"({"lines":10,"answered":5,"complete":false,"answered_now":3,"took_ms":1500,"verdicts":)"
        R"({"VERDICT_CORROBORATED":1,"VERDICT_NOT_CORROBORATED":2,"VERDICT_NOT_DETERMINED":1},"would_be":)"
        R"({"CORROBORATED":1},"problems":{"CAA_FORBIDS":2,"DNS_TIMEOUT":1},"errors":{"INVALID_ARGUMENT":1},)"
        R"("output":"names.csv.results.jsonl"})");
}

TEST_CASE("cli: a batch sends less to who is overloaded, and more when it answers", "[cli][batch]") {
  SteadyPoint now{};
  Pacing pacing(64, 60s, now);
  CHECK(pacing.may_send(63, now));
  CHECK_FALSE(pacing.may_send(64, now));
  for (int i = 0; i < 64; ++i) pacing.refused(now, 0.99);  // all at once: one overload
  CHECK(pacing.window() == 32);
  CHECK_FALSE(pacing.may_send(0, now));
  CHECK(pacing.resumes() - now > 90ms);
  CHECK(pacing.resumes() - now <= 100ms);
  now = pacing.resumes();
  CHECK(pacing.may_send(31, now));
  CHECK_FALSE(pacing.may_send(32, now));
  for (int i = 0; i < 33; ++i) pacing.answered(now);
  CHECK(pacing.window() == 33);
  for (int i = 0; i < 3'000; ++i) pacing.answered(now);
  CHECK(pacing.window() == 64);  // never more than was asked for
}

TEST_CASE("cli: a batch's pauses double, have jitter, and end", "[cli][batch]") {
  SteadyPoint now{};
  Pacing pacing(8, 60s, now);
  for (const auto whole : {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 5000ms, 5000ms}) {
    const bool least = whole == 400ms;
    pacing.broken(now, least ? 0 : 1);
    CHECK(pacing.resumes() - now == (least ? whole / 2 : whole));
    now = pacing.resumes();
  }
  for (int i = 0; i < 20; ++i) pacing.refused(now += 10s, 0);
  CHECK(pacing.window() == 1);
  pacing.answered(now);
  now += 10s;
  pacing.refused(now, 1);
  CHECK(pacing.resumes() - now == 100ms);  // what was answered makes it begin anew
}

TEST_CASE("cli: a batch's patience is measured from the last answer", "[cli][batch]") {
  const SteadyPoint begin{};
  Pacing pacing(8, 60s, begin);
  CHECK_FALSE(pacing.is_exhausted(begin + 59s));
  CHECK(pacing.is_exhausted(begin + 60s));
  pacing.answered(begin + 50s);
  pacing.refused(begin + 100s, 1);
  CHECK_FALSE(pacing.is_exhausted(begin + 109s));
  CHECK(pacing.is_exhausted(begin + 110s));
}
