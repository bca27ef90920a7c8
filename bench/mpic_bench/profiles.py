"""Where the processor time goes: perf, on the coordinator and on one agent, under load."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from mpic_local.layout import PERSPECTIVES

from . import corroborate
from .load import Asking, Load
from .system import System

_FREQUENCY = 499
_CALL_GRAPH = "dwarf,16384"  # the libraries have no frame pointers


def measure(system: System, asking: Asking, directory: Path) -> dict:
    """Leaves a recording and a report of each program in `directory`."""
    perf = shutil.which("perf")
    if perf is None:
        return {"measurement": "profile", "skipped": "perf is not installed (Debian: linux-perf)"}
    directory.mkdir(parents=True, exist_ok=True)
    corroborate.warm_up(system, asking)
    programs = {"coordinator": "coordinator", "agent": f"agent-{PERSPECTIVES[-1].id}"}
    reports = {}
    for part, name in programs.items():
        data = directory / f"{asking.workload.checks}.{part}.perf"
        with Load(corroborate.load_binary(system), system.profile, asking) as load:
            done = subprocess.run(
                [perf, "record", "-F", str(_FREQUENCY), "--call-graph", _CALL_GRAPH, "-o", str(data),
                 "-p", str(system.processes.pid(name)), "--", "sleep", str(asking.seconds * 0.8)],
                capture_output=True, text=True, check=False)  # fmt: skip
            load.result()
        if done.returncode != 0:
            return {"measurement": "profile", "skipped": f"perf record failed: {done.stderr.strip()[-300:]}"}
        report = data.with_suffix(".txt")
        _write_report(perf, data, report)
        reports[part] = {"recording": str(data), "report": str(report)}
    return {"measurement": "profile", "workload": asking.workload.as_json(), "in_flight": asking.in_flight, **reports}


def _write_report(perf: str, data: Path, report: Path) -> None:
    """By library, by function alone, by function with what it calls; without inlined frames, most of them of asio."""
    tables = ([], "--no-children", "dso"), ([], "--no-children", "symbol"), (["--no-inline"], "--children", "symbol")
    with report.open("w") as out:
        for extra, children, key in tables:
            out.write(f"--- {children[2:]}, by {key}\n")
            command = [perf, "report", "-i", str(data), children, *extra, "-g", "none", "--sort", key, "--stdio",
                       "--percent-limit", "0.5"]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            lines = [line.rstrip(" -") for line in done.stdout.splitlines() if line and not line.startswith("#")]
            out.write("\n".join(line[:200] for line in lines) + "\n")
