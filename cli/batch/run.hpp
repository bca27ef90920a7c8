// A batch from the first request sent to the last answer: over one stream at a time, until every line is answered, it
// is interrupted, or it cannot go on. Knows neither terminal nor network nor clock.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <unordered_map>

#include "cli/batch/plan.hpp"
#include "cli/batch/stream.hpp"

namespace mpic::cli {

struct BatchWork {
  const BatchPlan& plan;
  std::string batch_id;
  std::deque<std::size_t> open;  // indices of lines that are not answered yet
  std::size_t in_flight = 64;    // at a time, at least 1
  Milliseconds patience{60'000};
};

// What a batch tells while it runs, on its own thread.
class BatchListener {
 public:
  BatchListener() = default;
  virtual ~BatchListener() = default;
  BatchListener(const BatchListener&) = delete;
  BatchListener& operator=(const BatchListener&) = delete;

  // Final: this line is not asked again.
  virtual void answered(std::size_t line, const v1::CorroborateManyResponse& answer) = 0;
  // Several times a second. `trouble`: why nothing is answered at the moment; empty: it is.
  virtual void tick(SteadyPoint now, std::size_t in_flight, const std::string& trouble) = 0;
  // How often a person wanted it to end: once, and what is in flight is waited for; twice, and it ends at once.
  [[nodiscard]] virtual int interrupts() = 0;
  [[nodiscard]] virtual double jitter() = 0;  // random, in [0, 1)
};

enum class BatchEnd { kComplete, kInterrupted, kStopped };

struct BatchReport {
  BatchEnd end = BatchEnd::kComplete;
  std::string why;       // it stopped
  std::size_t left = 0;  // lines without an answer
};

// What an answer that is an error means for the batch.
enum class ErrorMeaning {
  kFinal,  // this line is refused: its result
  kAgain,  // nothing is wrong with it: ask again
  kStop,   // nothing is wrong with it, and no other line would be answered either
};
[[nodiscard]] ErrorMeaning meaning_of(grpc::StatusCode code);

class BatchRun {
 public:
  BatchRun(BatchWork work, BatchStream& stream, BatchListener& listener, const std::string& coordinator);
  [[nodiscard]] BatchReport run();

 private:
  [[nodiscard]] bool is_done() const;
  void send_some();
  void handle(StreamEvent event);
  void take(const v1::CorroborateManyResponse& answer);
  void ended(const StreamEvent& event);
  [[nodiscard]] BatchReport report(BatchEnd end) const;

  BatchWork work_;
  BatchStream& stream_;
  BatchListener& listener_;
  const std::string coordinator_;
  Pacing pacing_;
  std::unordered_map<std::string, std::size_t> in_flight_;  // request id -> index of its line
  bool is_open_ = false;
  bool interrupted_ = false;
  std::string stop_;     // why nothing more is sent
  std::string trouble_;  // the last one, until something is answered
};

}  // namespace mpic::cli
