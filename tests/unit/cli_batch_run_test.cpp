// A whole batch against a coordinator in virtual time.
#include "cli/batch/run.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/fake_batch_stream.hpp"

using namespace mpic;
using namespace mpic::cli;
using namespace std::chrono_literals;

namespace {

class FakeListener final : public BatchListener {
 public:
  void answered(std::size_t line, const v1::CorroborateManyResponse& answer) override {
    ++answers[line];
    if (answer.has_error()) ++errors;
    if (interrupt_after != 0 && answers.size() >= interrupt_after) wanted = std::max(wanted, 1);
  }
  void tick(SteadyPoint, std::size_t, const std::string& trouble) override {
    if (!trouble.empty()) last_trouble = trouble;
    if (wanted == 1 && impatient) wanted = 2;
  }
  int interrupts() override { return wanted; }
  double jitter() override { return 0.5; }

  std::map<std::size_t, int> answers;  // by line
  std::size_t errors = 0;
  std::size_t interrupt_after = 0;
  int wanted = 0;
  bool impatient = false;  // the second signal comes with the first
  std::string last_trouble;
};

constexpr std::size_t kLines = 500;

class Batch {
 public:
  Batch() {
    std::string text = "name\n";
    for (std::size_t i = 0; i < kLines; ++i) text += "n" + std::to_string(i) + ".example\n";
    plan_ = plan_batch(text, BatchFormat::kCsv, {{"method", "caa"}, {"issuer", "ca.example"}}, {});
    REQUIRE(plan_.lines.size() == kLines);
  }

  // Asks what is not answered yet, as a resumed batch does.
  BatchReport run(FakeListener& listener) {
    BatchWork work{plan_, "b1", {}, in_flight, patience};
    for (std::size_t i = 0; i < kLines; ++i) {
      if (!listener.answers.contains(plan_.lines[i].number)) work.open.push_back(i);
    }
    FakeBatchStream stream(coordinator);
    const BatchReport report = BatchRun(std::move(work), stream, listener, "c.example:7443").run();
    is_closed = stream.is_closed();
    return report;
  }

  FakeManyCoordinator coordinator;
  std::size_t in_flight = 64;
  Milliseconds patience{60'000};
  bool is_closed = false;

 private:
  BatchPlan plan_;
};

// Every line is answered exactly once, and none was worked on twice.
void require_complete(const FakeListener& listener, const FakeManyCoordinator& coordinator) {
  REQUIRE(listener.answers.size() == kLines);
  for (const auto& [line, times] : listener.answers) CHECK(times == 1);
  CHECK(coordinator.worked_on.size() == kLines - listener.errors);
}

}  // namespace

TEST_CASE("cli: a batch that nothing disturbs", "[cli][batch]") {
  Batch batch;
  FakeListener listener;
  const BatchReport report = batch.run(listener);
  CHECK(report.end == BatchEnd::kComplete);
  CHECK(report.left == 0);
  CHECK(batch.is_closed);
  require_complete(listener, batch.coordinator);
  CHECK(batch.coordinator.asked == kLines);
  CHECK(batch.coordinator.most_in_flight == 64);
  CHECK(batch.coordinator.streams == 1);
  CHECK(batch.coordinator.now - SteadyPoint{} < 500ms);  // eight rounds of 50 ms
}

TEST_CASE("cli: an interrupted batch waits for what is in flight, and goes on later", "[cli][batch]") {
  Batch batch;
  FakeListener listener;
  listener.interrupt_after = 100;
  const BatchReport first = batch.run(listener);
  CHECK(first.end == BatchEnd::kInterrupted);
  CHECK(first.left == kLines - listener.answers.size());
  CHECK(listener.answers.size() >= 100);
  CHECK(listener.answers.size() == batch.coordinator.asked);  // nothing that was asked went without its answer
  CHECK(batch.coordinator.asked < 100 + 2 * 64);
  listener.interrupt_after = 0;
  listener.wanted = 0;
  CHECK(batch.run(listener).end == BatchEnd::kComplete);
  require_complete(listener, batch.coordinator);
  CHECK(batch.coordinator.asked == kLines);
}

TEST_CASE("cli: a second signal ends a batch at once; what was in flight is asked again by the same id",
          "[cli][batch]") {
  Batch batch;
  FakeListener listener;
  listener.interrupt_after = 100;
  listener.impatient = true;
  const BatchReport first = batch.run(listener);
  CHECK(first.end == BatchEnd::kInterrupted);
  CHECK(first.left == kLines - listener.answers.size());
  CHECK(batch.coordinator.asked > listener.answers.size());
  listener.interrupt_after = 0;
  listener.wanted = 0;
  CHECK(batch.run(listener).end == BatchEnd::kComplete);
  require_complete(listener, batch.coordinator);
}

TEST_CASE("cli: an overloaded coordinator is asked less, and everything is answered", "[cli][batch]") {
  Batch batch;
  batch.coordinator.room = 10;
  FakeListener listener;
  CHECK(batch.run(listener).end == BatchEnd::kComplete);
  require_complete(listener, batch.coordinator);
  CHECK(listener.errors == 0);
  CHECK(batch.coordinator.asked < 2 * kLines);
  CHECK_THAT(listener.last_trouble, Catch::Contains("overloaded"));
}

TEST_CASE("cli: a batch survives streams that break, and a coordinator that is away for a while", "[cli][batch]") {
  Batch batch;
  batch.coordinator.breaks_after = {1, 2, 77, 300, 499};
  batch.coordinator.down = 10s;
  FakeListener listener;
  CHECK(batch.run(listener).end == BatchEnd::kComplete);
  require_complete(listener, batch.coordinator);
  CHECK(batch.coordinator.streams > 6);
  CHECK(batch.coordinator.now - SteadyPoint{} > 50s);
}

TEST_CASE("cli: a stream that the coordinator ends in good order is begun anew", "[cli][batch]") {
  Batch batch;
  batch.coordinator.breaks_after = {200};
  batch.coordinator.break_status = grpc::Status::OK;
  FakeListener listener;
  CHECK(batch.run(listener).end == BatchEnd::kComplete);
  require_complete(listener, batch.coordinator);
  CHECK(batch.coordinator.streams == 2);
}

TEST_CASE("cli: lines that are refused again and again keep no other from its answer", "[cli][batch]") {
  Batch batch;
  for (int i = 0; i < 80; ++i) {
    batch.coordinator.errors["n" + std::to_string(i) + ".example"] = {grpc::StatusCode::UNAVAILABLE, 1'000'000};
  }
  FakeListener listener;
  const BatchReport report = batch.run(listener);
  CHECK(report.end == BatchEnd::kStopped);
  CHECK(report.left == 80);
  CHECK(listener.answers.size() == kLines - 80);
}

TEST_CASE("cli: a batch stops when its patience is at its end, and says why", "[cli][batch]") {
  Batch batch;
  FakeListener listener;
  SECTION("the coordinator is away") {
    batch.coordinator.breaks_after = {150};
    batch.coordinator.down = 24h;
    const BatchReport report = batch.run(listener);
    CHECK(report.end == BatchEnd::kStopped);
    CHECK(report.why == "nothing was answered for 60 s: the coordinator at c.example:7443 gives no answer: gone");
    CHECK(report.left == kLines - 150);
    CHECK(batch.coordinator.streams < 30);  // pauses grow
  }
  SECTION("it says nothing") {
    batch.coordinator.silent = true;
    batch.patience = 5s;
    const BatchReport report = batch.run(listener);
    CHECK(report.end == BatchEnd::kStopped);
    CHECK(report.why == "nothing was answered for 5 s");
    CHECK(report.left == kLines);
    CHECK(batch.coordinator.asked == 64);
  }
  SECTION("it has no room for a single one") {
    batch.coordinator.room = 0;
    const BatchReport report = batch.run(listener);
    CHECK(report.end == BatchEnd::kStopped);
    CHECK_THAT(report.why, Catch::StartsWith("nothing was answered for 60 s: the coordinator at c.example:7443 is "
                                             "overloaded"));
    CHECK(batch.coordinator.asked < 200);
  }
  CHECK(batch.coordinator.now - SteadyPoint{} < 61s);
}

TEST_CASE("cli: what an error means for a batch", "[cli][batch]") {
  Batch batch;
  FakeListener listener;
  SECTION("a line that is refused is answered by that") {
    batch.coordinator.errors = {{"n7.example", {grpc::StatusCode::INVALID_ARGUMENT, 1'000}},
                                {"n8.example", {grpc::StatusCode::UNIMPLEMENTED, 1'000}}};
    CHECK(batch.run(listener).end == BatchEnd::kComplete);
    CHECK(listener.errors == 2);
    require_complete(listener, batch.coordinator);
    CHECK(batch.coordinator.asked == kLines);
  }
  SECTION("one for which there was no room, or no record, is asked again") {
    batch.coordinator.errors = {{"n7.example", {grpc::StatusCode::RESOURCE_EXHAUSTED, 3}},
                                {"n8.example", {grpc::StatusCode::UNAVAILABLE, 3}}};
    CHECK(batch.run(listener).end == BatchEnd::kComplete);
    CHECK(listener.errors == 0);
    require_complete(listener, batch.coordinator);
    CHECK(batch.coordinator.asked == kLines + 6);
  }
  SECTION("a deployment that may not corroborate ends it, with no line spoilt") {
    batch.coordinator.errors = {{"n70.example", {grpc::StatusCode::FAILED_PRECONDITION, 1}}};
    const BatchReport report = batch.run(listener);
    CHECK(report.end == BatchEnd::kStopped);
    CHECK(report.why == "line 72: this deployment may not corroborate: as the test wants it");
    CHECK(listener.errors == 0);
    CHECK(batch.coordinator.asked < 200);
    CHECK(listener.answers.size() == batch.coordinator.asked - 1);
    CHECK(batch.run(listener).end == BatchEnd::kComplete);
    require_complete(listener, batch.coordinator);
  }
  SECTION("so does a client that is not listed") {
    batch.coordinator.breaks_after = {10};
    batch.coordinator.break_status = {grpc::StatusCode::PERMISSION_DENIED, "not listed"};
    const BatchReport report = batch.run(listener);
    CHECK(report.end == BatchEnd::kStopped);
    CHECK_THAT(report.why, Catch::StartsWith("permission denied by the coordinator"));
    CHECK(batch.coordinator.streams == 1);
  }
}

TEST_CASE("cli: a batch is patient with a slow request that may take longer than that", "[cli][batch]") {
  CheckOptions common;
  common.deadline = 100;
  const BatchPlan plan =
      plan_batch("name\na.example\n", BatchFormat::kCsv, {{"method", "caa"}, {"issuer", "ca.example"}}, common);
  FakeManyCoordinator coordinator;
  coordinator.latency = 99s;
  FakeBatchStream stream(coordinator);
  FakeListener listener;
  BatchWork work{plan, "b1", {0}, 64, 60s};
  CHECK(BatchRun(std::move(work), stream, listener, "c").run().end == BatchEnd::kComplete);
}
