"""Quorum, verdict, basis and times from the rows: docs/evidence_format.md, D to F."""

from __future__ import annotations

from datetime import UTC, datetime

from envelopes import ns
from faults import Place
from record_bindings import METHODS, PRIMARY, REMOTE, SMIME, Record, certificate_type, method_of
from row_rules import CAA, CONTRADICTS, CORROBORATES, DCV, EVIDENCE_INVALID, NOT_WAITED_FOR, Attempt, check_rows

CORROBORATED, NOT_CORROBORATED, NOT_DETERMINED = 1, 2, 3
MONITOR = 2
SECOND, DAY = 10**9, 86_400 * 10**9


def day(text: str) -> int:
    """Its first moment."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


# From a day on: remotes, RIRs.
PHASES = {
    "cabf-tls-br": (("2025-03-15", 2, 1), ("2026-03-15", 3, 2), ("2026-06-15", 4, 2), ("2026-12-15", 5, 2)),
    "cabf-smime-br": (("2025-05-15", 2, 1), ("2026-03-15", 3, 2), ("2026-06-15", 4, 2), ("2026-12-15", 5, 2)),
}
REUSE = (("1970-01-01", 398), ("2026-03-15", 200), ("2027-03-15", 100), ("2029-03-15", 10))  # days, by the issuance
ENDS = {3: "2026-03-15", 4: "2028-03-15", 5: "2028-03-15", 6: "2027-03-15", 7: "2027-03-15", 13: "2027-03-15"}
HALF = {3, 4, 5, 6, 7, 13}  # methods that only look something up


def failures_allowed(asked: int) -> int:
    return 0 if asked < 2 else 1 if asked < 6 else 2


def check_decisions(record: Record, attempts: list[Attempt]) -> None:
    body, place = record.body, record.place
    if record.is_without_result:
        return _check_without_result(record, attempts)
    _check_policy(record)
    if len(body.earlier) != len(attempts) - 1:
        place.does_not_follow("there is not one earlier decision for each attempt before the last")
        return None
    if len(attempts) > max(1, body.request.max_attempts):
        place.does_not_follow("there are more attempts than the request allows")
    for number, attempt in enumerate(attempts):
        is_last = number == len(attempts) - 1
        decision = body.decision if is_last else body.earlier[number]
        where = place if is_last else place.at(f"attempt {number}")
        _check_shape(attempt, where)
        check_rows(record, decision, attempt, where)
        results = _check_decision(record, decision, attempt, where)
        if is_last:
            _check_usable(record, decision, attempt, results, where)
        elif CORROBORATED in results or any(_primary(c) == CONTRADICTS for c in decision.checks):
            where.does_not_follow("no attempt may follow on this one")
    return None


def _check_without_result(record: Record, attempts: list[Attempt]) -> None:
    decision, place = record.body.decision, record.place
    if decision.basis_for_issuance or not decision.not_enforceable_because:
        place.does_not_follow("a record without a result is a basis, or gives no reason")
    for attempt in attempts:
        for plan in attempt.plans:
            if not plan.planned.asserted and plan.planned.problem.code != 89:
                place.does_not_follow(f"{plan.planned.perspective_id} has a result, and the record none")


def _check_shape(attempt: Attempt, place: Place) -> None:
    """The Primary's AttemptRecord, then the remotes'."""
    roles = [plan.planned.role for plan in attempt.plans]
    if attempt.records > 2 or roles[:1] != [PRIMARY] or PRIMARY in roles[1:]:
        place.does_not_follow("the plan is not one Primary, then the others")


def _check_policy(record: Record) -> None:
    policy, served, place = record.body.policy, list(record.snapshot.profiles), record.place
    by_type = "cabf-smime-br" if certificate_type(record.body.request) == SMIME else "cabf-tls-br"
    if policy.profile not in served or policy.profile != ("custom" if "custom" in served else by_type):
        place.does_not_follow(f"the profile {policy.profile!a} is not the one for this request")
    if policy.clock_is_real and ns(policy, "evaluated_at") != ns(record.body, "received"):
        place.does_not_follow("the policy is that of another moment")


def _required(record: Record) -> tuple[int, int] | None:
    """Remotes and RIRs; none before the first day of the table, of which the document says nothing."""
    profile, at = record.body.policy.profile, ns(record.body.policy, "evaluated_at") or 0
    phases = [p for p in PHASES.get(profile, PHASES["cabf-tls-br"]) if day(p[0]) <= at]
    if not phases and profile != "custom":
        return None
    remotes, rirs = phases[-1][1:] if phases else (2, 1)
    if profile == "custom":
        custom = record.snapshot.custom_quorum
        remotes, rirs = custom.min_remotes or remotes, custom.min_rirs or rirs
    stricter = record.body.request.stricter
    return max(remotes, stricter.min_remotes, stricter.min_corroborations), max(rirs, stricter.min_rirs)


def _primary(check) -> int:
    return next((row.outcome for row in check.perspectives if row.role == PRIMARY), 0)


def _check_decision(record: Record, decision, attempt: Attempt, place: Place) -> list[int]:
    """What each check is by the rules."""
    results = [_check_quorum(record, check, attempt, place.at("CAA" if check.kind == CAA else "DCV"))
               for check in decision.checks]  # fmt: skip
    whole = next((v for v in (NOT_CORROBORATED, NOT_DETERMINED) if v in results), None)
    whole = whole or (CORROBORATED if results else NOT_DETERMINED)
    forbidden = _is_not_enforceable(record, attempt)
    if bool(decision.not_enforceable_because) != forbidden:
        place.does_not_follow("reasons why it is not enforceable are missing, or there are none")
    for told, by_rules in [(decision, whole), *zip(decision.checks, results)]:
        if (told.verdict, told.would_be) != ((NOT_DETERMINED, by_rules) if forbidden else (by_rules, 0)):
            place.does_not_follow(f"a verdict is {told.verdict} (would be {told.would_be}), by the rules {by_rules}")
    method = method_of(record.body.request.dcv) if record.body.request.HasField("dcv") else 0
    if decision.basis_for_issuance != (decision.verdict == CORROBORATED and method not in HALF):
        place.does_not_follow("basis_for_issuance is not what verdict and method give")
    for check in decision.checks:
        if check.kind == DCV and (check.dcv.method, check.dcv.half_validation) != (method, method in HALF):
            place.does_not_follow("the method, or half_validation, is not the request's")
    return results


def _check_quorum(record: Record, check, attempt: Attempt, place: Place) -> int:
    told, stricter, required = check.quorum, record.body.request.stricter, _required(record)
    if required is not None and (told.required_remotes, told.required_rirs) != required:
        place.does_not_follow(f"the quorum asked for is not {required[0]} remotes in {required[1]} regions")
    remotes = [row for row in check.perspectives if row.role == REMOTE]
    counted = remotes if _primary(check) == CORROBORATES and attempt.records > 1 else []
    agreed = [row for row in counted if row.outcome == CORROBORATES]
    allowed = 0 if stricter.unanimous else failures_allowed(len(counted))
    allowed = max(0, min(allowed, len(counted) - stricter.min_corroborations))
    rirs = sorted({row.rir for row in agreed})
    if (told.attempted, told.corroborated, list(told.rirs)) != (len(counted), len(agreed), rirs):
        place.does_not_follow(f"the counts are not {len(agreed)} of {len(counted)} in {len(rirs)} regions")
    if told.fraction != f"{len(agreed)}/{len(counted)}" or told.allowed_failures != allowed:
        place.does_not_follow("the fraction or the failures allowed are others")
    if told.pending != sum(row.outcome == NOT_WAITED_FOR for row in remotes):
        place.does_not_follow("pending is another number")

    needed = required or (told.required_remotes, told.required_rirs)

    def is_reached(positive: list) -> bool:
        enough = len(counted) >= max(1, needed[0]) and len(counted) - len(positive) <= allowed
        return enough and len({row.rir for row in positive}) >= needed[1]

    if _primary(check) != CORROBORATES:
        return NOT_CORROBORATED if _primary(check) == CONTRADICTS else NOT_DETERMINED
    if attempt.records < 2:
        return NOT_DETERMINED
    if is_reached(agreed):
        return CORROBORATED
    ours = [row for row in counted if row.outcome >= EVIDENCE_INVALID]
    return NOT_DETERMINED if is_reached(agreed + ours) else NOT_CORROBORATED


def _is_not_enforceable(record: Record, attempt: Attempt) -> bool:
    relaxed = any(
        plan.planned.role in (PRIMARY, REMOTE) and not isinstance(seen, (str, type(None))) and seen.lab_relaxations
        for plan, seen in ((plan, attempt.seen[number]) for number, plan in enumerate(attempt.plans))
    )
    snapshot, request = record.snapshot, record.body.request
    return bool(relaxed or snapshot.lab_relaxations or "custom" in snapshot.profiles or request.mode == MONITOR)


# --- F. Until when


def _check_usable(record: Record, decision, attempt: Attempt, results: list[int], place: Place) -> None:
    primary = attempt.plans[0].planned if attempt.plans else None
    for check, result in zip(decision.checks, results):
        where = place.at("CAA" if check.kind == CAA else "DCV")
        begun = _beginning(record, check.kind, primary, attempt.seen.get(0)) if primary is not None else None
        told = ns(check, "usable_until")
        if result != CORROBORATED or begun is None:
            if told is not None:
                where.does_not_follow("is usable until some time, and is nothing to be used")
            continue
        latest, is_exact = _latest(record, check, begun)
        if told is None or told > latest or is_exact and told != latest:
            where.does_not_follow(f"is usable until another time than {latest} ns")


def _beginning(record: Record, kind: int, primary, seen) -> int | None:
    if primary.asserted:
        determined, received = ns(record.body.request.asserted, "determined"), ns(record.body, "received")
        return None if determined is None else min(determined, received)
    if seen is None or isinstance(seen, str):
        return None
    received = ns(primary, "received")
    if kind == DCV:
        return min(ns(seen, "started"), received)
    starts = [ns(lookup, "started") for lookup in seen.caa.lookups if lookup.HasField("started")]
    return min(*starts, received) if starts else None


def _latest(record: Record, check, begun: int) -> tuple[int, bool]:
    """And whether that is exactly it: what a dns-persistent record grants is not judged here, only its bound."""
    if check.kind == CAA:
        return begun + max(8 * 3_600, check.caa.ttl) * SECOND, True
    method, until = method_of(record.body.request.dcv), begun + 398 * DAY
    if certificate_type(record.body.request) != SMIME:
        for first, limit in REUSE:
            if until < day(first):
                break
            until = min(until, max(begun + limit * DAY, day(first) - SECOND))
    persistent = method == METHODS["dns_persistent"]
    if persistent:
        until = min(until, begun + 10 * DAY)
    if method in ENDS:
        until = min(until, day(ENDS[method]) - SECOND)
    return until, not persistent
