"""The requests that the quickstart shows: what is asked, and what must come of it.

The laboratory's relaxations keep every verdict at NOT_DETERMINED, so `would_be` is what is judged here, and
the command line tool is told --would-be to let its exit status follow it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .asking import (
    CAA,
    CORROBORATED,
    DCV,
    EXIT_REFUSED,
    EXIT_STATUS,
    NOT_CORROBORATED,
    NOT_DETERMINED,
    Cli,
    check_caa,
    check_dns,
    check_dns_account,
    check_dns_change,
    check_email,
    check_http,
    check_ip_address,
    check_persistent,
    check_phone,
    check_reverse,
    check_tls_alpn,
    check_website,
    check_website_of_address,
    checks_of,
    problems_of,
)
from .layout import (
    BEHIND,
    GEO_BLOCKED,
    HIJACKED_ONE,
    HIJACKED_THREE,
    PERSPECTIVES,
    PRIMARY,
    SITE,
    TLS_ALPN,
    WITHOUT_IPV6,
)

KILLED = "af-south"
_REMOTES = [perspective.id for perspective in PERSPECTIVES if perspective.role == "remote"]


@dataclass(frozen=True)
class Request:
    title: str
    arguments: list[str]  # of the command line tool
    would_be: str | None  # None: it is refused
    fractions: dict[str, str] = field(default_factory=dict)  # check -> "corroborated/attempted"
    problems: dict[str, str] = field(default_factory=dict)  # perspective -> code, in any check
    caa_found_at: str | None = None
    half: bool = False  # only the DNS half of a validation
    says: str | None = None  # in a finding, in a problem's words, or why it is refused
    attempts: int | None = None  # that were made
    killed: str | None = None  # the agent that is killed before the request
    needs_ipv6: bool = False


def _each(perspectives: tuple[str, ...] | list[str], code: str) -> dict[str, str]:
    return {perspective: code for perspective in perspectives}


_ALL = {DCV: "6/6"}

# CAA, and what corroboration is for.
_CORROBORATION = (
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
    Request("three regions' routes are hijacked, and still are when everybody is asked once more",
            [*check_http("three-hijacked.demo.test"), "--attempts", "2"], NOT_CORROBORATED, {DCV: "3/6"},
            problems=_each(HIJACKED_THREE, "CHALLENGE_MISMATCH"), attempts=2),
    Request("the Primary's own route is hijacked: what this system is for",
            check_http("primary-hijacked.demo.test"), NOT_CORROBORATED, {DCV: "0/6"},
            problems=_each(_REMOTES, "CHALLENGE_MISMATCH")),
    Request("the name resolves to an internal address: refused before connecting",
            check_http("internal.demo.test"), NOT_CORROBORATED, problems={PRIMARY.id: "ADDRESS_FORBIDDEN"}),
)  # fmt: skip

# Each of the other methods once.
_METHODS = (
    Request("dns-01 for a wildcard", check_dns("*.dns.demo.test"), CORROBORATED, _ALL),
    Request("dns-account-01: a record for each account", check_dns_account("dns-account.demo.test"), CORROBORATED,
            _ALL),
    Request("dns-persistent: a record that stays, for a wildcard", check_persistent("*.persist-wild.demo.test"),
            CORROBORATED, _ALL),
    Request("dns-persistent for an IP address: under its reverse name", check_persistent(SITE), CORROBORATED, _ALL),
    Request("dns-persistent: its time is over", check_persistent("persist-expired.demo.test"), NOT_CORROBORATED,
            problems={PRIMARY.id: "RECORD_EXPIRED"}),
    Request("tls-alpn-01", check_tls_alpn("alpn.demo.test"), CORROBORATED, _ALL),
    Request("tls-alpn-01: the certificate of another key authorization", check_tls_alpn("alpn-wrong.demo.test"),
            NOT_CORROBORATED, problems={PRIMARY.id: "CERTIFICATE_MISMATCH"}),
    Request("tls-alpn-01 for an IP address", check_tls_alpn(TLS_ALPN), CORROBORATED, _ALL),
    Request("http-01 for an IP address", check_http(SITE), CORROBORATED, _ALL),
    Request("dns-change: a Random Value in TXT", check_dns_change("change.demo.test"), CORROBORATED, _ALL),
    Request("website-change: a Random Value in a file, over a redirect", check_website("website-redirect.demo.test"),
            CORROBORATED, _ALL),
    Request("website-change for an IP address: in a meta tag", check_website_of_address(SITE), CORROBORATED, _ALL),
    Request("contact-email, found in CAA by the climb: half a validation", check_email("deep.contact.demo.test", "caa"),
            CORROBORATED, _ALL, half=True),
    Request("contact-email, in TXT: half a validation", check_email("contact.demo.test", "txt"), CORROBORATED, _ALL,
            half=True),
    Request("contact-phone, in TXT: half a validation", check_phone("contact.demo.test", "txt"), CORROBORATED, _ALL,
            half=True),
    Request("contact-phone, in CAA: half a validation", check_phone("contact.demo.test", "caa"), CORROBORATED, _ALL,
            half=True),
    Request("reverse-address-lookup: half a validation", check_reverse(SITE, "www.demo.test"), CORROBORATED, _ALL,
            half=True),
    Request("ip-address: a method that has ended", check_ip_address("www.demo.test", SITE), None, says="3.2.2.4.8"),
)  # fmt: skip

# What goes wrong, and what a site owner is told.
_EXPLANATIONS = (
    Request("http-01 at an IPv6-only site; one perspective has no IPv6", check_http("ipv6-only.demo.test"),
            CORROBORATED, {DCV: "5/6"}, problems=_each(WITHOUT_IPV6, "NO_IPV6_EGRESS"), says="only IPv6 addresses",
            needs_ipv6=True),
    Request("a dead IPv6 address beside IPv4 that works", check_http("dead-ipv6.demo.test"), CORROBORATED, _ALL,
            says="100::1 does not answer in time while IPv4 works", needs_ipv6=True),
    Request("DNSSEC: signatures that have expired", check_dns("www.expired.test"), NOT_DETERMINED,
            problems={PRIMARY.id: "DNS_BOGUS"}, says="DNSSEC: Signature Expired"),
    Request("a region is turned away", check_http("geo-blocked.demo.test"), CORROBORATED, {DCV: "5/6"},
            problems=_each(GEO_BLOCKED, "HTTP_STATUS"), says="probably geo-blocking"),
    Request("a name server still has the old record", check_dns("www.moved.test"), CORROBORATED, {DCV: "5/6"},
            problems=_each(BEHIND, "CHALLENGE_MISMATCH"), says="old value still served by some name servers"),
    Request("an agent was killed", check_http("www.demo.test"), CORROBORATED, {DCV: "5/6"},
            problems={KILLED: "UNREACHABLE"}, killed=KILLED),
)  # fmt: skip

REQUESTS = (*_CORROBORATION, *_METHODS, *_EXPLANATIONS)


def _words(answer: dict, error: str) -> str:
    """All that is said in words."""
    rows = [row for check in answer.get("checks", []) for row in check.get("perspectives", [])]
    details = [row["problem"].get("detail", "") for row in rows if "problem" in row]
    return "\n".join([*answer.get("findings", []), *details, error])


def _refusal(request: Request, status: int, error: str) -> list[str]:
    found = [] if status == EXIT_REFUSED else [f"exit status: {status}, expected {EXIT_REFUSED}"]
    if request.says not in error:
        found.append(f"refused without {request.says!r}: {error.strip()!r}")
    return found


def deviations(request: Request, status: int, answer: dict, error: str) -> list[str]:
    """What differs from the expected; an empty list is a pass."""
    if request.would_be is None:
        return _refusal(request, status, error)
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
    checks = checks_of(answer)
    for kind, fraction in request.fractions.items():
        expect(f"{kind} fraction", checks.get(kind, {}).get("quorum", {}).get("fraction"), fraction)
    expect("problems", problems_of(answer), request.problems)
    if request.caa_found_at is not None:
        expect("found at", checks.get(CAA, {}).get("caa", {}).get("found_at"), request.caa_found_at)
    if request.attempts is not None:
        expect("attempts", answer.get("attempts"), request.attempts)
    expect("half a validation", checks.get(DCV, {}).get("dcv", {}).get("half_validation", False), request.half)
    if request.says is not None and request.says not in _words(answer, error):
        found.append(f"nothing says {request.says!r}")
    return found


def run(cli: Cli, request: Request, show: Callable[[list[str]], int] | None = None) -> list[str]:
    """Asks, and tells what differs. With `show`, a person sees the answer first."""
    shown = show(request.arguments) if show else None
    status, answer, error = cli.json(request.arguments)
    found = deviations(request, status, answer, error)
    if shown is not None and shown != status:
        found.append(f"exit status {shown} when shown, {status} as JSON")
    if found and error.strip():
        found.append(f"standard error: {error.strip()}")
    return found
