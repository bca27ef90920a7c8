// A thousand ways in which somebody could change an export that an auditor was handed: each is refused by its reader,
// or found by the verification, and the file or the leaf is named.
//
// MPIC_MUTATIONS sets how many; the seed is printed.
#include <fmt/format.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <random>

#include "coordinator/audit/export_files.hpp"
#include "coordinator/audit/verification.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/export_on_disk.hpp"
#include "tests/support/store_on_disk.hpp"

namespace mpic::test {
namespace {

using namespace coordinator;
namespace fs = std::filesystem;

constexpr const char* kManifest = "export.json";
constexpr const char* kCheckpoint = "checkpoint";
constexpr const char* kEntries = "entries/000000.pb";

std::size_t how_many() {
  const char* told = std::getenv("MPIC_MUTATIONS");
  return told == nullptr ? 1'000 : std::stoul(told);
}

// Entries of a file, each with its length.
std::vector<std::string> entries_of(const SampleLog& log) {
  std::vector<std::string> out;
  for (const SampleLog::Leaf& leaf : log.leaves) {
    LoggedLeaf logged;
    logged.index = out.size();
    logged.kind = leaf.kind;
    logged.body_sha256 = evidence::sha256(leaf.body);
    logged.body = leaf.body;
    logged.statement = leaf.statement;
    out.push_back(delimited_entry(logged));
  }
  return out;
}

std::string joined(const std::vector<std::string>& entries) {
  std::string out;
  for (const std::string& entry : entries) out += entry;
  return out;
}

// What only says who wrote the files and when, which nobody signs.
bool says_the_same(const std::string& manifest, const std::string& other) {
  const auto one = parse_manifest(manifest);
  const auto two = parse_manifest(other);
  return one && two && one->origin == two->origin && one->size == two->size;
}

class ExportDamager {
 public:
  // `other`: what the same keys signed at another time.
  ExportDamager(fs::path folder, const SampleLog& log, const SampleLog& other, std::uint64_t seed)
      : folder_(std::move(folder)), entries_(entries_of(log)), others_(entries_of(other)), random_(seed) {
    for (const char* file : {kManifest, kCheckpoint, kEntries}) files_[file] = octets_of(folder_ / file);
    other_checkpoint_ = other.checkpoint;
  }

  // Puts everything back, and changes one thing. What was done; empty: nothing, try again.
  std::string damage() {
    for (const auto& [file, octets] : files_) write_octets(folder_ / file, octets);
    switch (pick(10)) {
      case 0:
      case 1:
      case 2:
        return flip();
      case 3:
        return cut();
      case 4:
        return add();
      case 5:
        return remove();
      case 6:
        return exchange_entries();
      case 7:
        return drop_or_double_entry();
      case 8:
        return replace_entry();
      default:
        write_octets(folder_ / kCheckpoint, other_checkpoint_);
        return "the checkpoint of another time";
    }
  }

 private:
  std::size_t pick(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }
  const char* some_file() {
    const char* files[] = {kManifest, kCheckpoint, kEntries, kEntries, kEntries};
    return files[pick(std::size(files))];
  }
  std::string write(const char* file, const std::string& octets, const char* way) {
    const bool is_free = file == kManifest && says_the_same(octets, files_[file]);
    if (is_free || octets == files_[file]) return "";
    write_octets(folder_ / file, octets);
    return fmt::format("{} of {}", way, file);
  }

  std::string flip() {
    const char* file = some_file();
    std::string octets = files_[file];
    octets[pick(octets.size())] ^= static_cast<char>(1U << pick(8));
    return write(file, octets, "a bit");
  }
  std::string cut() {
    const char* file = some_file();
    return write(file, files_[file].substr(0, pick(files_[file].size())), "the end");
  }
  std::string add() {
    const char* file = some_file();
    std::string more(1 + pick(40), '\0');
    for (char& octet : more) octet = static_cast<char>(pick(256));
    return write(file, files_[file] + more, "more at the end");
  }
  std::string remove() {
    const char* file = some_file();
    fs::remove(folder_ / file);
    return fmt::format("{} removed", file);
  }
  std::string exchange_entries() {
    auto entries = entries_;
    std::swap(entries[pick(entries.size())], entries[pick(entries.size())]);
    return write(kEntries, joined(entries), "the order");
  }
  std::string drop_or_double_entry() {
    auto entries = entries_;
    const auto at = entries.begin() + static_cast<std::ptrdiff_t>(pick(entries.size()));
    if (pick(2) == 0) {
      entries.erase(at);
    } else {
      entries.insert(entries.begin() + static_cast<std::ptrdiff_t>(pick(entries.size())), std::string(*at));
    }
    return write(kEntries, joined(entries), "the number");
  }
  std::string replace_entry() {
    auto entries = entries_;
    entries[pick(entries.size())] = others_[pick(others_.size())];
    return write(kEntries, joined(entries), "an entry that was validly signed at another time in place of one");
  }

  const fs::path folder_;
  std::map<std::string, std::string> files_;
  const std::vector<std::string> entries_;
  const std::vector<std::string> others_;
  std::string other_checkpoint_;
  std::mt19937_64 random_;
};

// Each place and why; empty: it verifies.
std::string told(const fs::path& folder, const VerifyOptions& options) {
  const auto log = read_export(folder.string());
  if (!log) return log.error().detail;
  const auto report = verify_log(**log, options);
  if (!report) return report.error().detail;
  std::string out;
  for (const Fault& fault : report->faults) out += fault.place + ": " + fault.why + "\n";
  return out.substr(0, 2'000);
}

bool names_a_place(const std::string& told) {
  for (const char* place : {"leaf ", "checkpoint", "entries/", "export.json", "tree"}) {
    if (told.find(place) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("every change to an export is refused or found, and its place named", "[verification][mutations][export]") {
  const Folder folder;
  const fs::path exported = folder.path() / "export";
  const SampleLog log = sample_log(10, 20);
  write_export(exported, log);
  VerifyOptions options;
  options.log_keys = {evidence::NoteVerifier::from_vkey(log.vkey).value()};
  REQUIRE(told(exported, options).empty());

  const std::uint64_t seed = std::random_device{}();
  INFO("seed " << seed);
  ExportDamager damager(exported, log, sample_log(12, 22), seed);
  const std::size_t wanted = how_many();
  std::map<std::string, std::size_t> ways;
  std::size_t found = 0;
  for (std::size_t i = 0; i < wanted;) {
    const std::string way = damager.damage();
    if (way.empty()) continue;
    ++i;
    ++ways[way];
    const std::string said = told(exported, options);
    const bool is_named = names_a_place(said);
    found += is_named ? 1 : 0;
    if (!is_named) {
      INFO(way);
      INFO("told: " << said);
      CHECK(is_named);
    }
  }
  CHECK(found == wanted);
  std::cout << found << " of " << wanted << " changes of an export in " << ways.size() << " ways are found and named"
            << std::endl;
}

}  // namespace mpic::test
