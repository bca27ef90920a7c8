"""When records cannot be written nobody is answered and no site is visited; when they can be again, it goes on by itself."""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path

from mpic_local.asking import CORROBORATED, check_http
from mpic_local.challenges import ISSUER, KEY_AUTHORIZATION, TOKEN
from mpic_local.probes import http_get
from mpic_local.processes import Program
from record_file import Answer, RecordFile
from support import Case

NO_GROWTH = 16 * 1024  # octets: less than any record store has
BACK_SECONDS = 2.0
WAIT_SECONDS = 10.0
VERDICT_NOT_DETERMINED = 3  # every verdict of a laboratory


class StoreDown(Case):
    def setUp(self) -> None:
        super().setUp()
        self.directory = self.system.work / "coordinator"
        self.file = self.directory / "records.sqlite"
        self.pid = self.system.processes.pid("coordinator")
        self.wait_for_readiness(200)

    def get(self, path: str) -> tuple[int, str]:
        admin = self.system.layout.coordinator_admin
        return http_get(admin.address, admin.port, path)

    def metric(self, name: str) -> float:
        _, text = self.get("/metrics")
        (value,) = [line.split()[1] for line in text.splitlines() if line.startswith(f"{name} ")]
        return float(value)

    def wait_for_readiness(self, status: int, seconds: float = WAIT_SECONDS) -> str:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found, text = self.get("/readyz")
            if found == status:
                return text
            time.sleep(0.02)
        raise AssertionError(f"/readyz is not {status} within {seconds} s: {text}")

    def stop_growth(self) -> None:
        """As if the disk were full: no file of the coordinator grows beyond a size that its store has already."""
        before = resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (NO_GROWTH, resource.RLIM_INFINITY))
        self.addCleanup(resource.prlimit, self.pid, resource.RLIMIT_FSIZE, before)

    def let_grow(self) -> None:
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def refused(self) -> str:
        status, answer, error = self.cli.json(check_http("www.demo.test"))
        self.assertEqual(answer, {})
        self.assertNotEqual(status, 0)
        return error

    def visits(self) -> int:
        """What the site has been asked; nothing is on its way any more."""
        while True:
            before = len(self.system.site_requests())
            time.sleep(0.3)
            if len(self.system.site_requests()) == before:
                return before

    def test_a_full_disk(self) -> None:
        answered = [self.ask(check_http("www.demo.test"))]
        failures = self.metric("mpic_record_store_failures_total")
        self.assertEqual(self.metric("mpic_record_store_writable"), 1)
        self.stop_growth()
        self.refused()  # the first finds it out
        why = self.wait_for_readiness(503)
        self.assertIn("the record store cannot be written", why)
        self.assertIn("File too large", why)
        self.assertEqual(self.metric("mpic_record_store_writable"), 0)
        self.assertEqual(self.metric("mpic_record_store_failures_total"), failures + 1)

        visits = self.visits()
        for _ in range(3):
            self.assertIn("records cannot be written at present; nothing was asked", self.refused())
        self.assertEqual(self.visits(), visits)

        self.let_grow()
        self.wait_for_readiness(200, BACK_SECONDS)
        self.assertEqual(self.metric("mpic_record_store_writable"), 1)
        answered.append(self.ask(check_http("www.demo.test")))
        with RecordFile(self.file) as records:
            for answer in answered:
                self.assertEqual(answer["would_be"], CORROBORATED)
                faults, _ = records.faults_of_answer(Answer("", answer["record_id"], VERDICT_NOT_DETERMINED))
                self.assertEqual(faults, [])
            self.assertEqual(records.damage(), [])

    def test_requests_that_are_asked_again_until_the_disk_has_room(self) -> None:
        """With the same request ids. The next start, which closes what was refused, must not stumble over them."""
        with tempfile.TemporaryDirectory(dir=self.system.work) as scratch:
            answers = Path(scratch) / "answers"
            command = [str(self.system.binaries / "mpic-steady-client"), "--profile", self.system.description["profile"],
                       "--answers", str(answers), "--run", "full", "--name", "www.demo.test", "--issuer", ISSUER,
                       "--token", TOKEN, "--key-authorization", KEY_AUTHORIZATION]  # fmt: skip
            self.system.processes.start(Program("client", command, self.system.work))
            self.addCleanup(self.system.processes.stop, "client")
            for _ in range(3):
                self.wait_for_answers(answers)
                self.stop_growth()
                self.wait_for_readiness(503)
                self.let_grow()
                self.wait_for_readiness(200, BACK_SECONDS)
            self.wait_for_answers(answers)
            self.system.processes.stop("client")
            self.assertEqual(self.system.processes.log("client").read_text(), "")
            told = [line.split() for line in answers.read_text().splitlines()]
        self.assertTrue(self.system.processes.stop("coordinator"))
        self.system.start_again("coordinator")
        self.pid = self.system.processes.pid("coordinator")
        with RecordFile(self.file) as records:
            self.assertEqual(len({request_id for request_id, _, _ in told}), len(told))
            for request_id, record_id, verdict in told:
                self.assertEqual(records.faults_of_answer(Answer(request_id, record_id, int(verdict)))[0], [])
            self.assertEqual(records.open_plans(), set())
            self.assertEqual(records.duplicates() + records.damage(), [])

    def wait_for_answers(self, answers: Path) -> None:
        """For some more than there are."""
        deadline = time.monotonic() + WAIT_SECONDS
        size = answers.stat().st_size if answers.exists() else 0
        while not answers.exists() or answers.stat().st_size < size + 500:
            self.assertLess(time.monotonic(), deadline, "no answers")
            time.sleep(0.02)

    def test_a_store_that_was_moved_away(self) -> None:
        moved = self.file.with_name("elsewhere")
        self.file.rename(moved)
        try:
            self.refused()
            self.assertIn("moved or deleted", self.wait_for_readiness(503))
            self.assertFalse(self.file.exists())
        finally:
            moved.rename(self.file)
        self.wait_for_readiness(200, BACK_SECONDS)
        self.ask(check_http("www.demo.test"))
