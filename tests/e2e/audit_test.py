"""What an auditor does with the log of the running system: verify, find, show, count, reconcile, export; and that a verifier
which shares no code with ours agrees on what was exported."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import subprocess
from pathlib import Path

from exported import INDEPENDENT, wait_until_covered
from mpic_local.asking import check_caa, check_http
from support import Case

NAME = "caa-permits.demo.test"


class Audit(Case):
    @property
    def store(self) -> Path:
        return self.system.work / "coordinator" / "records.sqlite"

    @property
    def vkey(self) -> Path:
        return self.system.work / "keys" / "coordinator" / "checkpoint.vkey"

    def audit(self, *arguments: str | Path) -> subprocess.CompletedProcess:
        command = [self.system.binaries / "mpic", "audit", *arguments]
        return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=120, check=False)

    def folder(self, name: str) -> Path:
        path = self.system.work / name
        shutil.rmtree(path, ignore_errors=True)
        self.addCleanup(shutil.rmtree, path, ignore_errors=True)
        return path

    def test_the_whole_log_verifies_while_it_is_written(self) -> None:
        self.cli.json(check_http("permits.demo.test", with_caa=True))
        for reason, arguments in (("by the key that is known", ["--log-key", self.vkey]), ("in itself", [])):
            with self.subTest(reason):
                done = self.audit("verify", "--store", self.store, "--json", *arguments)
                report = json.loads(done.stdout)
                self.assertEqual((done.returncode, report["faults"]), (0, []), done.stdout)
                self.assertGreater(report["records"], 0)
                self.assertEqual(report["keys_from_outside"], bool(arguments))

    def test_a_change_is_found_and_named(self) -> None:
        _, answer, _ = self.cli.json(check_caa(NAME))
        copy = self.folder("damaged") / "records.sqlite"
        copy.parent.mkdir()
        with sqlite3.connect(self.store) as database:
            database.execute(f"VACUUM INTO '{copy}'")
        with sqlite3.connect(copy) as database:
            database.execute("UPDATE attempts SET outcome = 'contradicts' WHERE n = 1 AND leaf = "
                             "(SELECT leaf FROM records WHERE record_id = ?)", (answer["record_id"],))  # fmt: skip
        done = self.audit("verify", "--store", copy, "--log-key", self.vkey)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("TAMPERED", done.stdout)
        self.assertIn(answer["record_id"], done.stdout.replace("\n", "").replace(" ", ""))

    def test_a_record_is_found_and_shown(self) -> None:
        _, answer, _ = self.cli.json([*check_caa(NAME), "--trace", "for-the-auditor"])
        done = self.audit("find", "--store", self.store, "--trace-id", "for-the-auditor", "--name", NAME, "--json")
        found = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([one["record_id"] for one in found], [answer["record_id"]], done.stderr)
        shown = self.audit("show", answer["record_id"], "--store", self.store)
        self.assertEqual(shown.returncode, 0, shown.stdout + shown.stderr)
        self.assertIn("Verifies", shown.stdout)
        self.assertEqual(self.audit("find", "--store", self.store, "--name", "nobody.asked.test").returncode, 1)

    def test_no_record_is_incomplete(self) -> None:
        done = self.audit("stats", "--store", self.store, "--json", "--by", "day")
        stats = json.loads(done.stdout)
        self.assertEqual((done.returncode, stats["incomplete"]), (0, 0), done.stderr)
        self.assertEqual(sum(stats["verdicts"].values()), stats["records"])

    def test_certificates_are_held_against_records(self) -> None:
        self.cli.json(check_caa(NAME))
        issued = self.system.work / "issued.csv"
        issued.write_text(f"serial,names,issued\n0A:1B,{NAME};never-asked.demo.test,2027-01-01\n")
        report = self.system.work / "reconciled.csv"
        done = self.audit("reconcile", issued, "--store", self.store, "--out", report)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("1 certificates lack a record", done.stderr)
        rows = list(csv.DictReader(report.read_text().splitlines()))
        self.assertEqual([(row["serial"], row["name"]) for row in rows],
                         [("0a1b", NAME), ("0a1b", "never-asked.demo.test")])  # fmt: skip
        self.assertEqual(rows[0]["caa"], "not_a_basis")  # a laboratory's verdict is none for anything
        self.assertRegex(rows[0]["caa_remotes"], "eu-west=")
        self.assertEqual((rows[1]["result"], rows[1]["caa"]), ("no_record", "no_record"))

    def test_two_verifiers_agree_on_an_export_and_its_tiles(self) -> None:
        self.cli.json(check_http("permits.demo.test", with_caa=True))
        wait_until_covered(self.store)
        export, tiles = self.folder("exported"), self.folder("exported-tiles")
        done = self.audit("export", export, "--store", self.store, "--tiles", tiles)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotEqual(self.audit("export", export, "--store", self.store).returncode, 0, "it was written over")
        ours = self.audit("verify", "--export", export, "--log-key", self.vkey, "--checkpoint", export / "checkpoint")
        self.assertEqual(ours.returncode, 0, ours.stdout + ours.stderr)
        theirs = self.independent(export, tiles)
        self.assertEqual(theirs.returncode, 0, theirs.stdout + theirs.stderr)
        entries = export / "entries" / "000000.pb"
        octets = bytearray(entries.read_bytes())
        octets[len(octets) // 2] ^= 1
        entries.write_bytes(octets)
        self.assertNotEqual(self.audit("verify", "--export", export, "--log-key", self.vkey).returncode, 0)
        self.assertNotEqual(self.independent(export, tiles).returncode, 0)

    def independent(self, export: Path, tiles: Path) -> subprocess.CompletedProcess:
        command = [INDEPENDENT / "verify_log.py", "--export", export, "--tiles", tiles, "--vkey", self.vkey]
        return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=120, check=False)
