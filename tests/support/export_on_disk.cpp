#include "tests/support/export_on_disk.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "coordinator/audit/export_files.hpp"

namespace mpic::test {

namespace fs = std::filesystem;
using namespace coordinator;

void write_export(const fs::path& folder, const SampleLog& log) {
  write_octets(folder / "export.json",
               manifest_text({log.origin, log.leaves.size(), "2026-11-25T10:00:00Z", "mpic of a test"}));
  write_octets(folder / "checkpoint", log.checkpoint);
  std::string entries;
  for (std::size_t i = 0; i < log.leaves.size(); ++i) {
    LoggedLeaf leaf;
    leaf.index = i;
    leaf.kind = log.leaves[i].kind;
    leaf.body_sha256 = evidence::sha256(log.leaves[i].body);
    leaf.body = log.leaves[i].body;
    leaf.statement = log.leaves[i].statement;
    entries += delimited_entry(leaf);
    if ((i + 1) % kExportEntries != 0 && i + 1 != log.leaves.size()) continue;
    write_octets(folder / entries_path(i / kExportEntries), entries);
    entries.clear();
  }
}

std::string octets_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_octets(const fs::path& file, std::string_view octets) {
  fs::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << octets;
  if (!out.flush()) throw std::runtime_error(file.string() + " cannot be written");
}

}  // namespace mpic::test
