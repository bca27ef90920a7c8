#include "common/evidence/tiles.hpp"

#include <fmt/format.h>

namespace mpic::evidence {
namespace {

// Groups of three digits, "x" before all but the last; ".p/W" after a partial one.
std::string number_path(std::uint64_t index, std::size_t width) {
  std::string path = fmt::format("{:03}", index % 1000);
  while (index >= 1000) {
    index /= 1000;
    path = fmt::format("x{:03}/{}", index % 1000, path);
  }
  return width == kTileWidth ? path : fmt::format("{}.p/{}", path, width);
}

}  // namespace

std::vector<TileLevel> tile_levels(std::uint64_t size) {
  std::vector<TileLevel> levels;
  for (std::uint64_t hashes = size; hashes > 0; hashes /= kTileWidth) {
    levels.push_back({static_cast<unsigned>(levels.size()), hashes / kTileWidth, hashes % kTileWidth});
  }
  return levels;
}

std::string tile_path(const Tile& tile) {
  return fmt::format("tile/{}/{}", tile.level, number_path(tile.index, tile.width));
}

Expected<std::string> tile_octets(HashSource& source, const Tile& tile) {
  const auto hashes = source.hashes(tile.level, tile.index * kTileWidth, tile.width);
  if (!hashes) return Unexpected(hashes.error());
  if (hashes->size() != tile.width) return fail(ProblemCode::kInternal, "log", "hashes of the tree are missing");
  std::string octets;
  for (const Digest& hash : *hashes) octets.append(hash.begin(), hash.end());
  return octets;
}

std::string entry_bundle_path(std::uint64_t index, std::size_t width) {
  return "tile/entries/" + number_path(index, width);
}

std::string entry_bundle(std::span<const std::string> entries) {
  std::string octets;
  for (const std::string& entry : entries) {
    octets += static_cast<char>(entry.size() >> 8U);
    octets += static_cast<char>(entry.size() & 0xFFU);
    octets += entry;
  }
  return octets;
}

}  // namespace mpic::evidence
