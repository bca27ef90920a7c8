"""Sizes of what travelled between coordinator and agents, from what the coordinator has recorded."""

from __future__ import annotations

import sqlite3
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Field numbers of proto/mpic/v1/coordinator.proto and agent.proto.
_BODY_ATTEMPTS, _ATTEMPT_PLANNED = 5, 3
_PLANNED_ASSIGNMENT, _PLANNED_EVIDENCE, _PLANNED_ROOT = 5, 6, 7
_EVIDENCE_OBSERVATION, _ROOT_PAYLOAD, _ROOT_SIGNATURE = 2, 1, 3
_LENGTH_DELIMITED = 2


@dataclass(frozen=True)
class Sizes:
    """Octets; medians over the latest records."""

    assignment: int
    observation: int
    root_payload: int
    signature: int
    record: int

    def as_json(self) -> dict:
        return {f"{name}_octets": value for name, value in vars(self).items()}


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        octet = data[at]
        at += 1
        value |= (octet & 0x7F) << shift
        if octet < 0x80:
            return value, at
        shift += 7


def _fields(data: bytes, wanted: int) -> Iterator[bytes]:
    """The length-delimited fields with this number, of one serialized message."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, kind = tag >> 3, tag & 7
        if kind == _LENGTH_DELIMITED:
            size, at = _varint(data, at)
            if number == wanted:
                yield data[at : at + size]
            at += size
        elif kind == 0:
            _, at = _varint(data, at)
        else:
            at += {1: 8, 5: 4}[kind]


def _one(data: bytes, wanted: int) -> bytes:
    return next(_fields(data, wanted), b"")


def sizes(database: Path, latest: int = 50) -> Sizes:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT body FROM records ORDER BY leaf DESC LIMIT ?", (latest,)).fetchall()
    connection.close()
    found: dict[str, list[int]] = {name: [] for name in Sizes.__annotations__}
    for (body,) in rows:
        found["record"].append(len(body))
        for attempt in _fields(body, _BODY_ATTEMPTS):
            for planned in _fields(attempt, _ATTEMPT_PLANNED):
                observation = _one(_one(planned, _PLANNED_EVIDENCE), _EVIDENCE_OBSERVATION)
                if not observation:
                    continue
                root = _one(planned, _PLANNED_ROOT)
                found["assignment"].append(len(_one(planned, _PLANNED_ASSIGNMENT)))
                found["observation"].append(len(observation))
                found["root_payload"].append(len(_one(root, _ROOT_PAYLOAD)))
                found["signature"].append(len(_one(root, _ROOT_SIGNATURE)))
    if not found["observation"]:
        raise RuntimeError(f"{database}: no record with evidence")
    return Sizes(**{name: int(statistics.median(values)) for name, values in found.items()})
