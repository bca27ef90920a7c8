"""Processor time, memory and descriptors of processes, from /proc."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    processor_seconds: float  # user and system, of all threads, ended ones too
    rss_kib: int
    descriptors: int


def _stat(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return text.rpartition(")")[2].split()  # the name before it may hold blanks and brackets


def groups(leaders: set[int]) -> dict[int, list[int]]:
    """The processes of the groups that these lead: servers and the workers they forked."""
    found: dict[int, list[int]] = {leader: [] for leader in leaders}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or (fields := _stat(int(entry.name))) is None:
            continue
        if (leader := int(fields[2])) in leaders:
            found[leader].append(int(entry.name))
    return found


def of(pids: list[int]) -> Usage:
    seconds, rss, descriptors = 0.0, 0, 0
    for pid in pids:
        fields = _stat(pid)
        if fields is None:
            continue
        seconds += (int(fields[11]) + int(fields[12])) / _TICKS
        rss += int(fields[21]) * os.sysconf("SC_PAGE_SIZE") // 1024
        try:
            descriptors += len(os.listdir(f"/proc/{pid}/fd"))
        except OSError:
            pass
    return Usage(seconds, rss, descriptors)


def machine_busy_seconds() -> float:
    """Of all processors since boot, whoever used them."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    user, nice, system, _idle, _iowait, irq, softirq, steal = fields
    return (user + nice + system + irq + softirq + steal) / _TICKS


def datagrams_dropped() -> int:
    """For want of room in a socket's receive buffer, since boot. A lost query costs its sender seconds of waiting."""
    lines = Path("/proc/net/snmp").read_text().splitlines()
    names, values = (line.split() for line in lines if line.startswith("Udp:"))
    return int(values[names.index("RcvbufErrors")])
