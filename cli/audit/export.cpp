// `mpic audit export`: the log as files that need nothing of this program, and as tiles.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <memory>

#include "cli/audit/commands.hpp"
#include "cli/audit/progress_line.hpp"
#include "cli/audit/source.hpp"
#include "cli/audit/times.hpp"
#include "common/domain/version.hpp"
#include "common/evidence/checkpoint.hpp"
#include "common/evidence/tiles.hpp"
#include "coordinator/audit/export_files.hpp"
#include "mpic/v1/record.pb.h"

namespace mpic::cli {
namespace {

namespace fs = std::filesystem;
using coordinator::LoggedLeaf;

constexpr std::size_t kBatch = 1'000;

struct ExportOptions {
  LogSource source;
  std::string folder;
  std::string tiles;
  std::uint64_t size = 0;  // 0: the newest checkpoint's
};

constexpr const char* kFooter =
    R"(The log up to its newest checkpoint: its leaves with their bodies in a folder of its own, in the format of
docs/evidence_format.md; and with --tiles as C2SP tlog-tiles, which mirrors and monitors of other logs read too and
which has hashes only. A folder is complete or not there: it is written beside its place and moved at the end.

Examples:
  mpic audit export log-export --store records.sqlite
  mpic audit export log-export --store records.sqlite --tiles log-tiles
  mpic audit export --tiles log-tiles --store records.sqlite

Exit status: 0, or 2 when the log could not be read or the files not be written.)";

Failure cannot(const fs::path& path, const std::string& what) {
  return {kExitNotDetermined, fmt::format("{}: {}", path.string(), what)};
}

// A folder that is there only when it is whole.
class NewFolder {
 public:
  explicit NewFolder(fs::path place)
      : place_(std::move(place)), work_(place_.string() + fmt::format(".part-{}", getpid())) {
    std::error_code error;
    if (fs::exists(place_, error) && !(fs::is_directory(place_, error) && fs::is_empty(place_, error))) {
      throw Failure(kExitUsage, place_.string() + ": there is something already; give a folder that is not there");
    }
    fs::create_directories(work_, error);
    if (error) throw cannot(work_, error.message());
  }
  ~NewFolder() {
    std::error_code ignored;
    fs::remove_all(work_, ignored);
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;

  [[nodiscard]] fs::path path(const std::string& name) const {
    const fs::path out = work_ / name;
    fs::create_directories(out.parent_path());
    return out;
  }
  void write(const std::string& name, const std::string& octets) const {
    const fs::path file = path(name);
    std::ofstream out(file, std::ios::binary);
    out << octets;
    out.close();
    if (!out) throw cannot(file, "it cannot be written");
  }
  void finish() const {
    std::error_code error;
    fs::remove(place_, error);  // an empty one
    fs::rename(work_, place_, error);
    if (error) throw cannot(place_, error.message());
  }

 private:
  const fs::path place_;
  const fs::path work_;
};

// Leaves in files of kExportEntries.
class Entries {
 public:
  explicit Entries(const NewFolder& folder) : folder_(folder) {}

  void add(const LoggedLeaf& leaf) {
    if (written_ % coordinator::kExportEntries == 0) open();
    out_ << coordinator::delimited_entry(leaf);
    ++written_;
  }
  void finish() {
    out_.close();
    if (!out_) throw Failure(kExitNotDetermined, "an export cannot be written: is the disk full?");
  }

 private:
  void open() {
    if (written_ != 0) finish();
    out_ = std::ofstream(folder_.path(coordinator::entries_path(written_ / coordinator::kExportEntries)),
                         std::ios::binary);
  }
  const NewFolder& folder_;
  std::ofstream out_;
  std::uint64_t written_ = 0;
};

// Hashes of what was read, for tiles: 32 octets for each leaf, and a little above.
class ReadHashes final : public evidence::HashSource {
 public:
  void add(const LoggedLeaf& leaf) {
    entries_.push_back(evidence::log_entry(leaf.kind, leaf.body_sha256));
    const Digest hash = evidence::log_leaf_hash(leaf.kind, leaf.body_sha256);
    level(0).push_back(hash);
    std::vector<evidence::TreeNode> completed;
    tree_.append(hash, completed);
    for (const evidence::TreeNode& node : completed) level(node.level).push_back(node.hash);
  }
  Expected<std::vector<Digest>> hashes(unsigned level_wanted, std::uint64_t first, std::size_t count) override {
    const std::vector<Digest>& all = level(level_wanted);
    if (first + count > all.size()) return fail(ProblemCode::kInternal, "tiles", "a hash that there is not");
    const auto from = all.begin() + static_cast<std::ptrdiff_t>(first);
    return std::vector<Digest>(from, from + static_cast<std::ptrdiff_t>(count));
  }
  [[nodiscard]] Digest root() const { return tree_.root(); }
  [[nodiscard]] std::span<const std::string> entries(std::uint64_t first, std::size_t count) const {
    return std::span(entries_).subspan(first, count);
  }

 private:
  std::vector<Digest>& level(unsigned number) {
    if (levels_.size() <= number) levels_.resize(number + 1);
    return levels_[number];
  }
  std::vector<std::vector<Digest>> levels_;
  std::vector<std::string> entries_;
  evidence::GrowingTree tree_;
};

// Whether the leaves themselves tell of every body that retention has taken: else no verifier takes the export.
class Retention {
 public:
  void add(const LoggedLeaf& leaf) {
    using Kind = evidence::LeafKind;
    const bool may_be_gone = leaf.kind == Kind::kRecord || leaf.kind == Kind::kAddendum;
    if (may_be_gone && leaf.body.empty()) gone_below_ = leaf.index + 1;
    v1::ChangeEvent event;
    if (leaf.kind != Kind::kEvent || !event.ParseFromString(leaf.body)) return;
    told_below_ = std::max<std::uint64_t>(told_below_, event.pruned().minimum_index());
  }
  [[nodiscard]] bool is_told() const { return gone_below_ <= told_below_; }
  [[nodiscard]] std::uint64_t gone_below() const { return gone_below_; }

 private:
  std::uint64_t gone_below_ = 0;
  std::uint64_t told_below_ = 0;
};

void write_tiles(const NewFolder& folder, ReadHashes& hashes, std::uint64_t size, const std::string& note) {
  for (const evidence::TileLevel& level : evidence::tile_levels(size)) {
    for (std::uint64_t i = 0; i < level.count(); ++i) {
      const evidence::Tile tile = level.tile(i);
      folder.write(evidence::tile_path(tile), read_or_fail(evidence::tile_octets(hashes, tile)));
      if (level.level != 0) continue;
      folder.write(evidence::entry_bundle_path(i, tile.width),
                   evidence::entry_bundle(hashes.entries(i * evidence::kTileWidth, tile.width)));
    }
  }
  folder.write(coordinator::kExportCheckpoint, note);
}

std::string description(const std::string& origin, std::uint64_t size) {
  const TimePoint now = std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
  return coordinator::manifest_text({origin, size, rfc3339(now), std::string(kSoftwareVersion)});
}

// What everything that is exported stands under.
coordinator::StoredCheckpoint checkpoint_of(coordinator::LogReader& log, std::uint64_t wanted) {
  if (wanted != 0) {
    const auto kept = read_or_fail(log.checkpoints(wanted - 1, 1));
    if (!kept.empty() && kept.front().size == wanted) return kept.front();
    throw Failure(kExitUsage, fmt::format("--size: there is no checkpoint of exactly {} leaves", wanted));
  }
  if (auto newest = read_or_fail(log.head()).newest) return *std::move(newest);
  throw Failure(kExitNotDetermined, log.source() +
                                        ": there is no checkpoint yet; its coordinator signs one within a second "
                                        "of its start");
}

void run_export(const ExportOptions& options, Surroundings& around) {
  if (options.folder.empty() && options.tiles.empty()) throw Failure(kExitUsage, "a folder or --tiles is needed");
  const auto log = open_log(options.source);
  const auto checkpoint = checkpoint_of(*log, options.size);
  std::optional<NewFolder> folder;
  std::optional<NewFolder> tiles;
  std::optional<Entries> entries;
  if (!options.folder.empty()) entries.emplace(folder.emplace(options.folder));
  if (!options.tiles.empty()) tiles.emplace(options.tiles);
  ReadHashes hashes;
  Retention retention;
  ProgressLine line(around);
  for (std::uint64_t first = 0; first < checkpoint.size;) {
    const auto batch = read_or_fail(log->leaves(first, std::min<std::uint64_t>(kBatch, checkpoint.size - first)));
    if (batch.empty()) throw Failure(kExitNotDetermined, fmt::format("{}: leaf {} is missing", log->source(), first));
    for (const LoggedLeaf& leaf : batch) {
      if (entries) entries->add(leaf);
      hashes.add(leaf);
      retention.add(leaf);
    }
    first += batch.size();
    line.show(first, checkpoint.size);
  }
  line.clear();
  const auto says = evidence::read_checkpoint(checkpoint.note);
  if (!says || says->root != hashes.root()) {
    throw Failure(kExitNotDetermined,
                  log->source() + ": its leaves are not those that its checkpoint commits to: see `mpic audit verify`");
  }
  if (entries && !retention.is_told()) {
    throw Failure(kExitNotDetermined,
                  fmt::format("{}: bodies below leaf {} were removed by retention, and the event that says so is not "
                              "among the {} leaves of this checkpoint: export a newer one",
                              log->source(), retention.gone_below(), checkpoint.size));
  }
  if (entries) {
    entries->finish();
    folder->write(coordinator::kExportCheckpoint, checkpoint.note);
    folder->write(coordinator::kExportDescription, description(log->origin(), checkpoint.size));
    folder->finish();
  }
  if (tiles) {
    write_tiles(*tiles, hashes, checkpoint.size, checkpoint.note);
    tiles->finish();
  }
  around.out << fmt::format("{} leaves of {}\n", grouped(checkpoint.size), log->origin());
}

}  // namespace

void add_audit_export(CLI::App& audit, Surroundings& surroundings) {
  CLI::App* command = audit.add_subcommand("export", "Write the log as files for other programs");
  const auto options = std::make_shared<ExportOptions>();
  command->add_option("FOLDER", options->folder, "A new folder for the leaves")->type_name("");
  add_log_source(*command, options->source);
  command->add_option("--tiles", options->tiles, "A new folder for C2SP tlog-tiles")->type_name("DIR");
  command->add_option("--size", options->size, "Up to the checkpoint of so many leaves instead of the newest")
      ->type_name("LEAVES");
  command->footer(kFooter);
  command->callback([options, &surroundings] { run_export(*options, surroundings); });
}

}  // namespace mpic::cli
