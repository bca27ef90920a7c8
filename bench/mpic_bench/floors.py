"""The same traffic with nothing done: what a corroboration would cost at least, on this machine, at this moment."""

from __future__ import annotations

import json
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from mpic_local.challenges import KEY_AUTHORIZATION, TOKEN
from mpic_local.layout import PERSPECTIVES

from . import usage
from .load import LoadError, Workload
from .records import Sizes
from .system import NAME_SERVER, RESOLVERS, SITE, System

_START_SECONDS = 10


@dataclass(frozen=True)
class Floor:
    """Microseconds of processor time for one corroboration's worth; `ours` is what the ratio counts."""

    ours: float
    report: dict


def _binary(system: System) -> str:
    return str(system.binaries / "mpic-floor")


def _client(command: list[str], seconds: float) -> dict:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    except subprocess.TimeoutExpired as late:
        raise LoadError(f"{' '.join(command[:2])} does not end") from late
    if done.returncode != 0:
        raise LoadError(f"{' '.join(command[:2])} failed: {done.stderr.strip()} {done.stdout.strip()}")
    return json.loads(done.stdout)


def _tls(directory: Path, keys: Path) -> list[str]:
    return ["--ca", str(keys / "ca.pem"), "--certificate", str(directory / "tls.pem"),
            "--key", str(directory / "tls.key")]  # fmt: skip


def _sizes(sizes: Sizes) -> list[str]:
    return ["--assignment", str(sizes.assignment), "--observation", str(sizes.observation),
            "--root-payload", str(sizes.root_payload), "--signature", str(sizes.signature)]  # fmt: skip


def _echo(stack: ExitStack, command: list[str]) -> tuple[subprocess.Popen, int]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    stack.callback(process.wait, _START_SECONDS)
    stack.callback(process.terminate)
    line = process.stdout.readline()
    if not line.strip().isdigit():
        raise LoadError("an echo server did not start")
    return process, int(line)


def fan_out(system: System, sizes: Sizes, in_flight: int, seconds: float) -> Floor:
    """One stream to each of seven servers that answer at once."""
    with ExitStack() as stack:
        servers, arguments = [], []
        for perspective in PERSPECTIVES:
            tls = _tls(system.keys / "agents" / perspective.id, system.keys)
            process, port = _echo(stack, [_binary(system), "echo", "--listen", f"{perspective.address}:0", *tls,
                                          *_sizes(sizes)])  # fmt: skip
            servers.append(process.pid)
            arguments.append(f"{perspective.address}:{port}={perspective.id}.agents.mpic.internal")
        command = [_binary(system), "fan-out", "--servers", *arguments,
                   *_tls(system.keys / "coordinator", system.keys), *_sizes(sizes),
                   "--in-flight", str(in_flight), "--seconds"]  # fmt: skip
        before = usage.of(servers).processor_seconds
        report = _client([*command, str(seconds)], seconds)
        report["servers_us_each"] = _each(usage.of(servers).processor_seconds - before, report)
    return Floor(report["client_us_each"] + report["servers_us_each"], report)


def _each(processor_seconds: float, report: dict) -> float:
    return round(1e6 * processor_seconds / report["rounds_with_warm_up"], 1)


def _looking(system: System, command: list[str], seconds: float, parts: tuple[str, ...]) -> dict:
    _client([*command, "0.1"], 1)  # warms the resolvers
    before = system.snapshot()
    report = _client([*command, str(seconds)], seconds)
    after = system.snapshot()
    for part in parts:
        used = after.parts[part].processor_seconds - before.parts[part].processor_seconds
        report[f"{part}_us_each"] = _each(used, report)
    report["datagrams_dropped"] = after.datagrams_dropped - before.datagrams_dropped
    return report


def dns(system: System, workload: Workload, in_flight: int, seconds: float) -> Floor:
    """The lookups of all seven perspectives, by the bare client, at the same resolvers."""
    resolvers = [str(system.layout.resolver(perspective)) for perspective in PERSPECTIVES]
    command = [_binary(system), "dns", "--perspectives", *resolvers, "--name", workload.name,
               "--names", str(workload.names), "--lookups", "caa" if workload.checks == "caa" else "addresses",
               "--in-flight", str(in_flight), "--seconds"]  # fmt: skip
    report = _looking(system, command, seconds, (RESOLVERS, NAME_SERVER))
    return Floor(report["client_us_each"] + report[f"{RESOLVERS}_us_each"], report)


def http(system: System, workload: Workload, in_flight: int, seconds: float) -> Floor:
    """The seven requests, by the bare client, at the same site."""
    command = [_binary(system), "http", "--perspectives", *(perspective.egress for perspective in PERSPECTIVES),
               "--name", workload.name, "--names", str(workload.names), "--site", str(system.layout.http),
               "--token", TOKEN, "--body", KEY_AUTHORIZATION,
               "--in-flight", str(in_flight), "--seconds"]  # fmt: skip
    report = _looking(system, command, seconds, (SITE,))
    return Floor(report["client_us_each"], report)


def measure(system: System, workload: Workload, sizes: Sizes, in_flight: int, seconds: float,
            corroboration_us: float) -> dict:
    """`corroboration_us`: of coordinator, agents and resolvers, just measured with as many in flight."""
    floors = {"fan_out": fan_out(system, sizes, in_flight, seconds), "dns": dns(system, workload, in_flight, seconds)}
    if workload.checks == "http-01":
        floors["http"] = http(system, workload, in_flight, seconds)
    together = sum(floor.ours for floor in floors.values())
    return {
        "measurement": "floors",
        "workload": workload.as_json(),
        "in_flight": in_flight,
        "message_sizes": sizes.as_json(),
        "floors": {name: floor.report for name, floor in floors.items()},
        "floor_us_each": {name: round(floor.ours, 1) for name, floor in floors.items()},
        "floors_us_together": round(together, 1),
        "corroboration_us_each": corroboration_us,
        "ratio_to_floors": round(corroboration_us / together, 2),
    }
