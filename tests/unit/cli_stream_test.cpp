// `mpic batch`, `mpic check --watch` and `mpic record` over real gRPC, with a coordinator in this process.
#include <csignal>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>

#include "common/evidence/merkle.hpp"
#include "tests/support/cli_run.hpp"

namespace {

using namespace mpic;
using namespace mpic::cli;

class StreamingCorroborator final : public v1::Corroborator::Service {
 public:
  using Stream = grpc::ServerReaderWriter<v1::CorroborateManyResponse, v1::CorroborateRequest>;

  grpc::Status CorroborateMany(grpc::ServerContext*, Stream* stream) override {
    v1::CorroborateRequest request;
    for (int answered = 0; stream->Read(&request); ++answered) {
      if (answered == breaks_after) {
        breaks_after = -1;
        return {grpc::StatusCode::UNAVAILABLE, "this coordinator is shutting down"};
      }
      if (answered == interrupts_after) {
        interrupts_after = -1;
        std::raise(SIGINT);
      }
      v1::CorroborateManyResponse answer;
      answer.set_request_id(request.request_id());
      if (request.identifier() == "refused.example") {
        answer.mutable_error()->set_grpc_code(static_cast<int>(grpc::StatusCode::INVALID_ARGUMENT));
        answer.mutable_error()->set_message("identifier: it is refused");
      } else {
        answer.mutable_response()->set_identifier(request.identifier());
        answer.mutable_response()->set_verdict(verdict);
      }
      {
        const std::lock_guard lock(mutex);
        ids.insert(request.request_id());
        ++asked;
      }
      stream->Write(answer);
    }
    return grpc::Status::OK;
  }

  grpc::Status Watch(grpc::ServerContext*, const v1::CorroborateRequest* request,
                     grpc::ServerWriter<v1::WatchEvent>* writer) override {
    last = *request;
    v1::WatchEvent event;
    v1::PerspectiveProgress& progress = *event.mutable_progress();
    progress.set_kind(v1::CHECK_KIND_CAA);
    progress.mutable_result()->set_perspective("eu-west");
    progress.mutable_result()->set_outcome(v1::OUTCOME_CORROBORATES);
    progress.mutable_result()->set_elapsed_ms(12);
    progress.mutable_result()->set_saw("no CAA record");
    writer->Write(event);
    if (request->identifier() == "lost.example") return grpc::Status::OK;
    event.mutable_response()->set_identifier(request->identifier());
    event.mutable_response()->set_verdict(v1::VERDICT_CORROBORATED);
    writer->Write(event);
    return grpc::Status::OK;
  }

  grpc::Status GetRecord(grpc::ServerContext*, const v1::GetRecordRequest* request, v1::Record* record) override {
    if (request->request_id() != "order 7" && request->record_id() != std::string(32, 'a')) {
      return {grpc::StatusCode::NOT_FOUND, "there is no such record"};
    }
    v1::RecordBody body;
    body.set_record_id(std::string(32, 'a'));
    body.set_client("pipeline");
    body.mutable_request()->set_request_id("order 7");
    body.mutable_decision()->set_verdict(v1::VERDICT_NOT_CORROBORATED);
    v1::StatementBody statement;
    statement.set_identifier("a.example");
    record->set_body(body.SerializeAsString());
    const Digest digest = evidence::sha256(record->body());
    statement.set_record_sha256(std::string(digest.begin(), digest.end()));
    record->mutable_statement()->set_payload(statement.SerializeAsString());
    return grpc::Status::OK;
  }

  int breaks_after = -1;      // answers on one stream
  int interrupts_after = -1;  // answers on one stream: a person presses Ctrl-C
  v1::Verdict verdict = v1::VERDICT_CORROBORATED;
  v1::CorroborateRequest last;
  std::mutex mutex;  // guards what follows
  std::set<std::string> ids;
  int asked = 0;
};

class Tool {
 public:
  Tool() {
    ::unsetenv("MPIC_PROFILE");
    folder_.make_keys("keys");
    coordinator_ = std::make_unique<Coordinator<StreamingCorroborator>>(folder_.path() / "keys");
    std::ofstream(profile()) << profile_text(coordinator_->port(), "coordinator.mpic.internal", "keys", "keys");
  }
  [[nodiscard]] std::string profile() const { return file("profile.yaml"); }
  [[nodiscard]] std::string file(const std::string& name) const { return (folder_.path() / name).string(); }
  [[nodiscard]] StreamingCorroborator& far() { return coordinator_->service(); }
  Result run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--profile", profile()});
    return mpic_run(std::move(arguments));
  }
  Result batch(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"batch", file("names.csv"), "--method", "caa", "--issuer", "ca.example"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(std::move(arguments));
  }
  void write_names(std::size_t count) {
    std::ofstream out(file("names.csv"));
    out << "name\n";
    for (std::size_t i = 0; i < count; ++i) out << "n" << i << ".example\n";
  }
  [[nodiscard]] std::vector<std::string> results() const {
    std::ifstream in(file("names.csv.results.jsonl"));
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

 private:
  Folder folder_;
  std::unique_ptr<Coordinator<StreamingCorroborator>> coordinator_;
};

}  // namespace

TEST_CASE("cli: a batch over gRPC, interrupted and resumed", "[cli][batch]") {
  constexpr std::size_t kNames = 2'000;
  Tool tool;
  tool.write_names(kNames);
  tool.far().breaks_after = 150;
  tool.far().interrupts_after = 700;
  const Result first = tool.batch();
  CHECK(first.status == 130);
  CHECK_THAT(first.errors, Catch::Contains("interrupted; the same command again resumes with the "));
  const std::size_t answered = tool.results().size() - 1;
  CHECK(answered >= 700);
  CHECK(answered < kNames);

  const Result second = tool.batch({"--json"});
  CHECK(second.status == 0);
  CHECK_THAT(second.errors, Catch::Contains("resuming: "));
  CHECK_THAT(second.out, Catch::StartsWith(R"({"lines":2000,"answered":2000,"complete":true,)"));
  CHECK(tool.far().ids.size() == kNames);
  const std::vector<std::string> lines = tool.results();
  CHECK(lines.size() == kNames + 1);
  std::set<std::string> numbers;
  for (std::size_t i = 1; i < lines.size(); ++i) numbers.insert(lines[i].substr(0, lines[i].find(',')));
  CHECK(numbers.size() == kNames);

  const int asked = tool.far().asked;
  const Result third = tool.batch();
  CHECK(third.status == 0);
  CHECK_THAT(third.errors, Catch::Contains("every line is answered already"));
  CHECK_THAT(third.errors, Catch::Contains("2,000 of 2,000 lines are answered\n  CORROBORATED             2,000\n"));
  CHECK(tool.far().asked == asked);
}

TEST_CASE("cli: a batch's results are only of what they were begun with", "[cli][batch]") {
  Tool tool;
  tool.write_names(3);
  CHECK(tool.batch().status == 0);
  const Result options = tool.batch({"--attempts", "3"});
  CHECK(options.status == 64);
  CHECK_THAT(options.errors, Catch::Contains("holds the results of another batch: the options of this command ask "
                                             "something else. To resume that one, run it as it was; for a new one, "
                                             "give another --output"));
  tool.write_names(4);
  const Result file = tool.batch();
  CHECK(file.status == 64);
  CHECK_THAT(file.errors, Catch::Contains("names.csv is not as it was when that one began"));
  CHECK(tool.results().size() == 4);
  CHECK(tool.batch({"--output", tool.file("other.jsonl")}).status == 0);
}

TEST_CASE("cli: nothing of a batch with mistakes is sent", "[cli][batch]") {
  Tool tool;
  std::ofstream(tool.file("names.csv")) << "name\na.example\nnot a name\n";
  const Result result = tool.batch();
  CHECK(result.status == 64);
  CHECK_THAT(result.errors, Catch::Contains("names.csv:3: identifier: "));
  CHECK_THAT(result.errors, Catch::Contains("1 mistake; nothing was sent"));
  CHECK(tool.far().asked == 0);
  CHECK_FALSE(fs::exists(tool.file("names.csv.results.jsonl")));
}

TEST_CASE("cli: a line that the coordinator refuses is a result", "[cli][batch]") {
  Tool tool;
  std::ofstream(tool.file("names.csv")) << "name\nrefused.example\na.example\n";
  const Result result = tool.batch();
  CHECK(result.status == 2);
  CHECK_THAT(result.errors, Catch::Contains("no verdict                   1  INVALID_ARGUMENT 1"));
  bool found = false;
  for (const std::string& line : tool.results()) {
    found = found || line.ends_with(R"(,"error":{"code":"INVALID_ARGUMENT","message":"identifier: it is refused"}})");
  }
  CHECK(found);
  tool.far().verdict = v1::VERDICT_NOT_CORROBORATED;
  std::ofstream(tool.file("names.csv")) << "name\na.example\n";
  CHECK(tool.batch({"--output", tool.file("other.jsonl")}).status == 1);
}

TEST_CASE("cli: a batch is used wrongly", "[cli][batch]") {
  Tool tool;
  tool.write_names(1);
  std::ofstream(tool.file("names.txt")) << "name\na.example\n";
  std::ofstream(tool.file("requests.jsonl")) << R"({"identifier":"a.example","caa":{"issuer_domains":["ca.example"]}})";
  const std::string names = tool.file("names.csv");
  const std::vector<std::vector<std::string>> wrong = {
      {"batch"},
      {"batch", tool.file("none.csv"), "--method", "caa", "--issuer", "ca.example"},
      {"batch", tool.file("names.txt"), "--method", "caa", "--issuer", "ca.example"},
      {"batch", tool.file("requests.jsonl"), "--method", "caa"},
      {"batch", "-", "--method", "caa", "--output", tool.file("o")},
      {"batch", "-", "--method", "caa", "--format", "csv"},
      {"batch", names, "--in-flight", "0"},
      {"batch", names, "--in-flight", "513"},
      {"batch", names, "--attempts", "6"},
      {"batch", names, "--format", "xml"},
      {"batch", names, "--method", "caa", "--issuer", "ca.example", "--output", names},
  };
  for (const auto& arguments : wrong) {
    INFO(Catch::StringMaker<std::vector<std::string>>::convert(arguments));
    CHECK(tool.run(arguments).status == 64);
  }
  CHECK(tool.far().asked == 0);
  CHECK(tool.run({"batch", tool.file("requests.jsonl")}).status == 0);
  CHECK(tool.run({"batch", tool.file("names.txt"), "--format", "csv", "--method", "caa", "--issuer", "ca.example"})
            .status == 0);
}

TEST_CASE("cli: a batch that reaches nobody stops, and says how to resume", "[cli][batch]") {
  Tool tool;
  tool.write_names(2);
  std::ofstream(tool.profile()) << profile_text(1, "coordinator.mpic.internal", "keys", "keys");
  const Result result = tool.batch({"--patience", "1"});
  CHECK(result.status == 2);
  CHECK_THAT(result.errors, Catch::Contains("stopped: nothing was answered for 1 s: cannot reach the coordinator"));
  CHECK_THAT(result.errors, Catch::Contains("; the same command again resumes with the 2 lines left"));
}

TEST_CASE("cli: a check that is watched tells each observation first", "[cli]") {
  Tool tool;
  const Result result = tool.run({"check", "caa", "a.example", "--issuer", "ca.example", "--watch", "--attempts", "3",
                                  "--parallel", "--asserted-primary", "ours"});
  CHECK(result.status == 0);
  CHECK(result.errors == "\xE2\x9C\x93 CAA  eu-west  corroborates  12 ms  no CAA record\n");
  CHECK_THAT(result.out, Catch::StartsWith("\xE2\x9C\x93 CORROBORATED  a.example\n"));
  CHECK(tool.far().last.max_attempts() == 3);
  CHECK(tool.far().last.parallel());
  CHECK(tool.far().last.respond() == v1::RESPOND_COMPLETE);
  CHECK(tool.far().last.asserted().primary_id() == "ours");
  CHECK(tool.far().last.asserted().caa_permits());
  CHECK_FALSE(tool.far().last.asserted().dcv_passed());
  CHECK(tool.far().last.asserted().determined().seconds() > 1'700'000'000);
  const Result lost = tool.run({"check", "caa", "lost.example", "--issuer", "ca.example", "--watch"});
  CHECK(lost.status == 2);
  CHECK_THAT(lost.errors, Catch::Contains("it ended the stream without a verdict"));
}

TEST_CASE("cli: a record is found by its id, or by the request's", "[cli]") {
  Tool tool;
  for (const auto& how : {std::vector<std::string>{std::string(32, 'a')}, {"--request-id", "order 7"}}) {
    std::vector<std::string> arguments = {"record"};
    arguments.insert(arguments.end(), how.begin(), how.end());
    const Result result = tool.run(arguments);
    CHECK(result.status == 1);
    CHECK_THAT(result.out, Catch::Contains("NOT_CORROBORATED  a.example"));
    CHECK_THAT(result.out, Catch::Contains("Asked by      pipeline"));
  }
  const Result json = tool.run({"record", "--request-id", "order 7", "--json"});
  CHECK_THAT(json.out, Catch::StartsWith(R"({"response":{"record_id":"aaaa)"));
  const Result none = tool.run({"record", "--request-id", "order 8"});
  CHECK(none.status == 2);
  CHECK_THAT(none.errors, Catch::Contains("has no such thing: there is no such record"));
  CHECK(tool.run({"record"}).status == 64);
  CHECK(tool.run({"record", "a", "--request-id", "b"}).status == 64);
}
