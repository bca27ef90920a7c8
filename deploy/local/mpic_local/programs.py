"""Configuration and keys of the agents, the coordinator and the command line tool."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .challenges import ISSUER
from .layout import IPV6_LOOPBACK, LAB_ADDRESSES, LOG_ORIGIN, PERSPECTIVES, Endpoint, Layout, Perspective, Tuning
from .processes import Program

CLIENT = "operator"
COORDINATOR_NAME = "coordinator.mpic.internal"
API_KEYS = "api-keys"  # below the work directory: of coordinators that tests start
OWN_API_KEYS = "keys/api-keys.yaml"  # of the system's own
USER_AGENT = "mpic-quickstart (+https://ca.example/validation)"  # what agents call themselves, and site owners are told
# What the demonstration shows does not depend on the day it runs.
POLICY_CLOCK = "2026-12-15T00:00:00Z"
_LAB_ADDRESSES = ", ".join(f'"{prefix}"' for prefix in LAB_ADDRESSES)


def make_keys(work: Path, binaries: Path) -> Path:
    directory = work / "keys"
    command = [str(binaries / "mpic"), "keys", "dev", str(directory), "--coordinator", "coordinator"]
    command += ["--log-origin", LOG_ORIGIN]
    for perspective in PERSPECTIVES:
        command += ["--agent", perspective.id]
    command += ["--client", CLIENT, "--client", "stranger"]  # valid, but no client of this coordinator
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise RuntimeError(f"cannot run {command[0]}: {error.strerror}; build it first") from error
    if done.returncode != 0:
        raise RuntimeError(f"mpic keys dev failed: {done.stderr.strip() or done.stdout.strip()}")
    return directory


def api_key_file(work: Path) -> Path:
    """Where the client finds the key that it shows the system's own coordinator."""
    return work / f"{CLIENT}.api-key"


def make_api_key(work: Path, binaries: Path) -> None:
    command = [str(binaries / "mpic"), "keys", "api", "create", "--keys", str(work / OWN_API_KEYS),
               "--client", CLIENT, "--name", "quickstart"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"mpic keys api create failed: {done.stderr.strip()}")
    file = api_key_file(work)
    file.touch(mode=0o600)
    file.write_text(done.stdout)


def agent(perspective: Perspective, layout: Layout, work: Path, binaries: Path, tuning: Tuning,
          other: bool = False) -> Program:
    """`other`: beside the one that is the perspective's already."""
    endpoint = layout.other_agent(perspective) if other else layout.agent(perspective)
    admin = layout.other_agent_admin(perspective) if other else layout.agent_admin(perspective)
    directory = work / endpoint.owner
    directory.mkdir(parents=True, exist_ok=other)
    keys = f"../keys/agents/{perspective.id}"
    most = tuning.concurrent_checks
    limits = f"limits: {{concurrent_checks: {most}, concurrent_checks_per_target: {most}}}\n" if most else ""
    redirects = f"  redirects: {tuning.redirects}\n" if tuning.redirects else ""
    events = "events: events.jsonl\n" if tuning.events else ""
    egress6 = f"  ipv6: {IPV6_LOOPBACK}\n" if layout.ipv6 and perspective.has_ipv6 else ""
    (directory / "agent.yaml").write_text(f"""\
# The agent of the perspective in {perspective.place}. Relative paths count from this file.
perspective: {perspective.id}
role: {perspective.role}
rir: {perspective.rir}
listen: {endpoint}
admin: {admin}
user_agent: {USER_AGENT}
log_origin: {LOG_ORIGIN}
tls:
  ca: ../keys/ca.pem
  certificate: {keys}/tls.pem
  key: {keys}/tls.key
  clients: [{COORDINATOR_NAME}]
signing:
  key: {keys}/signing.key
resolver:
  address: {layout.resolver(perspective)}
  configuration: ../unbound-{perspective.id}/unbound.conf
egress:
  ipv4: {perspective.egress}
{egress6}{limits}\
{events}# What makes this a laboratory. It is stamped on every observation, and keeps every verdict from being
# a basis for issuance.
lab:
  addresses: [{_LAB_ADDRESSES}]
  ports: {{80: {layout.http.port}, 443: {layout.https.port}}}
  top_level_domains: [test]
  foreign_trust_anchor: true
{redirects}""")
    command = [str(binaries / "mpic-agent"), "--config", str(directory / "agent.yaml")]
    return Program(endpoint.owner, command, directory)


@dataclass(frozen=True)
class Client:
    """Who may ask a coordinator, and what else they may."""

    name: str
    asserted_primary: Perspective | None = None  # that they may speak for
    reads_all_records: bool = False
    certificate: bool = True  # false: API keys alone
    more: str = ""  # keys of the entry, each a line with four blanks before it


@dataclass(frozen=True)
class Rest:
    """What serves the Open MPIC API beside gRPC; its clients show API keys."""

    listen: Endpoint
    tls: bool = False  # plain is for loopback alone
    parallel: bool = True  # the remotes are asked beside the Primary
    perspectives: str = "clients"  # who is told where visits come from

    def text(self) -> str:
        keys = "../keys/coordinator"
        tls = f"{{ca: ../keys/ca.pem, certificate: {keys}/tls.pem, key: {keys}/tls.key}}"
        return f"""\
rest:
  listen: {self.listen}
  {f"tls: {tls}" if self.tls else "plain: true"}
  perspectives: {self.perspectives}
  user_agent: {USER_AGENT}
  open_mpic:
    caa_domains: [{ISSUER}]
    tell_would_be: true
    parallel: {"true" if self.parallel else "false"}
"""


@dataclass(frozen=True)
class CoordinatorFile:
    """What a coordinator.yaml says, for any coordinator in a directory of its own below the work directory."""

    layout: Layout
    listen: Endpoint
    admin: Endpoint
    perspectives: tuple[Perspective, ...] = PERSPECTIVES
    clients: tuple[Client, ...] = (Client(CLIENT),)
    profiles: tuple[str, ...] = ("cabf-tls-br", "cabf-smime-br")
    custom: str = ""  # numbers of the profile custom
    policy_clock: str = POLICY_CLOCK
    requests_per_target: int | None = None  # None: its default
    reached_at: Mapping[str, Endpoint] = field(default_factory=dict)  # agents that are not where they listen
    events: bool = True  # to events.jsonl
    postgres: str = ""  # the database that records go to; empty: records.sqlite
    log_origin: str = LOG_ORIGIN
    keys: str = "coordinator"  # the folder of its keys
    store: str = ""  # further keys of the section, each a line with two blanks before it
    rest: Rest | None = None
    api_keys: str = ""  # the file of them, below the work directory; with `rest` API_KEYS if nothing is said
    second_keys: frozenset[str] = frozenset()  # perspectives whose next.pub.pem is pinned beside signing.pub.pem

    def text(self) -> str:
        share = self.requests_per_target
        events = "events: events.jsonl\n" if self.events else ""
        limits = f"limits: {{open_requests_per_target: {share}}}\n" if share else ""
        custom = f"  custom: {self.custom}\n" if self.custom else ""
        keys = self.api_keys or (API_KEYS if self.rest else "")
        api_keys = f"api_keys: ../{keys}\n" if keys else ""
        return f"""\
# Relative paths count from this file.
log_origin: {self.log_origin}
listen: {self.listen}
admin: {self.admin}
tls:
  ca: ../keys/ca.pem
  certificate: ../keys/{self.keys}/tls.pem
  key: ../keys/{self.keys}/tls.key
clients:
{"".join(_client_entry(client) for client in self.clients)}\
{api_keys}signing:
  key: ../keys/{self.keys}/signing.key
checkpoint_key: ../keys/{self.keys}/checkpoint-key.pem
{events}store:
  {f"postgres: {self.postgres}" if self.postgres else "sqlite: records.sqlite"}
{self.store}\
policy:
  profile: [{", ".join(self.profiles)}]
{custom}{limits}{self.rest.text() if self.rest else ""}\
perspectives:
{"".join(self._perspective_entry(perspective) for perspective in self.perspectives)}\
lab:
  addresses: [{_LAB_ADDRESSES}]
  top_level_domains: [test]
  policy_clock: {self.policy_clock}
"""

    def _perspective_entry(self, perspective: Perspective) -> str:
        keys = f"../keys/agents/{perspective.id}"
        second = f"      - public_key: {keys}/next.pub.pem\n" if perspective.id in self.second_keys else ""
        return f"""\
  - id: {perspective.id}
    role: {perspective.role}
    rir: {perspective.rir}
    address: {self.reached_at.get(perspective.id, self.layout.agent(perspective))}
    tls_name: {perspective.id}.agents.mpic.internal
    provider: example-cloud
    place: {_place(perspective)}
    keys:
      - public_key: {keys}/signing.pub.pem
{second}"""


def _place(perspective: Perspective) -> str:
    return f'{{name: "{perspective.place}", latitude: {perspective.latitude}, longitude: {perspective.longitude}}}'


def _client_entry(client: Client) -> str:
    entry = f"  - name: {client.name}\n"
    if client.certificate:
        entry += f"    san: {client.name}.clients.mpic.internal\n"
    entry += client.more
    if client.reads_all_records:
        entry += "    reads_all_records: true\n"
    if client.asserted_primary is not None:
        primary = client.asserted_primary
        entry += f"""\
    asserted_primary:
      id: {primary.id}
      rir: {primary.rir}
      place: {_place(primary)}
      validates_dnssec: true
"""
    return entry


def own_file(layout: Layout, tuning: Tuning = Tuning()) -> CoordinatorFile:
    """Of the system's own coordinator."""
    return CoordinatorFile(layout, layout.coordinator, layout.coordinator_admin,
                           rest=Rest(layout.coordinator_rest, tls=tuning.rest_tls, parallel=False,
                                     perspectives="everybody"),
                           api_keys=OWN_API_KEYS, requests_per_target=tuning.requests_per_target,
                           events=tuning.events, postgres=tuning.postgres)  # fmt: skip


def coordinator(layout: Layout, work: Path, binaries: Path, tuning: Tuning) -> Program:
    file = own_file(layout, tuning)
    program = coordinator_program("coordinator", work, binaries)
    program.directory.mkdir(parents=True)
    (program.directory / "coordinator.yaml").write_text(file.text())
    return program


def coordinator_program(name: str, work: Path, binaries: Path) -> Program:
    """In a directory of that name, where its configuration is."""
    directory = work / name
    return Program(name, [str(binaries / "mpic-coordinator"), "--config", str(directory / "coordinator.yaml")], directory)


def write_profile(layout: Layout, work: Path, client: str = CLIENT, coordinator: Endpoint | None = None) -> Path:
    """What the command line tool needs to know to ask a coordinator, the system's own if none is named, as this client."""
    coordinator = coordinator or layout.coordinator
    profile = work / (f"{client}.yaml" if coordinator == layout.coordinator else f"{client}-{coordinator.owner}.yaml")
    profile.write_text(f"""\
coordinator: {coordinator}
tls_name: {COORDINATOR_NAME}
ca: keys/ca.pem
certificate: keys/clients/{client}/tls.pem
key: keys/clients/{client}/tls.key
log_key: keys/coordinator/checkpoint.vkey
""")
    return profile
