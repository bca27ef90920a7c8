#include "cli/batch/session.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <random>
#include <vector>

#include "cli/batch/interrupts.hpp"
#include "cli/batch/progress.hpp"
#include "cli/batch/results.hpp"
#include "cli/batch/run.hpp"
#include "cli/exit_status.hpp"
#include "cli/failure.hpp"
#include "common/domain/hex.hpp"
#include "common/evidence/merkle.hpp"

namespace mpic::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLargestInput = 256U << 20U;  // octets
constexpr Milliseconds kRedraw = 100ms;
constexpr Milliseconds kBetweenLogLines = 10s;
constexpr Milliseconds kBetweenSyncs = 1s;

std::string read_input(const std::string& file) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file, std::ios::binary);
    if (!opened) throw Failure(kExitUsage, fmt::format("{}: cannot be read", file));
  }
  std::istream& in = file == "-" ? std::cin : opened;
  std::string text;
  std::vector<char> piece(1U << 20U);
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0) {
    text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > kLargestInput) {
      throw Failure(kExitUsage, fmt::format("{}: larger than {} MiB; split it", file, kLargestInput >> 20U));
    }
  }
  if (in.bad()) throw Failure(kExitUsage, fmt::format("{}: cannot be read", file));
  return text;
}

BatchFormat format_of(const BatchOptions& options) {
  if (options.format == "csv") return BatchFormat::kCsv;
  if (options.format == "jsonl") return BatchFormat::kJsonLines;
  if (options.file == "-") throw Failure(kExitUsage, "standard input needs --format csv or --format jsonl");
  if (const auto format = batch_format_of(options.file)) return *format;
  throw Failure(kExitUsage, fmt::format("{}: neither .csv nor .jsonl; --format says what it is", options.file));
}

std::string output_of(const BatchOptions& options) {
  if (options.file == "-" && options.output.empty()) {
    throw Failure(kExitUsage,
                  "standard input needs --output: the file that results go to, and that a later run resumes");
  }
  return options.output.empty() ? options.file + ".results.jsonl" : options.output;
}

BatchPlan plan_of(const BatchOptions& options, const std::string& text, const Surroundings& around) {
  const BatchFormat format = format_of(options);
  if (format == BatchFormat::kJsonLines && !options.defaults.empty()) {
    throw Failure(kExitUsage,
                  fmt::format("--{}: is for CSV; a line of JSON says it itself", options.defaults.begin()->first));
  }
  BatchPlan plan = plan_batch(text, format, options.defaults, options.common);
  if (plan.mistake_count == 0) return plan;
  for (const LineMistake& mistake : plan.mistakes) {
    around.notes << fmt::format("{}:{}: {}\n", options.file, mistake.line, for_terminal(mistake.text));
  }
  if (plan.mistake_count > plan.mistakes.size()) {
    around.notes << fmt::format("and {} more\n", plan.mistake_count - plan.mistakes.size());
  }
  throw Failure(kExitUsage, fmt::format("{}: {} mistake{}; nothing was sent", options.file, plan.mistake_count,
                                        plan.mistake_count == 1 ? "" : "s"));
}

std::string random_id() {
  std::array<std::uint8_t, 16> octets{};
  if (RAND_bytes(octets.data(), octets.size()) != 1)
    throw Failure(kExitNotDetermined, "no random numbers could be had");
  return hex(octets);
}

std::string moment_now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

// One run of `mpic batch`, with what it reads, writes and shows.
class BatchSession final : public BatchListener {
 public:
  BatchSession(const BatchOptions& options, const Surroundings& around)
      : options_(options),
        around_(around),
        style_(around.notes_style.value_or(Style{false, true, 100})),
        tally_(options.common.would_be) {
    const std::string input = read_input(options.file);
    plan_ = plan_of(options, input, around);
    head_.input_sha256 = hex(evidence::sha256(input));
    head_.requests_sha256 = digest_of(plan_);
    head_.lines = plan_.lines.size();
  }

  int run(const BatchConnect& connect) {
    ResultsFile results(output_of(options_));
    results_ = &results;
    BatchWork work = resume();
    BatchReport report;
    if (!work.open.empty()) {
      const Profile profile = load_profile(choose_profile(around_.profile).file);
      begin_when_new();
      interrupts_.emplace();
      const auto stream = connect(profile);
      begun_ = stream->now();
      last_shown_ = begun_;
      report = BatchRun(std::move(work), *stream, *this, profile.coordinator).run();
      took_ = std::chrono::duration_cast<Milliseconds>(stream->now() - begun_);
    } else {
      around_.notes << fmt::format("{}: every line is answered already\n", options_.file);
    }
    results.sync();
    return conclude(report);
  }

  void answered(std::size_t line, const v1::CorroborateManyResponse& answer) override {
    LineOutcome outcome;
    if (answer.has_response()) {
      outcome = outcome_of(line, answer.response());
      results_->append(answer_text(line, answer.request_id(), answer.response()));
    } else {
      const v1::RequestError& error = answer.error();
      outcome.line = line;
      outcome.error = status_name(error.grpc_code());
      results_->append(error_text(line, answer.request_id(), error.grpc_code(), error.message()));
    }
    tally_.add(outcome);
    ++asked_;
  }

  void tick(SteadyPoint now, std::size_t in_flight, const std::string& trouble) override {
    if (now - last_sync_ >= kBetweenSyncs) {
      results_->sync();
      last_sync_ = now;
    }
    rate_.observe(now, tally_.total());
    tell_interrupt(in_flight);
    const bool terminal = around_.notes_style.has_value();
    if (now - last_shown_ < (terminal ? kRedraw : kBetweenLogLines)) return;
    last_shown_ = now;
    const BatchProgress progress{tally_.total(), head_.lines, in_flight, rate_.per_second(), trouble};
    if (terminal) {
      around_.notes << kLineAnew << progress_bar(progress, tally_, style_) << std::flush;
    } else {
      around_.notes << progress_words(progress, tally_) << std::endl;
    }
  }

  int interrupts() override { return interrupts_ ? interrupts_->count() : 0; }
  double jitter() override { return std::uniform_real_distribution<double>(0, 1)(random_); }

 private:
  static constexpr const char* kLineAnew = "\r\x1b[K";

  // What is left to ask, after what the results hold.
  BatchWork resume() {
    std::vector<bool> is_answered(plan_.lines.size());
    const auto take = [&](const LineOutcome& outcome) {
      const auto at = std::lower_bound(plan_.lines.begin(), plan_.lines.end(), outcome.line,
                                       [](const BatchLine& line, std::size_t number) { return line.number < number; });
      const auto index = static_cast<std::size_t>(at - plan_.lines.begin());
      if (at == plan_.lines.end() || at->number != outcome.line || is_answered[index]) {
        throw Failure(kExitUsage, fmt::format("{}: line {} is answered twice, or is none of {}: move the file away, or "
                                              "give another --output",
                                              output_of(options_), outcome.line, options_.file));
      }
      is_answered[index] = true;
      tally_.add(outcome);
    };
    const auto found = results_->read([this](const BatchHead& head) { require_same(head); }, take);
    is_new_ = !found;
    head_.id = found ? found->id : random_id();
    BatchWork work{plan_, head_.id, {}, options_.in_flight, Milliseconds(std::lround(options_.patience * 1000))};
    for (std::size_t i = 0; i < is_answered.size(); ++i) {
      if (!is_answered[i]) work.open.push_back(i);
    }
    if (found && !work.open.empty()) {
      around_.notes << fmt::format("{}: resuming: {} of {} lines are answered already\n", options_.file,
                                   grouped(tally_.total()), grouped(head_.lines));
    }
    return work;
  }

  void require_same(const BatchHead& found) const {
    if (found.requests_sha256 == head_.requests_sha256) return;
    const bool same_file = found.input_sha256 == head_.input_sha256;
    throw Failure(kExitUsage,
                  fmt::format("{} holds the results of another batch: {}. To resume that one, run it as it was; for a "
                              "new one, give another --output",
                              output_of(options_),
                              same_file ? "the options of this command ask something else"
                                        : options_.file + " is not as it was when that one began"));
  }

  // On disk before anything is sent, so that request ids survive us.
  void begin_when_new() {
    if (!is_new_) return;
    head_.started = moment_now();
    results_->append(head_text(head_));
    results_->sync();
  }

  void tell_interrupt(std::size_t in_flight) {
    if (interrupts() == 0 || interrupt_told_) return;
    interrupt_told_ = true;
    if (around_.notes_style) around_.notes << kLineAnew;
    around_.notes << fmt::format("interrupted: waiting for {} answer{}; once more to end at once\n", in_flight,
                                 in_flight == 1 ? "" : "s")
                  << std::flush;
  }

  int conclude(const BatchReport& report) {
    if (around_.notes_style) around_.notes << kLineAnew;
    const BatchSummary summary{head_.lines, asked_, took_, output_of(options_)};
    if (options_.common.json) {
      around_.out << summary_json(summary, tally_) << '\n';
    } else {
      around_.notes << summary_text(summary, tally_, style_);
    }
    if (report.end == BatchEnd::kComplete) return tally_.exit_status();
    const std::string how = fmt::format("the same command again resumes with the {} line{} left", grouped(report.left),
                                        report.left == 1 ? "" : "s");
    if (report.end == BatchEnd::kStopped)
      throw Failure(kExitNotDetermined, fmt::format("stopped: {}; {}", report.why, how));
    around_.notes << fmt::format("mpic: interrupted; {}\n", how);
    return kExitInterrupted;
  }

  const BatchOptions& options_;
  const Surroundings& around_;
  const Style style_;
  BatchPlan plan_;
  BatchHead head_;
  Tally tally_;
  RateMeter rate_;
  std::optional<Interrupts> interrupts_;  // while it asks
  std::minstd_rand random_{std::random_device{}()};
  ResultsFile* results_ = nullptr;
  bool is_new_ = true;  // the file of results
  bool interrupt_told_ = false;
  std::size_t asked_ = 0;
  Milliseconds took_{0};
  SteadyPoint begun_;
  SteadyPoint last_shown_;
  SteadyPoint last_sync_;
};

}  // namespace

int run_batch(const BatchOptions& options, const Surroundings& around, const BatchConnect& connect) {
  return BatchSession(options, around).run(connect);
}

}  // namespace mpic::cli
