"""A coordinator beside a PostgreSQL server that is replaced by one with less in it, or that stands still."""

from __future__ import annotations

import json
import shutil
import unittest
from pathlib import Path

from coordinators import Coordinator
from mpic_local.asking import check_caa
from mpic_local.layout import Endpoint
from mpic_local.probes import http_get
from mpic_local.programs import CoordinatorFile
from postgres_server import PostgresServer, programs
from support import Case, eventually

NAME = "caa-permits.demo.test"
GIVEN_UP_SECONDS = 31  # docs/operations.md
LOST = "the store has lost records that were answered"


@unittest.skipIf(programs() is None, "PostgreSQL is not installed, so what becomes of its store is NOT tested")
class PostgresFailover(Case):
    def setUp(self) -> None:
        super().setUp()
        self.server = PostgresServer()
        self.addCleanup(self.server.end)
        layout = self.system.layout
        address = layout.other_coordinator.address
        port, admin = layout.other_coordinator.port + 40, layout.other_coordinator_admin.port + 40
        name = "coordinator-pg-failover"
        file = CoordinatorFile(layout, Endpoint(name, address, port), Endpoint(name, address, admin),
                               postgres=self.server.connection, log_origin="mpic.test/pg-failover")  # fmt: skip
        self.coordinator = Coordinator(self.system, name, file)
        self.addCleanup(self.system.processes.stop, name, hard=True)
        self.coordinator.start()

    def ask_it(self) -> dict:
        _, answer, _ = self.coordinator.cli().json(check_caa(NAME))
        return answer

    def readiness(self) -> tuple[int, str]:
        admin = self.coordinator.file.admin
        return http_get(admin.address, admin.port, "/readyz")

    def kinds_of_events(self) -> list[str]:
        file = self.coordinator.directory / "events.jsonl"
        return [json.loads(line)["kind"] for line in file.read_text().splitlines()]

    def put_in_place(self, data: Path) -> None:
        """Another server's data, while it is down: what a standby would have had."""
        shutil.rmtree(self.server.data)
        shutil.copytree(data, self.server.data, copy_function=copy_with_owner)
        copy_owner(data, self.server.data)
        self.server.start()

    def kept(self, name: str) -> Path:
        """What the server has, which is down afterwards."""
        self.server.stop()
        out = self.server.folder / name
        shutil.copytree(self.server.data, out, copy_function=copy_with_owner)
        copy_owner(self.server.data, out)
        return out

    def test_a_server_without_the_last_answers_is_not_written_to(self) -> None:
        self.assertTrue(self.ask_it())
        less = self.kept("less")
        self.server.start()
        self.assertTrue(eventually(lambda: self.readiness()[0] == 200))
        for _ in range(3):
            self.assertTrue(self.ask_it())
        whole = self.kept("whole")
        self.put_in_place(less)
        self.assertFalse(self.ask_it())  # the first finds it out
        self.assertTrue(eventually(lambda: LOST in self.readiness()[1]), self.readiness())
        self.assertEqual(self.readiness()[0], 503)
        self.assertTrue(eventually(lambda: self.coordinator.metric("mpic_log_consistent") == 0))
        self.assertEqual(self.coordinator.metric("mpic_record_store_writable"), 0)
        self.assertIn("log_inconsistent", self.kinds_of_events())
        self.assertFalse(self.ask_it())

        self.server.stop()
        self.put_in_place(whole)
        self.assertTrue(eventually(lambda: self.readiness()[0] == 200), self.readiness())
        self.assertTrue(self.ask_it())
        self.assertTrue(eventually(lambda: self.coordinator.metric("mpic_log_consistent") == 1))
        told = [kind for kind in self.kinds_of_events() if kind in ("log_inconsistent", "log_consistent")]
        self.assertEqual(told, ["log_inconsistent", "log_consistent"])

    def test_a_coordinator_ends_although_its_server_stands_still(self) -> None:
        self.assertTrue(self.ask_it())
        self.server.stand_still()
        status, seconds = self.coordinator.end()
        self.assertEqual(status, 0)
        self.assertLess(seconds, 2 * GIVEN_UP_SECONDS)
        print(f"\nit ended after {seconds:.0f} s")


def copy_owner(source: Path, target: Path) -> None:
    """Of the folders, which copytree makes anew."""
    for folder in [source, *(path for path in source.rglob("*") if path.is_dir())]:
        status = folder.stat()
        shutil.chown(target / folder.relative_to(source), status.st_uid, status.st_gid)


def copy_with_owner(source: str, target: str) -> None:
    shutil.copy2(source, target)
    status = Path(source).stat()
    shutil.chown(target, status.st_uid, status.st_gid)
