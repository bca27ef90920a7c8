"""A small log, made from docs/evidence_format.md, in which any one thing can be made otherwise before it is sealed by what
comes above it: whoever has every key could. For tests of the verifier.

Six remotes, of which one was not waited for, say of www.example.com what its Primary does; then four more records.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from envelopes import OBSERVATIONS, STATEMENT, key_id, pae
from merkle_tree import entry_bundles_of, leaf_hash, node_hash, root_of, tiles_of

ORIGIN = "mpic.test/sample"
BEGUN = int(datetime(2026, 11, 25, 10, tzinfo=UTC).timestamp()) * 10**9
SECOND = 10**9
PRIMARY, REMOTE, SHADOW = 1, 2, 3
REMOTES = {"us-east": 1, "us-west": 1, "eu-west": 2, "eu-north": 2, "ap-east": 3, "sa-east": 4}  # RIRs
LATE = "sa-east"  # not waited for
TOKEN = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"

Hooks = dict[str, Callable]


class Signer:
    def __init__(self, seed: int, p256: bool = False):
        self._p256 = p256
        self._key = (
            ec.derive_private_key(seed + 1, ec.SECP256R1())
            if p256
            else ed25519.Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        )
        public = self._key.public_key()
        self.der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.id = key_id(self.der)
        self.raw = b"" if p256 else public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message, ec.ECDSA(SHA256())) if self._p256 else self._key.sign(message)


LOG_KEY, COORDINATOR, STRANGER = Signer(1), Signer(2), Signer(3)
AGENTS = {name: Signer(10 + n, p256=n % 2 == 1) for n, name in enumerate(["primary", *REMOTES])}


def vkey(signer: Signer = LOG_KEY, name: str = ORIGIN) -> str:
    octets = b"\x01" + signer.raw
    return f"{name}+{note_id(signer, name).hex()}+{base64.b64encode(octets).decode()}"


def note_id(signer: Signer, name: str) -> bytes:
    return hashlib.sha256(name.encode() + b"\n\x01" + signer.raw).digest()[:4]


def checkpoint(leaves: list[bytes], signer: Signer = LOG_KEY, name: str = ORIGIN) -> bytes:
    text = f"{name}\n{len(leaves)}\n{base64.b64encode(root_of(leaves)).decode()}\n".encode()
    signature = base64.b64encode(note_id(signer, name) + signer.sign(text)).decode()
    return text + f"\n\u2014 {name} {signature}\n".encode()


def day_of(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp()) * SECOND


def put(message, field: str, when: int) -> None:
    stamp = getattr(message, field)
    stamp.seconds, stamp.nanos = divmod(when, SECOND)


class SampleLog:
    """`hooks`: by name, what is called with a message before it is sealed; a name is followed by ":" and the record's, or
    the perspective's, where only one of several is meant."""

    def __init__(self, pb, hooks: Hooks | None = None):
        self._pb, self._hooks = pb, hooks or {}
        self.entries: list = []  # LogEntry
        self.used: set[str] = set()
        self._snapshot = self._sealed("snapshot", self._make_snapshot())
        self._add(3, self._snapshot.SerializeToString())
        self._event(1)
        self._first()
        self._refused()
        self._asserted()
        self._again()
        self._closed()
        self._event(4)
        if "entries" in self._hooks:
            self.used.add("entries")
            self._hooks["entries"](self.entries)
            for index, entry in enumerate(self.entries):
                entry.index = index

    # --- Leaves

    def _sealed(self, name: str, message):
        for key in (name, name.partition(":")[0]):
            if key in self._hooks:
                self.used.add(key)
                self._hooks[key](message)
                break
        return message

    def _add(self, kind: int, body: bytes, statement: bytes = b"") -> None:
        entry = self._pb.record.LogEntry(index=len(self.entries), kind=kind, body=body, statement=statement)
        entry.body_sha256 = hashlib.sha256(body).digest()
        self.entries.append(entry)

    @property
    def _snapshot_hash(self) -> bytes:
        return next(entry.body_sha256 for entry in self.entries if entry.kind == 3)

    def _event(self, kind: int) -> None:
        event = self._pb.record.ChangeEvent(log_origin=ORIGIN, kind=kind, who="mpic at host")
        put(event, "at", BEGUN)
        event.snapshot_sha256 = self._snapshot_hash
        self._add(4, self._sealed(f"event:{kind}", event).SerializeToString())

    def _make_snapshot(self):
        snapshot = self._pb.record.DeploymentSnapshot(log_origin=ORIGIN, profiles=["cabf-tls-br"])
        for name, rir in {"primary": 2, **REMOTES}.items():
            info = snapshot.perspectives.add(id=name, role=PRIMARY if name == "primary" else REMOTE, rir=rir)
            info.keys.add(key_id=AGENTS[name].id, public_key=AGENTS[name].der)
        snapshot.asserting.add(client="asserting").primary.CopyFrom(
            self._pb.corroboration.PerspectiveInfo(id="own", role=PRIMARY, rir=2)
        )
        snapshot.coordinator_key.key_id, snapshot.coordinator_key.public_key = COORDINATOR.id, COORDINATOR.der
        snapshot.checkpoint_key.public_key = LOG_KEY.der
        return snapshot

    # --- Records

    def _request(self, **fields):
        request = self._pb.corroboration.CorroborateRequest(identifier="www.Example.com", **fields)
        request.dcv.acme_http_01.token, request.dcv.acme_http_01.key_authorization = TOKEN, f"{TOKEN}.thumb"
        request.caa.issuer_domains.append("ca.example")
        request.caa.account_uris.append("https://ca.example/acct/1")
        return request

    def _body(self, name: str, client: str, request):
        record_id = hashlib.sha256(name.encode()).hexdigest()[:32]
        body = self._pb.record.RecordBody(record_id=record_id, log_origin=ORIGIN, client=client, request=request)
        body.snapshot_sha256 = self._snapshot_hash
        body.policy.profile, body.policy.clock_is_real = "cabf-tls-br", True
        for field in ("received", "decided"):
            put(body, field, BEGUN + (5 * SECOND if field == "decided" else 0))
        put(body.policy, "evaluated_at", BEGUN)
        return body

    def _attempt(self, body, number: int, names: list[str], outcomes: dict[str, int]) -> None:
        attempt = body.attempts.add(number=number, attempt_id=hashlib.sha256(b"%d" % number).digest()[:16])
        for name in names:
            self._plan(attempt, body, name, outcomes.get(name, 1))

    def _plan(self, attempt, body, name: str, outcome: int):
        sent = BEGUN + SECOND
        info = next(info for info in self._snapshot.perspectives if info.id == name)
        planned = attempt.planned.add(perspective_id=name, role=info.role, rir=info.rir)
        put(planned, "sent", sent)
        put(planned, "received", sent + SECOND)
        assignment = self._pb.agent.Assignment(
            attempt_id=attempt.attempt_id, log_origin=ORIGIN, perspective_id=name, role=info.role,
            nonce=hashlib.sha256(name.encode() + attempt.attempt_id + body.record_id.encode()).digest()[:16],
            identifier="www.example.com")  # fmt: skip
        assignment.dcv.CopyFrom(body.request.dcv)
        assignment.caa.CopyFrom(body.request.caa)
        assignment.caa.validation_method, assignment.caa.certificate_type = "http-01", 1
        put(assignment, "issued", sent)
        planned.assignment = self._sealed(f"assignment:{name}", assignment).SerializeToString()
        if outcome in (7, 8):
            planned.problem.code = 88 if outcome == 7 else 89
            return self._sealed(f"planned:{name}:{outcome}", planned)
        planned.evidence.CopyFrom(self._evidence(planned))
        planned.signed_root.CopyFrom(self._root(planned, planned.evidence))
        return self._sealed(f"planned:{name}", planned)

    def _evidence(self, planned):
        assignment = self._pb.agent.Assignment.FromString(planned.assignment)
        seen = self._pb.agent.Observation(
            assignment_sha256=hashlib.sha256(planned.assignment).digest(), nonce=assignment.nonce,
            perspective_id=planned.perspective_id, role=planned.role, rir=planned.rir)  # fmt: skip
        put(seen, "started", BEGUN + SECOND + 1_000)
        put(seen, "ended", BEGUN + 2 * SECOND)
        seen.dcv.method = 9
        seen.dcv.http.hops.add(url="http://www.example.com/", status=200)
        put(seen.caa.lookups.add(name="www.example.com", type=257), "started", BEGUN + SECOND + 2_000)
        octets = self._sealed(f"observation:{planned.perspective_id}", seen).SerializeToString()
        evidence = self._pb.agent.Evidence(observation=octets, leaf_index=1)
        evidence.path.append(leaf_hash(b"another observation"))
        return evidence

    def _root(self, planned, evidence):
        signer = AGENTS[planned.perspective_id]
        root = self._pb.agent.ObservationsRoot(perspective_id=planned.perspective_id, key_id=signer.id, tree_size=2)
        root.root = node_hash(evidence.path[0], leaf_hash(evidence.observation))
        payload = self._sealed(f"root:{planned.perspective_id}", root).SerializeToString()
        signature = signer.sign(pae(OBSERVATIONS, payload))
        return self._pb.agent.SignedRoot(payload=payload, key_id=signer.id, signature=signature)

    def _decision(self, decision, names: list[str], outcomes: dict[str, int], verdict: int) -> None:
        decision.verdict, decision.basis_for_issuance = verdict, verdict == 1
        infos = {info.id: info for info in self._snapshot.perspectives}
        for kind in (1, 2):
            check = decision.checks.add(kind=kind, verdict=verdict)
            for name in names:
                row = check.perspectives.add(perspective=name, outcome=outcomes.get(name, 1))
                row.role, row.rir = (infos[name].role, infos[name].rir) if name in infos else (PRIMARY, 2)
                row.asserted = name == "own"
                if row.outcome != 1:
                    row.problem.code = {2: 48, 3: 25, 7: 88}[row.outcome]
            self._quorum(check)
            if verdict == 1:
                begun = BEGUN + SECOND + 1_000 * kind if names[0] == "primary" else BEGUN - 60 * SECOND
                last = day_of(2027, 3, 15) - SECOND
                put(check, "usable_until", last if kind == 1 else begun + 8 * 3_600 * SECOND)
            if kind == 1:
                check.dcv.method = 9

    @staticmethod
    def _quorum(check) -> None:
        told = check.quorum
        told.required_remotes, told.required_rirs = 4, 2
        remotes = [row for row in check.perspectives if row.role == REMOTE]
        told.pending = sum(row.outcome == 7 for row in remotes)
        if check.perspectives[0].outcome != 1:
            remotes = []
        agreed = [row for row in remotes if row.outcome == 1]
        told.attempted, told.corroborated = len(remotes), len(agreed)
        told.allowed_failures = 0 if len(remotes) < 2 else 1 if len(remotes) < 6 else 2
        told.rirs.extend(sorted({row.rir for row in agreed}))
        told.fraction = f"{len(agreed)}/{len(remotes)}"

    def _close(self, name: str, body) -> None:
        self._sealed(f"body:{name}", body)
        octets = body.SerializeToString()
        request, decision = body.request, body.decision
        said = self._pb.corroboration.StatementBody(
            log_origin=ORIGIN, record_id=body.record_id, identifier="www.example.com",
            authorization_domain="www.example.com", verdict=decision.verdict,
            basis_for_issuance=decision.basis_for_issuance, method=9, account_uris=request.caa.account_uris,
            certificate_type=1, profile=body.policy.profile, client=body.client, validation_method="http-01",
            issuer_domains=request.caa.issuer_domains, asserted_primary=request.HasField("asserted"))  # fmt: skip
        said.request_sha256 = hashlib.sha256(request.SerializeToString()).digest()
        said.record_sha256 = hashlib.sha256(octets).digest()
        said.decided.CopyFrom(body.decided)
        for check in decision.checks:
            stated = said.checks.add(kind=check.kind, verdict=check.verdict, half_validation=check.dcv.half_validation)
            if check.HasField("usable_until"):
                stated.usable_until.CopyFrom(check.usable_until)
                if not said.HasField("usable_until") or check.usable_until.ToNanoseconds() < said.usable_until.ToNanoseconds():
                    said.usable_until.CopyFrom(check.usable_until)
        self._sealed(f"said:{name}", said)
        payload = said.SerializeToString()
        statement = self._pb.corroboration.Statement(payload=payload, key_id=COORDINATOR.id)
        statement.signature = COORDINATOR.sign(pae(STATEMENT, payload))
        self._sealed(f"statement:{name}", statement)
        self._add(1, octets, statement.SerializeToString())

    def _first(self) -> None:
        body = self._body("first", "pipeline", self._request())
        names, outcomes = ["primary", *REMOTES], {"us-west": 3, LATE: 7}
        self._attempt(body, 0, ["primary"], {})
        self._attempt(body, 0, list(REMOTES), outcomes)
        self._decision(body.decision, names, outcomes, 1)
        planned = body.attempts[1].planned[-1]
        said = self._pb.record.Addendum(record_id=body.record_id, attempt_id=body.attempts[1].attempt_id,
                                        perspective_id=LATE)  # fmt: skip
        said.evidence.CopyFrom(self._evidence(planned))
        said.signed_root.CopyFrom(self._root(planned, said.evidence))
        put(said, "received", BEGUN + 6 * SECOND)
        self._close("first", body)
        self._add(2, self._sealed("addendum", said).SerializeToString())

    def _refused(self) -> None:
        body = self._body("refused", "pipeline", self._request())
        self._attempt(body, 0, ["primary"], {})
        self._decision(body.decision, ["primary"], {"primary": 2}, 2)
        self._close("refused", body)

    def _asserted(self) -> None:
        request = self._request(asserted={"primary_id": "own", "dcv_passed": True, "caa_permits": True})
        put(request.asserted, "determined", BEGUN - 60 * SECOND)
        body = self._body("asserted", "asserting", request)
        body.attempts.add(attempt_id=bytes(16)).planned.add(perspective_id="own", role=PRIMARY, rir=2, asserted=True)
        self._attempt(body, 0, list(REMOTES), {})
        body.attempts[1].attempt_id = body.attempts[0].attempt_id = body.attempts[1].attempt_id
        self._decision(body.decision, ["own", *REMOTES], {}, 1)
        self._close("asserted", body)

    def _again(self) -> None:
        body = self._body("again", "pipeline", self._request(max_attempts=2))
        failed = {"us-east": 3, "eu-west": 3, "ap-east": 3}
        for number, outcomes in ((0, failed), (1, {})):
            self._attempt(body, number, ["primary"], {})
            self._attempt(body, number, list(REMOTES), outcomes)
        self._decision(body.earlier.add(), ["primary", *REMOTES], failed, 2)
        self._decision(body.decision, ["primary", *REMOTES], {}, 1)
        self._close("again", body)

    def _closed(self) -> None:
        """What a coordinator that was killed left behind."""
        body = self._body("closed", "pipeline", self._request())
        self._attempt(body, 0, ["primary"], {"primary": 8})
        body.decision.verdict = 3
        body.decision.not_enforceable_because.append("the coordinator stopped in the middle")
        self._close("closed", body)

    # --- On disk

    @property
    def leaves(self) -> list[bytes]:
        return [leaf_hash(entry) for entry in self.octets]

    @property
    def octets(self) -> list[bytes]:
        return [bytes([entry.kind]) + entry.body_sha256 for entry in self.entries]

    def write(self, folder: Path) -> None:
        about = {"format": "mpic-log-export-1", "origin": ORIGIN, "size": len(self.entries), "written": "", "software": ""}
        files = {"export.json": json.dumps(about).encode(), "checkpoint": checkpoint(self.leaves)}
        files |= tiles_of(self.leaves) | entry_bundles_of(self.octets)
        files["entries/000000.pb"] = b"".join(delimited(entry.SerializeToString()) for entry in self.entries)
        for name, octets in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(octets)


def delimited(message: bytes) -> bytes:
    length, head = len(message), b""
    while length >= 0x80:
        head, length = head + bytes([length & 0x7F | 0x80]), length >> 7
    return head + bytes([length]) + message
