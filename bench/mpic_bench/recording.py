"""What durable recording costs: the same load on a coordinator that records and on one that records to nowhere, in turn."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager

from mpic_local import assembly

from . import corroborate
from .load import Asking
from .system import COORDINATOR, System

COORDINATOR_PROGRAM = "coordinator"


def _restart(system: System, configuration: str) -> None:
    system.processes.stop(COORDINATOR_PROGRAM)
    (system.work / COORDINATOR_PROGRAM / "coordinator.yaml").write_text(configuration)
    system.processes.start_again(COORDINATOR_PROGRAM)
    assembly.wait_until_ready(system.work, COORDINATOR_PROGRAM)
    system.wait_until_connected()


@contextmanager
def _nowhere(system: System) -> Iterator[None]:
    durable = (system.work / COORDINATOR_PROGRAM / "coordinator.yaml").read_text()
    changed = durable.replace("\nlab:\n", "\nlab:\n  records_nowhere: true\n")
    if changed == durable:
        raise RuntimeError("the coordinator's configuration has no lab section")
    _restart(system, changed)
    try:
        yield
    finally:
        _restart(system, durable)


def measure(system: System, asking: Asking, rounds: int) -> dict:
    """A B B A and so on, so that a machine that becomes slower or faster meanwhile favours neither."""
    durable, nowhere = [], []
    others = corroborate.Others(system)
    for number in range(rounds):
        if number % 2 == 0:
            durable.append(corroborate.measure(system, asking))
        with _nowhere(system):
            nowhere.append(corroborate.measure(system, asking))
        if number % 2 == 1:
            durable.append(corroborate.measure(system, asking))
    after, before = _median(durable), _median(nowhere)
    return {
        "measurement": "recording",
        "workload": asking.workload.as_json(),
        "in_flight": asking.in_flight,
        "respond": asking.respond,
        "durable": [_short(one) for one in durable],
        "nowhere": [_short(one) for one in nowhere],
        "per_second": [before, after],
        "throughput_ratio": round(after / before, 3) if before else None,
        "coordinator_us_each": [_coordinator(nowhere), _coordinator(durable)],
        "others_share_of_machine": others.share(),
    }


def _median(results: list[dict]) -> float:
    return round(statistics.median(result["per_second"] for result in results), 1)


def _coordinator(results: list[dict]) -> float:
    return round(statistics.median(result["processor_us_each"][COORDINATOR] for result in results), 1)


def _short(result: dict) -> dict:
    return {key: result[key] for key in ("per_second", "latency_us", "processor_us_each", "others_share_of_machine")}
