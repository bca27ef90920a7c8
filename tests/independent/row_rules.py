"""Rows of a decision against the plan and the evidence: docs/evidence_format.md, C. What an observation means (DNS, HTTP,
TLS, CAA) is not judged again here."""

from __future__ import annotations

from dataclasses import dataclass

from envelopes import EvidenceReader, ns
from faults import Place
from google.protobuf.message import Message
from record_bindings import PRIMARY, REMOTE, Plan, Record

DCV, CAA = 1, 2
CORROBORATES, CONTRADICTS, COULD_NOT_LOOK, EVIDENCE_INVALID = 1, 2, 3, 4
UNREACHABLE, REFUSED, NOT_WAITED_FOR, NO_RESULT = 5, 6, 7, 8
CODE_NXDOMAIN, CODE_CHALLENGE, CODE_DIFFERS, CODE_CAA, CODE_INVALID = 1, 48, 50, 60, 85

OUTCOMES = {
    CONTRADICTS: (1, 2, 11, 12, 20, *range(40, 57), 60, 61),
    COULD_NOT_LOOK: (*range(3, 11), *range(21, 31), 86),
    EVIDENCE_INVALID: (85,),
    UNREACHABLE: (80, 91),
    REFUSED: (*range(81, 85), 90, *range(100, 105)),
    NOT_WAITED_FOR: (87, 88),
    NO_RESULT: (89,),
}
OUTCOME_OF = {code: outcome for outcome, codes in OUTCOMES.items() for code in codes}


@dataclass
class Attempt:
    """One try: its plans, and the observation of each that verifies, or why there is none."""

    plans: list[Plan]
    records: int  # AttemptRecords
    seen: dict[int, Message | str | None]  # by the place in `plans`; None: it has a problem, or is asserted


def attempts_of(record: Record, reader: EvidenceReader) -> list[Attempt]:
    """In the order of their numbers."""
    by_number: dict[int, Attempt] = {}
    for attempt in record.body.attempts:
        by_number.setdefault(attempt.number, Attempt([], 0, {})).records += 1
    for plan in record.plans:
        mine = by_number[plan.number]
        mine.seen[len(mine.plans)] = observed(plan, reader)
        mine.plans.append(plan)
    return [by_number[number] for number in sorted(by_number)]


def observed(plan: Plan, reader: EvidenceReader) -> Message | str | None:
    planned = plan.planned
    if planned.asserted or planned.HasField("problem"):
        return None
    if not planned.HasField("evidence") or not planned.HasField("signed_root"):
        return "there is no evidence"
    received = ns(planned, "received")
    if plan.assignment is None or plan.info is None or received is None:
        return "there is nothing to hold it against"
    return reader.observation(planned.evidence, planned.signed_root, plan.asked, received)


def is_asked(plan: Plan, kind: int, request) -> bool:
    asked = request if plan.planned.asserted else plan.assignment
    return asked is not None and asked.HasField("dcv" if kind == DCV else "caa")


def check_rows(record: Record, decision, attempt: Attempt, place: Place) -> None:
    kinds = [check.kind for check in decision.checks]
    request = record.body.request
    asked = [kind for kind, name in ((DCV, "dcv"), (CAA, "caa")) if request.HasField(name)]
    if kinds != asked:
        place.does_not_follow("the checks are not those that the request asks")
    for check in decision.checks:
        where = place.at("CAA" if check.kind == CAA else "DCV")
        expected = [
            (number, plan) for number, plan in enumerate(attempt.plans) if is_asked(plan, check.kind, request)
        ]
        expected.sort(key=lambda one: one[1].planned.role != PRIMARY)
        names = [plan.planned.perspective_id for _, plan in expected]
        if [row.perspective for row in check.perspectives] != names or len(set(names)) != len(names):
            where.does_not_follow("the rows are not one for each planned perspective, in the order of the plan")
            continue
        for row, (number, plan) in zip(check.perspectives, expected):
            _check_row(row, check.kind, plan, attempt.seen[number], request, where.at(row.perspective))
        _check_beside_the_primary(check, where)


def _check_row(row, kind: int, plan: Plan, seen, request, place: Place) -> None:
    planned = plan.planned
    if (row.role, row.rir, row.asserted) != (planned.role, planned.rir, planned.asserted):
        place.does_not_follow("the row has another role or region than the plan")
    if row.HasField("problem") == (row.outcome == CORROBORATES):
        place.does_not_follow("the row has a problem and corroborates, or neither")
    code = row.problem.code
    if row.HasField("problem") and not _fits(row, kind, seen):
        place.does_not_follow(f"problem {code} is not outcome {row.outcome}")
    if planned.asserted:
        passed = request.asserted.dcv_passed if kind == DCV else request.asserted.caa_permits
        denied = (CONTRADICTS, CODE_CHALLENGE if kind == DCV else CODE_CAA)
        if (row.outcome, code) != ((CORROBORATES, 0) if passed else denied):
            place.does_not_follow("the row is not what was asserted")
    elif planned.HasField("problem"):
        if code != planned.problem.code or row.outcome < EVIDENCE_INVALID:
            place.does_not_follow("the row is not the problem of the planned perspective")
    elif isinstance(seen, str):
        if (row.outcome, code) != (EVIDENCE_INVALID, CODE_INVALID):
            place.does_not_follow(f"the row is not EVIDENCE_INVALID although {seen}")
    if planned.role == PRIMARY and code == CODE_DIFFERS:
        place.does_not_follow("the Primary differs from itself")


def _fits(row, kind: int, seen) -> bool:
    """The outcome is the code's; NXDOMAIN of the top-level domain, at the end of a climb for CAA, is a failed lookup."""
    if OUTCOME_OF.get(row.problem.code) == row.outcome:
        return True
    if kind != CAA or (row.problem.code, row.outcome) != (CODE_NXDOMAIN, COULD_NOT_LOOK):
        return False
    lookups = [] if seen is None or isinstance(seen, str) else seen.caa.lookups
    return any(lookup.rcode == 3 and "." not in lookup.name for lookup in lookups)


def _check_beside_the_primary(check, place: Place) -> None:
    primary = [row for row in check.perspectives if row.role == PRIMARY]
    if len(primary) != 1:
        place.does_not_follow(f"there are {len(primary)} Primaries")
    elif primary[0].outcome != CORROBORATES:
        if any(row.outcome == CORROBORATES for row in check.perspectives if row.role == REMOTE):
            place.does_not_follow("a remote corroborates a Primary that is not positive")
