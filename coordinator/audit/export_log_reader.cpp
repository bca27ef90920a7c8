// read_export: a folder that `mpic audit export` wrote. Hostile input: every length is bounded before it is believed.
#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <filesystem>
#include <fstream>
#include <unordered_map>

#include "common/config/yaml.hpp"
#include "common/evidence/checkpoint.hpp"
#include "common/wire/convert.hpp"
#include "coordinator/audit/export_format.hpp"
#include "coordinator/audit/log_reader.hpp"
#include "coordinator/pipeline/recorded.hpp"

namespace mpic::coordinator {
namespace {

namespace bj = boost::json;
namespace fs = std::filesystem;

constexpr std::uint32_t kMostEntry = 16U << 20U;  // octets of one LogEntry
constexpr std::uintmax_t kMostSmallFile = 64 * 1024;

// Entries of one file, one after the other.
class EntryFile {
 public:
  explicit EntryFile(const fs::path& path) : in_(path, std::ios::binary), octets_(&in_) {}

  [[nodiscard]] bool is_open() const { return in_.is_open(); }
  // None: at the end. kEvidenceInvalid: what stands there is no entry.
  Expected<std::optional<v1::LogEntry>> next() {
    google::protobuf::io::CodedInputStream coded(&octets_);
    coded.SetTotalBytesLimit(static_cast<int>(kMostEntry) + 16);
    if (coded.ExpectAtEnd() || is_at_end(coded)) return std::nullopt;
    std::uint32_t size = 0;
    if (!coded.ReadVarint32(&size)) return bad("a length that is none");
    if (size > kMostEntry) return bad(fmt::format("an entry of {} octets, at most {} are read", size, kMostEntry));
    const auto limit = coded.PushLimit(static_cast<int>(size));
    v1::LogEntry entry;
    if (!entry.ParseFromCodedStream(&coded) || !coded.ConsumedEntireMessage() || coded.BytesUntilLimit() != 0) {
      return bad("an entry that is cut off or no LogEntry");
    }
    coded.PopLimit(limit);
    return entry;
  }

 private:
  static bool is_at_end(google::protobuf::io::CodedInputStream& coded) {
    const void* data = nullptr;
    int size = 0;
    return !coded.GetDirectBufferPointer(&data, &size);
  }
  static Unexpected bad(std::string why) { return fail(ProblemCode::kEvidenceInvalid, "export", std::move(why)); }

  std::ifstream in_;
  google::protobuf::io::IstreamInputStream octets_;
};

class ExportLogReader final : public LogReader {
 public:
  ExportLogReader(fs::path folder, std::string origin, std::uint64_t size)
      : folder_(std::move(folder)), origin_(std::move(origin)), size_(size) {}

  [[nodiscard]] std::string origin() const override { return origin_; }
  [[nodiscard]] std::string source() const override { return folder_.string(); }
  [[nodiscard]] Expected<std::uint64_t> size() override { return size_; }
  [[nodiscard]] bool keeps_nodes() const override { return false; }
  [[nodiscard]] Expected<std::vector<evidence::TreeNode>> nodes() override { return std::vector<evidence::TreeNode>{}; }

  [[nodiscard]] Expected<std::vector<StoredCheckpoint>> checkpoints() override {
    std::string note = config::read_file(folder_ / kExportCheckpoint);
    const auto says = evidence::read_checkpoint(note);
    return std::vector<StoredCheckpoint>{{says ? says->size : 0, TimePoint{}, std::move(note)}};
  }

  [[nodiscard]] Expected<std::vector<LoggedLeaf>> leaves(std::uint64_t first, std::size_t most) override {
    std::vector<LoggedLeaf> out;
    if (const auto there = go_to(first); !there) return Unexpected(there.error());
    while (out.size() < most) {
      auto entry = next();
      if (!entry) return Unexpected(entry.error());
      if (!*entry) break;
      auto leaf = leaf_of(**std::move(entry));
      if (!leaf) return Unexpected(leaf.error());
      out.push_back(*std::move(leaf));
    }
    return out;
  }

  [[nodiscard]] Expected<std::vector<StoredRecord>> find(const RecordQuery& query) override {
    std::vector<StoredRecord> out;
    const auto scanned = for_each([&](LoggedLeaf& leaf) {
      const auto record = record_of(leaf);
      if (record && matches(*record, query)) out.push_back(without_octets(*record));
      return true;
    });
    if (!scanned) return Unexpected(scanned.error());
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.received > b.received; });
    if (out.size() > query.most) out.resize(query.most);
    return out;
  }

  [[nodiscard]] Expected<std::optional<StoredRecord>> record(const std::string& record_id) override {
    const auto known = records_.find(record_id);
    std::optional<StoredRecord> out;
    std::vector<StoredAddendum> addenda;
    const std::uint64_t from = known == records_.end() ? 0 : known->second;
    const auto scanned = for_each(
        [&](LoggedLeaf& leaf) {
          if (leaf.kind == evidence::LeafKind::kRecord && !out) {
            auto record = record_of(leaf);
            if (record && record->record_id == record_id) out = std::move(record);
          }
          v1::Addendum addendum;
          if (leaf.kind == evidence::LeafKind::kAddendum && addendum.ParseFromString(leaf.body) &&
              addendum.record_id() == record_id) {
            addenda.emplace_back(record_id, addendum.perspective_id(), leaf.body,
                                 wire::decode(addendum.received()).value_or(TimePoint{}));
            addenda.back().leaf = leaf.index;
          }
          // What comes late comes within seconds: a whole log need not be read for it.
          return !out || leaf.index < out->leaf + kAddendaWithin;
        },
        from);
    if (!scanned) return Unexpected(scanned.error());
    if (out) out->addenda = std::move(addenda);
    return out;
  }

  [[nodiscard]] Expected<std::optional<std::string>> snapshot(const Digest& hash) override {
    const auto known = snapshots_.find(std::string(hash.begin(), hash.end()));
    if (known != snapshots_.end()) return std::optional(known->second);
    std::optional<std::string> out;
    const auto scanned = for_each([&](LoggedLeaf& leaf) {
      if (leaf.kind == evidence::LeafKind::kSnapshot && leaf.body_sha256 == hash) out = leaf.body;
      return !out.has_value();
    });
    if (!scanned) return Unexpected(scanned.error());
    return out;
  }

 private:
  static constexpr std::uint64_t kAddendaWithin = 200'000;

  Unexpected bad(std::string why) const {
    return fail(ProblemCode::kEvidenceInvalid, folder_.string(), fmt::format("{}: {}", folder_.string(), why));
  }

  // Those that `take` returns true for are followed by the next; where reading stood before, it goes on afterwards.
  Expected<void> for_each(const std::function<bool(LoggedLeaf&)>& take, std::uint64_t from = 0) {
    ExportLogReader other(folder_, origin_, size_);
    if (const auto there = other.go_to(from); !there) return there;
    for (;;) {
      auto entry = other.next();
      if (!entry) return Unexpected(entry.error());
      if (!*entry) return {};
      auto leaf = other.leaf_of(**std::move(entry));
      if (!leaf) return Unexpected(leaf.error());
      if (!take(*leaf)) return {};
    }
  }

  Expected<void> go_to(std::uint64_t index) {
    if (file_ && next_ == index) return {};
    const std::uint64_t in_file = index % kEntriesInFile;
    next_ = index - in_file;
    file_.reset();
    for (std::uint64_t i = 0; i < in_file; ++i) {
      const auto skipped = next();
      if (!skipped) return Unexpected(skipped.error());
      if (!*skipped) return {};  // shorter than it says: whoever reads on finds that
    }
    return {};
  }

  Expected<std::optional<v1::LogEntry>> next() {
    if (next_ >= size_) return std::nullopt;
    if (!file_ || next_ % kEntriesInFile == 0) {
      const fs::path path = folder_ / entries_file(next_ / kEntriesInFile);
      file_ = std::make_unique<EntryFile>(path);
      if (!file_->is_open()) return bad(fmt::format("{} is missing", entries_file(next_ / kEntriesInFile)));
    }
    auto entry = file_->next();
    if (!entry) return bad(fmt::format("leaf {}: {}", next_, entry.error().detail));
    if (!*entry) return bad(fmt::format("leaf {} is missing: its file ends before it", next_));
    ++next_;
    return entry;
  }

  Expected<LoggedLeaf> leaf_of(v1::LogEntry entry) {
    LoggedLeaf out;
    out.index = entry.index();
    out.kind = static_cast<evidence::LeafKind>(entry.kind());
    if (entry.kind() < 1 || entry.kind() > 4) return bad(fmt::format("leaf {} is of no known kind", next_ - 1));
    if (entry.body_sha256().size() != out.body_sha256.size()) {
      return bad(fmt::format("leaf {}: its hash is not 32 octets", next_ - 1));
    }
    std::copy(entry.body_sha256().begin(), entry.body_sha256().end(), out.body_sha256.begin());
    out.body = std::move(*entry.mutable_body());
    out.statement = std::move(*entry.mutable_statement());
    remember(out);
    return out;
  }

  void remember(const LoggedLeaf& leaf) {
    if (leaf.kind == evidence::LeafKind::kSnapshot) {
      snapshots_.emplace(std::string(leaf.body_sha256.begin(), leaf.body_sha256.end()), leaf.body);
    }
    if (leaf.kind != evidence::LeafKind::kRecord) return;
    const auto id = field_octets(leaf.body, v1::RecordBody::kRecordIdFieldNumber);
    if (id) records_.emplace(std::string(*id), next_ - 1);
  }

  static std::optional<StoredRecord> record_of(const LoggedLeaf& leaf) {
    v1::RecordBody body;
    v1::Statement statement;
    const bool is_record = leaf.kind == evidence::LeafKind::kRecord && !leaf.body.empty();
    if (!is_record || !body.ParseFromString(leaf.body) || !statement.ParseFromString(leaf.statement))
      return std::nullopt;
    StoredRecord out = stored_record(body, leaf.body, statement);
    out.leaf = leaf.index;
    return out;
  }

  static StoredRecord without_octets(StoredRecord record) {
    record.body.clear();
    record.statement.clear();
    return record;
  }

  const fs::path folder_;
  const std::string origin_;
  const std::uint64_t size_;
  std::unique_ptr<EntryFile> file_;
  std::uint64_t next_ = 0;                                  // what is read next
  std::unordered_map<std::string, std::uint64_t> records_;  // that were read: where they stand
  std::unordered_map<std::string, std::string> snapshots_;  // that were read
};

}  // namespace

std::string entries_file(std::uint64_t number) { return fmt::format("entries/{:06}.pb", number); }

bool matches(const StoredRecord& record, const RecordQuery& query) {
  const auto is = [](const std::string& wanted, const std::string& found) { return wanted.empty() || wanted == found; };
  if (!is(query.record_id, record.record_id) || !is(query.client, record.client)) return false;
  if (!is(query.request_id, record.request_id) || !is(query.trace_id, record.trace_id)) return false;
  if (!is(query.verdict, record.verdict)) return false;
  if (query.from && record.received < *query.from) return false;
  if (query.until && record.received >= *query.until) return false;
  if (query.identifier.rfind("*.", 0) == 0) {
    const std::string below = query.identifier.substr(1);
    if (record.identifier != query.identifier && !record.identifier.ends_with(below)) return false;
  } else if (!is(query.identifier, record.identifier)) {
    return false;
  }
  if (query.perspective.empty() && query.outcome.empty()) return true;
  return std::any_of(record.rows.begin(), record.rows.end(), [&](const AttemptRow& row) {
    return is(query.perspective, row.perspective) && is(query.outcome, row.outcome);
  });
}

Expected<std::unique_ptr<LogReader>> read_export(const std::string& folder) {
  const auto bad = [&](const std::string& why) {
    return fail(ProblemCode::kInternal, folder, fmt::format("{}: {}", folder, why));
  };
  std::error_code ignored;
  for (const char* name : {kExportDescription, kExportCheckpoint}) {
    const fs::path file = fs::path(folder) / name;
    if (!fs::is_regular_file(file, ignored)) return bad(fmt::format("no export: it has no {}", name));
    if (fs::file_size(file, ignored) > kMostSmallFile) return bad(fmt::format("{} is too large", name));
  }
  bj::error_code wrong;
  const bj::value told = bj::parse(config::read_file(fs::path(folder) / kExportDescription), wrong);
  if (wrong || !told.is_object()) return bad("export.json is no JSON object");
  const auto text = [&](const char* key) -> std::string {
    const bj::value* value = told.get_object().if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  if (text("format") != kExportFormat) return bad(fmt::format("its format is not {}", kExportFormat));
  if (!evidence::is_log_origin(text("origin"))) return bad("its origin is no name of a log");
  const bj::value* size = told.get_object().if_contains("size");
  bj::error_code no_number;
  const auto leaves = size == nullptr ? 0 : size->to_number<std::uint64_t>(no_number);
  if (size == nullptr || no_number) return bad("its size is no number");
  return std::make_unique<ExportLogReader>(folder, text("origin"), leaves);
}

}  // namespace mpic::coordinator
