"""The whole system in order: up, down, status."""

from __future__ import annotations

import fcntl
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import certificates, challenges, peers, programs, site, zones
from .layout import LAB_ADDRESSES, PERSPECTIVES, Endpoint, Layout, Tuning
from .probes import NOERROR, SERVFAIL, TYPE_A, TYPE_SOA, can_connect, dns_query, http_get
from .processes import ProcessError, Processes, Program

READY_SECONDS = 30.0
_POLL_SECONDS = 0.05
_MARK = ".mpic-local"  # in every work directory of ours, so that no other directory is ever emptied

Say = Callable[[str], None]


class NotReady(Exception):
    """The system did not come up; the text says what did not, with the end of its log."""


@dataclass(frozen=True)
class Readiness:
    """What must hold before a process counts as up: `probe` returns what is still wrong, or None."""

    name: str
    probe: Callable[[], str | None]


def up(work: Path, layout: Layout, binaries: Path, only_peers: bool = False, say: Say = lambda _: None,
       tuning: Tuning = Tuning(), challenge_server: bool = False) -> dict:
    """Lays the work directory anew, starts everything, waits until it answers; returns its description."""
    work = work.absolute()
    with _held(work):
        Processes(work).stop_all()
        _empty(work)
        layout.require_free()
        processes = Processes(work)
        try:
            _start_peers(work, layout, processes, tuning, say)
            if challenge_server:
                _start(processes, [peers.challenge_server(layout, work)])
                _wait(processes, [_challenge_server_readiness(layout)])
            if not only_peers:
                _start_programs(work, layout, binaries, processes, tuning, say)
            description = describe(work, layout, only_peers, processes)
            (work / "system.json").write_text(json.dumps(description, indent=2) + "\n")
            return description
        except BaseException:  # an interrupt too: nothing stays behind
            processes.stop_all()
            raise


def down(work: Path) -> list[str]:
    """Stops what runs; the files stay, for reading. Returns the names of what it stopped."""
    work = work.absolute()
    if not (work / _MARK).exists():
        return []
    with _held(work):
        return Processes(work).stop_all()


def _start_peers(work: Path, layout: Layout, processes: Processes, tuning: Tuning, say: Say) -> None:
    name_servers, anchor = peers.name_servers(layout, work)
    resolvers = [peers.resolver(perspective, layout, work, anchor, tuning) for perspective in PERSPECTIVES]
    tls_servers = certificates.tls_alpn_servers(layout, work)
    say("starting the name servers, seven validating resolvers and the site")
    if not layout.ipv6:
        say("this machine has no IPv6: what needs it is left out")
    _start(processes, [*name_servers, *resolvers, site.site(layout, work), *tls_servers])
    _wait(processes, _peer_readiness(layout))


def _start_programs(work: Path, layout: Layout, binaries: Path, processes: Processes, tuning: Tuning,
                    say: Say) -> None:
    programs.make_keys(work, binaries)
    programs.make_api_key(work, binaries)
    agents = [programs.agent(perspective, layout, work, binaries, tuning) for perspective in PERSPECTIVES]
    say("starting seven agents and the coordinator")
    _start(processes, [*agents, programs.coordinator(layout, work, binaries, tuning)])
    programs.write_profile(layout, work)
    _wait(processes, program_readiness(layout))


def _start(processes: Processes, wanted: list[Program]) -> None:
    for program in wanted:
        processes.start(program)


def _peer_readiness(layout: Layout) -> list[Readiness]:
    def serves(endpoint: Endpoint, zone: str) -> Callable[[], str | None]:
        def probe() -> str | None:
            answer = dns_query(endpoint.address, endpoint.port, zone, TYPE_SOA)
            return None if answer.rcode == NOERROR and answer.answers else f"RCODE {answer.rcode}"

        return probe

    def accepts(endpoint: Endpoint) -> Callable[[], str | None]:
        return lambda: None if can_connect(endpoint.address, endpoint.port) else "refuses connections"

    def validates(endpoint) -> Callable[[], str | None]:
        def probe() -> str | None:
            good = dns_query(endpoint.address, endpoint.port, "www.demo.test", TYPE_A)
            if good.rcode != NOERROR or not good.authenticated:
                return f"www.demo.test: RCODE {good.rcode}, AD {int(good.authenticated)}; expected 0 and 1"
            bogus = dns_query(endpoint.address, endpoint.port, "www.bogus.test", TYPE_A)
            return None if bogus.rcode == SERVFAIL else f"www.bogus.test: RCODE {bogus.rcode}; expected 2"

        return probe

    def serves_pages() -> str | None:
        path = f"/.well-known/acme-challenge/{challenges.TOKEN}"
        status, body = http_get(layout.http.address, layout.http.port, path, host="www.demo.test")
        return None if status == 200 and body == challenges.KEY_AUTHORIZATION else f"HTTP status {status}"

    name_servers = ((layout.name_server, "demo.test"), (layout.old_name_server, "moved.test"))
    found = [Readiness(endpoint.owner, serves(endpoint, zone)) for endpoint, zone in name_servers]
    found.append(Readiness("nginx", serves_pages))
    found += [Readiness(endpoint.owner, accepts(endpoint)) for endpoint in layout.tls_alpn_servers()]
    for perspective in PERSPECTIVES:
        endpoint = layout.resolver(perspective)
        found.append(Readiness(endpoint.owner, validates(endpoint)))
    return found


def _challenge_server_readiness(layout: Layout) -> Readiness:
    server = layout.challenge_server()

    def answers() -> str | None:
        answer = dns_query(server.dns.address, server.dns.port, "challtest.test", TYPE_A)
        if answer.rcode != NOERROR:
            return f"RCODE {answer.rcode}"
        return None if can_connect(server.management.address, server.management.port) else "no management"

    return Readiness(server.name, answers)


def program_readiness(layout: Layout) -> list[Readiness]:
    endpoints = [layout.agent_admin(perspective) for perspective in PERSPECTIVES]
    return [_says_ready(endpoint) for endpoint in [*endpoints, layout.coordinator_admin]]


def _says_ready(admin: Endpoint) -> Readiness:
    def probe() -> str | None:
        status, body = http_get(admin.address, admin.port, "/readyz")
        return None if status == 200 else f"/readyz says {status}: {body.strip()}"

    return Readiness(admin.owner, probe)


def _wait(processes: Processes, wanted: list[Readiness], seconds: float = READY_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    wrong: dict[str, str] = {}
    while wanted:
        waiting = []
        for readiness in wanted:
            if processes.pid(readiness.name) is None:
                raise NotReady(f"{readiness.name} ended at once; its log:\n{_tail(processes, readiness.name)}")
            try:
                fault = readiness.probe()
            except OSError as error:
                fault = str(error)
            if fault is not None:
                wrong[readiness.name] = fault
                waiting.append(readiness)
        wanted = waiting
        if wanted and time.monotonic() > deadline:
            raise NotReady("\n".join(
                f"{readiness.name} is not ready after {seconds:.0f} s ({wrong[readiness.name]}); its log:\n"
                f"{_tail(processes, readiness.name)}" for readiness in wanted))  # fmt: skip
        if wanted:
            time.sleep(_POLL_SECONDS)


def wait_until_ready(work: Path, name: str, seconds: float = READY_SECONDS) -> None:
    """After one process was started again."""
    layout = Layout(read_description(work)["base_port"])
    others = [layout.other_agent_admin(perspective) for perspective in PERSPECTIVES]
    others.append(layout.other_coordinator_admin)
    everything = [*_peer_readiness(layout), *program_readiness(layout), *map(_says_ready, others)]
    wanted = [readiness for readiness in everything if readiness.name == name]
    _wait(Processes(work.absolute()), wanted, seconds)


def _tail(processes: Processes, name: str) -> str:
    return "\n".join(f"    {line}" for line in processes.log_tail(name).splitlines())


def describe(work: Path, layout: Layout, only_peers: bool, processes: Processes) -> dict:
    """Everything a test or a person needs to know, as plain data."""

    def endpoint(of) -> dict:
        return {"address": of.address, "port": of.port}

    challenge_server = layout.challenge_server()
    description = {
        "work": str(work),
        "base_port": layout.base_port,
        "only_peers": only_peers,
        "ipv6": layout.ipv6,
        "name_server": endpoint(layout.name_server),
        "hostile_name_server": endpoint(layout.hostile_name_server),
        "silent_name_server": endpoint(layout.silent_name_server),
        "trust_anchor": str(next((work / "nsd" / "zones").glob("K.+*.key"))),
        "zones": [{"name": z.name, "signed": z.signed, "sound": z.is_sound} for z in zones.ZONES],
        "site": {
            "address": layout.http.address,
            "http_port": layout.http.port,
            "https_port": layout.https.port,
            "access_log": str(work / "nginx" / "access.log"),
            "website_file": site.WEBSITE_FILE,
            "meta_tag_file": site.META_TAG_FILE,
        },
        "lab_addresses": list(LAB_ADDRESSES),
        "challenges": {
            "token": challenges.TOKEN,
            "key_authorization": challenges.KEY_AUTHORIZATION,
            "hijacker_authorization": challenges.HIJACKER_AUTHORIZATION,
            "digest": challenges.DIGEST,
            "dns_account": challenges.DNS_ACCOUNT,
            "random_value": challenges.RANDOM_VALUE,
            "issuer": challenges.ISSUER,
            "account": challenges.ACCOUNT,
            "email": challenges.EMAIL,
            "phone": challenges.PHONE,
        },
        "challenge_server": {
            "running": challenge_server.name in processes.names(),
            "management": endpoint(challenge_server.management),
            "http_port": challenge_server.http[0].port,
            "tls_alpn_port": challenge_server.tls_alpn[0].port,
        },
        "perspectives": [
            {
                "id": p.id, "role": p.role, "rir": p.rir, "place": p.place, "egress": p.egress,
                "ipv6": layout.ipv6 and p.has_ipv6,
                "resolver": endpoint(layout.resolver(p)),
                "agent": endpoint(layout.agent(p)), "agent_admin": endpoint(layout.agent_admin(p)),
            } for p in PERSPECTIVES
        ],
        "coordinator": endpoint(layout.coordinator),
        "coordinator_admin": endpoint(layout.coordinator_admin),
        "coordinator_rest": endpoint(layout.coordinator_rest),
        "processes": {name: {"pid": processes.pid(name), "log": str(processes.log(name))}
                      for name in processes.names()},
    }  # fmt: skip
    if not only_peers:
        description["profile"] = str(work / f"{programs.CLIENT}.yaml")
        description["keys"] = str(work / "keys")
        description["api_key_file"] = str(programs.api_key_file(work))
    return description


def read_description(work: Path) -> dict:
    try:
        return json.loads((work / "system.json").read_text())
    except OSError as error:
        raise ProcessError(f"{work}: no system was started here") from error


def _empty(work: Path) -> None:
    """Removes what a former run left; refuses a directory that is not ours."""
    for path in work.iterdir():
        if path.name in (_MARK, "lock"):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


@contextmanager
def _held(work: Path) -> Iterator[None]:
    """One `up` or `down` at a time per work directory."""
    if work.exists() and not (work / _MARK).exists() and any(work.iterdir()):
        raise ProcessError(f"{work} holds files of something else; choose a new or empty directory")
    work.mkdir(parents=True, mode=0o700, exist_ok=True)
    (work / _MARK).touch()
    with (work / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ProcessError(f"{work}: another start or stop is under way") from error
        yield
