// A thousand ways in which somebody with write access to a store could change a log, and what could be made of one with
// other keys: each is found, and the place is named.
//
// MPIC_MUTATIONS sets how many; the seed is printed.
#include <fmt/format.h>

#include <cctype>
#include <cstdlib>
#include <iostream>
#include <map>

#include "common/evidence/checkpoint.hpp"
#include "coordinator/audit/verification.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/damager.hpp"
#include "tests/support/log_on_disk.hpp"
#include "tests/support/store_on_disk.hpp"

namespace mpic::test {
namespace {

using namespace coordinator;

constexpr std::size_t kRecords = 10;  // the last one has an addendum after it
constexpr std::size_t kEvents = 250;  // so that there is a hash of level 1
constexpr std::size_t kWays = 47;     // that a damager has

std::size_t how_many() {
  const char* told = std::getenv("MPIC_MUTATIONS");
  return told == nullptr ? 1'000 : std::stoul(told);
}

// What a verifier tells.
struct Told {
  std::vector<Fault> faults;
  std::uint64_t uncovered = 0;  // leaves after the newest checkpoint
  bool trusts_itself = false;

  [[nodiscard]] std::string text() const {
    std::string out;
    for (const Fault& fault : faults) out += fmt::format("{}: {}\n", fault.place, fault.why);
    return out.substr(0, 2'000);
  }
  // "leaf 7" is not named by "leaf 70".
  [[nodiscard]] bool names(const std::string& place) const {
    return std::any_of(faults.begin(), faults.end(), [&](const Fault& fault) {
      const std::size_t at = fault.place.find(place);
      if (at == std::string::npos) return false;
      const std::size_t end = at + place.size();
      return end == fault.place.size() || std::isdigit(static_cast<unsigned char>(fault.place[end])) == 0;
    });
  }
};

Told told(const std::filesystem::path& file, const VerifyOptions& options) {
  const auto problem = [](const Problem& why) { return Told{{{FaultKind::kTampered, why.detail, "cannot be read"}}}; };
  const auto log = read_sqlite(file.string());
  if (!log) return problem(log.error());
  auto report = verify_log(**log, options);
  if (!report) return problem(report.error());
  return {std::move(report->faults), report->leaves - report->covered, report->trusts_itself};
}

// False where the schema itself does not let it be: an id that another row has.
bool is_damaged(const std::filesystem::path& file, const Mutation& mutation) {
  try {
    run_sql(file, "PRAGMA foreign_keys = OFF; " + mutation.sql);
    return true;
  } catch (const std::runtime_error& error) {
    if (std::string_view(error.what()).find("UNIQUE") == std::string_view::npos) throw;
    return false;
  }
}

VerifyOptions from_outside(const SampleLog& log) {
  VerifyOptions options;
  options.log_keys = {evidence::NoteVerifier::from_vkey(log.vkey).value()};
  options.checkpoints = {log.checkpoint};
  return options;
}

// A fresh file for each log.
class Files {
 public:
  [[nodiscard]] std::filesystem::path next() { return folder_.path() / fmt::format("{}.sqlite", ++number_); }

 private:
  Folder folder_;
  int number_ = 0;
};

}  // namespace

TEST_CASE("every change to a log is found and named", "[verification][mutations]") {
  const Folder folder;
  SampleLog log = sample_log(kRecords, kEvents);
  const std::size_t before = log.leaves.size() / 2;
  write_log(folder.file(), log, {checkpoint_of(log, before), log.checkpoint});
  const VerifyOptions options = from_outside(log);
  REQUIRE(told(folder.file(), options).text().empty());

  const std::uint64_t seed = std::random_device{}();
  INFO("seed " << seed);
  Damager damager(folder.file(), seed);
  const auto copy = folder.path() / "damaged.sqlite";
  const std::size_t wanted = how_many();
  std::size_t found = 0;
  std::map<std::string, std::size_t> ways;
  for (std::size_t i = 0; i < wanted;) {
    const Mutation mutation = damager.next();
    std::filesystem::copy_file(folder.file(), copy, std::filesystem::copy_options::overwrite_existing);
    if (!is_damaged(copy, mutation)) continue;
    ++i;
    ++ways[mutation.way];
    const Told said = told(copy, options);
    const bool is_named = said.names(mutation.place);
    found += is_named ? 1 : 0;
    if (!is_named) {
      INFO(mutation.way << ": " << mutation.sql);
      INFO("told: " << said.text());
      CHECK(said.names(mutation.place));
    }
    for (const char* beside : {"-wal", "-shm"}) std::filesystem::remove(copy.string() + beside);
  }
  CHECK(found == wanted);
  if (wanted >= 1'000) CHECK(ways.size() >= kWays - 5);  // some are rare
  std::cout << found << " of " << wanted << " changes in " << ways.size() << " ways are found and named" << std::endl;
}

TEST_CASE("rows that are no leaf of the log are told, with their place", "[verification]") {
  struct Row {
    const char* what;
    const char* sql;
    const char* place;
  };
  const Row rows[] = {
      {"a record before the first leaf",
       "INSERT INTO records SELECT -1, 'r', client, 'x', '', identifier, verdict, 1, 1, body, statement FROM records",
       "leaf -1 of the table records"},
      {"a record beyond the end",
       "INSERT INTO records SELECT 90, 'r', client, 'x', '', identifier, verdict, 1, 1, body, statement FROM records",
       "leaf 90 of the table records"},
      {"attempts of nothing", "INSERT INTO attempts VALUES (-7, 0, '', '', '', '', '', '', '')",
       "leaf -7 of the table attempts"},
      {"an addendum of nothing", "INSERT INTO addenda SELECT 91, record_id, perspective, 1, body FROM addenda",
       "leaf 91 of the table addenda"},
      {"a snapshot of nothing", "INSERT INTO snapshots VALUES (x'00', -2, x'00')", "leaf -2 of the table snapshots"},
      {"an event where a record stands", "INSERT INTO events VALUES (2, 1, x'01')", "leaf 2 of the table events"},
      {"a leaf before the first, with its record",
       "INSERT INTO leaves VALUES (-1, 1, x'00'); INSERT INTO records SELECT -1, 'r', client, 'x', '', identifier, "
       "verdict, 1, 1, body, statement FROM records",
       "leaf -1 of the table records"},
      {"a leaf before the first", "INSERT INTO leaves VALUES (-3, 1, x'00')", "leaf -3 of the table leaves"},
      {"a checkpoint of fewer leaves than none", "INSERT INTO checkpoints SELECT -5, 1, note FROM checkpoints",
       "checkpoint of size -5"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const Folder folder;
    const SampleLog log = sample_log(1, 1);
    write_log(folder.file(), log, {log.checkpoint});
    run_sql(folder.file(), "PRAGMA foreign_keys = OFF; " + std::string(row.sql));
    const Told said = told(folder.file(), from_outside(log));
    INFO(said.text());
    CHECK(said.names(row.place));
    CHECK_FALSE(said.text().find("cannot be read") != std::string::npos);
  }
}

TEST_CASE("a log that was written anew with other keys is not the one that is known", "[verification]") {
  Files files;
  const SampleLog known = sample_log(2, 1);
  const SampleLog forged = sample_log(2, 1, 9);
  const auto file = files.next();
  write_log(file, forged, {forged.checkpoint});

  const Told alone = told(file, {});
  CHECK(alone.text().empty());  // it is whole in itself
  CHECK(alone.trusts_itself);   // and nobody is told more than that
  VerifyOptions by_key;
  by_key.log_keys = from_outside(known).log_keys;
  CHECK(told(file, by_key).names("checkpoint of size"));
  CHECK(told(file, by_key).trusts_itself);
  const auto without = files.next();
  write_log(without, forged, {});  // whoever has no key leaves checkpoints out
  CHECK(told(without, by_key).names("the log"));
  VerifyOptions by_checkpoint;
  by_checkpoint.checkpoints = {known.checkpoint};
  CHECK(told(file, by_checkpoint).names("checkpoint 1 from elsewhere"));
  CHECK(told(file, by_checkpoint).trusts_itself);  // the keys were its own
}

TEST_CASE("a log whose own coordinator tells another story than it told before", "[verification]") {
  Files files;
  const SampleLog known = sample_log(3, 1);
  SampleLog other = sample_log(2, 2);  // the same keys, another past
  const auto file = files.next();
  write_log(file, other, {other.checkpoint});
  VerifyOptions options;
  options.log_keys = from_outside(known).log_keys;
  CHECK(told(file, options).text().empty());
  options.checkpoints = {checkpoint_of(other, 2), known.checkpoint};
  CHECK_FALSE(told(file, options).names("checkpoint 1 from elsewhere"));
  CHECK(told(file, options).names("checkpoint 2 from elsewhere"));
}

TEST_CASE("what nobody's key has signed", "[verification]") {
  Files files;
  SampleLog log = sample_log(2, 1);
  const VerifyOptions options = from_outside(log);
  SECTION("an event after the newest checkpoint is covered by nothing, and said to be") {
    log.leaves.push_back(log.leaves[SampleLog::kStarted]);
    const auto file = files.next();
    write_log(file, log, {log.checkpoint});
    const Told said = told(file, options);
    CHECK(said.text().empty());
    CHECK(said.uncovered == 1);
  }
  SECTION("a record after it is signed by no key of the snapshot") {
    const SampleLog forged = sample_log(4, 1, 9);
    const auto end = log.leaves.size();
    for (std::size_t i = end; i < forged.leaves.size(); ++i) log.leaves.push_back(forged.leaves[i]);
    const auto file = files.next();
    write_log(file, log, {log.checkpoint});
    CHECK(told(file, options).names(fmt::format("leaf {}", end)));
  }
  SECTION("another snapshot in the place of the one that records name") {
    log.leaves[SampleLog::kSnapshot] = sample_log(1, 1, 9).leaves[SampleLog::kSnapshot];
    const auto file = files.next();
    write_log(file, log, {log.checkpoint});
    const Told said = told(file, options);
    CHECK(said.names(fmt::format("leaf {}", SampleLog::kRecord)));
    CHECK(said.names("checkpoint 1 from elsewhere"));
  }
}

}  // namespace mpic::test
