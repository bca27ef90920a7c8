"""A coordinator as a process: its configuration, the signals that it takes, and what its records rest on."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from mpic_local import assembly, programs
from mpic_local.asking import Cli
from mpic_local.layout import PERSPECTIVES
from mpic_local.programs import CLIENT, CoordinatorFile
from pipeline import Pipeline
from support import System, eventually, metric_at

CONNECTED_SECONDS = 20.0
READ_SECONDS = 10.0


class Coordinator:
    def __init__(self, system: System, name: str, file: CoordinatorFile):
        self.system = system
        self.name = name
        self.file = file

    @classmethod
    def of(cls, system: System) -> Coordinator:
        """The system's own."""
        return cls(system, "coordinator", programs.own_file(system.layout))

    @classmethod
    def another(cls, system: System, **fields) -> Coordinator:
        """Beside it, for the same agents, with a record store of its own; not started yet."""
        layout = system.layout
        file = CoordinatorFile(layout, layout.other_coordinator, layout.other_coordinator_admin, **fields)
        return cls(system, layout.other_coordinator.owner, file)

    @property
    def directory(self) -> Path:
        return self.system.work / self.name

    @property
    def configuration(self) -> Path:
        return self.directory / "coordinator.yaml"

    @property
    def records(self) -> Path:
        return self.directory / "records.sqlite"

    @property
    def pid(self) -> int:
        pid = self.system.processes.pid(self.name)
        assert pid is not None, f"{self.name} does not run"
        return pid

    def start(self) -> None:
        """Anew, with an empty store; returns when every agent is connected."""
        for left in self.directory.glob("*"):
            left.unlink()
        self.directory.mkdir(exist_ok=True)
        self.configuration.write_text(self.file.text())
        self.log_path.unlink(missing_ok=True)
        self.system.processes.start(programs.coordinator_program(self.name, self.system.work, self.system.binaries))
        assembly.wait_until_ready(self.system.work, self.name)
        wanted = {perspective.id for perspective in self.file.perspectives}
        if not eventually(lambda: self.connected() == wanted, CONNECTED_SECONDS):
            raise AssertionError(f"connected are {self.connected()}, not {wanted}")

    def connected(self) -> set[str]:
        _, answer, _ = self.cli().json(["perspectives"], would_be=False)
        return {row["id"] for row in answer.get("perspectives", []) if row.get("connected", False)}

    def reload(self, change: CoordinatorFile | str | None = None) -> str:
        """SIGHUP, with this configuration or the same; returns what the log says of it."""
        if isinstance(change, CoordinatorFile):
            self.file = change
        if change is not None:
            replace_file(self.configuration, change if isinstance(change, str) else change.text())
        return hang_up(self.system, self.name, "coordinator.yaml was read anew", "coordinator.yaml was not taken")

    def put_back(self) -> None:
        """The configuration that was taken last, after one that was not."""
        replace_file(self.configuration, self.file.text())

    def end(self) -> tuple[int, float]:
        """By SIGTERM: exit status, and how long it took."""
        return end(self.system, self.name)

    def cli(self, client: str = CLIENT) -> Cli:
        profile = programs.write_profile(self.system.layout, self.system.work, client, self.file.listen)
        return Cli(self.system.binaries, profile)

    def pipeline(self, client: str = CLIENT) -> Pipeline:
        return Pipeline(self.system, client, self.file.listen)

    def metric(self, name: str, **labels: str) -> float:
        return metric_at(self.file.admin, name, **labels)

    @property
    def log_path(self) -> Path:
        return self.system.processes.log(self.name)

    def log(self) -> str:
        return self.log_path.read_text()

    def snapshots(self) -> dict[bytes, bytes]:
        """Of the deployment, by their hash."""
        with closing(sqlite3.connect(f"file:{self.records}?mode=ro", uri=True)) as database:
            return dict(database.execute("SELECT hash, body FROM snapshots").fetchall())


def hang_up(system: System, name: str, *said: str) -> str:
    """SIGHUP; the line of its log that says one of these afterwards."""
    log = system.processes.log(name)
    before = log.stat().st_size
    os.kill(system.processes.pid(name), signal.SIGHUP)
    deadline = time.monotonic() + READ_SECONDS
    while time.monotonic() < deadline:
        with log.open("rb") as file:
            file.seek(before)
            for line in file.read().decode(errors="replace").splitlines():
                if any(text in line for text in said):
                    return line
        time.sleep(0.01)
    raise AssertionError(f"the log of {name} says none of {said} within {READ_SECONDS:.0f} s")


def end(system: System, name: str) -> tuple[int, float]:
    """SIGTERM; exit status (a signal's number, negative) and seconds. It is a child of this process."""
    pid = system.processes.pid(name)
    began = time.monotonic()
    os.kill(pid, signal.SIGTERM)
    _, status = os.waitpid(pid, 0)
    seconds = time.monotonic() - began
    system.processes.stop(name)  # forgets it
    return os.waitstatus_to_exitcode(status), seconds


def replace_file(path: Path, content: str) -> None:
    """In one stroke, as operators should."""
    new = path.with_name(path.name + ".new")
    new.write_text(content)
    new.replace(path)


def without(*ids: str):
    """The perspectives of the layout but for these."""
    return tuple(perspective for perspective in PERSPECTIVES if perspective.id not in ids)
