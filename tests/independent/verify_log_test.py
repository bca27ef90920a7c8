#!/usr/bin/python3
"""The independent verifier takes a good log, and finds each thing that is made otherwise, and where.

usage: verify_log_test.py SOURCE_DIR
"""

from __future__ import annotations

import base64
import contextlib
import io
import random
import shutil
import sys
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path

ROOT = Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests" / "independent"))
import sample_log as sample  # noqa: E402
import sealed_cases  # noqa: E402
import verify_log  # noqa: E402
from faults import Faults  # noqa: E402
from merkle_tree import leaf_hash, node_hash, place_of, root_of, roots_at, tile_path, tiles_of  # noqa: E402
from signed_note import BadNote, NoteKey  # noqa: E402

pb = verify_log.load_messages(ROOT / "proto")
KEY = NoteKey.from_vkey(sample.vkey())
FLIPS = 600


class Case(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mpic-sample-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def verify(self, keys=(KEY,), older=()) -> Faults:
        faults = Faults()
        try:
            verify_log.verify_export(self.folder, list(keys), list(older), self.folder, pb, faults)
        except (OSError, ValueError) as failed:
            faults.tampered("reading", str(failed))
        return faults

    def lines_of(self, **hooks: Callable) -> list[str]:
        """A name's first "_" stands for ":"."""
        hooks = {name.replace("_", ":", 1).replace("_", "-"): hook for name, hook in hooks.items()}
        shutil.rmtree(self.folder)
        log = sample.SampleLog(pb, hooks)
        self.assertEqual(log.used, set(hooks), "a hook that nothing called")
        log.write(self.folder)
        self.leaves = log.leaves
        return self.verify().lines


class Good(Case):
    def test_a_good_log(self) -> None:
        self.assertEqual(self.lines_of(), [])

    def test_without_a_key_it_trusts_itself(self) -> None:
        self.lines_of()
        self.assertEqual(self.verify(keys=()).lines, [])

    def test_older_checkpoints(self) -> None:
        self.lines_of()
        leaves = self.leaves
        other = [*leaves[:2], leaves[0]]
        rows = (
            ("of its beginning", sample.checkpoint(leaves[:3]), 0),
            ("of nothing", sample.checkpoint([]), 0),
            ("of another beginning", sample.checkpoint(other), 1),
            ("of more than there is", sample.checkpoint([*leaves, leaves[0]]), 1),
            ("by another key", sample.checkpoint(leaves[:3], sample.STRANGER), 1),
            ("of another log", sample.checkpoint(leaves[:3], name="mpic.test/other"), 1),
        )
        for reason, note, count in rows:
            with self.subTest(reason):
                self.assertEqual(self.verify(older=[("older", note)]).tampered_count, count)


class Mirror(Case):
    """Tiles and a checkpoint alone."""

    def told(self, older=()) -> list[str]:
        faults = Faults()
        verify_log.verify_tiles(self.folder, [KEY], list(older), faults)
        return faults.lines

    def test_tiles(self) -> None:
        self.lines_of()
        shutil.rmtree(self.folder / "entries")
        self.assertEqual(self.told(older=[("older", sample.checkpoint(self.leaves[:5]))]), [])
        self.assertEqual(len(self.told(older=[("older", sample.checkpoint(self.leaves[1:5]))])), 1)
        for name in ("tile/0", "tile/entries"):
            tile = next((self.folder / name).rglob("9"))
            whole = tile.read_bytes()
            tile.write_bytes(whole[:40] + bytes([whole[40] ^ 1]) + whole[41:])
            with self.subTest(name):
                self.assertGreater(len(self.told()), 0)
            tile.write_bytes(whole)


class Large(unittest.TestCase):
    """Trees of more than one tile, against the recursion of RFC 6962 2.1."""

    def test_trees(self) -> None:
        def plain(leaves: list[bytes]) -> bytes:
            if len(leaves) == 1:
                return leaves[0]
            k = 1 << ((len(leaves) - 1).bit_length() - 1)
            return node_hash(plain(leaves[:k]), plain(leaves[k:]))

        leaves = [leaf_hash(b"%d" % n) for n in range(70_000)]
        for size in (1, 2, 3, 255, 256, 257, 1_000, 65_537):
            self.assertEqual(root_of(leaves[:size]), plain(leaves[:size]))
            self.assertEqual(roots_at(leaves[:size], [size]), {size: plain(leaves[:size])})
        tiles = tiles_of(leaves)
        # The example of C2SP tlog-tiles.
        self.assertEqual(len(tiles), 273 + 1 + 1 + 1 + 1)
        for path, width in (("tile/0/273.p/112", 112), ("tile/1/000", 256), ("tile/1/001.p/17", 17), ("tile/2/000.p/1", 1)):
            self.assertEqual(len(tiles[path]), 32 * width)
        self.assertEqual(tiles["tile/2/000.p/1"], plain(leaves[:65_536]))
        self.assertEqual(tile_path("0", 1_234_067, 256), "tile/0/x001/x234/067")
        self.assertTrue(all(place_of(path) for path in tiles))


class CommandLine(Case):
    def test_status(self) -> None:
        self.lines_of()
        older = self.folder.parent / f"{self.folder.name}.older"
        older.write_bytes(sample.checkpoint(self.leaves[:3]))
        self.addCleanup(older.unlink)
        rows = (
            ("good", 0, "nothing is wrong", ["--export", self.folder, "--vkey", sample.vkey(), "--older", older]),
            ("trusted by nobody", 0, "whole in itself", ["--export", self.folder]),
            ("tiles", 0, "nothing is wrong", ["--tiles", self.folder, "--vkey", sample.vkey()]),
            ("another key", 1, "TAMPERED checkpoint", ["--export", self.folder, "--vkey", sample.vkey(sample.STRANGER)]),
            ("no folder", 2, "cannot be read", ["--export", older]),
            ("no key for tiles", 64, "usage", ["--tiles", self.folder]),
        )
        for reason, status, words, arguments in rows:
            with self.subTest(reason), contextlib.redirect_stdout(io.StringIO()) as out:
                with contextlib.redirect_stderr(out):
                    self.assertEqual(verify_log.main([str(one) for one in arguments]), status)
                self.assertIn(words, out.getvalue())


class Octets(Case):
    """What is changed in the files, by whoever has no key."""

    def test_octets_flipped(self) -> None:
        chosen = random.Random(6962)
        self.lines_of()
        files = [path for path in self.folder.rglob("*") if path.is_file() and path.name != "export.json"]
        weights = [path.stat().st_size for path in files]
        for path in chosen.choices(files, weights, k=FLIPS):
            whole = path.read_bytes()
            at, bit = chosen.randrange(len(whole)), 1 << chosen.randrange(8)
            path.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
            with self.subTest(f"{path.relative_to(self.folder)}, octet {at}, bit {bit}"):
                self.assertGreater(self.verify().tampered_count, 0)
            path.write_bytes(whole)

    def test_files(self) -> None:
        self.lines_of()
        for path in sorted(path for path in self.folder.rglob("*") if path.is_file()):
            for change in ("removed", "cut", "longer"):
                whole = path.read_bytes()
                if change == "removed":
                    path.unlink()
                else:
                    path.write_bytes(whole[:-1] if change == "cut" else whole + whole[-1:])
                with self.subTest(f"{path.relative_to(self.folder)} {change}"):
                    self.assertGreater(self.verify().tampered_count, 0)
                path.write_bytes(whole)

    def test_a_tile_of_nothing(self) -> None:
        self.lines_of()
        for name in ("tile/0/001", "tile/2/000", "tile/0/x", "tile/entries/000.p/10"):
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes(32))
            with self.subTest(name):
                self.assertEqual(self.verify().tampered_count, 1)
            path.unlink()

    def test_a_tile_of_an_earlier_tree(self) -> None:
        self.lines_of()
        tile = next((self.folder / "tile" / "0").rglob("9"))
        (tile.parent / "5").write_bytes(tile.read_bytes()[: 5 * 32])
        self.assertEqual(self.verify().lines, [])
        (tile.parent / "5").write_bytes(tile.read_bytes()[32 : 6 * 32])
        self.assertEqual(self.verify().tampered_count, 1)


class Sealed(Case):
    def test_each(self) -> None:
        for reason, hooks, words in sealed_cases.SEALED:
            with self.subTest(reason):
                lines = self.lines_of(**hooks)
                self.assertTrue([line for line in lines if words in line], "\n".join(lines) or "nothing was found")

    def test_what_was_rightly_pruned(self) -> None:
        self.assertEqual(self.lines_of(entries=sealed_cases.prune(4, 2, 3)), [])
        self.assertEqual(self.lines_of(entries=sealed_cases.prune(4, 2)), [], "a pruning that is under way")

    def test_what_no_checkpoint_says_was_pruned(self) -> None:
        """Events are not signed: one that no checkpoint covers, anybody could have written."""
        self.lines_of(entries=sealed_cases.prune(4, 2, 3))
        rows = (
            ("a checkpoint by another key", sample.checkpoint(self.leaves, sample.STRANGER), ()),
            ("and an older one, before the event", sample.checkpoint(self.leaves, sample.STRANGER),
             (("older", sample.checkpoint(self.leaves[:-1])),)),
        )  # fmt: skip
        for reason, note, older in rows:
            (self.folder / "checkpoint").write_bytes(note)
            with self.subTest(reason):
                missing = [line for line in self.verify(older=older).lines if "its body is missing" in line]
                self.assertEqual(len(missing), 2, missing)

    def test_the_order_of_leaves(self) -> None:
        """Records may be in any order; only their own faults would be told."""
        self.assertEqual(self.lines_of(entries=lambda e: e.insert(4, e.pop(5))), [])


def not_verifying(line: bytes) -> bytes:
    """A signature's line with its last octet changed."""
    before, signature = line.rsplit(b" ", 1)
    octets = bytearray(base64.b64decode(signature))
    octets[-1] ^= 1
    return before + b" " + base64.b64encode(octets) + b"\n"


class Notes(unittest.TestCase):
    def test_keys(self) -> None:
        good = sample.vkey()
        for reason, bad in (
            ("nothing", ""),
            ("another name", "x" + good),
            ("an octet more", good + "AAAA"),
            ("base64 with bits beyond", good[:-1] + "x="),
        ):
            with self.subTest(reason), self.assertRaises(BadNote):
                NoteKey.from_vkey(bad)

    def test_spellings(self) -> None:
        note = sample.checkpoint(sample.SampleLog(pb).leaves)
        rows = (
            ("as it is", note, True),
            ("a witness's line, of whom nothing is known", note + "\u2014 witness.example AAAAAAAAAA==\n".encode(), True),
            ("a line that is no signature", note + b"witness.example AAAAAAAAAA==\n", False),
            ("a known key's line that does not verify", note + not_verifying(note.splitlines()[-1]), False),
            ("Windows ends of lines", note.replace(b"\n", b"\r\n"), False),
            ("without its last end of line", note[:-1], False),
            ("a size with a zero before it", note.replace(b"\n9\n", b"\n09\n"), False),
            ("an extension line that was not signed", note.replace(b"\n\n", b"\nmore\n\n"), False),
            ("more than 16 KiB", note + b"\n" * 16_384, False),
        )
        for reason, octets, good in rows:
            with self.subTest(reason):
                faults = Faults()
                verify_log.check_checkpoint(octets, [KEY], sample.ORIGIN, "note", faults)
                self.assertEqual(faults.count == 0, good, faults.lines)


if __name__ == "__main__":
    unittest.main()
