"""The command line over the real way: what is watched, and what the log holds afterwards."""

from __future__ import annotations

import subprocess
import time

from mpic_local import programs
from mpic_local.asking import check_caa, check_http
from mpic_local.layout import PERSPECTIVES, PRIMARY
from support import Case


class Commands(Case):
    def run_mpic(self, arguments: list[str]) -> subprocess.CompletedProcess:
        profile = programs.write_profile(self.system.layout, self.system.work, programs.CLIENT)
        command = [str(self.system.binaries / "mpic"), "--profile", str(profile), *arguments, "--would-be"]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def test_a_check_that_is_watched(self) -> None:
        done = self.run_mpic([*check_http("www.demo.test", with_caa=True), "--watch"])
        self.assertEqual(done.returncode, 0, done.stderr)
        told = [tuple(line.split()[1:3]) for line in done.stderr.splitlines()]
        expected = {(kind, perspective.id) for kind in ("DCV", "CAA") for perspective in PERSPECTIVES}
        self.assertEqual(set(told), expected)
        self.assertEqual(len(told), len(expected))  # each once
        self.assertLessEqual({told.index(("DCV", PRIMARY.id)), told.index(("CAA", PRIMARY.id))}, {0, 1})
        self.assertTrue(done.stdout.startswith("✓ CORROBORATED"), done.stdout)

    def test_a_record_is_what_was_answered(self) -> None:
        answer = self.ask(check_caa("caa-permits.demo.test"))
        status, record, error = self.cli.json(["record", answer["record_id"]])
        self.assertEqual(status, 0, error)
        # The log grows between the two, so that GetRecord may prove the same place in it under a later checkpoint.
        for response in (record["response"], answer):
            response["log"].pop("proof", None)
        self.assertEqual(record["response"], answer)
        self.assertEqual(record["body"]["client"], programs.CLIENT)
        for attempt in record["body"]["attempts"]:
            for planned in attempt["planned"]:
                self.assertTrue(planned["reason"], planned["perspective_id"])
        done = self.run_mpic(["record", answer["record_id"]])
        self.assertIn("WHY IT WAS ASKED", done.stdout)
        self.assertIn(f"Asked by      {programs.CLIENT}", done.stdout)

    def test_a_record_that_is_not_there(self) -> None:
        for arguments in (["record", "0" * 32], ["record", "--request-id", "nobody chose this"]):
            done = self.run_mpic(arguments)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertEqual(done.stdout, "")

    def test_perspectives_say_whether_they_are_ready(self) -> None:
        # Agents tell of themselves every few seconds.
        deadline = time.monotonic() + 20
        while True:
            _, answer, _ = self.cli.json(["perspectives"], would_be=False)
            missing = [row for row in answer["perspectives"] if not (row["ready"] and row["agent_version"])]
            if not missing:
                break
            self.assertLess(time.monotonic(), deadline, missing)
            time.sleep(0.2)
