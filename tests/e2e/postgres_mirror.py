"""One log of a PostgreSQL record store, copied into a SQLite file of the same tables, so that the same is checked of both.

What is in the log never changes, so only what is new is copied. What a copy cannot show (that something old was changed)
`mpic audit verify` finds.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from postgres_server import PostgresServer

# Columns of each table; those of octets by themselves.
_TABLES = {
    "leaves": ("idx", ["idx", "kind"], ["body_sha256"]),
    "records": ("leaf", ["leaf", "record_id", "client", "request_id", "trace_id", "identifier", "verdict", "received_ns",
                         "decided_ns"], ["body", "statement"]),
    "attempts": ("leaf", ["leaf", "n", "attempt_id", "perspective", "role", "rir", "check_kind", "outcome", "problem"], []),
    "addenda": ("leaf", ["leaf", "record_id", "perspective", "received_ns"], ["body"]),
    "snapshots": ("leaf", ["leaf"], ["hash", "body"]),
    "events": ("leaf", ["leaf", "at_ns"], ["body"]),
    "nodes": (None, ["level", "idx"], ["hash"]),
    "checkpoints": (None, ["size", "signed_ns", "note"], []),
    "plans": (None, ["record_id", "dispatched_ns"], ["body"]),
}  # fmt: skip
_UNTIL = {"nodes": " AND (idx + 1) * power(256, level) <= {now}", "checkpoints": " AND size <= {now}"}
_NUMBERS = {"idx", "kind", "leaf", "n", "level", "size", "received_ns", "decided_ns", "at_ns", "signed_ns", "dispatched_ns"}


class PostgresMirror:
    def __init__(self, server: PostgresServer, origin: str, file: Path):
        self._server = server
        self._origin = origin
        self._file = file
        with sqlite3.connect(file) as database:
            for table, (key, plain, octets) in _TABLES.items():
                database.execute(f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(plain + octets)})")
                database.execute(f"CREATE INDEX IF NOT EXISTS {table}_by_key ON {table} ({key or plain[0]})")
            database.execute("CREATE INDEX IF NOT EXISTS records_by_id ON records (record_id)")

    def update(self) -> None:
        log = f"(SELECT log FROM logs WHERE origin = '{self._origin}')"
        with sqlite3.connect(self._file) as database:
            end = database.execute("SELECT coalesce(max(idx) + 1, 0) FROM leaves").fetchone()[0]
            now = self._server.query(f"SELECT coalesce(max(idx) + 1, 0) FROM leaves WHERE log = {log}")[0][0]
            for table, (key, plain, octets) in _TABLES.items():
                columns = ", ".join([*plain, *(f"encode({column}, 'hex')" for column in octets)])
                # What came while this is copied is left for the next time.
                new = f" AND {key} >= {end} AND {key} < {now}" if key else _UNTIL.get(table, "").format(now=now)
                rows = self._server.query(f"SELECT {columns} FROM {table} WHERE log = {log}{new}")
                if not key:
                    database.execute(f"DELETE FROM {table}")
                marks = ", ".join("?" * (len(plain) + len(octets)))
                database.executemany(f"INSERT INTO {table} VALUES ({marks})",
                                     (self._values(row, plain) for row in rows))  # fmt: skip
        database.close()

    @staticmethod
    def _values(row: list[str], plain: list[str]) -> list[int | str | bytes]:
        texts = [int(value) if column in _NUMBERS else value for column, value in zip(plain, row)]
        return [*texts, *(bytes.fromhex(value) for value in row[len(plain) :])]
