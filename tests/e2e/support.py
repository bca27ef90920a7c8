"""What the end-to-end tests share: the running system, and how to ask it."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
import unittest
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mpic_local import assembly, layout, programs
from mpic_local.asking import Cli
from mpic_local.probes import http_get
from mpic_local.processes import Processes


@dataclass
class System:
    work: Path
    binaries: Path
    description: dict

    @property
    def layout(self) -> layout.Layout:
        return layout.Layout(self.description["base_port"])

    @property
    def processes(self) -> Processes:
        return Processes(self.work)

    def cli(self, client: str = programs.CLIENT) -> Cli:
        return Cli(self.binaries, programs.write_profile(self.layout, self.work, client))

    def start_again(self, name: str) -> None:
        self.processes.start_again(name)
        assembly.wait_until_ready(self.work, name)
        if name.startswith("agent-"):
            self.wait_until_connected(name.removeprefix("agent-"))

    def wait_until_connected(self, perspective: str, connected: bool = True) -> None:
        """An agent is ready before its coordinator, which pauses between attempts, has found it again."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            _, answer, _ = self.cli().json(["perspectives"], would_be=False)
            for row in answer.get("perspectives", []):
                if row["id"] == perspective and row.get("connected", False) == connected:
                    return
            time.sleep(0.1)
        raise AssertionError(f"{perspective} did not become {'' if connected else 'dis'}connected within 20 s")

    def site_requests(self) -> list[dict]:
        """What the site has been asked so far."""
        lines = Path(self.description["site"]["access_log"]).read_text().splitlines()
        return [json.loads(line) for line in lines]

    def try_to_start(self, program: str, configuration: Path) -> subprocess.CompletedProcess:
        """For configurations that must be refused: ends by itself, or the test fails on the time limit."""
        command = [str(self.binaries / program), "--config", str(configuration)]
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


system: System  # set by run.py before any test is loaded


class Case(unittest.TestCase):
    """A test over the running system."""

    maxDiff = None

    def setUp(self) -> None:
        self.system = system
        self.cli = system.cli()

    def require_ipv6(self) -> None:
        if not self.system.description["ipv6"]:
            self.skipTest("this machine has no IPv6")

    def ask(self, arguments: list[str]) -> dict:
        status, answer, error = self.cli.json(arguments)
        self.assertTrue(answer, f"no answer; exit status {status}; {error}")
        return answer


def metric_at(admin: layout.Endpoint, name: str, **labels: str) -> float:
    """A value of a program's /metrics; 0 when it has never been counted."""
    _, text = http_get(admin.address, admin.port, "/metrics", timeout=5)
    for line in text.splitlines():
        found = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if found and found[1] == name:
            seen = dict(re.findall(r'(\w+)="([^"]*)"', found[2] or ""))
            if all(seen.get(key) == value for key, value in labels.items()):
                return float(found[3])
    return 0.0


def bind_in_silence(endpoint: layout.Endpoint) -> list[socket.socket]:
    """A name server that takes every question and answers none, until these are closed."""
    held = []
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        held.append(socket.socket(socket.AF_INET, kind))
        held[-1].bind((endpoint.address, endpoint.port))
    held[-1].listen()
    return held


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
