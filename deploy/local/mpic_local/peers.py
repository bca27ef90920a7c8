"""The name servers and resolvers: NSD, Unbound, and pebble's challenge server for tests.

Each runs in the foreground as the user who starts it, from files in the work directory alone.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from . import open_mpic, zones
from .layout import BEHIND, IPV6_LOOPBACK, ChallengeServer, Endpoint, Layout, Perspective, Tuning
from .processes import Program

IPV6_LOOPBACK_REVERSE = "1" + ".0" * 31 + ".ip6.arpa."
SYSTEM_PROGRAM_DIRECTORIES = ("/usr/sbin", "/usr/bin", "/sbin", "/bin")


def find_program(name: str) -> str:
    """Also where a normal user's PATH does not look."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *SYSTEM_PROGRAM_DIRECTORIES])
    found = shutil.which(name, path=path)
    if found is None:
        raise RuntimeError(f"{name} is not installed; the packages are in deploy/packages.txt and tests/packages.txt")
    return found


def _nsd(name: str, endpoints: list[Endpoint], files: dict[str, str], zones_directory: Path, work: Path) -> Program:
    """`files` are those of the zones, by their names."""
    directory = work / name
    directory.mkdir(parents=True, exist_ok=True)
    addresses = "".join(f"  ip-address: {endpoint.address}@{endpoint.port}\n" for endpoint in endpoints)
    configuration = f"""\
server:
{addresses}\
  username: ""
  chroot: ""
  zonesdir: "{zones_directory}"
  database: ""
  pidfile: "{directory}/nsd.pid"
  zonelistfile: "{directory}/zone.list"
  xfrdfile: "{directory}/xfrd.state"
  xfrdir: "{directory}"
  server-count: 1
  hide-version: yes
  # Referrals and glue name port 53; resolvers must not learn them beside an answer.
  minimal-responses: yes
  # Seven resolvers on one machine are not an attack.
  rrl-ratelimit: 0
remote-control:
  control-enable: no
"""
    for zone, file in files.items():
        configuration += f'zone:\n  name: "{zone}"\n  zonefile: "{file}"\n'
    (directory / "nsd.conf").write_text(configuration)
    return Program(name, [find_program("nsd"), "-d", "-c", str(directory / "nsd.conf")], directory)


def name_servers(layout: Layout, work: Path) -> tuple[list[Program], Path]:
    """NSD with the whole tree, and one that was forgotten when a zone changed; also the trust anchor's file."""
    directory = work / "nsd" / "zones"
    anchor = zones.write_zones(directory)
    endpoints = [layout.name_server] + ([layout.name_server6] if layout.ipv6 else [])
    old = {zone.name: zone.old_file_name for zone in zones.ZONES if zone.old is not None}
    old[f"servfail.{open_mpic.SIGNED_SUITE}."] = "not-there.zone"  # which it answers with SERVFAIL
    return [
        _nsd("nsd", endpoints, {zone.name: zone.file_name for zone in zones.ZONES}, directory, work),
        _nsd("nsd-old", [layout.old_name_server], old, directory, work),
    ], anchor


def challenge_server(layout: Layout, work: Path) -> Program:
    """pebble-challtestsrv, for tests: they set challenges over its management interface and have them validated."""
    directory = work / ChallengeServer.name
    directory.mkdir(parents=True)
    server = layout.challenge_server()

    def listed(endpoints: list[Endpoint]) -> str:
        return ",".join(str(endpoint) for endpoint in endpoints)

    command = [
        find_program("pebble-challtestsrv"), "-management", str(server.management), "-dns01", str(server.dns),
        "-http01", listed(server.http), "-https01", "", "-tlsalpn01", listed(server.tls_alpn),
        "-defaultIPv4", "", "-defaultIPv6", "",  # a name has the addresses that a test gives it
    ]  # fmt: skip
    return Program(ChallengeServer.name, command, directory)


def unbound_binary(work: Path) -> Path:
    """A copy of Unbound: Debian's AppArmor profile, which goes by the path of the program, lets
    /usr/sbin/unbound read the system's own configuration and nothing else."""
    copy = work / "bin" / "unbound"
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(find_program("unbound"), copy)
    return copy


def control_socket(perspective: Perspective, layout: Layout, work: Path) -> Path:
    return work / layout.resolver(perspective).owner / "control"


def _stubs(perspective: Perspective, layout: Layout) -> dict[str, list[Endpoint]]:
    """Where this resolver finds each zone, as the port of our name servers is not the one that delegations mean."""
    servers = {zone.name: [layout.name_server] for zone in zones.ZONES}
    servers["lame.test."] = [layout.old_name_server]
    servers["six.test."] = [layout.name_server6]
    # A resolver takes one name server or the other; here it is known beforehand which perspective is unlucky.
    if perspective.id in BEHIND:
        servers["moved.test."] = [layout.old_name_server]
    servers["hostile.test."] = [layout.hostile_name_server]
    servers["silent.test."] = [layout.silent_name_server]
    servers[f"ipv6only.{open_mpic.SUITE}."] = [layout.name_server6]
    unanswered = {
        "servfail": layout.old_name_server, "refused": layout.old_name_server, "blackhole": layout.silent_name_server
    }  # fmt: skip
    servers |= {f"{name}.{open_mpic.SIGNED_SUITE}.": [server] for name, server in unanswered.items()}
    servers["challtest.test."] = [layout.challenge_server().dns]
    return servers


def resolver(perspective: Perspective, layout: Layout, work: Path, anchor: Path, tuning: Tuning) -> Program:
    """A perspective's own validating Unbound: shared with nobody, so that one poisoned cache is one vote."""
    control = "control-enable: no"
    if tuning.resolver_control:
        control = f"control-enable: yes\n  control-interface: {control_socket(perspective, layout, work)}"
    endpoint = layout.resolver(perspective)
    directory = work / endpoint.owner
    directory.mkdir(parents=True)
    ipv6 = layout.ipv6 and perspective.has_ipv6
    outgoing = [perspective.egress] + ([IPV6_LOOPBACK] if ipv6 else [])
    outgoing_interfaces = "\n".join(f"  outgoing-interface: {address}" for address in outgoing)
    configuration = f"""\
server:
  interface: {endpoint.address}@{endpoint.port}
  access-control: 127.77.0.0/16 allow
{outgoing_interfaces}
  do-ip6: {"yes" if ipv6 else "no"}
  do-not-query-localhost: no
  num-threads: 1
  # Names whose servers never answer are worked on long after whoever asked has given up. All questions come from one
  # address, the agent's: with the default, 1000 that wait from one address, nobody's new name is looked up any more. And
  # an answer that took long is one all the same.
  wait-limit: 0
  discard-timeout: 0
  num-queries-per-thread: 4096
  outgoing-range: 8192
  msg-cache-size: 1m
  rrset-cache-size: 2m
  username: ""
  chroot: ""
  directory: "{directory}"
  pidfile: "{directory}/unbound.pid"
  use-syslog: no
  logfile: ""
  log-time-ascii: yes
  module-config: "validator iterator"
  trust-anchor-file: "{anchor}"
  val-permissive-mode: no
  val-log-level: 2
  ede: yes
  # A failure that is remembered is told without its reason; the next attempt should say again what is wrong.
  val-bogus-ttl: 0
  qname-minimisation: yes
  # A challenge that was answered once must be looked up again a minute later (BR 3.2.2.8, 3.2.2.9).
  cache-max-ttl: 60
  cache-max-negative-ttl: 60
  serve-expired: no
  # Unbound answers for these itself unless told that they are in use.
  local-zone: "test." nodefault
  local-zone: "127.in-addr.arpa." nodefault
  local-zone: "{IPV6_LOOPBACK_REVERSE}" nodefault
remote-control:
  {control}
"""
    for zone, servers in _stubs(perspective, layout).items():
        addresses = "".join(f"  stub-addr: {server.address}@{server.port}\n" for server in servers)
        configuration += f'stub-zone:\n  name: "{zone}"\n  stub-prime: no\n{addresses}'
    (directory / "unbound.conf").write_text(configuration)
    command = [str(unbound_binary(work)), "-d", "-p", "-c", str(directory / "unbound.conf")]
    return Program(endpoint.owner, command, directory)
