"""A perspective in hostile hands: its agent is killed, and one that lies takes its place and its keys."""

from __future__ import annotations

import re
from pathlib import Path

from mpic_local.layout import BY_ID
from mpic_local.processes import Program
from support import System, metric_at


class HostileAgent:
    def __init__(self, system: System, perspective: str, other_key_of: str = "af-south"):
        self._system = system
        self.perspective = perspective
        self._name = f"hostile-{perspective}"
        directory = system.work / f"agent-{perspective}"
        self._deed = directory / "deed"
        self.tell("honest")
        keys = system.work / "keys" / "agents" / other_key_of
        command = [str(system.binaries / "mpic-hostile-agent"), "--config", str(directory / "agent.yaml"),
                   "--deed-file", str(self._deed), "--other-key", str(keys / "signing.key")]  # fmt: skip
        self._program = Program(self._name, command, directory)

    def take_over(self) -> None:
        self._system.processes.stop(f"agent-{self.perspective}", hard=True)
        self._system.wait_until_connected(self.perspective, False)
        self.start()

    def start(self) -> None:
        if self._system.processes.pid(self._name) is None:
            self._system.processes.start(self._program)
        self._system.wait_until_connected(self.perspective)

    def give_back(self) -> None:
        self._system.processes.stop(self._name, hard=True)
        self._system.wait_until_connected(self.perspective, False)
        self._system.start_again(f"agent-{self.perspective}")

    def tell(self, deed: str, sees: str = "yes") -> None:
        """From the next assignment on."""
        new = self._deed.with_suffix(".new")
        new.write_text(f"{deed} {sees}\n")
        new.replace(self._deed)


def metric(system: System, name: str, **labels: str) -> float:
    """A value of the coordinator's /metrics; 0 when it has never been counted."""
    return metric_at(system.layout.coordinator_admin, name, **labels)


def memory_mib(system: System, program: str) -> float:
    """Resident memory of a running program."""
    status = Path(f"/proc/{system.processes.pid(program)}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


def rir_of(perspective: str) -> str:
    return BY_ID[perspective].rir
