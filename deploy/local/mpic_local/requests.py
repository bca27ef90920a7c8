"""The requests that the quickstart shows: what is asked, and what must come of it.

The laboratory's relaxations keep every verdict at NOT_DETERMINED, so `would_be` is what is judged here, and
the command line tool is told --would-be to let its exit status follow it.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .challenges import ISSUER, KEY_AUTHORIZATION, TOKEN
from .layout import HIJACKED_ONE, HIJACKED_THREE, PERSPECTIVES, PRIMARY

CORROBORATED = "VERDICT_CORROBORATED"
NOT_CORROBORATED = "VERDICT_NOT_CORROBORATED"
NOT_DETERMINED = "VERDICT_NOT_DETERMINED"
EXIT_STATUS = {CORROBORATED: 0, NOT_CORROBORATED: 1, NOT_DETERMINED: 2}

DCV = "CHECK_KIND_DCV"
CAA = "CHECK_KIND_CAA"
CORROBORATES = "OUTCOME_CORROBORATES"

KILLED = "af-south"
_SECONDS = 60
_REMOTES = [perspective.id for perspective in PERSPECTIVES if perspective.role == "remote"]


@dataclass(frozen=True)
class Request:
    title: str
    arguments: list[str]  # of the command line tool
    would_be: str
    fractions: dict[str, str] = field(default_factory=dict)  # check -> "corroborated/attempted"
    problems: dict[str, str] = field(default_factory=dict)  # perspective -> code, in any check
    caa_found_at: str | None = None
    killed: str | None = None  # the agent that is killed before the request


def check_caa(name: str) -> list[str]:
    return ["check", "caa", name, "--issuer", ISSUER]


def check_http(name: str, with_caa: bool = False) -> list[str]:
    command = ["check", "http-01", name, "--token", TOKEN, "--key-authorization", KEY_AUTHORIZATION]
    return command + (["--issuer", ISSUER] if with_caa else [])


def _each(perspectives: tuple[str, ...] | list[str], code: str) -> dict[str, str]:
    return {perspective: code for perspective in perspectives}


REQUESTS = (
    Request("CAA permits", check_caa("caa-permits.demo.test"), CORROBORATED, {CAA: "6/6"},
            caa_found_at="caa-permits.demo.test"),
    Request("CAA names another CA", check_caa("caa-forbids.demo.test"), NOT_CORROBORATED,
            problems={PRIMARY.id: "CAA_FORBIDS"}),
    Request("CAA is found at a parent", check_caa("deep.caa-parent.demo.test"), CORROBORATED, {CAA: "6/6"},
            caa_found_at="caa-parent.demo.test"),
    Request("http-01 over redirects to https and another path, with CAA in the same visit",
            check_http("redirect.demo.test", with_caa=True), CORROBORATED, {DCV: "6/6", CAA: "6/6"}),
    Request("one region's route is hijacked", check_http("one-hijacked.demo.test"), CORROBORATED, {DCV: "5/6"},
            problems=_each(HIJACKED_ONE, "CHALLENGE_MISMATCH")),
    Request("three regions' routes are hijacked", check_http("three-hijacked.demo.test"), NOT_CORROBORATED,
            {DCV: "3/6"}, problems=_each(HIJACKED_THREE, "CHALLENGE_MISMATCH")),
    Request("the Primary's own route is hijacked: what this system is for",
            check_http("primary-hijacked.demo.test"), NOT_CORROBORATED, {DCV: "0/6"},
            problems=_each(_REMOTES, "CHALLENGE_MISMATCH")),
    Request("the name resolves to an internal address: refused before connecting",
            check_http("internal.demo.test"), NOT_CORROBORATED, problems={PRIMARY.id: "ADDRESS_FORBIDDEN"}),
    Request("an agent was killed", check_http("www.demo.test"), CORROBORATED, {DCV: "5/6"},
            problems={KILLED: "UNREACHABLE"}, killed=KILLED),
)  # fmt: skip


class Cli:
    """The command line tool, asking as the client of one profile."""

    def __init__(self, binaries: Path, profile: Path):
        self._command = [str(binaries / "mpic"), "--profile", str(profile)]

    def json(self, arguments: list[str], would_be: bool = True) -> tuple[int, dict, str]:
        """Exit status, answer and standard error."""
        command = [*self._command, *arguments, "--json"] + (["--would-be"] if would_be else [])
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
        try:
            answer = json.loads(done.stdout) if done.stdout.strip() else {}
        except json.JSONDecodeError:
            answer = {}
        return done.returncode, answer, done.stderr

    def show(self, arguments: list[str]) -> int:
        """The same for people: straight to our own standard output."""
        return subprocess.run([*self._command, *arguments, "--would-be"], timeout=_SECONDS, check=False).returncode


def rows_of(answer: dict) -> list[dict]:
    return [row for check in answer.get("checks", []) for row in check.get("perspectives", [])]


def problems_of(answer: dict) -> dict[str, str]:
    """perspective -> code of its problem, over all checks."""
    return {
        row["perspective"]: row["problem"]["code"].removeprefix("PROBLEM_CODE_")
        for row in rows_of(answer)
        if "problem" in row
    }


def deviations(request: Request, status: int, answer: dict) -> list[str]:
    """What differs from the expected; an empty list is a pass."""
    if not answer:
        return [f"no answer; exit status {status}"]
    found: list[str] = []

    def expect(what: str, seen, wanted) -> None:
        if seen != wanted:
            found.append(f"{what}: {seen!r}, expected {wanted!r}")

    expect("exit status", status, EXIT_STATUS[request.would_be])
    expect("would_be", answer.get("would_be"), request.would_be)
    expect("verdict", answer.get("verdict"), NOT_DETERMINED)
    expect("basis_for_issuance", answer.get("basis_for_issuance", False), False)
    checks = {check["kind"]: check for check in answer.get("checks", [])}
    for kind, fraction in request.fractions.items():
        expect(f"{kind} fraction", checks.get(kind, {}).get("quorum", {}).get("fraction"), fraction)
    expect("problems", problems_of(answer), request.problems)
    if request.caa_found_at is not None:
        expect("found at", checks.get(CAA, {}).get("caa", {}).get("found_at"), request.caa_found_at)
    return found


def run(cli: Cli, request: Request, show: Callable[[list[str]], int] | None = None) -> list[str]:
    """Asks, and tells what differs. With `show`, a person sees the answer first."""
    shown = show(request.arguments) if show else None
    status, answer, error = cli.json(request.arguments)
    found = deviations(request, status, answer)
    if shown is not None and shown != status:
        found.append(f"exit status {shown} when shown, {status} as JSON")
    if found and error.strip():
        found.append(f"standard error: {error.strip()}")
    return found
