"""The tree of a log, computed anew from the tables of a record store with nothing but SHA-256 (RFC 6962 2.1)."""

from __future__ import annotations

import base64
import hashlib
import sqlite3

TILE_WIDTH = 256
BODIES = {1: "records", 2: "addenda", 3: "snapshots", 4: "events"}  # by the kind of a leaf


def leaf_hash(kind: int, body_sha256: bytes) -> bytes:
    return hashlib.sha256(b"\0" + bytes([kind]) + body_sha256).digest()


def root(hashes: list[bytes]) -> bytes:
    """Of the tree over these leaves or full subtrees."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(hashes[:split]) + root(hashes[split:])).digest()


class LogTree:
    """What is known of a log that grows; each extend() checks what is new in the file."""

    def __init__(self) -> None:
        self.leaves: list[bytes] = []

    def extend(self, database: sqlite3.Connection) -> list[str]:
        database.execute("BEGIN")  # one moment of the file
        try:
            return self._new_leaves(database) + self._nodes(database) + self._checkpoints(database)
        finally:
            database.rollback()

    def _new_leaves(self, database: sqlite3.Connection) -> list[str]:
        faults = []
        first = len(self.leaves)
        rows = database.execute("SELECT idx, kind, body_sha256 FROM leaves WHERE idx >= ? ORDER BY idx", (first,))
        kinds: dict[int, int] = {}
        for idx, kind, body_sha256 in rows:
            if idx != len(self.leaves):
                return [*faults, f"leaf {len(self.leaves)} is missing, {idx} is there"]
            self.leaves.append(leaf_hash(kind, body_sha256))
            kinds[idx] = kind
        for kind, table in BODIES.items():
            found = set()
            query = f"SELECT t.leaf, t.body, l.body_sha256 FROM {table} t LEFT JOIN leaves l ON l.idx = t.leaf WHERE t.leaf >= ?"
            for leaf, body, body_sha256 in database.execute(query, (first,)):
                found.add(leaf)
                pruned = kind < 3 and body == b""
                if not pruned and hashlib.sha256(body).digest() != body_sha256:
                    faults.append(f"leaf {leaf} is not of the body in {table}")
            if found != {idx for idx, its_kind in kinds.items() if its_kind == kind}:
                faults.append(f"the leaves of kind {kind} are not those of {table}")
        return faults

    def _nodes(self, database: sqlite3.Connection) -> list[str]:
        wanted = {}
        level, hashes = 0, self.leaves
        while len(hashes) >= TILE_WIDTH:
            level += 1
            full = len(hashes) // TILE_WIDTH
            hashes = [root(hashes[i * TILE_WIDTH : (i + 1) * TILE_WIDTH]) for i in range(full)]
            wanted.update({(level, idx): hash_ for idx, hash_ in enumerate(hashes)})
        kept = {(level, idx): hash_ for level, idx, hash_ in database.execute("SELECT level, idx, hash FROM nodes")}
        return [] if kept == wanted else [f"the nodes that are kept are not those of the {len(self.leaves)} leaves"]

    def _checkpoints(self, database: sqlite3.Connection) -> list[str]:
        newest = database.execute("SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 3").fetchall()
        faults = []
        for size, note in newest:
            _, said, hash_ = note.split("\n")[:3]
            if int(said) != size or size > len(self.leaves) or base64.b64decode(hash_) != root(self.leaves[:size]):
                faults.append(f"the checkpoint of size {size} is not of this log")
        return faults
