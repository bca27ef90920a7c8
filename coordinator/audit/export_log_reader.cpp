// read_export: a log in the files that `mpic audit export` wrote.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "common/evidence/checkpoint.hpp"
#include "coordinator/audit/export_files.hpp"
#include "coordinator/audit/record_query.hpp"
#include "coordinator/pipeline/recorded.hpp"
#include "mpic/v1/record.pb.h"

namespace mpic::coordinator {
namespace {

constexpr std::size_t kMaxManifest = 64 * 1024;
constexpr std::size_t kMostAtOnce = 64 * 1024 * 1024;  // octets of bodies

constexpr int kRecordId = 1;  // field of RecordBody and of Addendum

// Where an entry begins.
struct Place {
  std::uint64_t file = 0;
  std::uint64_t octet = 0;
};

class ExportLogReader final : public LogReader {
 public:
  ExportLogReader(std::string folder, ExportManifest manifest, std::string checkpoint)
      : folder_(std::move(folder)), manifest_(std::move(manifest)), checkpoint_(std::move(checkpoint)) {}

  [[nodiscard]] std::string origin() const override { return manifest_.origin; }
  [[nodiscard]] std::string source() const override { return folder_; }
  [[nodiscard]] Expected<std::uint64_t> size() override { return manifest_.size; }
  [[nodiscard]] Expected<std::vector<LoggedLeaf>> leaves(std::uint64_t first, std::size_t most) override;
  [[nodiscard]] Expected<LogHead> head() override { return LogHead{manifest_.size, only(), {}}; }
  [[nodiscard]] Expected<std::vector<StoredCheckpoint>> checkpoints(std::optional<std::uint64_t> after,
                                                                    std::size_t most) override {
    if (most == 0 || (after && *after >= manifest_.size)) return std::vector<StoredCheckpoint>{};
    return std::vector<StoredCheckpoint>{only()};
  }
  [[nodiscard]] Expected<std::vector<StrayRow>> stray_rows(std::size_t) override { return std::vector<StrayRow>{}; }
  [[nodiscard]] bool keeps_nodes() const override { return false; }
  [[nodiscard]] Expected<std::vector<StoredRecord>> find(const RecordQuery& query) override;
  [[nodiscard]] Expected<std::optional<StoredRecord>> record(const std::string& record_id) override;
  [[nodiscard]] Expected<std::optional<std::string>> snapshot(const Digest& hash) override;

 private:
  [[nodiscard]] StoredCheckpoint only() const { return {manifest_.size, TimePoint{}, checkpoint_}; }
  // The entry at the cursor, which moves on; `at` is where it was.
  Expected<LoggedLeaf> next(Place& at);
  Expected<void> seek(std::uint64_t leaf);
  Expected<void> open(std::uint64_t file);
  Expected<LoggedLeaf> entry_at(Place place);
  // By one pass over all of it; then everything can be had at once.
  Expected<void> index();

  const std::string folder_;
  const ExportManifest manifest_;
  const std::string checkpoint_;
  // The cursor: the leaf that comes next, and where.
  std::optional<ExportFile> file_;
  Place place_;
  std::uint64_t leaf_ = 0;
  bool is_indexed_ = false;
  std::unordered_map<std::string, Place> records_;
  std::unordered_multimap<std::string, Place> addenda_;
  std::unordered_map<std::string, Place> snapshots_;
};

Expected<void> ExportLogReader::open(std::uint64_t file) {
  auto opened = ExportFile::open(folder_, entries_path(file));
  if (!opened) return Unexpected(opened.error());
  file_ = *std::move(opened);
  place_ = {file, 0};
  leaf_ = file * kExportEntries;
  return {};
}

Expected<LoggedLeaf> ExportLogReader::next(Place& at) {
  if (!file_ || leaf_ / kExportEntries != place_.file) {
    if (const auto opened = open(leaf_ / kExportEntries); !opened) return Unexpected(opened.error());
  }
  at = place_;
  auto leaf = file_->entry(place_.octet);
  if (!leaf) {
    file_.reset();
    return leaf;
  }
  ++leaf_;
  const bool is_last = leaf_ == manifest_.size || leaf_ % kExportEntries == 0;
  if (is_last && place_.octet != file_->size()) {
    const std::string path = (std::filesystem::path(folder_) / entries_path(place_.file)).string();
    return fail(ProblemCode::kInternal, path, fmt::format("{}: it has more than its entries", path));
  }
  return leaf;
}

Expected<void> ExportLogReader::seek(std::uint64_t leaf) {
  const bool is_ahead = file_ && leaf >= leaf_ && leaf / kExportEntries == place_.file;
  if (!is_ahead) {
    if (const auto opened = open(leaf / kExportEntries); !opened) return opened;
  }
  while (leaf_ < leaf) {
    if (const auto skipped = file_->skip(place_.octet); !skipped) return skipped;
    ++leaf_;
  }
  return {};
}

Expected<std::vector<LoggedLeaf>> ExportLogReader::leaves(std::uint64_t first, std::size_t most) {
  std::vector<LoggedLeaf> out;
  if (first >= manifest_.size || most == 0) return out;
  if (const auto there = seek(first); !there) return Unexpected(there.error());
  std::size_t octets = 0;
  Place at;
  while (out.size() < most && leaf_ < manifest_.size && octets < kMostAtOnce) {
    auto leaf = next(at);
    if (!leaf) return Unexpected(leaf.error());
    octets += leaf->body.size() + leaf->statement.size();
    out.push_back(*std::move(leaf));
  }
  return out;
}

Expected<std::vector<StoredRecord>> ExportLogReader::find(const RecordQuery& query) {
  NewestRecords found(query.most);
  Place at;
  if (manifest_.size == 0) return found.take();
  if (const auto there = seek(0); !there) return Unexpected(there.error());
  while (leaf_ < manifest_.size) {
    const auto leaf = next(at);
    if (!leaf) return Unexpected(leaf.error());
    v1::RecordBody body;
    if (leaf->kind != evidence::LeafKind::kRecord || leaf->body.empty() || !body.ParseFromString(leaf->body)) continue;
    StoredRecord record = stored_record(body, "", v1::Statement());
    record.statement.clear();
    record.leaf = leaf->index;
    if (matches(query, record)) found.add(std::move(record));
  }
  return found.take();
}

Expected<void> ExportLogReader::index() {
  if (is_indexed_ || manifest_.size == 0) return {};
  if (const auto there = seek(0); !there) return there;
  Place at;
  while (leaf_ < manifest_.size) {
    const auto leaf = next(at);
    if (!leaf) return Unexpected(leaf.error());
    if (leaf->kind == evidence::LeafKind::kSnapshot) {
      snapshots_.try_emplace(std::string(leaf->body_sha256.begin(), leaf->body_sha256.end()), at);
      continue;
    }
    const auto id = field_octets(leaf->body, kRecordId);
    if (!id) continue;
    if (leaf->kind == evidence::LeafKind::kRecord) records_.try_emplace(std::string(*id), at);
    if (leaf->kind == evidence::LeafKind::kAddendum) addenda_.emplace(std::string(*id), at);
  }
  is_indexed_ = true;
  return {};
}

Expected<LoggedLeaf> ExportLogReader::entry_at(Place place) {
  const auto file = ExportFile::open(folder_, entries_path(place.file));
  if (!file) return Unexpected(file.error());
  return file->entry(place.octet);
}

Expected<std::optional<StoredRecord>> ExportLogReader::record(const std::string& record_id) {
  if (const auto indexed = index(); !indexed) return Unexpected(indexed.error());
  const auto found = records_.find(record_id);
  if (found == records_.end()) return std::nullopt;
  auto leaf = entry_at(found->second);
  if (!leaf) return Unexpected(leaf.error());
  v1::RecordBody body;
  v1::Statement statement;
  if (!body.ParseFromString(leaf->body) || !statement.ParseFromString(leaf->statement)) {
    return fail(ProblemCode::kInternal, folder_, fmt::format("{}: leaf {} is no record", folder_, leaf->index));
  }
  StoredRecord record = stored_record(body, std::move(leaf->body), statement);
  record.statement = std::move(leaf->statement);  // the octets as they are
  record.leaf = leaf->index;
  const auto [begin, end] = addenda_.equal_range(record_id);
  for (auto one = begin; one != end; ++one) {
    auto late = entry_at(one->second);
    if (!late) return Unexpected(late.error());
    record.addenda.push_back(stored_addendum(*late));
  }
  std::sort(record.addenda.begin(), record.addenda.end(),
            [](const StoredAddendum& one, const StoredAddendum& other) { return one.leaf < other.leaf; });
  return record;
}

Expected<std::optional<std::string>> ExportLogReader::snapshot(const Digest& hash) {
  if (const auto indexed = index(); !indexed) return Unexpected(indexed.error());
  const auto found = snapshots_.find(std::string(hash.begin(), hash.end()));
  if (found == snapshots_.end()) return std::nullopt;
  auto leaf = entry_at(found->second);
  if (!leaf) return Unexpected(leaf.error());
  return std::move(leaf->body);
}

}  // namespace

Expected<std::unique_ptr<LogReader>> read_export(const std::string& folder) {
  const auto refused = [&folder](std::string_view why) {
    return fail(ProblemCode::kInternal, folder, fmt::format("{}: {}", folder, why));
  };
  const auto about = ExportFile::open(folder, kExportDescription);
  if (!about) return Unexpected(about.error());
  const auto json = about->whole(kMaxManifest);
  if (!json) return Unexpected(json.error());
  const auto manifest = parse_manifest(*json);
  if (!manifest) return refused("export.json: " + manifest.error().detail);
  const auto note = ExportFile::open(folder, kExportCheckpoint);
  if (!note) return Unexpected(note.error());
  auto text = note->whole(evidence::kMaxNote);
  if (!text) return Unexpected(text.error());
  const auto checkpoint = evidence::read_checkpoint(*text);
  if (!checkpoint) return refused("checkpoint: " + checkpoint.error().detail);
  if (checkpoint->origin != manifest->origin || checkpoint->size != manifest->size) {
    return refused(fmt::format("its checkpoint is of {} leaves of {}, export.json says {} of {}", checkpoint->size,
                               checkpoint->origin, manifest->size, manifest->origin));
  }
  return std::make_unique<ExportLogReader>(folder, *manifest, *std::move(text));
}

}  // namespace mpic::coordinator
