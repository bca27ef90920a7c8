"""What must hold in a record store's file, checked with nothing but SQLite and SHA-256.

The few fields of the Protobuf messages that are needed are read by their numbers in proto/mpic/v1/record.proto and
corroboration.proto.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from log_tree import LogTree

_BODY_REQUEST, _BODY_ATTEMPTS = 4, 5
_REQUEST_DCV, _REQUEST_CAA = 4, 5
_ATTEMPT_PLANNED = 3
_PLANNED_PERSPECTIVE = 1
_STATEMENT_PAYLOAD = 1
_STATED_RECORD_ID, _STATED_VERDICT, _STATED_SHA256 = 2, 5, 8


@dataclass(frozen=True)
class Answer:
    """What a client was told."""

    request_id: str
    record_id: str
    verdict: int


@dataclass(frozen=True)
class Identity:
    """What never changes about a record."""

    leaf: int
    body_sha256: bytes


class RecordFile:
    """A record store, read while its coordinator writes it. Close it before a file is copied in its place."""

    def __init__(self, file: Path):
        self._database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)

    def __enter__(self) -> RecordFile:
        return self

    def __exit__(self, *_) -> None:
        self._database.close()

    def open_plans(self) -> set[str]:
        return {record_id for (record_id,) in self._database.execute("SELECT record_id FROM plans")}

    def count(self) -> int:
        return self._one("SELECT count(*) FROM records")

    def grow(self, tree: LogTree) -> list[str]:
        """What is wrong with the leaves that are new since then, and with what is kept of the tree."""
        return tree.extend(self._database)

    def duplicates(self) -> list[str]:
        """Each of these is one by the schema; that the schema is kept is what is tested."""
        found = []
        for what in ("leaf", "record_id", "CASE request_id WHEN '' THEN record_id ELSE client || ' ' || request_id END"):
            extra = self._one(f"SELECT count(*) - count(DISTINCT {what}) FROM records")
            if extra:
                found.append(f"{extra} records share their {what}")
        return found

    def damage(self) -> list[str]:
        results = [text for (text,) in self._database.execute("PRAGMA integrity_check")]
        orphans = self._one("SELECT count(*) FROM attempts WHERE leaf NOT IN (SELECT leaf FROM records)")
        return [text for text in results if text != "ok"] + ([f"{orphans} rows without a record"] if orphans else [])

    def faults_of_answer(self, answer: Answer) -> tuple[list[str], Identity | None]:
        """Whether the answer rests on exactly one record, which is whole and is of this very request."""
        found, faults = self._faults(answer.record_id)
        if found is None:
            return faults, None
        request_id, verdict, identity = found
        if request_id != answer.request_id:
            faults.append(f"{answer.record_id} is of request {request_id}, was the answer to {answer.request_id}")
        if verdict != answer.verdict:
            faults.append(f"{answer.record_id} states verdict {verdict}, {answer.verdict} was answered")
        return faults, identity

    def faults_of_closed(self, record_id: str) -> list[str]:
        """Whether a plan that was found open has become a whole record."""
        found, faults = self._faults(record_id)
        query = "SELECT outcome FROM attempts JOIN records USING (leaf) WHERE record_id = ?"
        outcomes = {outcome for (outcome,) in self._database.execute(query, (record_id,))}
        if found is not None and outcomes != {"no_result"}:
            faults.append(f"{record_id} was closed with outcomes {sorted(outcomes)}")
        return faults

    def identity(self, record_id: str) -> Identity | None:
        query = "SELECT leaf, body_sha256 FROM records JOIN leaves ON idx = leaf WHERE record_id = ?"
        row = self._database.execute(query, (record_id,)).fetchone()
        return Identity(*row) if row else None

    def _faults(self, record_id: str) -> tuple[tuple[str, int, Identity] | None, list[str]]:
        select = """SELECT leaf, request_id, body, statement, kind, body_sha256
                    FROM records JOIN leaves ON idx = leaf WHERE record_id = ?"""
        rows = self._database.execute(select, (record_id,)).fetchall()
        if len(rows) != 1:
            return None, [f"{record_id} has {len(rows)} records"]
        leaf, request_id, body, statement, kind, body_sha256 = rows[0]
        faults = []
        stated = dict(_fields(dict(_fields(statement))[_STATEMENT_PAYLOAD]))
        if stated.get(_STATED_SHA256) != hashlib.sha256(body).digest():
            faults.append(f"{record_id}: its statement is over another body")
        if stated.get(_STATED_RECORD_ID) != record_id.encode():
            faults.append(f"{record_id}: its statement names another record")
        if (kind, body_sha256) != (1, hashlib.sha256(body).digest()):
            faults.append(f"{record_id}: its leaf is not that of its body")
        query = "SELECT perspective, check_kind FROM attempts WHERE leaf = ? ORDER BY 1, 2"
        rows_found = self._database.execute(query, (leaf,)).fetchall()
        if rows_found != sorted(_rows_planned(body)):
            faults.append(f"{record_id}: its rows are {rows_found}, planned were {sorted(_rows_planned(body))}")
        return (request_id, stated.get(_STATED_VERDICT, 0), Identity(leaf, body_sha256)), faults

    def _one(self, query: str) -> int:
        return self._database.execute(query).fetchone()[0]


def plans_in(directory: Path, scratch: Path) -> set[str]:
    """The plans that a killed coordinator left open; its files are copied, since opening them would change them."""
    for file in directory.glob("records.sqlite*"):
        if not file.name.endswith("-shm"):
            (scratch / file.name).write_bytes(file.read_bytes())
    with closing(sqlite3.connect(scratch / "records.sqlite")) as database:
        return {record_id for (record_id,) in database.execute("SELECT record_id FROM plans")}


def _rows_planned(body: bytes) -> Iterable[tuple[str, str]]:
    """One for each planned perspective and check."""
    checks = []
    for number, value in _fields(body):
        if number == _BODY_REQUEST:
            asked = {field for field, _ in _fields(value)}
            checks = [name for name, field in (("dcv", _REQUEST_DCV), ("caa", _REQUEST_CAA)) if field in asked]
    for number, attempt in _fields(body):
        if number != _BODY_ATTEMPTS:
            continue
        for field, planned in _fields(attempt):
            if field == _ATTEMPT_PLANNED:
                perspective = dict(_fields(planned))[_PLANNED_PERSPECTIVE].decode()
                yield from ((perspective, check) for check in checks)


def _fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Number and value of each field of a Protobuf message: varints as int, all else as octets."""
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            octet = message[at]
            at += 1
            value |= (octet & 0x7F) << shift
            shift += 7
            if octet < 0x80:
                return value

    while at < len(message):
        tag = varint()
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            yield number, varint()
        else:
            size = {1: 8, 5: 4}.get(kind) or varint()
            yield number, message[at : at + size]
            at += size
