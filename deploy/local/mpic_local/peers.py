"""Configuration of what the system looks at and with: NSD, Unbound and nginx.

Each runs in the foreground as the user who starts it, from files in the work directory alone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from . import zones
from .layout import BY_ID, HIJACKED_ONE, HIJACKED_THREE, PRIMARY, Layout, Perspective, Tuning
from .processes import Program

# An http-01 challenge as an ACME server would set it; the same at every name of the site.
TOKEN = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"
KEY_AUTHORIZATION = f"{TOKEN}.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"
# What somebody else's ACME account would answer.
HIJACKER_AUTHORIZATION = f"{TOKEN}.4K0YzXhZ1yq7Vt3c8uWm2nB5rL9oEdSgPfJxQaTiHvM"

SYSTEM_PROGRAM_DIRECTORIES = ("/usr/sbin", "/usr/bin", "/sbin", "/bin")


def find_program(name: str) -> str:
    """Also where a normal user's PATH does not look."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *SYSTEM_PROGRAM_DIRECTORIES])
    found = shutil.which(name, path=path)
    if found is None:
        raise RuntimeError(f"{name} is not installed; the packages are listed in deploy/packages.txt")
    return found


def name_server(layout: Layout, work: Path) -> tuple[Program, Path]:
    """NSD with the whole tree; also returns the trust anchor's file."""
    directory = work / "nsd"
    anchor = zones.write_zones(directory / "zones")
    configuration = f"""\
server:
  ip-address: {layout.name_server.address}@{layout.name_server.port}
  username: ""
  chroot: ""
  zonesdir: "{directory}/zones"
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
    for zone in zones.ZONES:
        configuration += f'zone:\n  name: "{zone.name}"\n  zonefile: "{zone.file_name}"\n'
    (directory / "nsd.conf").write_text(configuration)
    command = [find_program("nsd"), "-d", "-c", str(directory / "nsd.conf")]
    return Program("nsd", command, directory), anchor


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


def resolver(perspective: Perspective, layout: Layout, work: Path, anchor: Path, tuning: Tuning) -> Program:
    """A perspective's own validating Unbound: shared with nobody, so that one poisoned cache is one vote."""
    control = "control-enable: no"
    if tuning.resolver_control:
        control = f"control-enable: yes\n  control-interface: {control_socket(perspective, layout, work)}"
    endpoint = layout.resolver(perspective)
    directory = work / endpoint.owner
    directory.mkdir(parents=True)
    configuration = f"""\
server:
  interface: {endpoint.address}@{endpoint.port}
  access-control: 127.77.0.0/16 allow
  outgoing-interface: {perspective.egress}
  do-ip6: no
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
  qname-minimisation: yes
  # A challenge that was answered once must be looked up again a minute later (BR 3.2.2.8, 3.2.2.9).
  cache-max-ttl: 60
  cache-max-negative-ttl: 60
  serve-expired: no
  # Unbound answers for test. itself unless told that the name is in use.
  local-zone: "test." nodefault
remote-control:
  {control}
"""
    servers = {zone.name: layout.name_server for zone in zones.ZONES}
    servers |= {"hostile.test.": layout.hostile_name_server, "silent.test.": layout.silent_name_server}
    for zone, server in servers.items():
        configuration += (
            f'stub-zone:\n  name: "{zone}"\n  stub-prime: no\n  stub-addr: {server.address}@{server.port}\n'
        )
    (directory / "unbound.conf").write_text(configuration)
    command = [str(unbound_binary(work)), "-d", "-p", "-c", str(directory / "unbound.conf")]
    return Program(endpoint.owner, command, directory)


def _egress_map(variable: str, perspectives: tuple[str, ...]) -> str:
    rows = "".join(f"    {BY_ID[id].egress} 1;\n" for id in perspectives)
    return f"  geo ${variable} {{\n    default 0;\n{rows}  }}\n"


def _make_site_certificate(directory: Path) -> None:
    """Nobody verifies it: validation over https proves control by content, not by the certificate."""
    command = [
        find_program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes", "-days", "90", "-subj", "/CN=demo.test", "-addext", "subjectAltName=DNS:*.demo.test",
        "-keyout", str(directory / "site.key"), "-out", str(directory / "site.pem"),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"openssl cannot make the site's certificate: {done.stderr.strip()}")


def site(layout: Layout, work: Path) -> Program:
    """nginx as the applicant's site; some names answer by who asks, as a hijacked route would."""
    directory = work / "nginx"
    directory.mkdir(parents=True)
    _make_site_certificate(directory)
    large = "x" * 1024
    challenge = "/.well-known/acme-challenge/"
    location = f"location = {challenge}{TOKEN}"
    temporary = "".join(
        f"  {kind}_temp_path {directory}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (directory / "large.txt").write_text(KEY_AUTHORIZATION + large * 256)
    (directory / "slow.txt").write_text(KEY_AUTHORIZATION)

    def server(names: str, body: str, options: str = "") -> str:
        return f"""\
  server {{
    listen {layout.http}{options};
    listen {layout.https} ssl;
    server_name {names};
    {body}
  }}
"""

    by_egress = f"""\
  map $hijacked_one $one {{ 0 "{KEY_AUTHORIZATION}"; 1 "{HIJACKER_AUTHORIZATION}"; }}
  map $hijacked_three $three {{ 0 "{KEY_AUTHORIZATION}"; 1 "{HIJACKER_AUTHORIZATION}"; }}
  map $hijacked_primary $primary {{ 1 "{KEY_AUTHORIZATION}"; 0 "{HIJACKER_AUTHORIZATION}"; }}
"""
    servers = [
        server("_", "return 404;", " backlog=4096"),  # of the address, so of all
        server("demo.test www.demo.test plain.test www.plain.test *.wild.demo.test two-addresses.demo.test"
               " *.bench.test *.cold.test mixed.demo.test alias.demo.test alias-twice.demo.test caa-permits.demo.test"
               " caa-forbids.demo.test caa-method.demo.test deep.caa-parent.demo.test",
               f'{location} {{ return 200 "{KEY_AUTHORIZATION}"; }}\n'
               f'    location = /validation/{TOKEN} {{ return 200 "{KEY_AUTHORIZATION}\\n"; }}'),
        server("redirect.demo.test",
               f"{location} {{\n"
               "      if ($scheme = http) { return 301 https://$host$request_uri; }\n"
               f"      return 302 https://www.demo.test/validation/{TOKEN};\n    }}"),
        server("one-hijacked.demo.test", f'{location} {{ return 200 "$one"; }}'),
        server("three-hijacked.demo.test", f'{location} {{ return 200 "$three"; }}'),
        server("primary-hijacked.demo.test", f'{location} {{ return 200 "$primary"; }}'),
        server("wrong.demo.test", f'{location} {{ return 200 "{HIJACKER_AUTHORIZATION}"; }}'),
        server("missing.demo.test", "return 404;"),
        server("loop.demo.test", "return 302 http://loop.demo.test$request_uri;"),
        server("redirect-port.demo.test", "return 302 http://www.demo.test:8080$request_uri;"),
        server("redirect-internal.demo.test", "return 302 http://internal.demo.test$request_uri;"),
        server("closes.demo.test", "return 444;"),
        server("large.demo.test", f"{location} {{ alias {directory}/large.txt; }}"),
        server("slow.demo.test", f"{location} {{ alias {directory}/slow.txt; limit_rate 1; }}"),
    ]  # fmt: skip
    configuration = f"""\
{"user root;" if os.geteuid() == 0 else ""}
worker_processes 1;
worker_rlimit_nofile 8192;
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/error.log warn;
events {{ worker_connections 4096; }}
http {{
  default_type text/plain;
  log_format seen escape=json '{{"client":"$remote_addr","scheme":"$scheme","host":"$http_host",'
    '"request":"$request","status":"$status","agent":"$http_user_agent"}}';
  access_log {directory}/access.log seen;
{temporary}\
  ssl_certificate {directory}/site.pem;
  ssl_certificate_key {directory}/site.key;
  ssl_protocols TLSv1.2 TLSv1.3;
{_egress_map("hijacked_one", HIJACKED_ONE)}\
{_egress_map("hijacked_three", HIJACKED_THREE)}\
{_egress_map("hijacked_primary", (PRIMARY.id,))}\
{by_egress}\
{"".join(servers)}\
}}
"""
    (directory / "nginx.conf").write_text(configuration)
    command = [find_program("nginx"), "-p", str(directory), "-e", "stderr", "-c", str(directory / "nginx.conf")]
    return Program("nginx", command, directory)
