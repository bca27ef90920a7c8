"""The record of a request outlives the coordinator that wrote it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from mpic_local.asking import check_caa
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
