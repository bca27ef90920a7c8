"""The load client: what it is told, and what it says."""

from __future__ import annotations

import json
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from mpic_local.challenges import ISSUER, KEY_AUTHORIZATION, TOKEN
from mpic_local.records import BENCH_NAMES

# The climb of each name is three names deep: nN.bench.test, bench.test, test.
CLIMB = 3


class LoadError(Exception):
    """The load client failed, or an answer was not what it must be: there is no measurement."""


@dataclass(frozen=True)
class Workload:
    """Fixed, and printed with every figure."""

    checks: str  # caa, http-01
    cache: str = "warm"
    name: str = "n{}.bench.test"
    names: int = BENCH_NAMES  # 0: each name only once

    def lookups(self) -> int:
        """Of each perspective for one corroboration."""
        return {"caa": CLIMB, "http-01": 2}[self.checks]

    def as_json(self) -> dict:
        return {
            "checks": self.checks, "cache": self.cache, "name": self.name, "names": self.names or "each once",
            "caa_at": "leaf" if self.checks == "caa" else None, "climb": CLIMB if self.checks == "caa" else None,
            "zone": "signed", "lookups_per_perspective": self.lookups(), "perspectives": 7,
        }  # fmt: skip


COLD = {"cache": "cold", "name": "n{}.cold.test", "names": 0}


@dataclass(frozen=True)
class Asking:
    workload: Workload
    seconds: float
    in_flight: int = 16
    rate: float = 0.0  # above 0: open loop
    transport: str = "stream"
    streams: int = 1
    respond: str = "settled"
    requests: int = 0
    may_be_missing: int = 0
    expect: str = "corroborated"
    deadline_ms: int = 20_000
    rest: str = ""  # address and port, of the transport rest

    def command(self, binary: Path, profile: Path) -> list[str]:
        command = [
            str(binary), "--profile", str(profile), "--transport", self.transport, "--streams", str(self.streams),
            "--workload", self.workload.checks, "--name", self.workload.name, "--names", str(self.workload.names),
            "--issuer", ISSUER, "--respond", self.respond, "--seconds", str(self.seconds),
            "--requests", str(self.requests), "--expect", self.expect, "--deadline-ms", str(self.deadline_ms),
            "--may-be-missing", str(self.may_be_missing),
        ]  # fmt: skip
        command += ["--rest", self.rest] if self.rest else []
        command += ["--rate", str(self.rate)] if self.rate else ["--in-flight", str(self.in_flight)]
        if self.workload.checks == "http-01":
            command += ["--token", TOKEN, "--key-authorization", KEY_AUTHORIZATION]
        return command


class Load:
    """One run of the load client, under way."""

    def __init__(self, binary: Path, profile: Path, asking: Asking):
        self._process = subprocess.Popen(asking.command(binary, profile), stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, text=True)  # fmt: skip
        self._asking = asking
        self.found: dict = {}  # by whoever stops it and waits

    def __enter__(self) -> Load:
        return self

    def __exit__(self, *_) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def stop(self) -> None:
        """Sends nothing more; what is open is still answered."""
        self._process.send_signal(signal.SIGTERM)

    def result(self) -> dict:
        patience = self._asking.seconds + self._asking.deadline_ms / 1000 + 30
        try:
            out, error = self._process.communicate(timeout=patience)
        except subprocess.TimeoutExpired as late:
            raise LoadError(f"the load client does not end within {patience:.0f} s") from late
        if self._process.returncode != 0:
            raise LoadError(f"{error.strip()}; answers: {out.strip() or 'none'}")
        return json.loads(out)


def ask(binary: Path, profile: Path, asking: Asking) -> dict:
    with Load(binary, profile, asking) as load:
        return load.result()
