#!/usr/bin/python3
"""The vectors of docs/evidence_format.md, as the independent verifier reads them.

usage: vectors_test.py SOURCE_DIR
"""

from __future__ import annotations

import hashlib
import json
import sys
import unittest
from pathlib import Path

ROOT = Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests" / "independent"))
import verify_log  # noqa: E402
from envelopes import Asked, EvidenceReader, key_id, pae, verifies  # noqa: E402
from faults import Faults  # noqa: E402
from merkle_tree import is_included, leaf_hash, roots_at  # noqa: E402
from signed_note import BadNote, NoteKey, open_checkpoint  # noqa: E402

VECTORS = ROOT / "tests" / "vectors" / "evidence"
octets = bytes.fromhex
pb = verify_log.load_messages(ROOT / "proto")


def read(name: str):
    return json.loads((VECTORS / name).read_text())


class Vectors(unittest.TestCase):
    def test_tree(self) -> None:
        file = read("tree.json")
        for entry in file["entries"]:
            body = octets(entry["body"])
            self.assertEqual(entry["entry"], f"{entry['kind']:02x}{hashlib.sha256(body).hexdigest()}")
            self.assertEqual(entry["leaf_hash"], leaf_hash(octets(entry["entry"])).hex())
        sizes = {row["size"]: row["root"] for row in file["roots"]}
        leaves = [leaf_hash(b"leaf %d" % n) for n in range(max(sizes))]
        self.assertEqual({size: root.hex() for size, root in roots_at(leaves, sizes).items()}, sizes)
        proofs = [row["size"] for row in file["inclusion"]]
        roots = roots_at(leaves, proofs)
        for row in file["inclusion"]:
            path = [octets(one) for one in row["path"]]
            index, size = row["index"], row["size"]
            self.assertTrue(is_included(leaves[index], index, size, path, roots[size]))
            self.assertFalse(is_included(leaves[index], index, size, [*path, roots[size]], roots[size]))
            self.assertFalse(is_included(leaves[index], size, size, path, roots[size]))

    def test_checkpoint(self) -> None:
        file = read("checkpoint.json")
        key = NoteKey.from_vkey(file["key"]["vkey"])
        self.assertEqual(NoteKey.from_spki(file["origin"], octets(file["key"]["public_key"])), key)
        opened = open_checkpoint(file["note"].encode(), [key])
        self.assertEqual((opened.origin, opened.size, opened.root.hex()), (file["origin"], file["size"], file["root"]))
        for row in file["refused"]:
            with self.subTest(row["why"]), self.assertRaises(BadNote):
                open_checkpoint(row["note"].encode(), [key])

    def test_signatures(self) -> None:
        for row in read("signatures.json"):
            payload, signature = octets(row["payload"]), octets(row["signature"])
            message = pae(row["type"].encode(), payload)
            self.assertEqual(message.hex(), row["pae"])
            key = octets(row["key"]["public_key"])
            self.assertEqual(key_id(key), row["key"]["key_id"])
            self.assertTrue(verifies(key, message, signature))
            self.assertFalse(verifies(key, message + b"x", signature))

    def test_observation(self) -> None:
        file = read("observation.json")
        asked = octets(file["assignment"])
        self.assertEqual(hashlib.sha256(asked).hexdigest(), file["assignment_sha256"])
        self.assertEqual(leaf_hash(octets(file["observation"])).hex(), file["leaf_hash"])
        assignment = pb.agent.Assignment.FromString(asked)
        seen = pb.agent.Observation.FromString(octets(file["observation"]))
        root = file["root"]
        key = {"key_id": file["key"]["key_id"], "public_key": octets(file["key"]["public_key"])}
        info = pb.corroboration.PerspectiveInfo(id=assignment.perspective_id, rir=seen.rir, keys=[key])
        evidence = pb.agent.Evidence(observation=octets(file["observation"]), leaf_index=file["leaf_index"],
                                     path=[octets(one) for one in file["path"]])  # fmt: skip
        signed = pb.agent.SignedRoot(payload=octets(root["payload"]), key_id=key["key_id"],
                                     signature=octets(file["signature"]))  # fmt: skip
        received = seen.ended.ToNanoseconds()
        told = EvidenceReader(pb.agent).observation(evidence, signed, Asked(asked, assignment, info), received)
        self.assertEqual(told, seen)
        evidence.leaf_index ^= 1
        told = EvidenceReader(pb.agent).observation(evidence, signed, Asked(asked, assignment, info), received)
        self.assertIsInstance(told, str)

    def test_log(self) -> None:
        file, faults = read("log.json"), Faults()
        root, size = octets(file["root"]), len(file["leaves"])
        for index, leaf in enumerate(file["leaves"]):
            path = [octets(one) for one in leaf["path"]]
            self.assertTrue(is_included(octets(leaf["leaf_hash"]), index, size, path, root))
        key = NoteKey.from_vkey(file["vkey"])
        self.assertEqual(open_checkpoint(file["checkpoint"].encode(), [key]).root, root)
        told = verify_log.verify_export(VECTORS / "export", [key], [], VECTORS / "export", pb, faults)
        self.assertEqual(faults.lines, [])
        self.assertIn("records 1, addenda 1, snapshots 1, events 1", told)


if __name__ == "__main__":
    unittest.main()
