"""Two conditions, measured in turn so that a machine that changes meanwhile touches both: A B A B A B."""

from __future__ import annotations

import os
import signal
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from mpic_local.layout import PERSPECTIVES
from mpic_local.records import SILENT_NAMES

from . import corroborate, load
from .load import Asking, Load, Workload
from .system import System

ROUNDS = 3  # of which the median counts
SILENT_IN_FLIGHT = 64
SILENT_DEADLINE_MS = 5_000  # then the next one takes its place
SETTLE_SECONDS = 1.0
# Of the throughput measured just before: busy, but with room.
MODERATE = 0.3
STALLED = PERSPECTIVES[-1].id


@contextmanager
def _stalled(system: System) -> Iterator[None]:
    """One remote keeps its connection and says nothing."""
    pid = system.processes.pid(f"agent-{STALLED}")
    if pid is None:
        raise RuntimeError(f"agent-{STALLED} does not run")
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
        time.sleep(SETTLE_SECONDS)  # it refuses what has become stale meanwhile
        system.wait_until_connected()


@contextmanager
def _silent_targets(system: System, in_flight: int, transport: str) -> Iterator[Load]:
    """So many requests for names whose servers never answer, for as long as this lasts: at an even rate, since a closed loop
    would send and end them all at the same moment."""
    rate = round(in_flight / (SILENT_DEADLINE_MS / 1000 / 2), 1)  # the Primary has half of the deadline
    asking = Asking(Workload("caa", "cold", "www.silent-{}.test", SILENT_NAMES), seconds=600, rate=rate, expect="any",
                    transport=transport, deadline_ms=SILENT_DEADLINE_MS)  # fmt: skip
    with Load(corroborate.load_binary(system), system.profile, asking) as silent:
        yield silent
        silent.stop()
        silent.found = silent.result()


def stalled_agent(system: System, asking: Asking, rounds: int) -> dict:
    binary = corroborate.load_binary(system)
    corroborate.warm_up(system, asking)
    others = corroborate.Others(system)
    healthy, stalled = [], []
    for _ in range(rounds):
        healthy.append(load.ask(binary, system.profile, asking))
        with _stalled(system):
            stalled.append(load.ask(binary, system.profile, _forgiving(asking)))
    before, after = _throughput(healthy), _throughput(stalled)
    return {
        "measurement": "stalled-agent",
        "workload": asking.workload.as_json(),
        "in_flight": asking.in_flight,
        "respond": asking.respond,
        "stalled": STALLED,
        "all_healthy": healthy,
        "one_stalled": stalled,
        "per_second": [before, after],
        "throughput_ratio": round(after / before, 3) if before else None,
        "others_share_of_machine": others.share(),
    }


def _forgiving(asking: Asking) -> Asking:
    return Asking(**{**vars(asking), "may_be_missing": 1})


def rest(system: System, asking: Asking, rounds: int) -> dict:
    """POST /mpic beside unary calls, both over mutual TLS, both waiting for every perspective; A B B A, medians."""
    grpc = replace(asking, transport="unary", respond="complete")
    http = replace(grpc, transport="rest", rest=str(system.layout.coordinator_rest))
    found: dict[str, list[dict]] = {"unary": [], "rest": []}
    for transport in ("unary", "rest", "rest", "unary") * rounds:
        found[transport].append(corroborate.measure(system, grpc if transport == "unary" else http))
    per_second = {name: _throughput(results) for name, results in found.items()}
    coordinator = {name: statistics.median(each["processor_us_each"]["coordinator"] for each in results)
                   for name, results in found.items()}  # fmt: skip
    return {
        "measurement": "rest",
        "workload": asking.workload.as_json(),
        "in_flight": asking.in_flight,
        "respond": "complete",
        **found,
        "per_second": [per_second["unary"], per_second["rest"]],
        "throughput_ratio": round(per_second["rest"] / per_second["unary"], 3) if per_second["unary"] else None,
        "coordinator_us_each": [coordinator["unary"], coordinator["rest"]],
    }


def silent_targets(system: System, workload: Workload, seconds: float, transport: str, respond: str,
                   rounds: int) -> dict:
    binary = corroborate.load_binary(system)
    closed = Asking(workload, min(seconds, 3.0), in_flight=16, transport=transport, respond=respond)
    corroborate.warm_up(system, closed)
    rate = round(MODERATE * load.ask(binary, system.profile, closed)["per_second"], 1)
    moderate = Asking(workload, seconds, rate=rate, transport=transport, respond=respond)
    others = corroborate.Others(system)
    alone, beside, held = [], [], []
    for _ in range(rounds):
        alone.append(load.ask(binary, system.profile, moderate))
        with _silent_targets(system, SILENT_IN_FLIGHT, transport) as silent:
            time.sleep(SILENT_DEADLINE_MS / 1000)
            beside.append(load.ask(binary, system.profile, moderate))
        held.append(silent.found)
    without, with_them = _p99(alone), _p99(beside)
    return {
        "measurement": "silent-targets",
        "workload": workload.as_json(),
        "rate": rate,
        "silent_in_flight": SILENT_IN_FLIGHT,
        "alone": alone,
        "beside_silent": beside,
        "silent": held,
        "p99_us": [without, with_them],
        "p99_ratio": round(with_them / without, 3) if without else None,
        "others_share_of_machine": others.share(),
    }


def _throughput(results: list[dict]) -> float:
    return statistics.median(result["per_second"] for result in results)


def _p99(results: list[dict]) -> float:
    return statistics.median(result["latency_us"]["p99"] for result in results)
