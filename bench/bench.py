#!/usr/bin/env python3
"""The part of bench/run that starts the system, measures it and stops it.

One JSON object per measurement on standard output, one per line; progress on standard error.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "deploy" / "local")]
from mpic_bench import comparisons, corroborate, floors, load, profiles, recording, records  # noqa: E402
from mpic_bench.load import Asking  # noqa: E402
from mpic_bench.system import System  # noqa: E402
from mpic_local import assembly, layout  # noqa: E402
from mpic_local.processes import ProcessError  # noqa: E402

BEGAN = int(os.environ.get("MPIC_BEGAN", time.time()))
ALL_WORKLOADS = ("caa", "http-01")
MEASUREMENTS = ("corroborate", "floors", "cold", "stalled-agent", "silent-targets", "recording", "rest")
MIDDLE = 64  # in flight, for what is not measured at every number


def say(text: str) -> None:
    print(f"[{time.time() - BEGAN:4.0f} s] {text}", file=sys.stderr, flush=True)


def emit(measurement: dict) -> None:
    print(json.dumps(measurement), flush=True)


def in_flight(text: str) -> list[int]:
    values = [int(part) for part in text.split(",")]
    if not values or any(not 1 <= value <= 1024 for value in values):
        raise argparse.ArgumentTypeError("numbers from 1 to 1024, with commas between them")
    return values


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--bin", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="a second each, for a smoke test; no figures to quote")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement (default: 10)")
    parser.add_argument("--workload", choices=[*ALL_WORKLOADS, "both"], default="both")
    parser.add_argument("--in-flight", type=in_flight, default=[1, 16, 64, 256], help="default: 1,16,64,256")
    parser.add_argument("--transport", choices=["stream", "unary"], default="stream")
    parser.add_argument("--respond", choices=["settled", "complete"], default="settled")
    parser.add_argument("--only", choices=MEASUREMENTS, help="one kind of measurement (floors: with corroborate)")
    parser.add_argument("--profile", type=Path, metavar="DIR",
                        help="also record with perf, and leave the reports in DIR")  # fmt: skip
    parser.set_defaults(rounds=comparisons.ROUNDS)
    return parser.parse_args()


def closed_loops(options: argparse.Namespace, system: System, checks: str) -> None:
    for count in options.in_flight:
        asking = Asking(corroborate.workload(checks), options.seconds, in_flight=count, transport=options.transport,
                        respond=options.respond)  # fmt: skip
        say(f"{checks}, warm, {count} in flight")
        measured = corroborate.measure(system, asking)
        emit(measured)
        if options.only != "corroborate":
            say(f"the floors of {checks}, {count} in flight")
            sizes = records.sizes(system.records)
            emit(floors.measure(system, asking.workload, sizes, count, options.seconds,
                                measured["processor_us_each_ours"]))  # fmt: skip


def cold(options: argparse.Namespace, system: System, checks: str) -> None:
    say(f"{checks}, cold, {MIDDLE} in flight")
    emit(corroborate.measure(system, Asking(corroborate.workload(checks, cold=True), options.seconds, in_flight=MIDDLE,
                                            transport=options.transport, respond=options.respond)))  # fmt: skip


def stalled_agent(options: argparse.Namespace, system: System, checks: str) -> None:
    say(f"{checks}: one remote stalled against all healthy, {MIDDLE} in flight")
    emit(comparisons.stalled_agent(system, Asking(corroborate.workload(checks), options.seconds, in_flight=MIDDLE,
                                                  transport=options.transport, respond="settled"),
                                   options.rounds))  # fmt: skip


def silent_targets(options: argparse.Namespace, system: System, checks: str) -> None:
    say(f"{checks}: beside targets that never answer, and without")
    emit(comparisons.silent_targets(system, corroborate.workload(checks), options.seconds, options.transport,
                                    options.respond, options.rounds))  # fmt: skip


def recorded(options: argparse.Namespace, system: System, checks: str) -> None:
    for count in options.in_flight if options.only == "recording" else (MIDDLE,):
        say(f"{checks}: durable records against records to nowhere, {count} in flight")
        asking = Asking(corroborate.workload(checks), options.seconds, in_flight=count, transport=options.transport,
                        respond=options.respond)  # fmt: skip
        emit(recording.measure(system, asking, options.rounds))


def rest(options: argparse.Namespace, system: System, checks: str) -> None:
    for count in options.in_flight if options.only == "rest" else (MIDDLE,):
        say(f"{checks}: POST /mpic beside unary calls, {count} in flight")
        asking = Asking(corroborate.workload(checks), options.seconds, in_flight=count)
        emit(comparisons.rest(system, asking, max(1, options.rounds // 2)))


def run(options: argparse.Namespace, system: System) -> None:
    for checks in ALL_WORKLOADS if options.workload == "both" else (options.workload,):
        if options.only in (None, "corroborate", "floors"):
            closed_loops(options, system, checks)
        for name, measure in (("cold", cold), ("stalled-agent", stalled_agent), ("silent-targets", silent_targets),
                              ("recording", recorded), ("rest", rest)):  # fmt: skip
            if options.only in (None, name):
                measure(options, system, checks)
        if options.profile:
            say(f"{checks}: where the processor time goes, {MIDDLE} in flight")
            emit(profiles.measure(system, Asking(corroborate.workload(checks), options.seconds, in_flight=MIDDLE,
                                                 transport=options.transport, respond=options.respond),
                                  options.profile.absolute()))  # fmt: skip


def main() -> int:
    options = parse()
    if options.quick:
        options.seconds, options.in_flight = min(options.seconds, 1.0), [16]
        options.rounds = 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    try:
        with System(options.bin.absolute(), say) as system:
            run(options, system)
        return 0
    except (ProcessError, layout.LayoutError, assembly.NotReady, RuntimeError, load.LoadError) as error:
        print(f"bench/run: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
