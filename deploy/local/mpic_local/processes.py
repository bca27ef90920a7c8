"""Starting, finding again and stopping processes, by pid files in the work directory.

A pid file holds the pid and the start time of the process. A pid alone may belong to someone else by the
time we stop it; both together, and our work directory in its command line or as its directory, do not.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

STOP_GRACE_SECONDS = 5.0
_POLL_SECONDS = 0.02


class ProcessError(Exception):
    """A process could not be started or stopped; the text says which and why."""


@dataclass(frozen=True)
class Program:
    name: str
    command: list[str]
    directory: Path


def _has_ended(pid: int, state: str) -> bool:
    """Whether only its exit status is left. While a first thread is, others may still hold ports and files."""
    if state not in "ZX":
        return False
    try:
        return len(os.listdir(f"/proc/{pid}/task")) <= 1
    except OSError:
        return True


def _start_time(pid: int) -> str | None:
    """In clock ticks since boot; None if there is no such process, or only its exit status is left."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name before it may hold blanks and brackets
    state, started = fields[0], fields[19]
    return None if _has_ended(pid, state) else started


def _group_exists(pid: int) -> bool:
    """Whether the process or a child it left behind runs; exit statuses nobody collected do not count."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[2] == str(pid) and not _has_ended(int(entry.name), fields[0]):
            return True
    return False


class Processes:
    """The processes of one work directory."""

    def __init__(self, work: Path):
        self._work = work
        self._pids = work / "pids"
        self._logs = work / "logs"
        self._commands = work / "commands"

    def names(self) -> list[str]:
        """Every program that was started here, running or not."""
        return sorted(path.stem for path in self._commands.glob("*.json"))

    def start(self, program: Program) -> int:
        for directory in (self._pids, self._logs, self._commands):
            directory.mkdir(parents=True, exist_ok=True)
        if (running := self.pid(program.name)) is not None:
            raise ProcessError(f"{program.name} runs already, with pid {running}")
        record = {"command": program.command, "directory": str(program.directory)}
        (self._commands / f"{program.name}.json").write_text(json.dumps(record, indent=2) + "\n")
        with self.log(program.name).open("ab") as log:
            try:
                process = subprocess.Popen(  # it outlives us on purpose
                    program.command, cwd=program.directory, stdin=subprocess.DEVNULL, stdout=log,
                    stderr=subprocess.STDOUT, start_new_session=True,
                )  # fmt: skip
            except OSError as error:
                raise ProcessError(f"{program.name}: cannot start {program.command[0]}: {error}") from error
        process.returncode = 0  # not ours to wait for: keeps Python from warning about it
        # Even if it has ended already, there is something to write: its log then tells why.
        started = _start_time(process.pid) or "ended"
        (self._pids / f"{program.name}.pid").write_text(f"{process.pid} {started}\n")
        return process.pid

    def start_again(self, name: str) -> int:
        try:
            record = json.loads((self._commands / f"{name}.json").read_text())
        except OSError as error:
            raise ProcessError(f"{name}: was never started here; there are: {', '.join(self.names())}") from error
        return self.start(Program(name, record["command"], Path(record["directory"])))

    def pid(self, name: str) -> int | None:
        """The pid, if the process that was started under this name still runs."""
        recorded = self._recorded(name)
        if recorded is None:
            return None
        pid, started = recorded
        return pid if _start_time(pid) == started and self._is_ours(pid) else None

    def stop(self, name: str, hard: bool = False, grace: float = STOP_GRACE_SECONDS) -> bool:
        """Asks it to end, and ends it with its children if it has not within the grace. False: did not run."""
        pid = self.pid(name)
        if pid is None:
            self._forget(name)
            return False
        self._signal(pid, signal.SIGKILL if hard else signal.SIGTERM)
        if not self._gone(pid, grace):
            # Each process leads a group of its own, so this reaches its children and nobody else.
            try:
                os.killpg(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            if not self._gone(pid, grace):
                raise ProcessError(f"{name}: pid {pid} does not end")
        self._forget(name)
        return True

    def stop_all(self) -> list[str]:
        """In reverse order of dependence: who asks before who answers."""
        order = {"coordinator": 0, "agent": 1, "unbound": 2, "nginx": 3, "nsd": 4}
        names = sorted(self.names(), key=lambda name: order.get(name.split("-")[0], 0))
        running = [(name, pid) for name in names if (pid := self.pid(name)) is not None]
        for _, pid in running:  # all at once, so that waiting for one is waiting for all
            self._signal(pid, signal.SIGTERM)
        for name in names:
            self.stop(name)
        return [name for name, _ in running]

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def log_tail(self, name: str, lines: int = 12) -> str:
        try:
            text = self.log(name).read_text(errors="replace")
        except OSError:
            return "(no log)"
        return "\n".join(text.splitlines()[-lines:]) or "(the log is empty)"

    def _recorded(self, name: str) -> tuple[int, str] | None:
        try:
            pid, started = (self._pids / f"{name}.pid").read_text().split()
            return int(pid), started
        except (OSError, ValueError):
            return None

    def _is_ours(self, pid: int) -> bool:
        work = os.fsencode(self._work)
        try:
            if work in Path(f"/proc/{pid}/cmdline").read_bytes():
                return True
            directory = os.readlink(f"/proc/{pid}/cwd")
        except OSError:
            return False
        return Path(directory).is_relative_to(self._work)

    def _forget(self, name: str) -> None:
        (self._pids / f"{name}.pid").unlink(missing_ok=True)

    @staticmethod
    def _signal(pid: int, number: int) -> None:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass

    @staticmethod
    def _gone(pid: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while _group_exists(pid):
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True
