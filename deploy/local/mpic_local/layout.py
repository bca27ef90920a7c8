"""Who is where. Every port counts from one base port; every address is in 127.77.0.0/16, or is ::1.

    127.77.0.x   the coordinator (1), one more that tests may start (2), and the agents (10, 11, ...)
    127.77.1.x   the resolver of each agent
    127.77.2.x   the address each perspective's queries and requests come from (its egress)
    127.77.3.1   the name server of the private DNS tree; 127.77.3.2 and 127.77.3.3, for hostile.test and silent.test,
                 are left to tests; 127.77.3.4 serves an old copy of moved.test; 127.77.3.5 is pebble's challenge server
    127.77.4.x   the site (1) and servers with validation certificates (2 to 8); nothing listens on 127.77.4.9;
                 127.77.4.10 is left to tests: *.own.demo.test is there
    127.77.5.x   name servers that never answer
    ::1          the same by IPv6, and every perspective's egress: a machine has no other IPv6 address for certain

A machine without IPv6 has all but the last line.
"""

from __future__ import annotations

import random
import socket
from dataclasses import dataclass
from pathlib import Path

IPV6_LOOPBACK = "::1"
# Discard-Only (RFC 6666): whatever a machine's routes are, nobody answers there.
IPV6_DEAD = "100::1"
# Special-purpose addresses that the laboratory's agents may connect to all the same.
LAB_ADDRESSES = ("127.77.0.0/16", "::1/128", "100::/64")
LOG_ORIGIN = "mpic.test/quickstart"
DEFAULT_BASE_PORT = 17000
PORTS_USED = 500  # from the base port; below the range that Linux gives to outgoing connections
LOWEST_BASE_PORT = 1024
HIGHEST_BASE_PORT = 32768 - PORTS_USED

NAME_SERVER = "127.77.3.1"
HOSTILE_NAME_SERVER = "127.77.3.2"
SILENT_NAME_SERVER = "127.77.3.3"
OLD_NAME_SERVER = "127.77.3.4"
CHALLENGE_SERVER = "127.77.3.5"
SITE = "127.77.4.1"
TLS_ALPN = "127.77.4.2"
TLS_ALPN_WRONG = ("127.77.4.3", "127.77.4.4", "127.77.4.5", "127.77.4.6")
TLS_ALPN_NAME = "127.77.4.7"
TLS_ALPN_PUBLIC = "127.77.4.8"
TLS_ALPN_SERVERS = (TLS_ALPN, *TLS_ALPN_WRONG, TLS_ALPN_NAME, TLS_ALPN_PUBLIC, IPV6_LOOPBACK)
NOTHING_LISTENS = "127.77.4.9"
OWN_SITE = "127.77.4.10"
SILENT_SERVERS = "127.77.5"


class LayoutError(Exception):
    """The system cannot be laid out as asked; the text says why."""


@dataclass(frozen=True)
class Perspective:
    """A place of the kind a cloud provider sells. All pairs lie more than 505 km apart."""

    index: int
    id: str
    role: str
    rir: str
    place: str
    latitude: float
    longitude: float

    @property
    def address(self) -> str:
        return f"127.77.0.{10 + self.index}"

    @property
    def resolver(self) -> str:
        return f"127.77.1.{10 + self.index}"

    @property
    def egress(self) -> str:
        return f"127.77.2.{10 + self.index}"

    @property
    def has_ipv6(self) -> bool:
        """On a machine that has."""
        return self.id not in WITHOUT_IPV6


PERSPECTIVES = (
    Perspective(0, "us-east", "primary", "ARIN", "Ashburn, US", 39.04, -77.49),
    Perspective(1, "eu-west", "remote", "RIPE", "Dublin, IE", 53.35, -6.26),
    Perspective(2, "eu-central", "remote", "RIPE", "Frankfurt, DE", 50.11, 8.68),
    Perspective(3, "ap-northeast", "remote", "APNIC", "Tokyo, JP", 35.68, 139.69),
    Perspective(4, "sa-east", "remote", "LACNIC", "Sao Paulo, BR", -23.55, -46.63),
    Perspective(5, "af-south", "remote", "AFRINIC", "Cape Town, ZA", -33.92, 18.42),
    Perspective(6, "us-west", "remote", "ARIN", "Boardman, US", 45.84, -119.70),
)
BY_ID = {perspective.id: perspective for perspective in PERSPECTIVES}
PRIMARY = PERSPECTIVES[0]

# Whose path to the site an attacker has taken over, per demonstration name.
HIJACKED_ONE = ("ap-northeast",)
HIJACKED_THREE = ("eu-central", "ap-northeast", "sa-east")
# Whom a site turns away by region.
GEO_BLOCKED = ("ap-northeast",)
# Whose resolver meets the name server that still has the old copy of moved.test.
BEHIND = ("eu-central",)
# Who is at a provider without IPv6.
WITHOUT_IPV6 = ("us-west",)


@dataclass(frozen=True)
class Tuning:
    """What a measurement sets otherwise than a demonstration does."""

    resolver_control: bool = False  # unbound-control over a socket in the work directory, for statistics
    concurrent_checks: int | None = None  # of each agent; None: its default
    requests_per_target: int | None = None  # at the coordinator; None: its default
    postgres: str = ""  # the database that the coordinator's records go to; empty: a SQLite file
    events: bool = True  # of the coordinator and the agents, for a SIEM
    redirects: int | None = None  # that agents follow; None: their default
    rest_tls: bool = False  # the coordinator's REST port speaks TLS, plain otherwise


@dataclass(frozen=True)
class Endpoint:
    """An address and a port that one of our processes listens on."""

    owner: str
    address: str
    port: int
    udp: bool = False

    @property
    def is_ipv6(self) -> bool:
        return ":" in self.address

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if self.is_ipv6 else f"{self.address}:{self.port}"


@dataclass(frozen=True)
class ChallengeServer:
    """pebble-challtestsrv: an ACME client's side of the challenges, set over its management interface."""

    name = "challtestsrv"

    dns: Endpoint
    management: Endpoint
    http: list[Endpoint]
    tls_alpn: list[Endpoint]

    def endpoints(self) -> list[Endpoint]:
        return [self.dns, self.management, *self.http, *self.tls_alpn]


class Layout:
    """The endpoints that follow from a base port. Those with a 6 at the end exist where there is IPv6."""

    def __init__(self, base_port: int = DEFAULT_BASE_PORT):
        if not LOWEST_BASE_PORT <= base_port <= HIGHEST_BASE_PORT:
            raise LayoutError(f"base port {base_port}: must be {LOWEST_BASE_PORT} to {HIGHEST_BASE_PORT}")
        self.base_port = base_port
        self.ipv6 = machine_has_ipv6()
        self.name_server = Endpoint("nsd", NAME_SERVER, base_port + 353, udp=True)
        self.name_server6 = Endpoint("nsd", IPV6_LOOPBACK, base_port + 353, udp=True)
        self.hostile_name_server = Endpoint("tests", HOSTILE_NAME_SERVER, base_port + 354, udp=True)
        self.silent_name_server = Endpoint("tests", SILENT_NAME_SERVER, base_port + 355, udp=True)
        self.old_name_server = Endpoint("nsd-old", OLD_NAME_SERVER, base_port + 356, udp=True)
        self.http = Endpoint("nginx", SITE, base_port + 380)
        self.http6 = Endpoint("nginx", IPV6_LOOPBACK, base_port + 380)
        self.https = Endpoint("nginx", SITE, base_port + 443)
        self.watched = Endpoint("tests", SITE, base_port + 388)  # where redirect-watched.demo.test leads; no lab port
        self.own_http = Endpoint("tests", OWN_SITE, self.http.port)
        self.own_https = Endpoint("tests", OWN_SITE, self.https.port)
        self.coordinator = Endpoint("coordinator", "127.77.0.1", base_port)
        self.coordinator_admin = Endpoint("coordinator", "127.77.0.1", base_port + 100)
        self.coordinator_rest = Endpoint("coordinator", "127.77.0.1", base_port + 2)
        self.other_coordinator = Endpoint("coordinator-other", "127.77.0.2", base_port + 1)
        self.other_coordinator_admin = Endpoint("coordinator-other", "127.77.0.2", base_port + 101)
        self.other_coordinator_rest = Endpoint("coordinator-other", "127.77.0.2", base_port + 2)

    def tls_alpn(self, address: str) -> Endpoint:
        """On the site's https port: agents dial one port whatever the address."""
        return Endpoint(f"tls-alpn-{TLS_ALPN_SERVERS.index(address)}", address, self.https.port)

    def tls_alpn_servers(self) -> list[Endpoint]:
        found = [self.tls_alpn(address) for address in TLS_ALPN_SERVERS]
        return [endpoint for endpoint in found if self.ipv6 or not endpoint.is_ipv6]

    def challenge_server(self) -> ChallengeServer:
        """Its http and TLS ports are not the site's: whoever looks at it needs a port map of its own."""

        def both(port: int) -> list[Endpoint]:
            addresses = [CHALLENGE_SERVER, IPV6_LOOPBACK] if self.ipv6 else [CHALLENGE_SERVER]
            return [Endpoint(ChallengeServer.name, address, self.base_port + port) for address in addresses]

        dns = Endpoint(ChallengeServer.name, CHALLENGE_SERVER, self.base_port + 357, udp=True)
        management = Endpoint(ChallengeServer.name, CHALLENGE_SERVER, self.base_port + 358)
        return ChallengeServer(dns, management, http=both(381), tls_alpn=both(444))

    def agent(self, perspective: Perspective) -> Endpoint:
        return Endpoint(f"agent-{perspective.id}", perspective.address, self.base_port + 10 + perspective.index)

    def agent_admin(self, perspective: Perspective) -> Endpoint:
        port = self.base_port + 110 + perspective.index
        return Endpoint(f"agent-{perspective.id}", perspective.address, port)

    def other_agent(self, perspective: Perspective) -> Endpoint:
        """One more of the same perspective, with another configuration, that tests may start."""
        return Endpoint(f"agent-other-{perspective.id}", perspective.address, self.base_port + 30 + perspective.index)

    def other_agent_admin(self, perspective: Perspective) -> Endpoint:
        port = self.base_port + 130 + perspective.index
        return Endpoint(f"agent-other-{perspective.id}", perspective.address, port)

    def resolver(self, perspective: Perspective) -> Endpoint:
        port = self.base_port + 210 + perspective.index
        return Endpoint(f"unbound-{perspective.id}", perspective.resolver, port, udp=True)

    def endpoints(self) -> list[Endpoint]:
        found = [self.name_server, self.http, self.https]
        found += [self.coordinator, self.coordinator_admin, self.coordinator_rest]
        found += [self.other_coordinator, self.other_coordinator_admin, self.other_coordinator_rest]
        found += [self.watched, self.own_http, self.own_https]
        found += [self.hostile_name_server, self.silent_name_server, self.old_name_server, *self.tls_alpn_servers()]
        found += self.challenge_server().endpoints()
        if self.ipv6:
            found += [self.name_server6, self.http6]
        for perspective in PERSPECTIVES:
            found += [self.agent(perspective), self.agent_admin(perspective), self.resolver(perspective)]
            found += [self.other_agent(perspective), self.other_agent_admin(perspective)]
        return found

    def taken(self) -> list[Endpoint]:
        """The endpoints that something else holds already."""
        return [endpoint for endpoint in self.endpoints() if not is_free(endpoint)]

    def require_free(self) -> None:
        taken = self.taken()
        if not taken:
            return
        first = taken[0]
        more = f" (and {len(taken) - 1} more)" if len(taken) > 1 else ""
        raise LayoutError(
            f"port {first.port} on {first.address}, for {first.owner}, is taken{more}. Stop what holds it"
            f" (`ss -ltnup 'sport = :{first.port}'` shows it), or choose another range with --base-port N"
        )


def machine_has_ipv6() -> bool:
    """Also containers without IPv6 are common: then what needs it is left out."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind((IPV6_LOOPBACK, 0))
    except OSError:
        return False
    return True


def is_free(endpoint: Endpoint) -> bool:
    kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM) if endpoint.udp else (socket.SOCK_STREAM,)
    for kind in kinds:
        with socket.socket(socket.AF_INET6 if endpoint.is_ipv6 else socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:  # a connection of a former run in TIME-WAIT is not in the way
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((endpoint.address, endpoint.port))
            except OSError:
                return False
    return True


def free_layout(tries: int = 50) -> Layout:
    """A layout whose ports are all free, away from the default one; for tests that run beside others."""
    for _ in range(tries):
        layout = Layout(random.randrange(18000, HIGHEST_BASE_PORT, PORTS_USED))
        if not layout.taken():
            return layout
    raise LayoutError("no free range of ports found")


def project_directory() -> Path:
    return Path(__file__).resolve().parents[3]
