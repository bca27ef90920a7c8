"""A log as an export folder, read from a SQLite store by what docs/evidence_format.md says of its tables: what the verifier
that shares no code with ours is given, without any tool of ours between."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from mpic_local.layout import project_directory
from support import eventually

INDEPENDENT = project_directory() / "tests" / "independent"
sys.path.insert(0, str(INDEPENDENT))
from merkle_tree import entry_bundles_of, leaf_hash, tiles_of  # noqa: E402
from sample_log import delimited  # noqa: E402

ENTRIES_IN_A_FILE = 10_000
COVERED_SECONDS = 10.0


def checkpoint_of_all(store: Path) -> tuple[int, bytes] | None:
    """The newest, when it covers every leaf that there is."""
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as database:
        (leaves,) = database.execute("SELECT count(*) FROM leaves").fetchone()
        found = database.execute("SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1").fetchone()
    if found is None or found[0] != leaves:
        return None
    return found[0], found[1] if isinstance(found[1], bytes) else found[1].encode()


def wait_until_covered(store: Path) -> bytes:
    """The checkpoint of everything; nothing may be written meanwhile."""
    if not eventually(lambda: checkpoint_of_all(store) is not None, COVERED_SECONDS):
        raise AssertionError(f"no checkpoint of every leaf within {COVERED_SECONDS:.0f} s")
    return checkpoint_of_all(store)[1]


def export(store: Path, folder: Path, log_entry) -> int:
    """The leaves that the newest checkpoint covers; `log_entry` is the class of mpic.v1.LogEntry. Returns how many."""
    size, note = checkpoint_of_all(store)
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as database:
        (origin,) = database.execute("SELECT log_origin FROM log").fetchone()
        bodies = {leaf: (body, b"") for table in ("addenda", "snapshots", "events")
                  for leaf, body in database.execute(f"SELECT leaf, body FROM {table}")}  # fmt: skip
        for leaf, body, statement in database.execute("SELECT leaf, body, statement FROM records"):
            bodies[leaf] = (body, statement)
        leaves = database.execute("SELECT idx, kind, body_sha256 FROM leaves WHERE idx < ? ORDER BY idx", (size,))
        entries = [
            log_entry(index=index, kind=kind, body_sha256=digest, body=bodies[index][0], statement=bodies[index][1])
            for index, kind, digest in leaves
        ]
    octets = [bytes([entry.kind]) + entry.body_sha256 for entry in entries]
    files = tiles_of([leaf_hash(one) for one in octets]) | entry_bundles_of(octets) | {"checkpoint": note}
    for begin in range(0, size, ENTRIES_IN_A_FILE):
        part = entries[begin : begin + ENTRIES_IN_A_FILE]
        name = f"entries/{begin // ENTRIES_IN_A_FILE:06}.pb"
        files[name] = b"".join(delimited(entry.SerializeToString()) for entry in part)
    about = {"format": "mpic-log-export-1", "origin": origin, "size": size, "written": "", "software": ""}
    files["export.json"] = json.dumps(about).encode()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return size
