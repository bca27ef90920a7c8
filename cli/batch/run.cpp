#include "cli/batch/run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/failure.hpp"

namespace mpic::cli {
namespace {

using namespace std::chrono_literals;
constexpr Milliseconds kTick = 100ms;
constexpr Milliseconds kForTheWay = 5s;

// A coordinator that works on one slow request is no reason to give up.
Milliseconds patience_of(const BatchWork& work) {
  const Milliseconds longest(work.plan.longest_deadline_ms);
  return longest == 0ms ? work.patience : std::max(work.patience, longest + kForTheWay);
}

}  // namespace

ErrorMeaning meaning_of(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return ErrorMeaning::kAgain;
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::FAILED_PRECONDITION:
      return ErrorMeaning::kStop;
    default:
      return ErrorMeaning::kFinal;
  }
}

BatchRun::BatchRun(BatchWork work, BatchStream& stream, BatchListener& listener, const std::string& coordinator)
    : work_(std::move(work)),
      stream_(stream),
      listener_(listener),
      coordinator_(coordinator),
      pacing_(work_.in_flight, patience_of(work_), stream.now()) {}

BatchReport BatchRun::run() {
  for (;;) {
    const int interrupts = listener_.interrupts();
    if (interrupts > 1) return report(BatchEnd::kInterrupted);
    interrupted_ = interrupts == 1;
    if (is_done()) break;
    if (pacing_.is_exhausted(stream_.now())) {
      if (stop_.empty()) {
        const auto waited = std::chrono::duration_cast<std::chrono::seconds>(patience_of(work_));
        stop_ =
            fmt::format("nothing was answered for {} s{}{}", waited.count(), trouble_.empty() ? "" : ": ", trouble_);
      }
      return report(BatchEnd::kStopped);
    }
    send_some();
    const SteadyPoint now = stream_.now();
    listener_.tick(now, in_flight_.size(), trouble_);
    const bool pausing = pacing_.resumes() > now;
    handle(stream_.next(pausing ? std::min(now + kTick, pacing_.resumes()) : now + kTick));
  }
  if (is_open_) stream_.close();
  if (!stop_.empty()) return report(BatchEnd::kStopped);
  return report(work_.open.empty() ? BatchEnd::kComplete : BatchEnd::kInterrupted);
}

bool BatchRun::is_done() const { return in_flight_.empty() && (work_.open.empty() || interrupted_ || !stop_.empty()); }

void BatchRun::send_some() {
  if (interrupted_ || !stop_.empty()) return;
  while (!work_.open.empty() && pacing_.may_send(in_flight_.size(), stream_.now())) {
    if (!is_open_) stream_.open();
    is_open_ = true;
    const std::size_t index = work_.open.front();
    work_.open.pop_front();
    const BatchLine& line = work_.plan.lines[index];
    v1::CorroborateRequest request;
    request.ParseFromString(line.request);
    request.set_request_id(request_id_of(work_.batch_id, line.number));
    in_flight_.emplace(request.request_id(), index);
    stream_.send(std::move(request));
  }
}

void BatchRun::handle(StreamEvent event) {
  if (event.kind == StreamEvent::Kind::kAnswer) take(event.answer);
  if (event.kind == StreamEvent::Kind::kEnded) ended(event);
}

void BatchRun::take(const v1::CorroborateManyResponse& answer) {
  const auto found = in_flight_.find(answer.request_id());
  if (found == in_flight_.end()) return;  // nothing of ours
  const std::size_t index = found->second;
  const std::size_t line = work_.plan.lines[index].number;
  const auto code = static_cast<grpc::StatusCode>(answer.error().grpc_code());
  // An answer that holds neither is none.
  const bool is_answer = answer.has_response() || (answer.has_error() && code != grpc::StatusCode::OK);
  const ErrorMeaning meaning = answer.has_response() ? ErrorMeaning::kFinal
                               : is_answer           ? meaning_of(code)
                                                     : ErrorMeaning::kAgain;
  in_flight_.erase(found);
  if (meaning == ErrorMeaning::kFinal) {
    listener_.answered(line, answer);
    pacing_.answered(stream_.now());
    trouble_.clear();
    return;
  }
  work_.open.push_back(index);  // behind the others: what is refused again and again keeps nobody back
  const std::string said = failure_of({code, answer.error().message()}, coordinator_, true).what();
  if (meaning == ErrorMeaning::kAgain) {
    pacing_.refused(stream_.now(), listener_.jitter());
    trouble_ = said;
  } else if (stop_.empty()) {
    stop_ = fmt::format("line {}: {}", line, said);
  }
}

void BatchRun::ended(const StreamEvent& event) {
  is_open_ = false;
  std::vector<std::size_t> lost;
  for (const auto& [id, index] : in_flight_) lost.push_back(index);
  std::sort(lost.begin(), lost.end());
  work_.open.insert(work_.open.begin(), lost.begin(), lost.end());
  in_flight_.clear();
  const std::string said = event.status.ok() ? fmt::format("the coordinator at {} ended the stream", coordinator_)
                                             : failure_of(event.status, coordinator_, event.reached).what();
  if (event.status.ok() || meaning_of(event.status.error_code()) == ErrorMeaning::kAgain) {
    pacing_.broken(stream_.now(), listener_.jitter());
    trouble_ = said;
  } else if (stop_.empty()) {
    stop_ = said;
  }
}

BatchReport BatchRun::report(BatchEnd end) const { return {end, stop_, work_.open.size() + in_flight_.size()}; }

}  // namespace mpic::cli
