"""What whoever has every key could make otherwise in a log, each by hooks of sample_log.py, and words that tell it."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable

import sample_log as sample


def without_body(index: int) -> Callable:
    def change(entries: list) -> None:
        entries[index].body = entries[index].statement = b""

    return change


def duplicate(entries: list) -> None:
    entries.insert(5, entries[2])


def another_body(entries: list) -> None:
    entries[2].body = entries[4].body


def set_field(*path, to) -> Callable:
    """A field of a message within it; numbers are places in repeated fields."""

    def change(message) -> None:
        for step in path[:-1]:
            message = message[step] if isinstance(step, int) else getattr(message, step)
        setattr(message, path[-1], to)

    return change


def prune(minimum: int, *missing: int, before: int = 2 * sample.BEGUN, at: int = 3 * sample.BEGUN) -> Callable:
    """Its last event says so, and these have no body."""

    def change(entries: list) -> None:
        event = importlib.import_module("mpic.v1.record_pb2").ChangeEvent.FromString(entries[-1].body)
        event.kind, event.pruned.minimum_index = 5, minimum
        sample.put(event.pruned, "decided_before", before)
        sample.put(event, "at", at)
        entries[-1].body = event.SerializeToString()
        entries[-1].body_sha256 = hashlib.sha256(entries[-1].body).digest()
        for index in missing:
            without_body(index)(entries)

    return change


def check(number: int, *path, to) -> Callable:
    return set_field("decision", "checks", number, *path, to=to)


def row(number: int, *path, to) -> Callable:
    return check(0, "perspectives", number, *path, to=to)


def drop_row(body) -> None:
    del body.decision.checks[0].perspectives[3]


def drop_attempt(body) -> None:
    del body.attempts[1]


def swap_rows(body) -> None:
    rows = body.decision.checks[0].perspectives
    rows[2].CopyFrom(rows[4])


def other_evidence(planned) -> None:
    planned.evidence.path[0] = bytes(32)


def same_nonce(assignment) -> None:
    assignment.nonce = bytes(16)


def forged_root(planned) -> None:
    planned.signed_root.signature = sample.STRANGER.sign(planned.signed_root.payload)


def other_token(assignment) -> None:
    assignment.dcv.acme_http_01.key_authorization += "x"


def later(message) -> None:
    sample.put(message, "issued", sample.BEGUN)


def with_lab(message) -> None:
    message.lab_relaxations.append("addresses 127.77.0.0/16")


def expired(snapshot) -> None:
    sample.put(snapshot.perspectives[1].keys[0], "not_after", sample.BEGUN)


def expired_coordinator(snapshot) -> None:
    sample.put(snapshot.coordinator_key, "not_before", sample.BEGUN + 60 * sample.SECOND)


# (what was done by whoever has every key, hooks, words of a line that tells it)
SEALED = (
    # The log
    ("a body of another leaf", {"entries": another_body}, "leaf 2: its body is not what was hashed"),
    ("a record twice", {"entries": duplicate}, "leaf 5, record"),
    ("a record before its snapshot", {"entries": lambda e: e.insert(0, e.pop(2))}, "names a snapshot"),
    ("an addendum before its record", {"entries": lambda e: e.insert(2, e.pop(3))}, "leaf 2, addendum"),
    ("a body that nobody pruned", {"entries": without_body(4)}, "no event under a checkpoint says that it was pruned"),
    ("a body that is not yet to be pruned", {"entries": prune(4, 4)}, "leaf 4: its body is missing"),
    ("a snapshot that was pruned", {"entries": prune(6, 0)}, "leaf 0: its body is missing"),
    ("pruned although decided later", {"entries": prune(5, before=sample.BEGUN)}, "decided before it was"),
    ("pruned before a time that was to come", {"entries": prune(5, before=4 * sample.BEGUN)}, "before which past moment"),
    ("a snapshot twice", {"entries": lambda e: e.insert(4, e[0])}, "a snapshot that was a leaf before"),
    ("a leaf of no kind", {"entries": lambda e: setattr(e[2], "kind", 5)}, "leaf 2: has no kind"),
    ("a record after the end of a run", {"entries": lambda e: e.append(e.pop(6))}, "after STOPPED"),
    ("an addendum after the end of a run", {"entries": lambda e: e.insert(3, e[-1])}, "leaf 4, addendum"),
    ("an event of another log", {"event_1": set_field("log_origin", to="x")}, "no change event of this log"),
    ("an event that names no snapshot", {"event_1": set_field("snapshot_sha256", to=b"x")}, "leaf 1, event: names"),
    ("a record of another log", {"body_first": set_field("log_origin", to="x")}, "no record of this log"),
    ("a snapshot of another log", {"snapshot": set_field("log_origin", to="x")}, "no snapshot of this log"),
    # Statements
    ("a statement for another name", {"said_first": set_field("identifier", to="example.com")}, "statement: identifier"),
    ("a statement with a better verdict", {"said_refused": set_field("verdict", to=1)}, "statement: verdict"),
    ("a statement that is a basis", {"said_refused": set_field("basis_for_issuance", to=True)}, "basis_for_issuance"),
    ("a statement over another body", {"said_first": set_field("record_sha256", to=bytes(32))}, "record_sha256"),
    ("a statement over another request", {"said_first": set_field("request_sha256", to=bytes(32))}, "request_sha256"),
    ("a statement for another account", {"said_first": lambda s: s.account_uris.append("x")}, "account_uris"),
    ("a statement for another client", {"said_first": set_field("client", to="x")}, "statement: client"),
    ("a statement usable for longer", {"said_first": lambda s: sample.put(s.checks[1], "usable_until", 2 * sample.BEGUN)},
     "statement: checks"),
    ("a statement for another method", {"said_first": set_field("method", to=2)}, "statement: method"),
    ("an observed Primary that was asserted", {"said_asserted": set_field("asserted_primary", to=False)}, "asserted_primary"),
    ("a statement by a stranger", {"statement_first": set_field("key_id", to=sample.STRANGER.id)}, "not the coordinator's"),
    ("a signature of another statement", {"statement_first": set_field("signature", to=bytes(64))}, "does not verify"),
    ("no statement", {"entries": lambda e: setattr(e[2], "statement", b"")}, "has no statement"),
    ("a statement outside its key's time", {"snapshot": expired_coordinator}, "outside the validity"),
    # Plans
    ("a perspective that there is not", {"body_first": set_field("attempts", 1, "planned", 0, "perspective_id", to="x")},
     "x: is not in the snapshot"),
    ("a perspective in another region", {"body_first": set_field("attempts", 1, "planned", 0, "rir", to=5)},
     "another role or region"),
    ("a Primary that may not be asserted", {"body_asserted": set_field("client", to="pipeline")}, "own: is not in the snapshot"),
    ("an assignment for another name", {"assignment_us_east": set_field("identifier", to="example.org")}, "another name"),
    ("an assignment for another log", {"assignment_us_east": set_field("log_origin", to="x")}, "another attempt or log"),
    ("an assignment with another token", {"assignment_us_east": other_token}, "DCV is not what the request asks"),
    ("an assignment with another issuer", {"assignment_us_east": lambda a: a.caa.issuer_domains.append("x")}, "CAA is not"),
    ("an assignment of another time", {"assignment_us_east": later}, "issued at another time"),
    ("one nonce twice", {"assignment": same_nonce}, "the same nonce"),
    ("attempts of one id", {"body_again": set_field("attempts", 2, "attempt_id", to=bytes(16))}, "has an id of another"),
    # Evidence
    ("a path that leads elsewhere", {"planned_us_east": other_evidence}, "not in the tree that was signed"),
    ("a root by a stranger", {"planned_us_east": forged_root}, "the signature over the root does not verify"),
    ("a root of another perspective", {"root_us_east": set_field("perspective_id", to="us-west")}, "another perspective or key"),
    ("an answer to another question", {"observation_us_east": set_field("assignment_sha256", to=bytes(32))},
     "answers another assignment"),
    ("another nonce", {"observation_us_east": set_field("nonce", to=bytes(16))}, "another nonce"),
    ("another region", {"observation_us_east": set_field("rir", to=5)}, "another region"),
    ("seen before it was asked", {"observation_us_east": lambda o: sample.put(o, "started", sample.BEGUN - 40 * sample.SECOND)},
     "times do not fit"),
    ("not what was asked", {"observation_us_east": lambda o: o.ClearField("caa")}, "other checks than were asked"),
    ("a key that had ended", {"snapshot": expired}, "outside its validity"),
    ("an addendum's evidence", {"addendum": lambda a: a.evidence.path.append(bytes(32))}, "addendum to"),
    ("an addendum of one that had answered", {"addendum": set_field("perspective_id", to="us-east")}, "nobody was waited for"),
    # Rows
    ("a row less", {"body_first": drop_row}, "not one for each planned perspective"),
    ("a row twice", {"body_first": swap_rows}, "not one for each planned perspective"),
    ("a row in another role", {"body_first": row(2, "role", to=3)}, "us-west: the row has another role"),
    ("an outcome without a problem", {"body_first": row(1, "outcome", to=2)}, "us-east: the row has a problem"),
    ("an outcome that is not its problem's", {"body_first": row(2, "outcome", to=2)}, "problem 25 is not outcome 2"),
    ("a problem of another outcome", {"body_first": row(2, "problem", "code", to=48)}, "problem 48 is not outcome 3"),
    ("who was not waited for corroborates", {"body_first": row(6, "outcome", to=1)}, "sa-east"),
    ("an asserted Primary that was negative",
     {"body_asserted": set_field("request", "asserted", "dcv_passed", to=False)}, "not what was asserted"),
    ("remotes corroborate a negative Primary", {"body_first": row(0, "outcome", to=2)}, "a Primary that is not positive"),
    # Verdicts
    ("another count", {"body_first": check(0, "quorum", "corroborated", to=5)}, "the counts are not 4 of 6"),
    ("another fraction", {"body_first": check(0, "quorum", "fraction", to="5/6")}, "the fraction"),
    ("nobody pending", {"body_first": check(0, "quorum", "pending", to=0)}, "pending"),
    ("the numbers of an earlier day", {"body_first": check(0, "quorum", "required_remotes", to=3)}, "is not 4 remotes"),
    ("the numbers of the next phase were not met",
     {"body_first": lambda b: [sample.put(m, f, sample.day_of(2026, 12, 15)) for m, f in
                               ((b, "received"), (b.policy, "evaluated_at"))]}, "is not 5 remotes"),
    ("a stricter quorum was asked", {"body_first": set_field("request", "stricter", "unanimous", to=True)}, "a verdict is 1"),
    ("corroborated by too few", {"body_refused": set_field("decision", "verdict", to=1)}, "a verdict is 1"),
    ("a check is corroborated by too few", {"body_refused": check(1, "verdict", to=1)}, "a verdict is 1"),
    ("a basis that is none", {"body_refused": set_field("decision", "basis_for_issuance", to=True)}, "basis_for_issuance"),
    ("no basis although it is one", {"body_first": set_field("decision", "basis_for_issuance", to=False)},
     "basis_for_issuance"),
    ("a laboratory", {"snapshot": with_lab}, "reasons why it is not enforceable"),
    ("a perspective in a laboratory", {"observation_us_east": with_lab}, "reasons why it is not enforceable"),
    ("MONITOR", {"body_first": set_field("request", "mode", to=2)}, "reasons why it is not enforceable"),
    ("another profile", {"body_first": set_field("policy", "profile", to="cabf-smime-br")}, "the profile"),
    ("the policy of another moment", {"body_first": lambda b: sample.put(b.policy, "evaluated_at", sample.BEGUN - 1)},
     "another moment"),
    ("half a validation", {"body_first": check(0, "dcv", "half_validation", to=True)}, "half_validation"),
    ("an earlier decision that is not there", {"body_again": lambda b: b.ClearField("earlier")}, "one earlier decision"),
    ("an attempt too many", {"body_again": set_field("request", "max_attempts", to=1)}, "more attempts than"),
    ("no attempt after one that was refused", {"body_again": set_field("earlier", 0, "checks", 0, "perspectives", 0, "outcome",
                                                                      to=2)}, "no attempt may follow"),
    ("the remotes' plan is gone", {"body_first": drop_attempt}, "not one for each planned perspective"),
    ("a basis without a result", {"body_closed": set_field("decision", "basis_for_issuance", to=True)}, "is a basis, or gives"),
    ("a result in a record without one", {"body_closed": set_field("attempts", 0, "planned", 0, "problem", "code", to=80)},
     "has a result, and the record none"),
    ("a check that was not asked", {"body_first": lambda b: b.request.ClearField("caa")}, "not those that the request asks"),
    ("CAA usable for longer", {"body_first": lambda b: sample.put(b.decision.checks[1], "usable_until", 2 * sample.BEGUN)},
     "CAA: is usable until another time"),
    ("DCV usable for longer", {"body_first": lambda b: sample.put(b.decision.checks[0], "usable_until", 2 * sample.BEGUN)},
     "DCV: is usable until another time"),
    ("usable although refused", {"body_refused": lambda b: sample.put(b.decision.checks[0], "usable_until", sample.BEGUN)},
     "nothing to be used"),
)  # fmt: skip
