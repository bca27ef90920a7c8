#include "tests/support/store_on_disk.hpp"

#include <unistd.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "common/async/io_threads.hpp"
#include "common/evidence/merkle.hpp"
#include "mpic/v1/coordinator.pb.h"

namespace mpic::test {

using namespace coordinator;

Folder::Folder() {
  static std::atomic<int> number{0};
  path_ = std::filesystem::temp_directory_path() /
          ("mpic-store-" + std::to_string(getpid()) + "-" + std::to_string(++number));
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}

Folder::~Folder() { std::filesystem::remove_all(path_); }

namespace {

IoThreads& threads() {
  static IoThreads all(4);  // outlive every store, which posts to them
  return all;
}

}  // namespace

Expected<std::uint64_t> append(RecordStore& store, StoredRecord record) {
  return asio::co_spawn(threads().next(), store.append(std::move(record)), asio::use_future).get();
}

Expected<std::uint64_t> append(RecordStore& store, StoredAddendum addendum) {
  return asio::co_spawn(threads().next(), store.append_addendum(std::move(addendum)), asio::use_future).get();
}

StoredRecord record_of(const std::string& id) {
  StoredRecord out;
  out.record_id = id;
  out.client = "tester";
  out.request_id = "request of " + id;
  out.identifier = "www.example.com";
  out.verdict = "CORROBORATED";
  out.body = "the body of " + id + " " + std::string(1'500, 'b');
  v1::StatementBody statement;
  const Digest hash = evidence::sha256(out.body);
  statement.set_record_id(id);
  statement.set_record_sha256(std::string(hash.begin(), hash.end()));
  v1::Statement envelope;
  statement.SerializeToString(envelope.mutable_payload());
  out.statement = envelope.SerializeAsString();
  for (const char* perspective : {"eu-central", "eu-west", "us-east", "us-west", "sa-east", "ap-south", "af-south"}) {
    out.rows.push_back({"attempt of " + id, perspective, "remote", "RIPE", "caa", "corroborates", ""});
  }
  return out;
}

StoredPlan plan_of(const std::string& id) {
  return {id, "the plan of " + id + " " + std::string(700, 'p'), TimePoint{}};
}

std::optional<std::string> fault_of(const Expected<std::optional<StoredRecord>>& found, const std::string& id) {
  if (!found) return id + ": " + found.error().detail;
  if (!*found) return id + " is missing";
  const StoredRecord wanted = record_of(id);
  if ((*found)->rows.size() != wanted.rows.size())
    return id + " has " + std::to_string((*found)->rows.size()) + " rows";
  for (std::size_t i = 0; i < wanted.rows.size(); ++i) {
    if ((*found)->rows[i].perspective != wanted.rows[i].perspective) return id + " has a row of somebody else";
  }
  v1::Statement envelope;
  v1::StatementBody statement;
  const Digest hash = evidence::sha256((*found)->body);
  if (!envelope.ParseFromString((*found)->statement) || !statement.ParseFromString(envelope.payload()) ||
      statement.record_sha256() != std::string(hash.begin(), hash.end())) {
    return id + " has a statement over something else";
  }
  return std::nullopt;
}

}  // namespace mpic::test
