// The service's door: rooms, deadlines, streams that wait for their turn, and the end of a coordinator under load.
#include <future>
#include <set>

#include "tests/integration/served.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;

namespace {

struct Call {
  grpc::Status status;
  v1::CorroborateResponse response;
};

// Unary calls, each on a thread of its own.
std::future<Call> ask(const Served& served, const v1::CorroborateRequest& request,
                      std::chrono::milliseconds deadline = kPatience) {
  return std::async(std::launch::async, [stub = served.stub(), request, deadline] {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + deadline);
    Call call;
    call.status = stub->Corroborate(&context, request, &call.response);
    return call;
  });
}

class Stream {
 public:
  explicit Stream(const Served& served) : stub_(served.stub()), stream_(stub_->CorroborateMany(&context_)) {}
  void send(const std::string& id) { REQUIRE(stream_->Write(caa_request(id))); }
  v1::CorroborateManyResponse read() {
    v1::CorroborateManyResponse out;
    REQUIRE(stream_->Read(&out));
    return out;
  }
  // The id of the answer; its error after it, if it is one.
  std::string next() {
    const auto answer = read();
    if (!answer.has_error()) return answer.request_id();
    return answer.request_id() + ": " + answer.error().message();
  }
  grpc::Status end() {
    stream_->WritesDone();
    for (v1::CorroborateManyResponse ignored; stream_->Read(&ignored);) {
    }
    return stream_->Finish();
  }
  void break_off() {
    context_.TryCancel();
    (void)stream_->Finish();
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::Corroborator::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::CorroborateRequest, v1::CorroborateManyResponse>> stream_;
};

// What does not happen is given a little time in which it would have.
void let_things_happen() { std::this_thread::sleep_for(50ms); }

}  // namespace

TEST_CASE("a call that there is no room for is refused at once", "[service]") {
  Served served;
  auto first = ask(served, caa_request(""));
  auto second = ask(served, caa_request(""));
  REQUIRE(soon([&] { return served.perspectives.asked() == 2; }));
  CHECK(served.metric("mpic_client_open_requests{client=\"pipeline\"}") == 2);
  const Call third = ask(served, caa_request("")).get();
  CHECK(third.status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  CHECK(third.status.error_message() == "2 requests of this client are in progress, its limit; try again");
  CHECK(served.metric("mpic_refusals_total{reason=\"client\"}") == 1);
  served.perspectives.answer_all();
  CHECK(first.get().status.ok());
  CHECK(second.get().status.ok());
  CHECK(ask(served, caa_request("")).get().status.ok());
}

TEST_CASE("a stream's request that there is no room for waits for its turn, and nothing more is read", "[service]") {
  Served served;
  Stream stream(served);
  for (const char* id : {"1", "2", "3", "4"}) stream.send(id);
  REQUIRE(soon([&] { return served.perspectives.asked() == 2; }));
  CHECK(soon([&] { return served.metric("mpic_waiting_requests") == 1; }));
  let_things_happen();
  CHECK(served.perspectives.asked() == 2);
  CHECK(served.metric("mpic_waiting_requests") == 1);
  served.perspectives.answer_one();
  std::set<std::string> answered = {stream.next()};
  REQUIRE(soon([&] { return served.perspectives.asked() == 3; }));
  served.perspectives.answer_one();
  answered.insert(stream.next());
  CHECK(answered == std::set<std::string>{"1", "2"});  // in either order: each is on a thread of its own
  REQUIRE(soon([&] { return served.perspectives.asked() == 4; }));
  served.perspectives.answer_all();
  CHECK(stream.end().ok());
  CHECK(served.metric("mpic_refusals_total{reason=\"client\"}") == 0);
}

TEST_CASE("streams get their turns one after the other", "[service]") {
  Served served;
  Stream first(served);
  Stream second(served);
  first.send("a1");
  first.send("a2");
  REQUIRE(soon([&] { return served.perspectives.asked() == 2; }));
  first.send("a3");
  REQUIRE(soon([&] { return served.metric("mpic_waiting_requests") == 1; }));
  first.send("a4");
  second.send("b1");
  REQUIRE(soon([&] { return served.metric("mpic_waiting_requests") == 2; }));
  served.perspectives.answer_one();  // a3 has its turn, and a4 queues behind b1
  REQUIRE(soon([&] { return served.perspectives.asked() == 3; }));
  REQUIRE(soon([&] { return served.metric("mpic_waiting_requests") == 2; }));
  served.perspectives.answer_one();  // b1's turn
  REQUIRE(soon([&] { return served.perspectives.asked() == 4; }));
  CHECK(soon([&] { return served.metric("mpic_waiting_requests") == 1; }));
  served.perspectives.answer_all();
  CHECK(second.next() == "b1");
  CHECK(first.end().ok());
  CHECK(second.end().ok());
}

TEST_CASE("what waits on a stream that breaks is not begun", "[service]") {
  Served served;
  Stream stream(served);
  for (const char* id : {"1", "2", "3"}) stream.send(id);
  REQUIRE(soon([&] { return served.metric("mpic_waiting_requests") == 1; }));
  stream.break_off();
  REQUIRE(soon([&] { return served.metric("mpic_waiting_requests") == 0; }));
  served.perspectives.answer_all();
  CHECK(soon([&] { return served.intake.idle(); }));
  CHECK(served.perspectives.asked() == 2);
  CHECK(ask(served, caa_request("")).get().status.ok());
}

TEST_CASE("streams that break at any moment leave nothing behind", "[service]") {
  Served served;
  for (int round = 0; round < 30; ++round) {
    Stream stream(served);
    for (int i = 0; i < 5; ++i) stream.send(std::to_string(round) + "-" + std::to_string(i));
    std::this_thread::sleep_for(std::chrono::milliseconds(round % 6));
    if (round % 2 == 0 && served.perspectives.asked() > 0 && round < 20) served.perspectives.answer_all();
    stream.break_off();
  }
  served.perspectives.answer_all();
  CHECK(soon([&] { return served.intake.idle(); }));
  CHECK(served.metric("mpic_waiting_requests") == 0);
  CHECK(served.metric("mpic_open_requests") == 0);
}

TEST_CASE("who loses the right to ask while a request waits is refused when its turn comes", "[service]") {
  Served served;
  Stream stream(served);
  for (const char* id : {"1", "2", "3"}) stream.send(id);
  REQUIRE(soon([&] { return served.metric("mpic_waiting_requests") == 1; }));
  served.apply({{.name = "other", .san = "other.example"}});  // pipeline has no limit of its own any more: its turn
  CHECK(stream.next() == "3: who asks is not known here");
  served.perspectives.answer_all();
  CHECK(stream.end().error_code() == grpc::StatusCode::UNAUTHENTICATED);
  CHECK(served.perspectives.asked() == 2);
}

TEST_CASE("a client may have so many streams, and leaves room for others", "[service]") {
  Served served;
  std::vector<std::unique_ptr<Stream>> streams;
  for (std::size_t i = 0; i < kMaxManyStreamsOfOne; ++i) {
    streams.push_back(std::make_unique<Stream>(served));
    streams.back()->send("");  // answered at once: it has no id
    (void)streams.back()->read();
  }
  Stream one_more(served);
  CHECK(one_more.end().error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  grpc::ClientContext context;
  const auto stub = served.stub("batch");
  const auto other = stub->CorroborateMany(&context);
  other->WritesDone();
  CHECK(other->Finish().ok());
  for (const auto& stream : streams) stream->break_off();
}

TEST_CASE("a deadline that leaves no time is told at once, and nobody is asked", "[service][deadline]") {
  Served served;
  const Call call = ask(served, caa_request(""), 200ms).get();
  CHECK(call.status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED);
  CHECK(served.perspectives.asked() == 0);
  CHECK(served.metric("mpic_refusals_total{reason=\"deadline\"}") == 1);
}

TEST_CASE("the call's deadline bounds the request, and its answer comes before it", "[service][deadline]") {
  Served served;
  const Call call = ask(served, caa_request(""), 1500ms).get();
  REQUIRE(call.status.ok());
  CHECK(call.response.verdict() == v1::VERDICT_NOT_DETERMINED);
  CHECK(served.perspectives.asked() == 1);
}

TEST_CASE("at its end what was begun is answered, and what was not is told to go elsewhere", "[service][drain]") {
  Served served;
  Stream stream(served);
  stream.send("1");
  REQUIRE(soon([&] { return served.perspectives.asked() == 1; }));
  auto unary = ask(served, caa_request(""));
  REQUIRE(soon([&] { return served.perspectives.asked() == 2; }));
  stream.send("2");
  REQUIRE(soon([&] { return served.metric("mpic_waiting_requests") == 1; }));
  served.close();
  CHECK(stream.next() == "2: this coordinator is shutting down");
  CHECK(ask(served, caa_request("")).get().status.error_code() == grpc::StatusCode::UNAVAILABLE);
  CHECK_FALSE(served.intake.idle());
  served.perspectives.answer_all();
  CHECK(stream.next() == "1");
  CHECK(stream.end().error_code() == grpc::StatusCode::UNAVAILABLE);
  const Call answered = unary.get();
  CHECK(answered.status.ok());
  CHECK(answered.response.verdict() == v1::VERDICT_NOT_DETERMINED);
  CHECK(soon([&] { return served.intake.idle(); }));
  CHECK(served.perspectives.asked() == 2);
}
