#include "tests/support/log_on_disk.hpp"

#include <stdexcept>

#include "common/domain/hex.hpp"
#include "common/evidence/checkpoint.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/audit/sqlite.hpp"
#include "coordinator/pipeline/recorded.hpp"
#include "tests/support/store_on_disk.hpp"

namespace mpic::test {
namespace {

using namespace coordinator;

template <class Message>
Message parsed(const std::string& octets) {
  Message out;
  if (!out.ParseFromString(octets)) throw std::runtime_error("a leaf that cannot be read");
  return out;
}

template <class T>
void or_throw(const Expected<T>& done) {
  if (!done) throw std::runtime_error(done.error().detail);
}

void write_leaf(RecordStore& store, const SampleLog::Leaf& leaf) {
  switch (leaf.kind) {
    case evidence::LeafKind::kSnapshot:
      return or_throw(store.keep_snapshot(evidence::sha256(leaf.body), leaf.body));
    case evidence::LeafKind::kEvent: {
      const auto when = wire::decode(parsed<v1::ChangeEvent>(leaf.body).at());
      return or_throw(store.append_event({leaf.body, when.value()}));
    }
    case evidence::LeafKind::kRecord:
      return or_throw(append(
          store, stored_record(parsed<v1::RecordBody>(leaf.body), leaf.body, parsed<v1::Statement>(leaf.statement))));
    case evidence::LeafKind::kAddendum: {
      const auto addendum = parsed<v1::Addendum>(leaf.body);
      return or_throw(append(store, StoredAddendum(addendum.record_id(), addendum.perspective_id(), leaf.body,
                                                   wire::decode(addendum.received()).value())));
    }
  }
}

class Database {
 public:
  explicit Database(const std::filesystem::path& file) {
    if (sqlite3_open(file.c_str(), &database_) != SQLITE_OK) throw std::runtime_error("cannot be opened");
  }
  ~Database() { sqlite3_close(database_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  [[nodiscard]] sqlite3* get() const { return database_; }

 private:
  sqlite3* database_ = nullptr;
};

}  // namespace

void write_leaves(RecordStore& store, const SampleLog& log, const std::vector<std::string>& checkpoints) {
  for (const SampleLog::Leaf& leaf : log.leaves) write_leaf(store, leaf);
  for (const std::string& note : checkpoints) {
    or_throw(store.keep_checkpoint({evidence::read_checkpoint(note).value().size, TimePoint{}, note}));
  }
}

void write_log(const std::filesystem::path& file, const SampleLog& log, const std::vector<std::string>& checkpoints) {
  write_leaves(*SqliteStore::open(file, log.origin).value(), log, checkpoints);
}

std::string checkpoint_of(SampleLog& log, std::uint64_t size) {
  const auto signer = evidence::NoteSigner::from_pem(log.origin, ed25519_pem(checkpoint_secret())).value();
  return signer.sign({log.origin, size, evidence::tree_root(log.tree, size).value()});
}

void run_sql(const std::filesystem::path& file, const std::string& sql) {
  const Database database(file);
  or_throw(execute(database.get(), sql.c_str()));
}

std::vector<std::vector<std::string>> query_sql(const std::filesystem::path& file, const std::string& sql) {
  const Database database(file);
  std::vector<std::vector<std::string>> rows;
  const auto add = [](void* out, int columns, char** values, char**) {
    auto& row = static_cast<std::vector<std::vector<std::string>>*>(out)->emplace_back();
    for (int i = 0; i < columns; ++i) row.emplace_back(values[i] == nullptr ? "" : values[i]);
    return 0;
  };
  if (sqlite3_exec(database.get(), sql.c_str(), add, &rows, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sqlite3_errmsg(database.get()));
  }
  return rows;
}

std::string sql_blob(const std::string& octets) {
  return "x'" + hex({reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size()}) + "'";
}

}  // namespace mpic::test
