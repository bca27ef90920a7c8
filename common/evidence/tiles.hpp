// The static form of a log, for mirrors and monitors that know nothing of this program: C2SP tlog-tiles.
//
// Whoever writes it walks through tile_levels(), writes each tile's octets to its path, and each bundle of entries
// likewise (they are as many, and as wide, as the tiles of level 0), and last the checkpoint of that size. Full tiles
// and bundles never change.
//
// Pure: paths are relative, with "/".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/evidence/log_tree.hpp"

namespace mpic::evidence {

// Hashes index * 256 to index * 256 + width - 1 of a level.
struct Tile {
  unsigned level = 0;
  std::uint64_t index = 0;
  std::size_t width = kTileWidth;  // 1 to 256; below 256 it is partial
  bool operator==(const Tile&) const = default;
};

// The tiles of one level of a tree: `full` ones from index 0, then a partial one of this width, 0: none.
struct TileLevel {
  unsigned level = 0;
  std::uint64_t full = 0;
  std::size_t partial = 0;
  [[nodiscard]] std::uint64_t count() const { return full + (partial != 0 ? 1 : 0); }
  // Precondition: index < count().
  [[nodiscard]] Tile tile(std::uint64_t index) const { return {level, index, index < full ? kTileWidth : partial}; }
  bool operator==(const TileLevel&) const = default;
};
// Lowest first; none for a tree without leaves.
[[nodiscard]] std::vector<TileLevel> tile_levels(std::uint64_t size);

// "tile/0/x001/x234/067", "tile/1/000.p/17".
[[nodiscard]] std::string tile_path(const Tile& tile);
// The hashes one after the other, 32 octets each.
[[nodiscard]] Expected<std::string> tile_octets(HashSource& source, const Tile& tile);

// "tile/entries/x001/x234/067", "tile/entries/000.p/17": of the entries whose leaf hashes are in that tile of level 0.
[[nodiscard]] std::string entry_bundle_path(std::uint64_t index, std::size_t width);
// Each entry after its length in two octets, the higher first. Precondition: each is at most 65,535 octets long, as
// every log_entry() is.
[[nodiscard]] std::string entry_bundle(std::span<const std::string> entries);

}  // namespace mpic::evidence
