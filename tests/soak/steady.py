#!/usr/bin/env python3
"""Half of what the system can do, for an hour: memory and descriptors of every process must stay flat.

    steady.py --bin DIR [--minutes 60] [--rate N] [--report FILE]

Requests of both kinds at an even rate, and beside them a few for sites that dribble, mismatch or never answer. Samples are
taken every few seconds; the end of the run is held against its second fifth, when caches and pools have filled. Ends with
`N passed, N failed`: one check for each process and resource, and one for each kind of request.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "deploy" / "local")]
from mpic_local import assembly, layout  # noqa: E402
from mpic_local.challenges import KEY_AUTHORIZATION, TOKEN  # noqa: E402
from mpic_local.processes import Processes  # noqa: E402
from mpic_local.records import SILENT_NAMES  # noqa: E402

WARM_UP_SECONDS = 10
HTTP_SHARE = 0.2  # of the requests
HARD_TARGETS = ("www.silent-{}.test", "slow.demo.test", "wrong.demo.test", "large.demo.test", "loop.demo.test")
HARD_RATE = 2.0  # per second, of each

# What may be gained between the second fifth and the last before it counts as growth.
MEMORY_TOLERANCE = 0.08
MEMORY_SLACK_KIB = 3 * 1024
DESCRIPTOR_SLACK = 40  # connections come and go


@dataclass
class Series:
    rss_kib: list[int] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, help="requests per second (default: half of what a closed loop reaches)")
    parser.add_argument("--report", type=Path, help="where the samples go, as JSON")
    return parser.parse_args()


def say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S', time.gmtime())}] {text}", flush=True)


class Load:
    """One mpic-load; `expect any` for what must fail."""

    def __init__(self, binaries: Path, profile: str, arguments: list[str]):
        command = [str(binaries / "mpic-load"), "--profile", profile, *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def result(self, patience: float) -> dict:
        out, error = self.process.communicate(timeout=patience)
        found = json.loads(out) if out.strip() else {}
        return found | {"exit": self.process.returncode, "error": error.strip()}

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def http_arguments(name: str = "n{}.bench.test") -> list[str]:
    return ["--workload", "http-01", "--name", name, "--token", TOKEN, "--key-authorization", KEY_AUTHORIZATION]


def capacity(binaries: Path, profile: str) -> float:
    load = Load(binaries, profile, ["--in-flight", "64", "--seconds", str(WARM_UP_SECONDS)])
    return load.result(120)["per_second"]


def start_loads(binaries: Path, profile: str, rate: float, seconds: float) -> dict[str, Load]:
    def lasting(arguments: list[str], each: float) -> Load:
        return Load(binaries, profile, [*arguments, "--rate", f"{each:.1f}", "--seconds", f"{seconds:.0f}"])

    loads = {
        "caa": lasting(["--workload", "caa"], rate * (1 - HTTP_SHARE)),
        "http-01": lasting(http_arguments(), rate * HTTP_SHARE),
    }
    for name in HARD_TARGETS:
        names = SILENT_NAMES if "{}" in name else 1
        arguments = ["--names", str(names), "--expect", "any", "--deadline-ms", "6000"]
        loads[name] = lasting([*http_arguments(name), *arguments], HARD_RATE)
    return loads


def sample(processes: Processes, series: dict[str, Series]) -> list[str]:
    """Adds a reading of each process; returns those that do not run."""
    gone = []
    for name in processes.names():
        pid = processes.pid(name)
        if pid is None:
            gone.append(name)
            continue
        pids = [pid, *children(pid)]
        found = series.setdefault(name, Series())
        found.rss_kib.append(sum(resident_kib(each) for each in pids))
        found.descriptors.append(sum(descriptors(each) for each in pids))
    return gone


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def resident_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def floor_of_fifth(values: list[int], number: int) -> float:
    """What it comes back to between bursts: a leak lifts that, a burst does not."""
    size = max(2, len(values) // 5)
    part = values[(number - 1) * size : number * size] or values[-size:]
    return statistics.quantiles(part, n=10)[0]


def judge(series: dict[str, Series]) -> list[tuple[str, bool, str]]:
    checks = []
    for name, found in sorted(series.items()):
        early, late = floor_of_fifth(found.rss_kib, 2), floor_of_fifth(found.rss_kib, 5)
        flat = late <= early * (1 + MEMORY_TOLERANCE) + MEMORY_SLACK_KIB
        checks.append((f"memory of {name}", flat, f"{early / 1024:.1f} MB, then {late / 1024:.1f} MB"))
        early, late = floor_of_fifth(found.descriptors, 2), floor_of_fifth(found.descriptors, 5)
        checks.append((f"descriptors of {name}", late <= early + DESCRIPTOR_SLACK, f"{early:.0f}, then {late:.0f}"))
    return checks


def judge_loads(results: dict[str, dict]) -> list[tuple[str, bool, str]]:
    checks = []
    for name, found in results.items():
        good = found["exit"] == 0 and found.get("answered") == found.get("sent") and found.get("answered", 0) > 0
        latency = found.get("latency_us", {})
        text = f"{found.get('answered')} of {found.get('sent')} answered, p50 {latency.get('p50')} µs, p99 {latency.get('p99')} µs"
        checks.append((f"answers of {name}", good, text + (f"; {found['error']}" if found["error"] else "")))
    return checks


def run(options: argparse.Namespace, work: Path) -> list[tuple[str, bool, str]]:
    binaries = options.bin.absolute()
    # All names are under one registrable domain, which would get one target's share.
    tuning = layout.Tuning(requests_per_target=1000, concurrent_checks=1024)
    description = assembly.up(work, layout.free_layout(), binaries, tuning=tuning, say=say)
    profile, processes = description["profile"], Processes(work)
    time.sleep(2)
    rate = options.rate or capacity(binaries, profile) / 2
    seconds = options.minutes * 60
    say(f"{rate:.0f} requests per second for {options.minutes:g} minutes")
    loads = start_loads(binaries, profile, rate, seconds)
    series: dict[str, Series] = {}
    pause = min(15.0, max(1.0, seconds / 100))
    try:
        end = time.monotonic() + seconds
        told = time.monotonic()
        while time.monotonic() < end:
            time.sleep(min(pause, max(0.1, end - time.monotonic())))
            gone = sample(processes, series)
            if gone:
                return [(f"{name} runs", False, processes.log_tail(name)) for name in gone]
            if time.monotonic() - told >= 60:
                told = time.monotonic()
                coordinator = series["coordinator"]
                say(f"{(end - told) / 60:.0f} minutes left; coordinator {coordinator.rss_kib[-1] / 1024:.1f} MB,"
                    f" {coordinator.descriptors[-1]} descriptors")  # fmt: skip
        results = {name: load.result(60) for name, load in loads.items()}
    finally:
        for load in loads.values():
            load.stop()
    if options.report:
        options.report.write_text(json.dumps({"series": {n: vars(s) for n, s in series.items()}, "loads": results}))
    return judge(series) + judge_loads(results)


def main() -> int:
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    work = Path(tempfile.mkdtemp(prefix="mpic-soak-"))
    try:
        checks = run(options, work)
    finally:
        assembly.down(work)
        shutil.rmtree(work)
    for what, good, text in checks:
        print(f"{'ok    ' if good else 'FAILED'} {what}: {text}")
    failed = sum(not good for _, good, _ in checks)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed or not checks else 0


if __name__ == "__main__":
    sys.exit(main())
