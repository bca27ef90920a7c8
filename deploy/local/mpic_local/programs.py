"""Configuration and keys of the agents, the coordinator and the command line tool."""

from __future__ import annotations

import subprocess
from pathlib import Path

from .layout import IPV6_LOOPBACK, LAB_ADDRESSES, LOG_ORIGIN, PERSPECTIVES, Layout, Perspective, Tuning
from .processes import Program

CLIENT = "operator"
COORDINATOR_NAME = "coordinator.mpic.internal"
# What the demonstration shows does not depend on the day it runs.
POLICY_CLOCK = "2026-12-15T00:00:00Z"
_LAB_ADDRESSES = ", ".join(f'"{prefix}"' for prefix in LAB_ADDRESSES)


def make_keys(work: Path, binaries: Path) -> Path:
    directory = work / "keys"
    command = [str(binaries / "mpic"), "keys", "dev", str(directory), "--coordinator", "coordinator"]
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


def agent(perspective: Perspective, layout: Layout, work: Path, binaries: Path, tuning: Tuning) -> Program:
    endpoint = layout.agent(perspective)
    directory = work / endpoint.owner
    directory.mkdir(parents=True)
    keys = f"../keys/agents/{perspective.id}"
    most = tuning.concurrent_checks
    limits = f"limits: {{concurrent_checks: {most}, concurrent_checks_per_target: {most}}}\n" if most else ""
    egress6 = f"  ipv6: {IPV6_LOOPBACK}\n" if layout.ipv6 and perspective.has_ipv6 else ""
    (directory / "agent.yaml").write_text(f"""\
# The agent of the perspective in {perspective.place}. Relative paths count from this file.
perspective: {perspective.id}
role: {perspective.role}
rir: {perspective.rir}
listen: {endpoint}
admin: {layout.agent_admin(perspective)}
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
# What makes this a laboratory. It is stamped on every observation, and keeps every verdict from being
# a basis for issuance.
lab:
  addresses: [{_LAB_ADDRESSES}]
  ports: {{80: {layout.http.port}, 443: {layout.https.port}}}
  top_level_domains: [test]
  foreign_trust_anchor: true
""")
    command = [str(binaries / "mpic-agent"), "--config", str(directory / "agent.yaml")]
    return Program(endpoint.owner, command, directory)


def _perspective_entry(perspective: Perspective, layout: Layout) -> str:
    return f"""\
  - id: {perspective.id}
    role: {perspective.role}
    rir: {perspective.rir}
    address: {layout.agent(perspective)}
    tls_name: {perspective.id}.agents.mpic.internal
    provider: example-cloud
    place: {{name: "{perspective.place}", latitude: {perspective.latitude}, longitude: {perspective.longitude}}}
    keys:
      - public_key: ../keys/agents/{perspective.id}/signing.pub.pem
"""


def coordinator_configuration(layout: Layout, perspectives: tuple[Perspective, ...] = PERSPECTIVES,
                              tuning: Tuning = Tuning(), policy_clock: str = POLICY_CLOCK) -> str:
    share = tuning.requests_per_target
    limits = f"limits: {{open_requests_per_target: {share}}}\n" if share else ""
    entries = "".join(_perspective_entry(perspective, layout) for perspective in perspectives)
    return f"""\
# Relative paths count from this file.
log_origin: {LOG_ORIGIN}
listen: {layout.coordinator}
admin: {layout.coordinator_admin}
tls:
  ca: ../keys/ca.pem
  certificate: ../keys/coordinator/tls.pem
  key: ../keys/coordinator/tls.key
clients:
  - {{name: {CLIENT}, san: {CLIENT}.clients.mpic.internal}}
signing:
  key: ../keys/coordinator/signing.key
store:
  sqlite: records.sqlite
policy:
  profile: cabf-tls-br
{limits}\
perspectives:
{entries}\
lab:
  addresses: [{_LAB_ADDRESSES}]
  top_level_domains: [test]
  policy_clock: {policy_clock}
"""


def coordinator(layout: Layout, work: Path, binaries: Path, tuning: Tuning) -> Program:
    directory = work / "coordinator"
    directory.mkdir(parents=True)
    configuration = directory / "coordinator.yaml"
    configuration.write_text(coordinator_configuration(layout, tuning=tuning))
    command = [str(binaries / "mpic-coordinator"), "--config", str(configuration)]
    return Program("coordinator", command, directory)


def write_profile(layout: Layout, work: Path, client: str = CLIENT) -> Path:
    """What the command line tool needs to know to ask as this client."""
    profile = work / f"{client}.yaml"
    profile.write_text(f"""\
coordinator: {layout.coordinator}
tls_name: {COORDINATOR_NAME}
ca: keys/ca.pem
certificate: keys/clients/{client}/tls.pem
key: keys/clients/{client}/tls.key
""")
    return profile
