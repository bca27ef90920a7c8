"""Two coordinators on one real PostgreSQL server, under load: one is killed, the database crashes in the middle, and no answer
is without its record."""

from __future__ import annotations

import subprocess
import time
import unittest
from pathlib import Path

from coordinators import Coordinator
from mpic_local.challenges import ISSUER, KEY_AUTHORIZATION, TOKEN
from mpic_local.layout import Endpoint
from mpic_local.processes import Program
from mpic_local.programs import CLIENT, CoordinatorFile, write_profile
from postgres_mirror import PostgresMirror
from postgres_server import PostgresServer, programs
from record_file import Answer, RecordFile
from support import Case, eventually

NAMES = ("www.demo.test", "caa-permits.demo.test", "caa-forbids.demo.test", "one-hijacked.demo.test")
LOADED_SECONDS = 4.0


@unittest.skipIf(programs() is None, "PostgreSQL is not installed, so two coordinators on it are NOT tested")
class TwoCoordinators(Case):
    def setUp(self) -> None:
        super().setUp()
        self.server = PostgresServer()
        self.addCleanup(self.server.end)

    def coordinator(self, number: int) -> Coordinator:
        layout = self.system.layout
        port, admin = layout.other_coordinator.port + 30 + number, layout.other_coordinator_admin.port + 30 + number
        name = f"coordinator-pg-{number}"
        address = layout.other_coordinator.address
        file = CoordinatorFile(layout, Endpoint(name, address, port), Endpoint(name, address, admin),
                               postgres=self.server.connection, log_origin=f"mpic.test/pg-{number}")  # fmt: skip
        made = Coordinator(self.system, name, file)
        self.addCleanup(self.system.processes.stop, name, hard=True)
        made.start()
        return made

    def answers_of(self, coordinator: Coordinator) -> Path:
        return self.system.work / f"{coordinator.name}-answers.txt"

    def load(self, coordinator: Coordinator) -> str:
        """Requests until it is stopped; the name of the process."""
        profile = write_profile(self.system.layout, self.system.work, CLIENT, coordinator.file.listen)
        answers = self.answers_of(coordinator)
        answers.write_text("")
        name = f"client-of-{coordinator.name}"
        command = [str(self.system.binaries / "mpic-steady-client"), "--profile", str(profile), "--answers", str(answers),
                   "--run", coordinator.name, "--in-flight", "8", "--issuer", ISSUER, "--token", TOKEN,
                   "--key-authorization", KEY_AUTHORIZATION,
                   *(argument for one in NAMES for argument in ("--name", one))]  # fmt: skip
        self.system.processes.start(Program(name, command, self.system.work))
        self.addCleanup(self.system.processes.stop, name, hard=True)
        return name

    def answered(self, coordinator: Coordinator) -> int:
        return len(self.answers_of(coordinator).read_text().splitlines())

    def rate(self, *coordinators: Coordinator) -> float:
        before = sum(map(self.answered, coordinators))
        time.sleep(LOADED_SECONDS)
        return (sum(map(self.answered, coordinators)) - before) / LOADED_SECONDS

    def faults(self, coordinator: Coordinator) -> list[str]:
        """Of every answer that was given, and of the whole log."""
        origin = coordinator.file.log_origin
        file = self.system.work / f"{coordinator.name}-mirror.sqlite"
        file.unlink(missing_ok=True)
        self.addCleanup(file.unlink, missing_ok=True)
        PostgresMirror(self.server, origin, file).update()
        out = []
        with RecordFile(file) as records:
            for line in self.answers_of(coordinator).read_text().splitlines():
                request_id, record_id, verdict = line.split()
                out += records.faults_of_answer(Answer(request_id, record_id, int(verdict)))[0]
            out += records.duplicates()
        command = [self.system.binaries / "mpic", "audit", "verify", "--store", self.server.connection, "--origin", origin]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300, check=False)
        return out + ([] if done.returncode == 0 else [done.stdout + done.stderr])

    def test_nothing_is_lost_when_one_is_killed_and_the_database_crashes(self) -> None:
        one, other = self.coordinator(1), self.coordinator(2)
        clients = [self.load(one)]
        self.assertTrue(eventually(lambda: self.answered(one) > 20, 20))
        alone = self.rate(one)
        clients.append(self.load(other))
        self.assertTrue(eventually(lambda: self.answered(other) > 20, 20))
        together = self.rate(one, other)
        print(f"\none coordinator {alone:.0f} answers/s, two on one database {together:.0f}/s")

        self.system.processes.stop(one.name, hard=True)
        at_kill = self.answered(other)
        self.assertTrue(eventually(lambda: self.answered(other) > at_kill + 20, 20), "the other one was held up")
        self.server.restart()
        after_crash = self.answered(other)
        self.assertTrue(eventually(lambda: self.answered(other) > after_crash + 20, 20), "it did not come back by itself")
        self.system.start_again(one.name)
        before = self.answered(one)
        self.assertTrue(eventually(lambda: self.answered(one) > before + 20, 20), "the killed one did not come back")

        for client in clients:
            self.system.processes.stop(client)
        time.sleep(3)  # what comes after answers is recorded too
        for coordinator in (one, other):
            self.assertEqual(self.faults(coordinator)[:5], [])
