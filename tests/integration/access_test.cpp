// Who is let in over gRPC: by certificate, by API key, by neither; and what a client may ask for, and how often.
#include "coordinator/service/shown_over_grpc.hpp"
#include "tests/integration/served.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::test;

namespace {

using grpc::StatusCode;

const std::string kKey = "mpic_3fa9c0d1_" + std::string(64, 'a');
constexpr const char* kNotKnown = "who asks is not known here";

// It has no certificate.
ClientEntry robot() {
  ApiKey key;
  key.id = "3fa9c0d1";
  key.client = "robot";
  key.name = "ci";
  key.sha256 = api_key_hash(kKey);
  ClientEntry out{.name = "robot", .san = ""};
  out.api_keys = {key};
  return out;
}

ClientEntry other() { return {.name = "other", .san = "other.example"}; }

using Metadata = std::vector<std::pair<std::string, std::string>>;

grpc::Status policy(const Served& served, const Metadata& shown) {
  grpc::ClientContext context;
  for (const auto& [name, value] : shown) context.AddMetadata(name, value);
  v1::GetPolicyResponse response;
  return served.stub_of_nobody()->GetPolicy(&context, {}, &response);
}

grpc::Status ask(const Served& served, const v1::CorroborateRequest& request) {
  grpc::ClientContext context;
  context.AddMetadata("x-api-key", kKey);
  v1::CorroborateResponse response;
  return served.stub_of_nobody()->Corroborate(&context, request, &response);
}

double denied(const Served& served, const std::string& why) {
  return served.metric("mpic_denied_total{why=\"" + why + "\"}");
}

// Of the robot.
class Stream {
 public:
  explicit Stream(const Served& served) : stub_(served.stub_of_nobody()) {
    context_.AddMetadata("x-api-key", kKey);
    stream_ = stub_->CorroborateMany(&context_);
  }
  void send(const std::string& id) { stream_->Write(caa_request(id)); }
  // "id code"
  std::string next() {
    v1::CorroborateManyResponse answer;
    if (!stream_->Read(&answer)) return "end";
    return answer.request_id() + " " + std::to_string(answer.error().grpc_code());
  }
  grpc::Status end() {
    stream_->WritesDone();
    v1::CorroborateManyResponse answer;
    while (stream_->Read(&answer)) {
    }
    return stream_->Finish();
  }

 private:
  std::unique_ptr<v1::Corroborator::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::CorroborateRequest, v1::CorroborateManyResponse>> stream_;
};

}  // namespace

TEST_CASE("an API key lets in who has no certificate, by either header", "[service][access]") {
  Served served;
  served.apply({robot(), other()});
  struct Row {
    const char* rule;
    Metadata shown;
    const char* why;  // empty: it is let in
  };
  const Row rows[] = {
      {"x-api-key", {{"x-api-key", kKey}}, ""},
      {"authorization", {{"authorization", "Bearer " + kKey}}, ""},
      {"both", {{"x-api-key", kKey}, {"authorization", "bearer " + kKey}}, ""},
      {"neither", {}, "nothing_shown"},
      {"another secret", {{"x-api-key", kKey.substr(0, 77) + "b"}}, "wrong_key"},
      {"two keys", {{"x-api-key", kKey}, {"x-api-key", kKey.substr(0, 77) + "b"}}, "no_key"},
      {"another scheme", {{"authorization", "Basic " + kKey}}, "no_key"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.rule) {
      const grpc::Status status = policy(served, row.shown);
      if (*row.why == '\0') {
        CHECK(status.error_message() == "");
        CHECK(status.ok());
        continue;
      }
      CHECK(status.error_code() == StatusCode::UNAUTHENTICATED);
      CHECK(status.error_message() == kNotKnown);
      CHECK(denied(served, row.why) == 1);
    }
}

TEST_CASE("a key beside a certificate is its client's, or nobody is let in", "[service][access]") {
  Served served;
  auto pipeline = robot();
  pipeline.name = "pipeline";
  pipeline.san = "pipeline.clients.mpic.internal";
  served.apply({pipeline, {.name = "batch", .san = "batch.clients.mpic.internal"}});
  const auto as = [&](const std::string& client) {
    grpc::ClientContext context;
    context.AddMetadata("x-api-key", kKey);
    v1::GetPolicyResponse response;
    return served.stub(client)->GetPolicy(&context, {}, &response).error_code();
  };
  CHECK(as("pipeline") == StatusCode::OK);
  CHECK(as("batch") == StatusCode::UNAUTHENTICATED);
  CHECK(denied(served, "two_clients") == 1);
}

TEST_CASE("no call is served for who shows nothing", "[service][access]") {
  Served served;
  const auto stub = served.stub_of_nobody();
  const auto refused = [](const grpc::Status& status) {
    return status.error_code() == StatusCode::UNAUTHENTICATED && status.error_message() == kNotKnown;
  };
  const auto unary = [&](auto call, auto request, auto response) {
    grpc::ClientContext context;
    return refused(call(&context, request, &response));
  };
  // No more than are free: the sixth is slowed.
  SECTION("what is read") {
    CHECK(unary([&](auto* c, auto& q, auto* a) { return stub->GetRecord(c, q, a); }, v1::GetRecordRequest(),
                v1::Record()));
    CHECK(unary([&](auto* c, auto& q, auto* a) { return stub->GetCheckpoint(c, q, a); }, v1::GetCheckpointRequest(),
                v1::GetCheckpointResponse()));
    CHECK(unary([&](auto* c, auto& q, auto* a) { return stub->ListPerspectives(c, q, a); },
                v1::ListPerspectivesRequest(), v1::ListPerspectivesResponse()));
    CHECK(unary([&](auto* c, auto& q, auto* a) { return stub->GetPolicy(c, q, a); }, v1::GetPolicyRequest(),
                v1::GetPolicyResponse()));
  }
  SECTION("what is asked") {
    CHECK(unary([&](auto* c, auto& q, auto* a) { return stub->Corroborate(c, q, a); }, caa_request("1"),
                v1::CorroborateResponse()));
    grpc::ClientContext watching;
    CHECK(refused(stub->Watch(&watching, caa_request("2"))->Finish()));
    grpc::ClientContext many;
    CHECK(refused(stub->CorroborateMany(&many)->Finish()));
    CHECK(served.perspectives.asked() == 0);
  }
}

TEST_CASE("who fails too often is told to come again, and a certificate is not kept out", "[service][access]") {
  Served served;
  for (std::size_t i = 0; i <= kFreeFailures; ++i) {
    CHECK(policy(served, {{"x-api-key", "guess"}}).error_code() == StatusCode::UNAUTHENTICATED);
  }
  const grpc::Status slowed = policy(served, {{"x-api-key", "guess"}});
  CHECK(slowed.error_code() == StatusCode::RESOURCE_EXHAUSTED);
  CHECK_THAT(slowed.error_message(), Catch::StartsWith("too many failed attempts from there; again in "));
  CHECK(denied(served, "slowed") == 1);
  grpc::ClientContext context;
  v1::GetPolicyResponse response;
  CHECK(served.stub()->GetPolicy(&context, {}, &response).ok());
}

TEST_CASE("a stream ends at its next message when its key is gone", "[service][access]") {
  Served served;
  served.perspectives.answer_all();
  served.apply({robot(), other()});
  Stream stream(served);
  stream.send("1");
  CHECK(stream.next() == "1 0");
  auto without = robot();
  without.api_keys.clear();
  served.apply({without, other()});
  stream.send("2");
  CHECK(stream.next() == "2 16");
  CHECK(stream.end().error_code() == StatusCode::UNAUTHENTICATED);
  CHECK(denied(served, "unknown_key") == 1);
}

TEST_CASE("each corroboration is one of the client's rate, and a stream goes on after one too many",
          "[service][access]") {
  Served served;
  served.perspectives.answer_all();
  auto client = robot();
  client.rate = {.per_second = 0.001, .burst = 3};
  served.apply({client, other()});
  CHECK(ask(served, caa_request("1")).ok());
  Stream stream(served);
  for (const char* id : {"2", "", "3", "4", "5"}) stream.send(id);
  std::vector<std::string> answers;
  for (int i = 0; i < 5; ++i) answers.push_back(stream.next());
  std::sort(answers.begin(), answers.end());
  CHECK(answers == std::vector<std::string>{" 3", "2 0", "3 0", "4 8", "5 8"});
  CHECK(stream.end().ok());
  const grpc::Status refused = ask(served, caa_request("6"));
  CHECK(refused.error_code() == StatusCode::RESOURCE_EXHAUSTED);
  CHECK_THAT(refused.error_message(), Catch::Contains("again in "));
  CHECK(policy(served, {{"x-api-key", kKey}}).ok());  // reading costs nothing of it
  CHECK(served.metric("mpic_refusals_total{reason=\"rate\"}") == 3);
}

TEST_CASE("what a client has no right to is PERMISSION_DENIED, and counted", "[service][access]") {
  Served served;
  auto client = robot();
  client.rights.issuer_domains = {"other.example"};
  served.apply({client, other()});
  const grpc::Status refused = ask(served, caa_request("1"));
  CHECK(refused.error_code() == StatusCode::PERMISSION_DENIED);
  CHECK(refused.error_message() == "caa.issuer_domains: this client has no right to ask for the issuer \"ca.example\"");
  CHECK(denied(served, "no_right") == 1);
  Stream stream(served);
  stream.send("2");
  CHECK(stream.next() == "2 7");
  CHECK(stream.end().ok());
  CHECK(served.perspectives.asked() == 0);
}

TEST_CASE("where a call comes from, by gRPC's name for it", "[service][access]") {
  struct Row {
    const char* uri;
    const char* peer;
    const char* source;
  };
  const Row rows[] = {
      {"ipv4:192.0.2.1:50344", "192.0.2.1:50344", "192.0.2.1"},
      {"ipv6:%5B2001:db8::1%5D:50344", "[2001:db8::1]:50344", "2001:db8::1"},
      {"ipv6:[2001:db8::1]:50344", "[2001:db8::1]:50344", "2001:db8::1"},
      {"ipv6:%5Bfe80::1%25eth0%5D:1", "[fe80::1%eth0]:1", "fe80::1"},
      {"unix:/run/mpic.sock", "unix", "unix"},
      {"unknown", "unknown", "unknown"},
      {"", "", ""},
  };
  for (const Row& row : rows) {
    Credentials out;
    tell_peer(row.uri, out);
    CHECK(out.peer == row.peer);
    CHECK(out.source == row.source);
  }
}
