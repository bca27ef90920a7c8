"""Trees of RFC 6962 2.1 and the tiles of C2SP tlog-tiles. Shares no code with the program that it checks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

TILE_WIDTH = 256
HASH = 32


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Of these leaf hashes, level by level: whoever is without a neighbour rises as it is."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        above = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = above + level[len(above) * 2 :]
    return level[0]


def roots_at(leaves: Sequence[bytes], sizes: Iterable[int]) -> dict[int, bytes]:
    """Roots of the trees of the first leaves, for each of these sizes that there is."""
    wanted = {size for size in sizes if 0 <= size <= len(leaves)}
    roots = {0: root_of([])} if 0 in wanted else {}
    edge: list[tuple[int, bytes]] = []  # (height, root) of full subtrees, largest first
    for size, leaf in enumerate(leaves, start=1):
        edge.append((0, leaf))
        while len(edge) > 1 and edge[-1][0] == edge[-2][0]:
            (height, right), (_, left) = edge.pop(), edge.pop()
            edge.append((height + 1, node_hash(left, right)))
        if size in wanted:
            root = edge[-1][1]
            for _, left in reversed(edge[:-1]):
                root = node_hash(left, root)
            roots[size] = root
    return roots


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """By the shape of the tree: at each level the left subtree has the largest power of two that is smaller than all.
    The path must have exactly the hashes that the shape asks for."""
    if not 0 <= index < size:
        return False
    sides = []  # from the root down: whether the neighbour is on the left
    first, count = 0, size
    while count > 1:
        left = 1 << ((count - 1).bit_length() - 1)
        is_right = index - first >= left
        sides.append(is_right)
        first, count = (first + left, count - left) if is_right else (first, left)
    if len(path) != len(sides):
        return False
    for neighbour, is_right in zip(path, reversed(sides)):
        leaf = node_hash(neighbour, leaf) if is_right else node_hash(leaf, neighbour)
    return leaf == root


def tiles_of(leaves: Sequence[bytes]) -> dict[str, bytes]:
    """Every tile of the tree of these leaves, by its path below the prefix."""
    tiles = {}
    level, hashes = 0, list(leaves)
    while hashes:
        for number in range(0, -(-len(hashes) // TILE_WIDTH)):
            part = hashes[number * TILE_WIDTH : (number + 1) * TILE_WIDTH]
            tiles[tile_path(str(level), number, len(part))] = b"".join(part)
        full = len(hashes) // TILE_WIDTH
        hashes = [root_of(hashes[n * TILE_WIDTH : (n + 1) * TILE_WIDTH]) for n in range(full)]
        level += 1
    return tiles


def entry_bundles_of(entries: Sequence[bytes]) -> dict[str, bytes]:
    bundles = {}
    for number in range(0, -(-len(entries) // TILE_WIDTH)):
        part = entries[number * TILE_WIDTH : (number + 1) * TILE_WIDTH]
        octets = b"".join(len(entry).to_bytes(2, "big") + entry for entry in part)
        bundles[tile_path("entries", number, len(part))] = octets
    return bundles


def tile_path(level: str, number: int, width: int) -> str:
    digits = str(number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    name = "/".join([f"x{group}" for group in groups[:-1]] + [groups[-1]])
    return f"tile/{level}/{name}" + ("" if width == TILE_WIDTH else f".p/{width}")


def place_of(path: str) -> tuple[str, int, int] | None:
    """The level, number and width that a path stands for; none for what is no tile's path."""
    parts = path.split("/")
    if len(parts) < 3 or parts[0] != "tile":
        return None
    level, groups, width = parts[1], parts[2:], TILE_WIDTH
    if len(groups) >= 2 and groups[-2].endswith(".p"):
        if not groups[-1].isdigit():
            return None
        width = int(groups[-1])
        groups = [*groups[:-2], groups[-2].removesuffix(".p")]
    digits = "".join(group.removeprefix("x") for group in groups)
    if not digits.isdigit():
        return None
    number = int(digits)
    return (level, number, width) if tile_path(level, number, width) == path else None
