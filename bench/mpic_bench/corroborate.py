"""Corroborations in a closed loop, with the processor time of every part."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from . import load
from .load import Asking, Workload
from .system import AGENTS, COORDINATOR, PARTS, RESOLVERS, Snapshot, System, hit_ratio

WARM_UP_SECONDS = 1.0
# Whose time the ratio to the floors is about; name server and site stand for the Internet.
OURS = (COORDINATOR, AGENTS, RESOLVERS)


def load_binary(system: System) -> Path:
    return system.binaries / "mpic-load"


def warm_up(system: System, asking: Asking) -> None:
    """Connections, caches and memory as they are in the middle of a day: each agent asks each name once at least."""
    names = asking.workload.names
    if names:
        load.ask(load_binary(system), system.profile,
                 replace(asking, seconds=30, requests=names, rate=0.0, in_flight=16))  # fmt: skip
    load.ask(load_binary(system), system.profile, replace(asking, seconds=WARM_UP_SECONDS, rate=0.0, requests=0))


def split(before: Snapshot, after: Snapshot, each: int) -> dict[str, float]:
    """Microseconds of processor time per corroboration, by part."""
    return {
        part: round(1e6 * (after.parts[part].processor_seconds - before.parts[part].processor_seconds) / each, 1)
        for part in PARTS
    }


def _growth(before: Snapshot, after: Snapshot, what: str) -> dict[str, list[int]]:
    return {part: [getattr(before.parts[part], what), getattr(after.parts[part], what)] for part in PARTS}


class Others:
    """How much of the machine somebody else used since then: over a few per cent, the figures suffer."""

    def __init__(self, system: System):
        self._system = system
        self._before, self._clients_before = system.snapshot(), self._clients()

    @staticmethod
    def _clients() -> float:
        times = os.times()
        return times.children_user + times.children_system

    def share(self) -> float:
        before, after = self._before, self._system.snapshot()
        ours = sum(after.parts[p].processor_seconds - before.parts[p].processor_seconds for p in PARTS)
        others = after.busy_seconds - before.busy_seconds - ours - (self._clients() - self._clients_before)
        return round(max(others, 0) / ((after.at - before.at) * os.cpu_count()), 3)


def measure(system: System, asking: Asking) -> dict:
    warm_up(system, asking)
    counters = system.resolver_counters()
    others = Others(system)
    before = system.snapshot()
    result = load.ask(load_binary(system), system.profile, asking)
    after = system.snapshot()
    answered = result["answered"]
    processor = split(before, after, answered)
    processor["load_client"] = result.pop("load_client_us_each")
    return {
        "measurement": "corroborate",
        "workload": asking.workload.as_json(),
        "transport": asking.transport,
        "streams": asking.streams if asking.transport == "stream" else None,
        "respond": asking.respond,
        "in_flight": asking.in_flight if not asking.rate else None,
        "rate": asking.rate or None,
        **result,
        "processor_us_each": processor,
        "processor_us_each_ours": round(sum(processor[part] for part in OURS), 1),
        "resolver_hit_ratio": hit_ratio(counters, system.resolver_counters()),
        "datagrams_dropped": after.datagrams_dropped - before.datagrams_dropped,
        "rss_kib": _growth(before, after, "rss_kib"),
        "descriptors": _growth(before, after, "descriptors"),
        "processors": os.cpu_count(),
        "others_share_of_machine": others.share(),
    }


def workload(checks: str, cold: bool = False) -> Workload:
    return Workload(checks, **load.COLD) if cold else Workload(checks)
