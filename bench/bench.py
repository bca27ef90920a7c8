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
from mpic_bench import corroborate, load  # noqa: E402
from mpic_bench.load import Asking  # noqa: E402
from mpic_bench.system import System  # noqa: E402
from mpic_local import assembly, layout  # noqa: E402
from mpic_local.processes import ProcessError  # noqa: E402

BEGAN = int(os.environ.get("MPIC_BEGAN", time.time()))
ALL_WORKLOADS = ("caa", "http-01")


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
    parser.add_argument("--only", choices=["corroborate"], help="one kind of measurement")
    return parser.parse_args()


def run(options: argparse.Namespace, system: System) -> None:
    for checks in ALL_WORKLOADS if options.workload == "both" else (options.workload,):
        for count in options.in_flight:
            say(f"{checks}, {count} in flight")
            asking = Asking(corroborate.workload(checks), options.seconds, in_flight=count,
                            transport=options.transport, respond=options.respond)  # fmt: skip
            emit(corroborate.measure(system, asking))


def main() -> int:
    options = parse()
    if options.quick:
        options.seconds, options.in_flight = min(options.seconds, 1.0), [16]
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
