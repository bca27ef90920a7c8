#include "coordinator/service/record_reader.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

namespace mpic::coordinator {
namespace {

constexpr std::size_t kRecordIdDigits = 32;
constexpr std::size_t kMaxRequestId = 128;  // octets

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }
bool is_printable_ascii(char c) { return c >= 0x20 && c <= 0x7E; }

v1::Record encode(StoredRecord&& stored) {
  v1::Record out;
  out.set_record_id(std::move(stored.record_id));
  out.set_body(std::move(stored.body));
  out.set_leaf_index(stored.leaf);
  if (!out.mutable_statement()->ParseFromString(stored.statement)) out.clear_statement();
  for (StoredAddendum& addendum : stored.addenda) {
    out.add_addenda(std::move(addendum.body));
    out.add_addenda_leaf_indices(addendum.leaf);
  }
  return out;
}

// The deployment that the record's body names.
Expected<void> add_snapshot(RecordStore& store, v1::Record& record) {
  v1::RecordBody body;
  Digest hash{};
  if (!body.ParseFromString(record.body()) || body.snapshot_sha256().size() != hash.size()) return {};
  std::copy(body.snapshot_sha256().begin(), body.snapshot_sha256().end(), hash.begin());
  auto snapshot = store.find_snapshot(hash);
  if (!snapshot) return Unexpected(snapshot.error());
  if (*snapshot) record.set_snapshot(**std::move(snapshot));
  return {};
}

Problem mistake_of_ours(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& mistake) {
    spdlog::error("reading the log ended by an exception, a mistake of ours: {}", mistake.what());
  }
  return {ProblemCode::kInternal, "record store", "internal error; the log says more"};
}

Unexpected overloaded() {
  return fail(ProblemCode::kOverloaded, "record store", "too many records are being read; try again");
}

}  // namespace

Expected<RecordKey> check_record_key(const v1::GetRecordRequest& request) {
  if (request.has_record_id()) {
    const std::string& id = request.record_id();
    if (id.size() != kRecordIdDigits || !std::all_of(id.begin(), id.end(), is_hex)) {
      return fail(ProblemCode::kInvalidArgument, "record_id", "record_id: not 32 hexadecimal digits in lower case");
    }
    return RecordKey{id, {}};
  }
  const std::string& id = request.request_id();
  if (!request.has_request_id() || id.empty()) {
    return fail(ProblemCode::kInvalidArgument, "by", "by: one of record_id and request_id must be given");
  }
  if (id.size() > kMaxRequestId || !std::all_of(id.begin(), id.end(), is_printable_ascii)) {
    return fail(ProblemCode::kInvalidArgument, "request_id", "request_id: not 1 to 128 octets of printable ASCII");
  }
  return RecordKey{{}, id};
}

Expected<std::optional<v1::Record>> read_record(RecordStore& store, const ClientEntry& client, const RecordKey& key) {
  std::string record_id = key.record_id;
  if (record_id.empty()) {
    const auto own = store.find_request(client.name, key.request_id);
    if (!own) return Unexpected(own.error());
    if (!*own) return std::nullopt;
    record_id = (*own)->record_id;
  }
  auto found = store.find(record_id);
  if (!found) return Unexpected(found.error());
  if (!*found || ((*found)->client != client.name && !client.reads_all_records)) return std::nullopt;
  if ((*found)->body.empty()) {
    return fail(ProblemCode::kPolicy, "record store",
                fmt::format("record {} is no longer kept: its retention has ended (BR 5.4.3)", record_id));
  }
  v1::Record record = encode(**std::move(found));
  if (const auto added = add_snapshot(store, record); !added) return Unexpected(added.error());
  return record;
}

void RecordReader::read(ClientEntry client, RecordKey key, Deadline proof_by, Done<v1::Record> done) {
  asio::co_spawn(threads_.next(), find(std::move(client), std::move(key), proof_by),
                 [done = std::move(done)](const std::exception_ptr& error, Found found) {
                   done(error ? Found(Unexpected(mistake_of_ours(error))) : std::move(found));
                 });
}

void RecordReader::read_checkpoint(std::uint64_t since, Done<v1::GetCheckpointResponse> done) {
  using Checkpoint = Expected<std::optional<v1::GetCheckpointResponse>>;
  asio::co_spawn(threads_.next(), prover_.consistency(since),
                 [done = std::move(done)](const std::exception_ptr& error, Checkpoint found) {
                   done(error ? Checkpoint(Unexpected(mistake_of_ours(error))) : std::move(found));
                 });
}

asio::awaitable<RecordReader::Found> RecordReader::find(ClientEntry client, RecordKey key, Deadline proof_by) {
  std::function<Found()> work = [this, client = std::move(client), key = std::move(key)] {
    return look_up(client, key);
  };
  auto done = co_await done_elsewhere(elsewhere_, std::move(work));
  if (!done) co_return overloaded();
  Found found = *std::move(done);
  if (!found || !*found) co_return found;
  // Each that waits holds its record.
  const bool may_wait = waiting_.fetch_add(1) < kMaxWaitingProofs;
  const Deadline until = may_wait ? proof_by : Deadline(clock_.steady_now());
  auto proof = co_await prover_.inclusion((*found)->leaf_index(), until);
  waiting_.fetch_sub(1);
  if (proof) (*found)->mutable_proof()->Swap(&*proof);
  co_return found;
}

RecordReader::Found RecordReader::look_up(const ClientEntry& client, const RecordKey& key) const {
  try {
    return read_record(store_, client, key);
  } catch (...) {
    return Unexpected(mistake_of_ours(std::current_exception()));
  }
}

}  // namespace mpic::coordinator
