#!/usr/bin/python3
"""Runs the end-to-end tests over real processes: run.py --bin DIR [-k PATTERN].

One system for all tests, on free ports, in a directory of its own; see support.py for what tests get.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "open_mpic"), str(HERE.parents[1] / "deploy" / "local")]
import support  # noqa: E402
from mpic_local import assembly, layout  # noqa: E402


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True, help="where mpic, mpic-agent, mpic-coordinator are")
    parser.add_argument("-k", metavar="PATTERN", action="append", default=[], help="only tests like this")
    return parser.parse_args()


def load_tests(patterns: list[str]) -> unittest.TestSuite:
    loader = unittest.TestLoader()
    if patterns:
        loader.testNamePatterns = [pattern if "*" in pattern else f"*{pattern}*" for pattern in patterns]
    return loader.discover(str(HERE), pattern="*_test.py", top_level_dir=str(HERE))


def main() -> int:
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    work = Path(tempfile.mkdtemp(prefix="mpic-e2e-"))
    try:
        description = assembly.up(work, layout.free_layout(), options.bin.absolute(), say=print)
        support.system = support.System(work, options.bin.absolute(), description)
        sys.stdout.flush()
        result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout).run(load_tests(options.k))
        if not result.wasSuccessful():
            print_logs(work)
        return 0 if result.wasSuccessful() and result.testsRun else 1
    finally:
        assembly.down(work)
        if "MPIC_KEEP_WORK" not in os.environ:
            shutil.rmtree(work)


def print_logs(work: Path) -> None:
    for name in ("coordinator", "agent-us-east"):
        print(f"--- the end of the log of {name}")
        print(assembly.Processes(work).log_tail(name, lines=30))


if __name__ == "__main__":
    sys.exit(main())
