// Ways in which somebody with write access to a store could change a log, behind every program's back.
#pragma once

#include <filesystem>
#include <random>
#include <string>
#include <vector>

namespace mpic::test {

// What was done, and what whoever verifies must point at.
struct Mutation {
  std::string way;    // "flipped records.client"
  std::string sql;
  std::string place;  // "leaf 7"
};

// For a SQLite store with records, addenda, snapshots, events, nodes and two checkpoints or more.
class Damager {
 public:
  Damager(std::filesystem::path file, std::uint64_t seed);
  // Another each time; the file stays as it is.
  [[nodiscard]] Mutation next();

 private:
  Mutation flipped();
  Mutation counted();
  Mutation deleted();
  Mutation swapped();
  Mutation replayed();
  Mutation doubled();
  Mutation emptied();
  Mutation reordered();
  std::size_t pick(std::size_t below);
  std::vector<std::string> any_row(const std::string& columns, const std::string& from);

  const std::filesystem::path file_;
  std::mt19937_64 random_;
};

}  // namespace mpic::test
