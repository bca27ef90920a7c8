// The log over gRPC: where a record is, its proof, and the newest checkpoint.
#include "common/evidence/log_proof.hpp"
#include "common/evidence/log_tree.hpp"
#include "tests/integration/served.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::test;
using namespace std::chrono_literals;

namespace {

struct Asked {
  grpc::Status status;
  v1::CorroborateResponse response;
};

Asked ask(const Served& served, v1::CorroborateRequest request, bool prove,
          std::chrono::milliseconds deadline = kPatience) {
  request.set_prove(prove);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + deadline);
  Asked out;
  out.status = served.stub()->Corroborate(&context, request, &out.response);
  return out;
}

struct Read {
  grpc::Status status;
  v1::Record record;
};

Read read(const Served& served, const std::string& record_id, bool prove, const std::string& client = "pipeline") {
  v1::GetRecordRequest request;
  request.set_record_id(record_id);
  request.set_prove(prove);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  Read out;
  out.status = served.stub(client)->GetRecord(&context, request, &out.record);
  return out;
}

struct Fetched {
  grpc::Status status;
  v1::GetCheckpointResponse response;
};

Fetched checkpoint(const Served& served, std::uint64_t since = 0, const std::string& client = "pipeline") {
  v1::GetCheckpointRequest request;
  request.set_since_size(since);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  Fetched out;
  out.status = served.stub(client)->GetCheckpoint(&context, request, &out.response);
  return out;
}

bool proves(const Served& served, const v1::InclusionProof& told, std::uint64_t leaf, const std::string& body) {
  evidence::LogProof proof{leaf, {}, told.checkpoint(), {}};
  for (const std::string& hash : told.path()) {
    std::copy(hash.begin(), hash.end(), proof.path.emplace_back().begin());
  }
  const evidence::NoteVerifier known[] = {served.log_key()};
  return evidence::verify_proof(proof, evidence::log_leaf_hash(evidence::LeafKind::kRecord, evidence::sha256(body)),
                                known)
      .has_value();
}

}  // namespace

TEST_CASE("an answer says which leaf it is, and proves it when asked", "[service][log]") {
  Served served;
  served.perspectives.answer_all();
  const Asked plain = ask(served, caa_request("one"), false);
  REQUIRE(plain.status.ok());
  CHECK(plain.response.log().leaf_index() == 2);  // after STARTED and the snapshot
  CHECK_FALSE(plain.response.log().has_proof());

  const Asked proven = ask(served, caa_request("two"), true);
  REQUIRE(proven.status.ok());
  REQUIRE(proven.response.log().has_proof());
  const Read found = read(served, proven.response.record_id(), false);
  REQUIRE(found.status.ok());
  CHECK(found.record.leaf_index() == proven.response.log().leaf_index());
  CHECK(proves(served, proven.response.log().proof(), found.record.leaf_index(), found.record.body()));
  CHECK_FALSE(proves(served, proven.response.log().proof(), plain.response.log().leaf_index(), found.record.body()));
  CHECK(proves(served, found.record.proof(), found.record.leaf_index(), found.record.body()));
}

TEST_CASE("a repeated request is proven as the first one is", "[service][log]") {
  Served served;
  served.perspectives.answer_all();
  const Asked first = ask(served, caa_request("one"), true);
  const Asked again = ask(served, caa_request("one"), true);
  REQUIRE(again.status.ok());
  CHECK(again.response.record_id() == first.response.record_id());
  CHECK(again.response.log().leaf_index() == first.response.log().leaf_index());
  CHECK(again.response.log().has_proof());
}

TEST_CASE("an answer that cannot wait for its proof goes without one", "[service][log]") {
  Served served;
  served.perspectives.answer_all();
  REQUIRE(ask(served, caa_request("one"), true).status.ok());  // so that the next checkpoint is a second away
  const Asked hurried = ask(served, caa_request("two"), true, 500ms);
  REQUIRE(hurried.status.ok());
  CHECK_FALSE(hurried.response.log().has_proof());
  CHECK(hurried.response.log().leaf_index() == 3);
  const Read later = read(served, hurried.response.record_id(), true);
  REQUIRE(later.status.ok());
  CHECK(proves(served, later.record.proof(), later.record.leaf_index(), later.record.body()));
}

TEST_CASE("a record comes with the deployment that it names", "[service][log]") {
  Served served;
  served.perspectives.answer_all();
  const Asked asked = ask(served, caa_request("one"), false);
  const Read found = read(served, asked.response.record_id(), false);
  REQUIRE(found.status.ok());
  v1::RecordBody body;
  REQUIRE(body.ParseFromString(found.record.body()));
  const Digest hash = evidence::sha256(found.record.snapshot());
  CHECK(body.snapshot_sha256() == std::string(hash.begin(), hash.end()));
  CHECK(found.record.snapshot() == Served::snapshot());
}

TEST_CASE("the newest checkpoint is for every client, with the proof that the log only grew", "[service][log]") {
  Served served;
  served.perspectives.answer_all();
  REQUIRE(soon([&] { return checkpoint(served).status.ok(); }));
  const std::vector<evidence::NoteVerifier> known = {served.log_key()};
  const auto first = evidence::open_checkpoint(checkpoint(served).response.checkpoint(), known);
  REQUIRE(first);
  REQUIRE(ask(served, caa_request("one"), true).status.ok());

  const Fetched grown = checkpoint(served, first->size, "batch");
  REQUIRE(grown.status.ok());
  const auto now = evidence::open_checkpoint(grown.response.checkpoint(), known);
  REQUIRE(now);
  CHECK(now->size > first->size);
  std::vector<Digest> proof;
  for (const std::string& hash : grown.response.consistency()) {
    std::copy(hash.begin(), hash.end(), proof.emplace_back().begin());
  }
  CHECK(evidence::verify_consistency(first->size, first->root, now->size, now->root, proof));

  const Fetched never = checkpoint(served, now->size + 1);
  CHECK(never.status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(checkpoint(served, 0, "stranger").status.error_code() == grpc::StatusCode::UNAUTHENTICATED);
}
