#!/usr/bin/env python3
"""Kills the coordinator again and again under load, and checks what it left: kill_rounds.py --bin DIR [--rounds N]

A client keeps requests open all the time. In each round the coordinator is ended by SIGKILL at a random moment, sometimes
while it starts, and started again. Then every answer that the client got must rest on exactly one whole record, every
plan that was open must have become a record without a result, the log must have gone on from what it was, with its tree
computed anew, and the file must be sound. The last line tells how many rounds passed and failed; the exit status is 1 if
any failed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "deploy" / "local")]
from mpic_local import assembly, layout  # noqa: E402
from mpic_local.challenges import ISSUER, KEY_AUTHORIZATION, TOKEN  # noqa: E402
from mpic_local.processes import Processes, Program  # noqa: E402
from log_tree import LogTree  # noqa: E402
from mpic_local.programs import LOG_ORIGIN  # noqa: E402
from postgres_mirror import PostgresMirror  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402
from record_file import Answer, Identity, RecordFile, plans_in  # noqa: E402

NAMES = ("www.demo.test", "caa-permits.demo.test", "caa-forbids.demo.test", "one-hijacked.demo.test",
         "internal.demo.test", "deep.caa-parent.demo.test")  # fmt: skip
UNDER_LOAD_SECONDS = (0.15, 0.7)
KILLED_WHILE_STARTING = 0.2  # of the rounds
STARTING_SECONDS = 0.15
SOUNDNESS_EVERY = 20  # rounds; the file grows
FIRST_ANSWER_SECONDS = 10.0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True, help="where the programs are")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=None, help="of the moments; default: chosen and printed")
    parser.add_argument("--store", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--in-flight", type=int, default=8, help="requests that the client keeps open")
    return parser.parse_args()


class Rounds:
    def __init__(self, work: Path, binaries: Path, in_flight: int, seed: int, server: PostgresServer | None):
        self.work = work
        self.server = server
        self.binaries = binaries
        self._mirror = PostgresMirror(server, LOG_ORIGIN, work / "mirror.sqlite") if server else None
        self.processes = Processes(work)
        self.random = random.Random(seed)
        self.known: dict[str, Identity] = {}  # answered records
        self.answered: dict[str, str] = {}  # request id -> record id
        self.tree = LogTree()
        self.closed = 0
        self.killed_while_starting = 0
        self._answers = work / "answers.txt"
        self._answers.touch()
        self._read = 0
        self._until = 0  # what was answered later may not be in the copy of the store yet
        self._client = Program("client", [
            str(binaries / "mpic-steady-client"), "--profile", assembly.read_description(work)["profile"],
            "--answers", str(self._answers), "--run", f"kill-{seed}", "--in-flight", str(in_flight),
            "--issuer", ISSUER, "--token", TOKEN, "--key-authorization", KEY_AUTHORIZATION,
            *(argument for name in NAMES for argument in ("--name", name))], work)  # fmt: skip

    @property
    def file(self) -> Path:
        return self.work / ("mirror.sqlite" if self.server else "coordinator/records.sqlite")

    def records(self) -> RecordFile:
        """As they are now, for reading: with every answer that there is by now."""
        self._until = self._answers.stat().st_size
        if self._mirror:
            self._mirror.update()
        return RecordFile(self.file)

    def audit(self) -> list[str]:
        """What `mpic audit verify` finds in the whole log."""
        store = self.server.connection if self.server else str(self.file)
        command = [str(self.binaries / "mpic"), "audit", "verify", "--store", store,
                   "--log-key", str(self.work / "keys" / "coordinator" / "checkpoint.vkey")]  # fmt: skip
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        return [] if said.returncode == 0 else [f"mpic audit verify: {said.stdout}{said.stderr}"]

    def start_client(self) -> None:
        self.processes.start(self._client)

    def stop_client(self) -> list[str]:
        ended = self.processes.stop("client")
        said = self.processes.log("client").read_text()
        return ([] if ended else ["the client has ended"]) + said.splitlines()

    def one(self, number: int) -> list[str]:
        """What is wrong after one more kill."""
        faults = self._wait_for_an_answer()
        time.sleep(self.random.uniform(*UNDER_LOAD_SECONDS))
        left_open = self._kill()
        if self.random.random() < KILLED_WHILE_STARTING:
            self.processes.start_again("coordinator")
            time.sleep(self.random.uniform(0, STARTING_SECONDS))
            self.killed_while_starting += 1
            left_open |= self._kill()
        self.processes.start_again("coordinator")
        try:
            assembly.wait_until_ready(self.work, "coordinator")
        except assembly.NotReady as error:
            return [*faults, str(error)]
        with self.records() as records:
            for record_id in left_open:
                faults += records.faults_of_closed(record_id)
            faults += [f"the plan of {record_id} is still open" for record_id in left_open & records.open_plans()]
            self.closed += len(left_open)
            faults += self._check_new_answers(records)
            faults += records.duplicates() + records.grow(self.tree)
            if number % SOUNDNESS_EVERY == 0:
                faults += records.damage()
        return faults

    def end(self) -> list[str]:
        """After the client was stopped: all of it once more."""
        self.processes.stop("coordinator")
        self.processes.start_again("coordinator")
        assembly.wait_until_ready(self.work, "coordinator")
        with self.records() as records:
            faults = self._check_new_answers(records) + records.duplicates() + records.damage()
            faults += records.grow(self.tree) + self._tree_anew(records)
            faults += [f"the plan of {record_id} is still open" for record_id in records.open_plans()]
            for record_id, identity in self.known.items():
                if records.identity(record_id) != identity:
                    faults.append(f"{record_id} has changed since it was answered")
            self.record_count = records.count()
        return faults + self.audit()

    def _tree_anew(self, records: RecordFile) -> list[str]:
        """No leaf has changed since it was first seen."""
        anew = LogTree()
        faults = records.grow(anew)
        seen = self.tree.leaves
        return faults + ([] if anew.leaves[: len(seen)] == seen else ["leaves have changed since they were first seen"])

    def _kill(self) -> set[str]:
        """Returns the plans that it leaves open."""
        self.processes.stop("coordinator", hard=True)
        if self.server:
            log = f"(SELECT log FROM logs WHERE origin = '{LOG_ORIGIN}')"
            return {row[0] for row in self.server.query(f"SELECT DISTINCT record_id FROM plans WHERE log = {log}")}
        with tempfile.TemporaryDirectory(dir=self.work) as scratch:
            return plans_in(self.file.parent, Path(scratch)) if self.file.exists() else set()

    def _wait_for_an_answer(self) -> list[str]:
        deadline = time.monotonic() + FIRST_ANSWER_SECONDS
        while self._answers.stat().st_size == self._read:
            if time.monotonic() > deadline:
                return [f"no answer within {FIRST_ANSWER_SECONDS:.0f} s"]
            time.sleep(0.01)
        return []

    def _check_new_answers(self, records: RecordFile) -> list[str]:
        with self._answers.open("rb") as answers:
            answers.seek(self._read)
            lines = answers.read(self._until - self._read)
        lines = lines[: lines.rfind(b"\n") + 1]
        self._read += len(lines)
        faults = []
        for line in lines.decode().splitlines():
            request_id, record_id, verdict = line.split()
            if request_id in self.answered:
                faults.append(f"{request_id} was answered twice")
            self.answered[request_id] = record_id
            wrong, identity = records.faults_of_answer(Answer(request_id, record_id, int(verdict)))
            faults += wrong
            if identity:
                self.known[record_id] = identity
        return faults


def run(options: argparse.Namespace, work: Path, seed: int) -> int:
    began = time.monotonic()
    server = PostgresServer() if options.store == "postgres" else None
    try:
        return run_rounds(options, work, seed, server, began)
    finally:
        assembly.down(work)
        if server:
            server.end()


def run_rounds(options: argparse.Namespace, work: Path, seed: int, server: PostgresServer | None, began: float) -> int:
    tuning = layout.Tuning(postgres=server.connection) if server else layout.Tuning()
    assembly.up(work, layout.free_layout(), options.bin.absolute(), say=print, tuning=tuning)
    rounds = Rounds(work, options.bin.absolute(), options.in_flight, seed, server)
    rounds.start_client()
    passed = failed = 0
    for number in range(1, options.rounds + 1):
        faults = rounds.one(number)
        for fault in faults[:10]:
            print(f"round {number}: {fault}", flush=True)
        failed += bool(faults)
        passed += not faults
        if number % 10 == 0 or faults:
            print(f"{number} rounds, {len(rounds.known)} answers checked, {rounds.closed} open plans closed, "
                  f"{time.monotonic() - began:.0f} s", flush=True)  # fmt: skip
    faults = rounds.stop_client() + rounds.end()
    for fault in faults[:10]:
        print(f"at the end: {fault}")
    print(f"{len(rounds.known)} answers in {rounds.record_count} records, {len(rounds.tree.leaves)} leaves, "
          f"{rounds.closed} open plans closed, {rounds.killed_while_starting} kills while starting, seed {seed}")  # fmt: skip
    failed += bool(faults)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def main() -> int:
    options = parse()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    work = Path(tempfile.mkdtemp(prefix="mpic-kill-"))
    try:
        return run(options, work, seed)
    finally:
        assembly.down(work)
        if "MPIC_KEEP_WORK" not in os.environ:
            shutil.rmtree(work)


if __name__ == "__main__":
    sys.exit(main())
