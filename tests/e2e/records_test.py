"""The record of a request outlives the coordinator that wrote it."""

from __future__ import annotations

import dataclasses
import sqlite3
from contextlib import closing

from coordinators import Coordinator
from mpic_local.asking import CORROBORATED, check_caa
from mpic_local.programs import CLIENT, Client
from support import Case


class Records(Case):
    def rows_that_name(self, record_id: str) -> int:
        """In how many rows of any table the record is named: the schema may change, this may not."""
        file = self.system.work / "coordinator" / "records.sqlite"
        found = 0
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                for row in database.execute(f'SELECT * FROM "{table}"'):
                    found += record_id in row
        return found

    def test_an_answered_request_is_durable_when_the_coordinator_is_killed(self) -> None:
        record_id = self.ask(check_caa("caa-permits.demo.test"))["record_id"]
        self.assertTrue(self.system.processes.stop("coordinator", hard=True))
        try:
            self.assertGreater(self.rows_that_name(record_id), 0)
        finally:
            self.system.start_again("coordinator")
        self.assertGreater(self.rows_that_name(record_id), 0)
        self.assertNotEqual(self.ask(check_caa("caa-permits.demo.test"))["record_id"], record_id)

    def test_a_coordinator_that_is_asked_to_end_ends_and_comes_back(self) -> None:
        record_id = self.ask(check_caa("caa-permits.demo.test"))["record_id"]
        self.assertTrue(self.system.processes.stop("coordinator"))
        self.system.start_again("coordinator")
        self.assertGreater(self.rows_that_name(record_id), 0)


class Readers(Case):
    """An answer that was lost on the way is not lost, and is nobody else's."""

    def test_whose_a_record_is(self) -> None:
        other = "stranger"
        coordinator = Coordinator.another(self.system, clients=(Client(CLIENT), Client(other)))
        self.addCleanup(self.system.processes.stop, coordinator.name, hard=True)
        coordinator.start()
        pipeline = coordinator.pipeline()
        self.addCleanup(pipeline.close)
        record_id = pipeline.ask(pipeline.caa(request_id="an order")).record_id
        by_record, by_request = ["record", record_id], ["record", "--request-id", "an order"]
        auditor = (Client(CLIENT), Client(other, reads_all_records=True))
        rows = (
            ("the client that asked, by record", CLIENT, by_record, None, True),
            ("the client that asked, by its own id", CLIENT, by_request, None, True),
            ("another client", other, by_record, None, False),
            ("another client's own id of that name is another id", other, by_request, None, False),
            ("one that may read all of them", other, by_record, auditor, True),
            ("whose own ids are still its own", other, by_request, auditor, False),
        )
        for reason, client, arguments, clients, found in rows:
            with self.subTest(reason):
                if clients is not None:
                    line = coordinator.reload(dataclasses.replace(coordinator.file, clients=clients))
                    self.assertIn("was read anew", line)
                status, record, error = coordinator.cli(client).json(arguments)
                self.assertEqual((status, bool(record)), (0, True) if found else (2, False), error)
                if found:
                    self.assertEqual(record["body"]["client"], CLIENT)
                    self.assertEqual(record["response"]["would_be"], CORROBORATED)
