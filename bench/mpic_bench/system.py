"""The local system under measurement, and who plays which part in it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from mpic_local import assembly, layout, peers
from mpic_local.asking import Cli
from mpic_local.processes import Processes

from . import usage

# The parts whose processor time is told apart. The load client counts its own.
COORDINATOR, AGENTS, RESOLVERS, NAME_SERVER, SITE = "coordinator", "agents", "resolvers", "name_server", "site"
PARTS = (COORDINATOR, AGENTS, RESOLVERS, NAME_SERVER, SITE)
_PREFIXES = {"coordinator": COORDINATOR, "agent-": AGENTS, "unbound-": RESOLVERS, "nsd": NAME_SERVER, "nginx": SITE,
             "tls-alpn-": SITE}  # fmt: skip

CONCURRENT_CHECKS = 1024  # per agent; the default would refuse the 257th of 256 in flight


@dataclass(frozen=True)
class Snapshot:
    at: float
    parts: dict[str, usage.Usage]
    busy_seconds: float
    datagrams_dropped: int


class System:
    """Context manager: up on entry, down and removed on exit."""

    def __init__(self, binaries: Path, say):
        self.binaries = binaries
        self.layout = layout.free_layout()
        self.work = Path(tempfile.mkdtemp(prefix="mpic-bench-"))
        self._say = say

    def __enter__(self) -> System:
        tuning = layout.Tuning(resolver_control=True, concurrent_checks=CONCURRENT_CHECKS,
                               requests_per_target=CONCURRENT_CHECKS, events=False, rest_tls=True)
        try:
            assembly.up(self.work, self.layout, self.binaries, say=self._say, tuning=tuning)
            self.wait_until_connected()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *_) -> None:
        stopped = assembly.down(self.work)
        self._say(f"stopped {len(stopped)} processes")
        self._remove()

    def _remove(self) -> None:
        shutil.rmtree(self.work, ignore_errors=True)

    @property
    def processes(self) -> Processes:
        return Processes(self.work)

    @property
    def profile(self) -> Path:
        return self.work / "operator.yaml"

    @property
    def records(self) -> Path:
        return self.work / "coordinator" / "records.sqlite"

    @property
    def keys(self) -> Path:
        return self.work / "keys"

    def wait_until_connected(self, seconds: float = 20) -> None:
        """The coordinator is ready as soon as it has a quorum; a measurement wants all seven."""
        cli = Cli(self.binaries, self.profile)
        deadline = time.monotonic() + seconds
        while True:
            _, answer, _ = cli.json(["perspectives"], would_be=False)
            missing = [row["id"] for row in answer.get("perspectives", []) if not row.get("connected")]
            if answer and not missing:
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"not connected within {seconds:.0f} s: {', '.join(missing) or 'the coordinator'}")
            time.sleep(0.1)

    def _leaders(self) -> dict[int, str]:
        """Pid of each program -> the part it plays."""
        found = {}
        for name in self.processes.names():
            if (pid := self.processes.pid(name)) is not None:
                found[pid] = next(part for prefix, part in _PREFIXES.items() if name.startswith(prefix))
        return found

    def snapshot(self) -> Snapshot:
        leaders = self._leaders()
        pids: dict[str, list[int]] = {part: [] for part in PARTS}
        for leader, members in usage.groups(set(leaders)).items():  # anew: the name server replaces its workers
            pids[leaders[leader]] += members
        return Snapshot(time.monotonic(), {part: usage.of(pids[part]) for part in PARTS}, usage.machine_busy_seconds(),
                        usage.datagrams_dropped())  # fmt: skip

    def resolver_counters(self) -> dict[str, int]:
        """Questions and cache misses of all seven resolvers, since their start."""
        total = {"queries": 0, "misses": 0}
        control = peers.find_program("unbound-control")
        for perspective in layout.PERSPECTIVES:
            socket = peers.control_socket(perspective, self.layout, self.work)
            configuration = socket.parent / "unbound.conf"
            done = subprocess.run([control, "-c", str(configuration), "-s", str(socket), "stats_noreset"],
                                  capture_output=True, text=True, check=False)  # fmt: skip
            values = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
            if "total.num.queries" not in values:
                raise RuntimeError(f"{perspective.id}: no statistics: {done.stderr.strip() or done.stdout.strip()}")
            total["queries"] += int(values["total.num.queries"])
            total["misses"] += int(values["total.num.cachemiss"])
        return total


def hit_ratio(before: dict[str, int], after: dict[str, int]) -> float | None:
    queries = after["queries"] - before["queries"]
    return round(1 - (after["misses"] - before["misses"]) / queries, 4) if queries else None
