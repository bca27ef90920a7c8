#include "coordinator/service/record_reader.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

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
  if (!out.mutable_statement()->ParseFromString(stored.statement)) out.clear_statement();
  for (StoredAddendum& addendum : stored.addenda) out.add_addenda(std::move(addendum.body));
  return out;
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
  return encode(**std::move(found));
}

void RecordReader::read(ClientEntry client, RecordKey key, const Done& done) {
  const bool taken = worker_.post([this, client = std::move(client), key = std::move(key), done] {
    try {
      done(read_record(store_, client, key));
    } catch (const std::exception& mistake) {
      spdlog::error("reading a record ended by an exception, a mistake of ours: {}", mistake.what());
      done(fail(ProblemCode::kInternal, "record store", "internal error; the log says more"));
    }
  });
  if (!taken) done(fail(ProblemCode::kOverloaded, "record store", "too many records are being read; try again"));
}

}  // namespace mpic::coordinator
