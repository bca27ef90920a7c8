"""What the quickstart shows beside single requests, and what must come of it: a batch of names, the days to come, and the
log of all that was asked."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .challenges import ISSUER

_BATCH_FILE = "names.csv"
_PERMITTED = 34
_NAMES = [f"n{number}.cold.test" for number in range(_PERMITTED)] + ["caa-forbids.demo.test", "caa-permits.bogus.test"]
_CLOCK_DAY = "2026-12-15"
_SECONDS = 60


@dataclass(frozen=True)
class Command:
    title: str
    arguments: list[str]  # of the command line tool, in the work directory
    status: int
    says: tuple[str, ...]


COMMANDS = (
    Command(f"a batch of {len(_NAMES)} names in one file: one is forbidden, one cannot be determined",
            ["batch", _BATCH_FILE, "--method", "caa", "--issuer", ISSUER, "--would-be"], 2,
            (f"{len(_NAMES)} of {len(_NAMES)} lines are answered", "CAA_FORBIDS 1, DNS_BOGUS 1")),
    Command("does this deployment comply, that day and with all that is known of later ones?",
            ["policy", "check", "--config", "coordinator/coordinator.yaml", "--at", _CLOCK_DAY], 0, (_CLOCK_DAY,)),
    Command("is the log of all this as it was written, and does every verdict follow from its evidence?",
            ["audit", "verify", "--store", "coordinator/records.sqlite",
             "--log-key", "keys/coordinator/checkpoint.vkey"], 0, ("Verified.",)),
)  # fmt: skip


def run(command: Command, binaries: Path, profile: Path, work: Path, show: Callable[[str], None]) -> list[str]:
    """Shows what it says; returns what differs from the expected."""
    (work / _BATCH_FILE).write_text("name\n" + "".join(f"{name}\n" for name in _NAMES))
    (work / f"{_BATCH_FILE}.results.jsonl").unlink(missing_ok=True)  # else it would go on where it ended
    done = subprocess.run([str(binaries / "mpic"), "--profile", str(profile), *command.arguments], cwd=work,
                          capture_output=True, text=True, timeout=_SECONDS, check=False)  # fmt: skip
    said = done.stdout + done.stderr
    show(said)
    found = [] if done.returncode == command.status else [f"exit status {done.returncode}, expected {command.status}"]
    return found + [f"nothing says {text!r}" for text in command.says if text not in said]
