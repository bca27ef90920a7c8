#!/usr/bin/python3
"""Verifies a log of the coordinator from docs/evidence_format.md, proto/ and the texts of C2SP alone.

Shares no code with the program. Needs Debian's python3-protobuf and python3-cryptography, and protoc. What it does not
do: judge DNS, HTTP and TLS observations again; `mpic audit verify` does. Everything else of "What must hold" it does.

Prints a line for each fault, with its place, and a summary. Exit status: 0 nothing is wrong, 1 something is, 2 it could not
be read, 64 wrong usage.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from faults import Faults  # noqa: E402
from log_folder import ExportFolder  # noqa: E402
from log_rules import Counts, Log, Messages, SecondReading, check_events, check_pruning, read_log  # noqa: E402
from merkle_tree import HASH, entry_bundles_of, leaf_hash, place_of, roots_at, tiles_of  # noqa: E402
from signed_note import BadNote, Checkpoint, NoteKey, open_checkpoint  # noqa: E402


def load_messages(proto: Path) -> Messages:
    with tempfile.TemporaryDirectory(prefix="mpic-verify-") as folder:
        files = [str(path) for path in sorted(proto.glob("mpic/v1/*.proto"))]
        subprocess.run(["protoc", f"-I{proto}", f"--python_out={folder}", *files], check=True)
        sys.path.insert(0, folder)
        try:
            names = ("agent", "corroboration", "record")
            return Messages(*(importlib.import_module(f"mpic.v1.{name}_pb2") for name in names))
        finally:
            sys.path.remove(folder)


def check_checkpoint(note: bytes, keys: list[NoteKey], origin: str, place: str, faults: Faults) -> Checkpoint | None:
    try:
        checkpoint = open_checkpoint(note, keys)
    except BadNote as refused:
        faults.tampered(place, str(refused))
        return None
    if checkpoint.origin != origin:
        faults.tampered(place, f"is of the log {checkpoint.origin}")
        return None
    return checkpoint


def check_roots(leaves: list[bytes], checkpoints: list[tuple[str, Checkpoint]], faults: Faults) -> int:
    """That each is of a beginning of the log; gives the size of the largest one that is."""
    covered = 0
    roots = roots_at(leaves, [checkpoint.size for _, checkpoint in checkpoints])
    for place, checkpoint in checkpoints:
        if checkpoint.size not in roots:
            faults.tampered(place, f"is of {checkpoint.size} leaves, and there are {len(leaves)}")
        elif roots[checkpoint.size] != checkpoint.root:
            faults.tampered(place, "its root is not that of the first leaves of this log")
        else:
            covered = max(covered, checkpoint.size)
    return covered


def check_tiles(folder: Path, leaves: list[bytes], entries: list[bytes] | None, faults: Faults) -> int:
    """Every tile that the tree has is there, and what else is there is a tile of an earlier, smaller tree."""
    expected = tiles_of(leaves) | (entry_bundles_of(entries) if entries is not None else {})
    whole = {path.partition(".p/")[0]: octets for path, octets in expected.items()}
    found = {str(path.relative_to(folder)): path for path in (folder / "tile").rglob("*") if path.is_file()}
    for path in sorted(expected.keys() - found.keys()):
        faults.tampered(path, "is missing")
    for path, file in sorted(found.items()):
        octets, place = file.read_bytes(), place_of(path)
        if path in expected:
            if octets != expected[path]:
                faults.tampered(path, "is not what the leaves give")
        elif place is None or (place[0] == "entries" and entries is None):
            if place is None:
                faults.tampered(path, "is no tile")
        elif not octets or not whole.get(path.partition(".p/")[0], b"").startswith(octets):
            faults.tampered(path, "is no tile of this log")
    return len(expected)


def leaves_of_tiles(folder: Path, size: int) -> tuple[list[bytes], list[bytes]]:
    """Leaf hashes and, where there are bundles, entries. Raises OSError for one that is missing."""
    leaves, entries = [], []
    for path in sorted((p for p in tiles_of([bytes(HASH)] * size) if p.startswith("tile/0/")), key=place_of):
        octets = (folder / path).read_bytes()
        leaves += [octets[i : i + HASH] for i in range(0, len(octets), HASH)]
        bundle = folder / path.replace("tile/0/", "tile/entries/", 1)
        octets, at = bundle.read_bytes() if bundle.exists() else b"", 0
        while at + 2 <= len(octets):
            length = int.from_bytes(octets[at : at + 2], "big")
            entries.append(octets[at + 2 : at + 2 + length])
            at += 2 + length
    return leaves, entries


def verify_tiles(folder: Path, keys: list[NoteKey], older: list[tuple[str, bytes]], faults: Faults) -> str:
    """A mirror: tiles and their checkpoint, without bodies."""
    origin = keys[0].name
    checkpoint = check_checkpoint((folder / "checkpoint").read_bytes(), keys, origin, "checkpoint", faults)
    if checkpoint is None:
        return "tiles: not read"
    leaves, entries = leaves_of_tiles(folder, checkpoint.size)
    if entries and [leaf_hash(entry) for entry in entries] != leaves:
        faults.tampered("tile/entries", "do not hash to the leaves")
    checkpoints = [("checkpoint", checkpoint), *opened(older, keys, origin, faults)]
    check_roots(leaves, checkpoints, faults)
    count = check_tiles(folder, leaves, entries or None, faults)
    return f"tiles of {origin}: {len(leaves)} leaves in {count} tiles"


def opened(notes: list[tuple[str, bytes]], keys: list[NoteKey], origin: str, faults: Faults) -> list:
    read = [(place, check_checkpoint(note, keys, origin, place, faults)) for place, note in notes]
    return [(place, checkpoint) for place, checkpoint in read if checkpoint is not None]


def keys_of(log: Log) -> list[NoteKey]:
    """That the log itself names: proves only that it is whole in itself."""
    found = []
    for _, snapshot in log.snapshots.values():
        try:
            found.append(NoteKey.from_spki(log.origin, snapshot.checkpoint_key.public_key))
        except BadNote:
            continue  # by software that had none
    return found


def verify_export(folder: Path, keys: list[NoteKey], older: list[tuple[str, bytes]], tiles: Path | None,
                  pb: Messages, faults: Faults) -> str:  # fmt: skip
    export = ExportFolder(folder, pb.record, faults)
    if keys and export.origin not in {key.name for key in keys}:
        faults.tampered("export.json", "is of a log whose key was not given")
    log = read_log(export.origin, export.entries(tell=True), pb, faults)
    if len(log.leaves) != export.size:
        faults.tampered("export.json", f"says {export.size} leaves, and there are {len(log.leaves)}")
    trusts_itself = not keys
    keys = keys or keys_of(log)
    own = check_checkpoint(export.checkpoint(), keys, export.origin, "checkpoint", faults)
    if own is not None and own.size != export.size:
        faults.tampered("checkpoint", f"is of {own.size} leaves, not of {export.size}")
    checkpoints = [("checkpoint", own)] if own is not None else []
    covered = check_roots(log.leaves, checkpoints + opened(older, keys, export.origin, faults), faults)
    if tiles is not None:
        check_tiles(tiles, log.leaves, log.entries, faults)
    check_pruning(log, covered, faults)
    check_events(log, faults)
    second = SecondReading(log, pb, faults)
    for number, entry in enumerate(export.entries()):
        second.take(number, entry)
    return summary(log, second.counts, own, trusts_itself)


def summary(log: Log, counts: Counts, own: Checkpoint | None, trusts_itself: bool) -> str:
    uncovered = len(log.leaves) - (own.size if own is not None else 0)
    lines = [
        f"log {log.origin}: {len(log.leaves)} leaves, {max(uncovered, 0)} of them under no checkpoint",
        f"records {counts.records}, addenda {counts.addenda}, snapshots {counts.snapshots}, events {counts.events}, "
        f"pruned {counts.pruned}; evidence that verified: {counts.rows_judged_by_evidence}",
        "what perspectives saw was not judged again",
    ]
    if trusts_itself:
        lines.append("no key was given: this shows only that the log is whole in itself")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--export", type=Path, metavar="DIR", help="a folder of `mpic audit export`")
    parser.add_argument("--tiles", type=Path, metavar="DIR", help="a tlog-tiles prefix; default: the export, if it has one")
    parser.add_argument("--vkey", action="append", default=[], metavar="VKEY|FILE", help="a key of the log")
    parser.add_argument("--older", action="append", default=[], type=Path, metavar="FILE", help="a checkpoint kept elsewhere")
    parser.add_argument("--proto", type=Path, default=HERE.parents[1] / "proto", help="where mpic/v1/*.proto are")
    try:
        options = parser.parse_args(arguments)
        if options.export is None and (options.tiles is None or not options.vkey):
            parser.error("an export, or tiles and a vkey")
    except SystemExit as ended:
        return 64 if ended.code else 0
    faults = Faults()
    try:
        keys = [NoteKey.from_vkey(text if "+" in text else Path(text).read_text()) for text in options.vkey]
        older = [(f"checkpoint {path.name}", path.read_bytes()) for path in options.older]
        if options.export is not None:
            inside = options.export if (options.export / "tile").is_dir() else None
            pb = load_messages(options.proto)
            told = verify_export(options.export, keys, older, options.tiles or inside, pb, faults)
        else:
            told = verify_tiles(options.tiles, keys, older, faults)
    except (OSError, ValueError, BadNote, subprocess.CalledProcessError) as failed:
        print(f"cannot be read: {failed}", file=sys.stderr)
        return 2
    print("\n".join([*faults.lines, told]))
    print(f"{faults.tampered_count} tampered with, {faults.follow_count} do not follow" if faults.count else "nothing is wrong")
    return 1 if faults.count else 0


if __name__ == "__main__":
    sys.exit(main())
