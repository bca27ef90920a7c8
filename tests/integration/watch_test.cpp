// Watch, GetRecord and ListPerspectives, as clients see them.
#include "tests/integration/served.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;

namespace {

struct Found {
  grpc::Status status;
  v1::Record record;
};

Found get(const Served& served, const std::string& client, const v1::GetRecordRequest& request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  Found out;
  out.status = served.stub(client)->GetRecord(&context, request, &out.record);
  return out;
}

v1::GetRecordRequest by_record(const std::string& id) {
  v1::GetRecordRequest out;
  out.set_record_id(id);
  return out;
}

v1::GetRecordRequest by_request(const std::string& id) {
  v1::GetRecordRequest out;
  out.set_request_id(id);
  return out;
}

v1::CorroborateResponse answered(Served& served, const std::string& client, const std::string& id) {
  served.perspectives.answer_all();
  grpc::ClientContext context;
  v1::CorroborateResponse out;
  REQUIRE(served.stub(client)->Corroborate(&context, caa_request(id), &out).ok());
  return out;
}

}  // namespace

TEST_CASE("who watches is told of each perspective as it answers, then the verdict", "[service][watch]") {
  Served served;
  grpc::ClientContext context;
  const auto stub = served.stub();
  const auto stream = stub->Watch(&context, caa_request("watched"));
  REQUIRE(soon([&] { return served.perspectives.asked() == 1; }));
  served.perspectives.answer_one();
  v1::WatchEvent event;
  REQUIRE(stream->Read(&event));
  CHECK(event.progress().kind() == v1::CHECK_KIND_CAA);
  CHECK(event.progress().result().perspective() == "primary");
  CHECK(event.progress().result().outcome() == v1::OUTCOME_UNREACHABLE);
  REQUIRE(stream->Read(&event));
  CHECK(event.response().request_id() == "watched");
  CHECK_FALSE(stream->Read(&event));
  CHECK(stream->Finish().ok());
}

TEST_CASE("what nobody watches any more goes on and is recorded", "[service][watch]") {
  Served served;
  {
    grpc::ClientContext context;
    const auto stub = served.stub();
    const auto stream = stub->Watch(&context, caa_request("left"));
    REQUIRE(soon([&] { return served.perspectives.asked() == 1; }));
    context.TryCancel();
    CHECK(stream->Finish().error_code() == grpc::StatusCode::CANCELLED);
  }
  served.perspectives.answer_all();
  CHECK(soon([&] { return get(served, "pipeline", by_request("left")).status.ok(); }));
}

TEST_CASE("watching needs the same rights and the same room as asking", "[service][watch]") {
  Served served;
  v1::WatchEvent event;
  {
    grpc::ClientContext context;
    const auto stub = served.stub("stranger");
    const auto stream = stub->Watch(&context, caa_request(""));
    CHECK_FALSE(stream->Read(&event));
    CHECK(stream->Finish().error_code() == grpc::StatusCode::UNAUTHENTICATED);
  }
  grpc::ClientContext one;
  grpc::ClientContext two;
  grpc::ClientContext three;
  const auto stub = served.stub();
  const auto first = stub->Watch(&one, caa_request("1"));
  const auto second = stub->Watch(&two, caa_request("2"));
  REQUIRE(soon([&] { return served.perspectives.asked() == 2; }));
  const auto third = stub->Watch(&three, caa_request("3"));
  CHECK_FALSE(third->Read(&event));
  CHECK(third->Finish().error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  one.TryCancel();
  two.TryCancel();
}

TEST_CASE("an answer is found again by its record and by its request, by its own client", "[service][record]") {
  Served served;
  const v1::CorroborateResponse response = answered(served, "pipeline", "order 17");
  for (const auto& request : {by_record(response.record_id()), by_request("order 17")}) {
    const Found found = get(served, "pipeline", request);
    REQUIRE(found.status.ok());
    CHECK(found.record.record_id() == response.record_id());
    CHECK(found.record.statement().SerializeAsString() == response.statement().SerializeAsString());
    v1::RecordBody body;
    REQUIRE(body.ParseFromString(found.record.body()));
    CHECK(body.client() == "pipeline");
  }
  CHECK(get(served, "audit", by_record(response.record_id())).status.ok());
}

TEST_CASE("what is another client's is as if it were not there", "[service][record]") {
  Served served;
  const v1::CorroborateResponse response = answered(served, "pipeline", "17");
  const Found not_there = get(served, "batch", by_record(std::string(32, '0')));
  CHECK(not_there.status.error_code() == grpc::StatusCode::NOT_FOUND);
  for (const auto& request : {by_record(response.record_id()), by_request("17")}) {
    const Found found = get(served, "batch", request);
    CHECK(found.status.error_code() == grpc::StatusCode::NOT_FOUND);
    CHECK(found.status.error_message() == not_there.status.error_message());
    CHECK(found.record.ByteSizeLong() == 0);
  }
  // Who reads all records does so by their own ids: request ids are each client's own.
  CHECK(get(served, "audit", by_request("17")).status.error_code() == grpc::StatusCode::NOT_FOUND);
  CHECK(get(served, "stranger", by_record(response.record_id())).status.error_code() ==
        grpc::StatusCode::UNAUTHENTICATED);
}

TEST_CASE("a record's key that is none is refused by its field", "[service][record]") {
  Served served;
  struct Row {
    v1::GetRecordRequest request;
    const char* field;
  };
  const Row rows[] = {{{}, "by:"},
                      {by_record(""), "record_id:"},
                      {by_record(std::string(31, 'a')), "record_id:"},
                      {by_record(std::string(32, 'A')), "record_id:"},
                      {by_record(std::string(31, 'a') + "'"), "record_id:"},
                      {by_request(""), "by:"},
                      {by_request(std::string(129, 'a')), "request_id:"},
                      {by_request("a\nb"), "request_id:"}};
  for (const Row& row : rows) {
    const Found found = get(served, "pipeline", row.request);
    CHECK(found.status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
    CHECK_THAT(found.status.error_message(), Catch::Matchers::StartsWith(row.field));
  }
}

TEST_CASE("perspectives are listed with what is known of them", "[service]") {
  const Served served;
  grpc::ClientContext context;
  v1::ListPerspectivesResponse response;
  REQUIRE(served.stub()->ListPerspectives(&context, {}, &response).ok());
  std::map<std::string, v1::PerspectiveInfo> by_id;
  for (const v1::PerspectiveInfo& info : response.perspectives()) by_id[info.id()] = info;
  REQUIRE(by_id.size() == 7);
  CHECK(by_id["sin"].agent_version() == "1.2.3");
  CHECK(std::vector<std::string>(by_id["sin"].egress().begin(), by_id["sin"].egress().end()) ==
        std::vector<std::string>{"192.0.2.1", "2001:db8::1"});
  CHECK(by_id["sin"].connected());
  CHECK(by_id["sin"].ready());
  CHECK_FALSE(by_id["dub"].connected());
  CHECK(by_id["dub"].last_error() == "connection refused");
  CHECK_FALSE(by_id["jnb"].ready());
  CHECK(by_id["jnb"].not_ready_because() == "3 failures in a row");
  CHECK(by_id["gru"].suspicion() == "contradicts often");
}
