"""`mpic batch`: interrupted, killed, cut off from its coordinator, and complete all the same.

MPIC_BATCH_NAMES sets how many names it asks about; `tests/run soak` asks about 10,000.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

from mpic_local import programs
from mpic_local.challenges import ISSUER
from support import Case

NAMES = int(os.environ.get("MPIC_BATCH_NAMES", "300"))
SECONDS = 60 + NAMES // 20
COMPLETE, INTERRUPTED = 0, 130


class Batch(Case):
    """Below cold.test every name exists; each test asks about names of its own."""

    def setUp(self) -> None:
        super().setUp()
        self.label = self._testMethodName.removeprefix("test_").replace("_", "-")[:40]
        self.file = self.system.work / f"{self.label}.csv"
        self.names = [f"n{number}.{self.label}.cold.test" for number in range(NAMES)]
        self.file.write_text("name\n" + "".join(f"{name}\n" for name in self.names))
        self.output = Path(f"{self.file}.results.jsonl")

    def begin(self, *options: str) -> subprocess.Popen:
        profile = programs.write_profile(self.system.layout, self.system.work, programs.CLIENT)
        command = [str(self.system.binaries / "mpic"), "--profile", str(profile), "batch", str(self.file)]
        command += ["--method", "caa", "--issuer", ISSUER, "--would-be", "--json", *options]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def answered(self) -> int:
        return max(0, self.output.read_bytes().count(b"\n") - 1) if self.output.exists() else 0

    def wait_until_answered(self, count: int) -> None:
        deadline = time.monotonic() + SECONDS
        while self.answered() < count:
            self.assertLess(time.monotonic(), deadline, f"{self.answered()} of {count} are answered")
            time.sleep(0.01)

    def end(self, batch: subprocess.Popen, status: int) -> dict:
        """Its summary, once it has ended with that status."""
        out, error = batch.communicate(timeout=SECONDS)
        self.assertEqual(batch.returncode, status, error)
        return json.loads(out) if out else {}

    def records(self) -> list[tuple[str, str, str]]:
        file = self.system.work / "coordinator" / "records.sqlite"
        query = "SELECT client, identifier, request_id FROM records WHERE identifier LIKE ? AND request_id <> ''"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            return database.execute(query, (f"%.{self.label}.cold.test",)).fetchall()

    def check_complete(self) -> None:
        head, *results = [json.loads(line) for line in self.output.read_text().splitlines()]
        self.assertEqual(head["batch"]["lines"], NAMES)
        # Each line of the file once: the first names its column.
        self.assertEqual(sorted(result["line"] for result in results), list(range(2, NAMES + 2)))
        for result in results:
            self.assertEqual(result["response"]["identifier"], self.names[result["line"] - 2])
        told = {(result["response"]["identifier"], result["request_id"]) for result in results}
        records = self.records()
        self.assertEqual(len(records), NAMES)  # nothing was worked on twice
        self.assertEqual({client for client, _, _ in records}, {programs.CLIENT})
        self.assertEqual({(identifier, request_id) for _, identifier, request_id in records}, told)

    def test_interrupted_then_killed_then_complete(self) -> None:
        batch = self.begin("--in-flight", "32")
        self.wait_until_answered(NAMES // 4)
        batch.send_signal(signal.SIGINT)
        summary = self.end(batch, INTERRUPTED)
        self.assertEqual(summary["answered"], self.answered())
        self.assertLess(summary["answered"], NAMES)

        batch = self.begin("--in-flight", "32")
        self.wait_until_answered(NAMES // 2)
        batch.kill()
        self.end(batch, -signal.SIGKILL)
        self.assertLess(self.answered(), NAMES)
        with self.output.open("a") as output:  # as if it had been killed in the middle of a line
            output.write('{"line":2,"requ')

        summary = self.end(self.begin(), COMPLETE)
        self.assertTrue(summary["complete"])
        self.assertEqual(summary["verdicts"]["VERDICT_CORROBORATED"], NAMES)
        self.check_complete()

        again = self.end(self.begin(), COMPLETE)
        self.assertEqual(again["answered_now"], 0)
        self.check_complete()

    def test_a_coordinator_that_is_killed_meanwhile(self) -> None:
        batch = self.begin("--in-flight", "16", "--patience", "40")
        self.wait_until_answered(NAMES // 10)
        self.assertTrue(self.system.processes.stop("coordinator", hard=True))
        self.assertLess(self.answered(), NAMES)
        self.system.start_again("coordinator")
        batch.communicate(timeout=SECONDS)
        # Of names asked before the new coordinator had found its agents again it cannot say anything.
        self.assertIn(batch.returncode, (COMPLETE, 2))
        self.check_complete()

    def test_two_at_a_time_do_not_write_one_file(self) -> None:
        first = self.begin("--in-flight", "1")
        self.wait_until_answered(1)
        second = self.begin()
        _, error = second.communicate(timeout=SECONDS)
        self.assertEqual(second.returncode, 64)
        self.assertIn("another mpic batch is writing it", error)
        first.send_signal(signal.SIGTERM)
        self.end(first, INTERRUPTED)
