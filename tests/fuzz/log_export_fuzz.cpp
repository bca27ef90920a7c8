// Exports of a log, as read_export() reads them: refused with the file and the reason, or read, whatever is asked and
// in whatever parts. Input: which of them; then export.json, one entry, or how many leaves (two octets) and a file of
// entries.
#include <fmt/format.h>

#include <utility>

#include "common/evidence/checkpoint.hpp"
#include "common/evidence/merkle.hpp"
#include "coordinator/audit/export_files.hpp"
#include "mpic/v1/record.pb.h"
#include "tests/fuzz/scratch_folder.hpp"
#include "tests/fuzz/target.hpp"

namespace mpic::fuzz {
namespace {

using namespace coordinator;

constexpr const char* kOrigin = "log.example";

bool is_same(const LoggedLeaf& one, const LoggedLeaf& other) {
  return one.index == other.index && one.kind == other.kind && one.body_sha256 == other.body_sha256 &&
         one.body == other.body && one.statement == other.statement;
}

void run_manifest(std::string_view text) {
  const auto manifest = parse_manifest(text);
  if (!manifest) return hold_presentable(manifest.error().detail);
  hold(evidence::is_log_origin(manifest->origin), "an export is of a log that there may be");
  hold(manifest->size <= kMaxExportSize, "an export is bounded");
  hold(parse_manifest(manifest_text(*manifest)) == *manifest, "export.json is read as it was written");
}

void run_entry(std::string_view message) {
  const auto leaf = parse_entry(message);
  if (!leaf) return hold_presentable(leaf.error().detail);
  const std::string written = delimited_entry(*leaf);
  std::size_t head = 0;
  while ((static_cast<unsigned char>(written[head]) & 0x80U) != 0) ++head;
  const auto again = parse_entry(std::string_view(written).substr(head + 1));
  hold(again && is_same(*leaf, *again), "an entry is read as it was written");
}

void hold_problem(const Problem& problem) {
  hold_presentable(problem.detail);
  hold(problem.detail.find("export/") != std::string::npos, "a problem names the file");
}

// All leaves in parts of `part`; how many were read before a problem.
std::vector<LoggedLeaf> read(LogReader& log, std::size_t part) {
  std::vector<LoggedLeaf> all;
  for (;;) {
    const auto leaves = log.leaves(all.size(), part);
    if (!leaves) {
      hold_problem(leaves.error());
      return all;
    }
    hold(leaves->size() <= part, "no more leaves are given than were asked");
    if (leaves->empty()) return all;
    all.insert(all.end(), leaves->begin(), leaves->end());
  }
}

// By identifier, record and hash, as far as the leaves tell of them.
void ask(LogReader& log, const std::vector<LoggedLeaf>& leaves) {
  const auto found = log.find({});
  if (!found) hold_problem(found.error());
  for (const LoggedLeaf& leaf : leaves) {
    if (leaf.kind == evidence::LeafKind::kSnapshot) (void)log.snapshot(leaf.body_sha256);
    v1::RecordBody body;
    if (leaf.kind != evidence::LeafKind::kRecord || !body.ParseFromString(leaf.body)) continue;
    const auto record = log.record(body.record_id());
    if (!record) {
      hold_presentable(record.error().detail);
    } else if (*record) {
      hold((*record)->record_id == body.record_id(), "a record is found by its id");
    }
  }
  const std::size_t size = found ? found->size() : 0;
  hold(size <= leaves.size(), "no more records are found than there are leaves");
}

void run_folder(Input& input) {
  const std::uint64_t size = input.octet() + (input.coin() ? kExportEntries : 0U);
  std::filesystem::path folder =
      scratch_file("export/export.json", manifest_text({kOrigin, size, "2026-11-25T00:00:00Z", "mpic"})).parent_path();
  static const auto kSigner = evidence::NoteSigner::generate(kOrigin);
  scratch_file("export/checkpoint", kSigner.sign({kOrigin, size, evidence::sha256("root")}));
  scratch_file("export/entries/000000.pb", input.rest());
  const auto log = read_export(folder.string());
  hold(log.has_value(), "an export opens whose size is that of its checkpoint");
  hold((*log)->size() == size, "an export has as many leaves as it says");
  const auto leaves = read(**log, 3);
  hold(leaves.size() <= size, "an export has no more leaves than it says");
  const auto at_once = read(**log, 1'000);
  const auto common = std::min(leaves.size(), at_once.size());
  for (std::size_t i = 0; i < common; ++i) hold(is_same(leaves[i], at_once[i]), "leaves are the same in any parts");
  ask(**log, leaves);
}

void run(Octets octets) {
  Input input(octets);
  switch (input.below(3)) {
    case 0:
      return run_manifest(input.rest());
    case 1:
      return run_entry(input.rest());
    default:
      return run_folder(input);
  }
}

const Target kTarget("log_export", run);

}  // namespace
}  // namespace mpic::fuzz
