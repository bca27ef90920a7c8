"""Which keys signed what records rest on, and whether each stands in the snapshot of the deployment that its record names."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field

from coordinators import Coordinator
from key_material import verifies
from pipeline import messages

STATEMENT_TYPE = "application/vnd.mpic.statement.v1+protobuf"
OBSERVATIONS_TYPE = "application/vnd.mpic.observations.v1+protobuf"
SIGNATURES_OF_EACH_KEY = 3  # that are verified; which keys signed is looked at for all


@dataclass
class KeyTrail:
    faults: list[str] = field(default_factory=list)
    snapshots: set[bytes] = field(default_factory=set)  # that records name
    keys: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # signer -> ids of keys that it used

    def signed(self, record_id: str, signer: str, known: dict[str, bytes], key_id: str, kind: str, payload: bytes,
               signature: bytes, verified: dict[str, int]) -> None:  # fmt: skip
        self.keys[signer].add(key_id)
        if key_id not in known:
            self.faults.append(f"{record_id}: {signer} signed with {key_id}, the snapshot it names has {sorted(known)}")
        elif verified[key_id] < SIGNATURES_OF_EACH_KEY:
            verified[key_id] += 1
            if not verifies(known[key_id], pae(kind, payload), signature):
                self.faults.append(f"{record_id}: the signature of {signer} does not verify")


def pae(kind: str, payload: bytes) -> bytes:
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


def key_trail(coordinator: Coordinator, record_ids: list[str]) -> KeyTrail:
    pb = messages(coordinator.system)
    trail = KeyTrail()
    verified: dict[str, int] = defaultdict(int)
    snapshots = {}
    for hash_, octets in coordinator.snapshots().items():
        if hashlib.sha256(octets).digest() != hash_:
            trail.faults.append(f"the snapshot {hash_.hex()} is not what its hash says")
        snapshots[hash_] = pb.DeploymentSnapshot.FromString(octets)
    with closing(sqlite3.connect(f"file:{coordinator.records}?mode=ro", uri=True)) as database:
        for record_id in record_ids:
            query = "SELECT body, statement FROM records WHERE record_id = ?"
            rows = database.execute(query, (record_id,)).fetchall()
            if len(rows) != 1:
                trail.faults.append(f"{record_id} has {len(rows)} records")
                continue
            body, statement = pb.RecordBody.FromString(rows[0][0]), pb.Statement.FromString(rows[0][1])
            if pb.StatementBody.FromString(statement.payload).record_sha256 != hashlib.sha256(rows[0][0]).digest():
                trail.faults.append(f"{record_id}: its statement is over another record")
            snapshot = snapshots.get(body.snapshot_sha256)
            if snapshot is None:
                trail.faults.append(f"{record_id} names a snapshot that is not there")
                continue
            trail.snapshots.add(body.snapshot_sha256)
            own = {snapshot.coordinator_key.key_id: snapshot.coordinator_key.public_key}
            trail.signed(record_id, "coordinator", own, statement.key_id, STATEMENT_TYPE, statement.payload,
                         statement.signature, verified)  # fmt: skip
            pinned = {info.id: {key.key_id: key.public_key for key in info.keys} for info in snapshot.perspectives}
            for attempt in body.attempts:
                for planned in attempt.planned:
                    if planned.HasField("signed_root"):
                        root, signer = planned.signed_root, planned.perspective_id
                        trail.signed(record_id, signer, pinned[signer], root.key_id, OBSERVATIONS_TYPE, root.payload,
                                     root.signature, verified)  # fmt: skip
    return trail
