"""The log as a whole: docs/evidence_format.md, A, with addenda and change events."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from envelopes import EvidenceReader, ns, parse
from faults import Faults, Place
from google.protobuf.message import Message
from merkle_tree import leaf_hash
from record_bindings import Record, check_plans, check_statement, read_plans
from row_rules import attempts_of
from verdict_rules import check_decisions

RECORD, ADDENDUM, SNAPSHOT, EVENT = 1, 2, 3, 4
STARTED, STOPPED, PRUNED = 1, 4, 5
NOT_WAITED_FOR = 88


@dataclass
class Messages:
    """Modules that protoc made."""

    agent: object
    corroboration: object
    record: object


@dataclass
class Counts:
    records: int = 0
    addenda: int = 0
    snapshots: int = 0
    events: int = 0
    pruned: int = 0
    rows_judged_by_evidence: int = 0


@dataclass
class Log:
    """What the first reading leaves: hashes, and all that is small and named by others."""

    origin: str
    entries: list[bytes] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    snapshots: dict[bytes, tuple[int, Message]] = field(default_factory=dict)  # hash -> index, message
    events: list[tuple[int, Message]] = field(default_factory=list)
    without_body: list[tuple[int, int]] = field(default_factory=list)  # index, kind


def read_log(origin: str, entries: Iterable, pb: Messages, faults: Faults) -> Log:
    """A 1, and the parts of A 4 and 6 that need no record."""
    log = Log(origin)
    for number, entry in enumerate(entries):
        place = Place(faults, f"leaf {number}")
        if entry.index != number:
            place.tampered(f"has the index {entry.index}")
        if entry.kind not in (RECORD, ADDENDUM, SNAPSHOT, EVENT) or len(entry.body_sha256) != 32:
            place.tampered("has no kind, or no hash of a body")
        octets = bytes([entry.kind & 0xFF]) + entry.body_sha256
        log.entries.append(octets)
        log.leaves.append(leaf_hash(octets))
        if not entry.body:
            log.without_body.append((number, entry.kind))
            if entry.statement:
                place.tampered("has a statement and no body")
            continue
        if hashlib.sha256(entry.body).digest() != entry.body_sha256:
            place.tampered("its body is not what was hashed")
        if entry.statement and entry.kind != RECORD:
            place.tampered("has a statement and is no record")
        if entry.kind == SNAPSHOT:
            _take_snapshot(log, number, entry, pb, place)
        elif entry.kind == EVENT:
            event = parse(pb.record.ChangeEvent, entry.body)
            if event is None or event.log_origin != origin:
                place.tampered("is no change event of this log")
            else:
                log.events.append((number, event))
    return log


def _take_snapshot(log: Log, number: int, entry, pb: Messages, place: Place) -> None:
    snapshot = parse(pb.record.DeploymentSnapshot, entry.body)
    if snapshot is None or snapshot.log_origin != log.origin:
        place.tampered("is no snapshot of this log")
    elif entry.body_sha256 in log.snapshots:
        place.tampered("is a snapshot that was a leaf before")
    else:
        log.snapshots[entry.body_sha256] = (number, snapshot)


def check_pruning(log: Log, covered: int, faults: Faults) -> None:
    """A 5. An event counts only under a checkpoint that verified, of which the largest is over `covered` leaves."""
    prunings = [(number, event.pruned) for number, event in log.events if event.kind == PRUNED]
    told = max((pruned.minimum_index for number, pruned in prunings if number < covered), default=0)
    for number, kind in log.without_body:
        if kind not in (RECORD, ADDENDUM) or number >= told:
            faults.tampered(f"leaf {number}", "its body is missing, and no event under a checkpoint says that it was pruned")
    for number, event in log.events:
        if event.kind == PRUNED and event.pruned.minimum_index > number:
            faults.tampered(f"leaf {number}", "tells that bodies after itself were pruned")


def check_events(log: Log, faults: Faults) -> None:
    """A 6 for events, and that a run begins with STARTED after an orderly STOPPED."""
    stopped = False
    for number, event in log.events:
        place = Place(faults, f"leaf {number}, event")
        named = log.snapshots.get(event.snapshot_sha256)
        if named is None or named[0] > number:
            place.tampered("names a snapshot that is not a leaf before it")
        if not STARTED <= event.kind <= PRUNED or not event.HasField("at"):
            place.tampered("has no kind or no time")
        if event.kind == PRUNED and not (ns(event.pruned, "decided_before") or 1 << 63) <= (ns(event, "at") or 0):
            place.tampered("does not tell before which past moment what it prunes was decided")
        if stopped and event.kind != STARTED:
            place.tampered("comes after STOPPED without STARTED")
        stopped = event.kind == STOPPED


class SecondReading:
    """B to F of each record, and addenda."""

    def __init__(self, log: Log, pb: Messages, faults: Faults):
        self._log, self._pb, self._faults = log, pb, faults
        self._reader = EvidenceReader(pb.agent)
        self._keys = [snapshot.coordinator_key for _, snapshot in log.snapshots.values()]
        self._ids: set[str] = set()
        # (record, attempt, perspective) -> the plan, of those that were not waited for; None: its addendum has come
        self._expected: dict[tuple, object] = {}
        self._pruned = max((e.pruned.minimum_index for _, e in log.events if e.kind == PRUNED), default=0)
        self._decided_before = [
            (e.pruned.minimum_index, ns(e.pruned, "decided_before")) for _, e in log.events if e.kind == PRUNED
        ]
        self._is_stopped = False
        self.counts = Counts(snapshots=len(log.snapshots), events=len(log.events))

    def take(self, number: int, entry) -> None:
        if entry.kind in (RECORD, ADDENDUM) and not entry.body:
            self.counts.pruned += 1
        elif entry.kind == RECORD:
            self._take_record(number, entry)
        elif entry.kind == ADDENDUM:
            self._take_addendum(number, entry)
        elif entry.kind == EVENT:
            event = parse(self._pb.record.ChangeEvent, entry.body)
            self._is_stopped = event is not None and event.kind == STOPPED

    def _take_record(self, number: int, entry) -> None:
        self.counts.records += 1
        body = parse(self._pb.record.RecordBody, entry.body)
        place = Place(self._faults, f"leaf {number}, record {body.record_id if body else '?'}")
        if body is None or body.log_origin != self._log.origin:
            return place.tampered("is no record of this log")
        if body.record_id in self._ids:
            place.tampered("its id was there before")
        self._ids.add(body.record_id)
        named = self._log.snapshots.get(body.snapshot_sha256)
        if named is None or named[0] > number:
            return place.tampered("names a snapshot that is not a leaf before it")
        statement = parse(self._pb.corroboration.Statement, entry.statement) if entry.statement else None
        if statement is None:
            place.tampered("has no statement")
        said = None if statement is None else parse(self._pb.corroboration.StatementBody, statement.payload)
        record = Record(place, entry.body, body, said, named[1])
        if statement is not None:
            keys = [named[1].coordinator_key] + (self._keys if record.is_without_result else [])
            check_statement(record, statement, keys)
        if self._is_stopped and not record.is_without_result:
            place.tampered("was written after STOPPED and before STARTED")
        for minimum, before in self._decided_before:
            if number < minimum and before is not None and (ns(body, "decided") or 0) >= before:
                place.tampered("a PRUNED event counts it among those decided before it was")
        read_plans(record, self._pb.agent)
        check_plans(record)
        attempts = attempts_of(record, self._reader)
        check_decisions(record, attempts)
        for attempt in attempts:
            self.counts.rows_judged_by_evidence += sum(not isinstance(s, (str, type(None))) for s in attempt.seen.values())
        for plan in record.plans:
            if plan.planned.problem.code == NOT_WAITED_FOR:
                self._expected[body.record_id, plan.attempt_id, plan.planned.perspective_id] = plan
        return None

    def _take_addendum(self, number: int, entry) -> None:
        self.counts.addenda += 1
        said = parse(self._pb.record.Addendum, entry.body)
        place = Place(self._faults, f"leaf {number}, addendum to {said.record_id if said else '?'}")
        if said is None:
            return place.tampered("is no addendum")
        if self._is_stopped:
            place.tampered("was written after STOPPED and before STARTED")
        key = (said.record_id, said.attempt_id, said.perspective_id)
        if key not in self._expected:
            if said.record_id in self._ids or not self._pruned:
                place.tampered("nobody was waited for no longer, whose addendum this could be")
            return None  # its record was pruned
        plan = self._expected[key]
        self._expected[key] = None
        if plan is None:
            return place.tampered("is the second of this perspective")
        if said.HasField("problem"):
            return None  # why there is nothing usable
        received = ns(said, "received")
        if not said.HasField("evidence") or not said.HasField("signed_root") or received is None:
            return place.tampered("has neither evidence nor a problem, or no time")
        if plan.assignment is None or plan.info is None:
            return None  # told of with its record
        seen = self._reader.observation(said.evidence, said.signed_root, plan.asked, received)
        if isinstance(seen, str):
            place.tampered(seen)
        return None
