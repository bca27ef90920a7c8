// A coordinator at the other end of a batch's stream, in virtual time. It remembers what it has answered, as the real
// one does: a request id is never worked on twice.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>

#include "cli/batch/stream.hpp"

namespace mpic::cli {

struct FakeManyCoordinator {
  Milliseconds latency{50};
  std::size_t room = 1'000;            // over it: RESOURCE_EXHAUSTED
  std::set<std::size_t> breaks_after;  // as many answers: the stream ends
  grpc::Status break_status{grpc::StatusCode::UNAVAILABLE, "gone"};
  Milliseconds down{0};                                            // after a break, each new stream ends at once
  bool silent = false;                                             // answers nothing
  std::map<std::string, std::pair<grpc::StatusCode, int>> errors;  // by name: an error, so many times
  v1::Verdict verdict = v1::VERDICT_CORROBORATED;

  // What happened.
  SteadyPoint now{};
  std::map<std::string, int> worked_on;  // by request id
  std::size_t asked = 0;
  std::size_t answered = 0;
  std::size_t most_in_flight = 0;
  std::size_t streams = 0;
  SteadyPoint down_until{};
};

class FakeBatchStream final : public BatchStream {
 public:
  explicit FakeBatchStream(FakeManyCoordinator& coordinator) : far_(coordinator) {}

  SteadyPoint now() override { return far_.now; }

  void open() override {
    ++far_.streams;
    if (far_.now < far_.down_until) end();
  }

  void send(v1::CorroborateRequest request) override {
    ++far_.asked;
    if (is_ended_) return;
    ++in_flight_;
    far_.most_in_flight = std::max(far_.most_in_flight, in_flight_);
    if (far_.silent) return;
    StreamEvent event;
    event.kind = StreamEvent::Kind::kAnswer;
    event.answer.set_request_id(request.request_id());
    const auto error = far_.errors.find(request.identifier());
    if (in_flight_ > far_.room) {
      set_error(event, grpc::StatusCode::RESOURCE_EXHAUSTED);
      events_.emplace(far_.now, std::move(event));
    } else if (error != far_.errors.end() && error->second.second > 0) {
      --error->second.second;
      set_error(event, error->second.first);
      events_.emplace(far_.now + far_.latency, std::move(event));
    } else {
      if (!far_.worked_on.contains(request.request_id())) far_.worked_on[request.request_id()] = 1;
      event.answer.mutable_response()->set_identifier(request.identifier());
      event.answer.mutable_response()->set_verdict(far_.verdict);
      events_.emplace(far_.now + far_.latency, std::move(event));
    }
  }

  void close() override { is_closed_ = true; }

  StreamEvent next(SteadyPoint until) override {
    if (events_.empty() || events_.begin()->first > until) {
      far_.now = until;
      return {};
    }
    auto first = events_.extract(events_.begin());
    far_.now = std::max(far_.now, first.key());
    StreamEvent event = std::move(first.mapped());
    if (event.kind == StreamEvent::Kind::kEnded) {
      is_ended_ = false;
      in_flight_ = 0;
      return event;
    }
    --in_flight_;
    if (event.answer.has_response() && far_.breaks_after.contains(++far_.answered)) {
      far_.down_until = far_.now + far_.down;
      end();
    }
    return event;
  }

  [[nodiscard]] bool is_closed() const { return is_closed_; }

 private:
  static void set_error(StreamEvent& event, grpc::StatusCode code) {
    event.answer.mutable_error()->set_grpc_code(static_cast<std::uint32_t>(code));
    event.answer.mutable_error()->set_message("as the test wants it");
  }

  // What is on its way is lost.
  void end() {
    is_ended_ = true;
    events_.clear();
    StreamEvent event;
    event.kind = StreamEvent::Kind::kEnded;
    event.status = far_.break_status;
    events_.emplace(far_.now, std::move(event));
  }

  FakeManyCoordinator& far_;
  std::multimap<SteadyPoint, StreamEvent> events_;
  std::size_t in_flight_ = 0;
  bool is_ended_ = false;
  bool is_closed_ = false;
};

}  // namespace mpic::cli
