"""The log of a real coordinator, held against its document by the verifier that shares no code with ours: requests of every
kind, an asserted Primary, a retry, and a coordinator that was killed in the middle."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import time
from pathlib import Path

from asserted_primary_test import ASSERTING, BY_OWN, OWN
from coordinators import Coordinator
from exported import INDEPENDENT, export, wait_until_covered
from mpic_local.asking import check_http
from mpic_local.programs import CLIENT, Client
from mpic_local.requests import REQUESTS
from pipeline import messages
from support import Case

UNDER_WAY = "slow.demo.test"  # its page takes longer than any request
FLIPS = 12


class Independent(Case):
    def setUp(self) -> None:
        super().setUp()
        clients = (Client(CLIENT), Client(ASSERTING, OWN))
        self.coordinator = Coordinator.another(self.system, clients=clients)
        self.addCleanup(self.system.processes.stop, self.coordinator.name, hard=True)
        self.folder = self.system.work / "independent"
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def verify(self, *more: str | Path) -> tuple[int, str]:
        vkey = self.system.work / "keys" / "coordinator" / "checkpoint.vkey"
        command = [INDEPENDENT / "verify_log.py", "--export", self.folder, "--vkey", vkey, *more]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=120)
        return done.returncode, done.stdout + done.stderr

    def exported(self) -> bytes:
        """The checkpoint."""
        note = wait_until_covered(self.coordinator.records)
        shutil.rmtree(self.folder, ignore_errors=True)
        export(self.coordinator.records, self.folder, messages(self.system).LogEntry)
        return note

    def ask_of_every_kind(self) -> int:
        asked = 0
        for request in REQUESTS:
            if request.killed or request.needs_ipv6 and not self.system.description["ipv6"]:
                continue
            _, answer, _ = self.coordinator.cli().json(request.arguments)
            asked += bool(answer)
        asserted = [*check_http("www.demo.test", with_caa=True), *BY_OWN]
        asked += bool(self.coordinator.cli(ASSERTING).json(asserted)[1])
        return asked

    def leave_requests_behind(self) -> None:
        """Killed with plans that are durable and have no record."""
        pipeline = self.coordinator.pipeline()
        calls = [pipeline.begin(pipeline.http(UNDER_WAY)) for _ in range(3)]
        time.sleep(0.5)
        self.assertEqual([call.exception() for call in calls if call.done()], [])
        self.system.processes.stop(self.coordinator.name, hard=True)
        pipeline.close()

    def test_a_log_that_was_really_written(self) -> None:
        self.coordinator.start()
        asked = self.ask_of_every_kind()
        self.assertGreater(asked, 20)
        older = self.system.work / "older-checkpoint"
        older.write_bytes(self.exported())
        status, said = self.verify()
        self.assertEqual(status, 0, said)
        self.assertIn(f"records {asked},", said)

        self.leave_requests_behind()
        self.system.start_again(self.coordinator.name)
        self.exported()
        status, said = self.verify("--older", older)
        self.assertEqual(status, 0, said)
        records = int(re.search(r"records (\d+),", said)[1])
        self.assertGreater(records, asked, "nothing was left behind")
        self.assertRegex(said, r"events [2-9]")
        self.flips_are_found(older)

    def flips_are_found(self, older: Path) -> None:
        chosen = random.Random(6962)
        files = [path for path in self.folder.rglob("*") if path.is_file() and path.name != "export.json"]
        for path in chosen.choices(files, [path.stat().st_size for path in files], k=FLIPS):
            whole = path.read_bytes()
            at, bit = chosen.randrange(len(whole)), 1 << chosen.randrange(8)
            path.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
            with self.subTest(f"{path.name}, octet {at}, bit {bit}"):
                status, said = self.verify("--older", older)
                self.assertEqual(status, 1, said)
                self.assertIn("TAMPERED", said)
            path.write_bytes(whole)
