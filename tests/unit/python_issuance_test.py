#!/usr/bin/python3
"""docs/clients/python holds to the vectors that common/evidence/issuance.hpp holds to.

usage: python_issuance_test.py SOURCE_DIR

Needs Debian's python3-protobuf and python3-cryptography, and protoc.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "docs" / "clients" / "python"))
sys.dont_write_bytecode = True
import mpic_issuance as issuance  # noqa: E402
import mpic_issuance_cli as command_line  # noqa: E402
import mpic_record  # noqa: E402

scratch = Path(tempfile.mkdtemp(prefix="mpic-issuance-"))


def setUpModule() -> None:  # noqa: N802, by unittest
    files = [str(path) for path in sorted((ROOT / "proto").glob("mpic/v1/*.proto"))]
    subprocess.run(["protoc", f"-I{ROOT / 'proto'}", f"--python_out={scratch}", *files], check=True)
    issuance.use_messages(scratch)


def tearDownModule() -> None:  # noqa: N802, by unittest
    shutil.rmtree(scratch)


def vectors(name: str) -> dict:
    return json.loads((ROOT / "tests" / "vectors" / "issuance" / name).read_text())


def statement_of(case: dict):
    return issuance.messages("corroboration").Statement.FromString(base64.b64decode(case["statement"]))


def record_of(case: dict):
    return issuance.messages("record").Record.FromString(base64.b64decode(case["record"]))


def issuance_of(case: dict) -> issuance.Issuance:
    fields = dict(case["issuance"])
    types = {"CERTIFICATE_TYPE_SMIME": "smime"}
    fields["certificate"] = types.get(fields["certificate"], "tls-server")
    method = fields["method"].removeprefix("DCV_METHOD_").lower().replace("_", "-")
    fields["method"] = "" if method == "unspecified" else method
    return issuance.Issuance(**fields)


def pinned(file: dict) -> list[issuance.PinnedKey]:
    return [
        issuance.PinnedKey(base64.b64decode(key["public_key"]), key["not_before"], key["not_after"])
        for key in file["keys"]
    ]


class Vectors(unittest.TestCase):
    def hold(self, case: dict, check) -> bool:
        """True: it was taken."""
        with self.subTest(case["rule"]):
            if "refused" not in case:
                check()
                return True
            with self.assertRaises(issuance.Refused) as told:
                check()
            why = case["refused"]["why"]
            self.assertEqual(told.exception.code, case["refused"]["code"])
            self.assertEqual(told.exception.why[: len(why)] if why.endswith(": ") else told.exception.why, why)
        return False

    def test_statements(self) -> None:
        file = vectors("statements.json")
        keys = pinned(file)
        taken = [
            self.hold(case, lambda c=case: issuance.check_issuance(statement_of(c), keys, issuance_of(c)))
            for case in file["cases"]
        ]
        self.assertGreater(taken.count(True), 15)
        self.assertGreater(taken.count(False), 60)

    def test_records(self) -> None:
        file = vectors("records.json")
        keys = [mpic_record.LogKey(key) for key in file["log_keys"]]
        taken = [
            self.hold(case, lambda c=case: mpic_record.check_record(record_of(c), statement_of(c), keys))
            for case in file["cases"]
        ]
        self.assertGreater(taken.count(True), 2)
        self.assertGreater(taken.count(False), 15)

    def test_without_keys(self) -> None:
        covered = vectors("statements.json")["cases"][0]
        with self.assertRaises(issuance.Refused):
            issuance.check_issuance(statement_of(covered), [], issuance_of(covered))
        taken = vectors("records.json")["cases"][0]
        with self.assertRaises(issuance.Refused):
            mpic_record.check_record(record_of(taken), statement_of(taken), [])


class Keys(unittest.TestCase):
    def test_what_is_no_key(self) -> None:
        good = vectors("records.json")["log_keys"][0]
        name, key_id, octets = good.split("+", 2)
        for reason, bad in (
            ("nothing", ""),
            ("no key id", f"{name}+{octets}"),
            ("the key id of another", f"{name}+{int(key_id, 16) ^ 1:08x}+{octets}"),
            ("another name", f"x{name}+{key_id}+{octets}"),
            ("another kind of signature", f"{name}+{key_id}+B{octets[1:]}"),
        ):
            with self.subTest(reason), self.assertRaises(ValueError):
                mpic_record.LogKey(bad)
        with self.assertRaises(ValueError):
            issuance.PinnedKey(b"no key")

    def test_a_time_without_a_zone_is_none(self) -> None:
        with self.assertRaises(ValueError):
            issuance.nanoseconds(datetime(2026, 11, 25))  # noqa: DTZ001
        self.assertEqual(issuance.nanoseconds(datetime(1970, 1, 2, tzinfo=UTC)), 86_400 * 10**9)


class CommandLine(unittest.TestCase):
    """Exit status and sentence."""

    def setUp(self) -> None:
        file = vectors("statements.json")
        self.key = scratch / "key.der"
        self.key.write_bytes(base64.b64decode(file["keys"][0]["public_key"]))
        self.statement = scratch / "statement"
        self.statement.write_bytes(base64.b64decode(file["cases"][0]["statement"]))

    def run_it(self, *more: str, name: str = "www.example.com", key: str = "key.der") -> tuple[int, str]:
        arguments = ["--messages", str(scratch), "--statement", str(self.statement), "--key", f"{scratch}/{key}",
                     "--name", name, "--at", "2026-11-25T11:00:00", "--account-uri", "https://ca.example/acct/1"]  # fmt: skip
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as error:
            status = command_line.main([*arguments, *more])
        return status, out.getvalue() + error.getvalue()

    def test_status(self) -> None:
        rows = (
            ("it is covered", 0, "covered: www.example.com by record 0123", {}, ()),
            ("another name", 1, "not covered: the statement is for", {"name": "example.com"}, ()),
            ("for CAA alone the method is told", 1, "say which was used", {}, ("--needs", "caa")),
            ("with it", 0, "covered", {}, ("--needs", "caa", "--method", "acme-http-01")),
            ("no name", 64, "not covered: the issuance names no identifier", {"name": "-"}, ()),
            ("a key of another time", 2, "outside its validity", {"key": "key.der,2020-01-01,2021-01-01"}, ()),
            ("a key that is not there", 64, "No such file", {"key": "none.der"}, ()),
            ("an unknown option", 64, "usage", {}, ("--no-such-option",)),
            ("two sources", 64, "usage", {}, ("--record-id", "1")),
        )
        for reason, status, words, fields, more in rows:
            with self.subTest(reason):
                got, told = self.run_it(*more, **fields)
                self.assertEqual(got, status, told)
                self.assertIn(words, told)

    def test_an_answer_in_json(self) -> None:
        stated = statement_of(vectors("statements.json")["cases"][0])
        text = {name: base64.b64encode(getattr(stated, name)).decode() for name in ("payload", "signature")}
        self.statement.write_text(json.dumps({"statement": {**text, "key_id": stated.key_id}}))
        status, told = self.run_it()
        self.assertEqual(status, 0, told)


if __name__ == "__main__":
    unittest.main(verbosity=1)
