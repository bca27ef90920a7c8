#!/usr/bin/env python3
"""Fuzzes every target for a while: run.py BUILD_DIR [--seconds N] [TARGET...].

Each target first replays its corpus, then makes up inputs. What it finds goes to BUILD_DIR/corpus, never into the source
tree; an input that breaks something goes to BUILD_DIR/artifacts. docs/testing.md says what to do with it.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent
# Octets. An input of another size teaches nothing more, and costs time.
LONGEST = {"dns_message": 8192, "observation": 16384, "agent_config": 4096, "coordinator_config": 4096, "yaml": 4096}
LONGEST_OF_OTHERS = 2048


def environment() -> dict:
    found = shutil.which("llvm-symbolizer") or shutil.which("llvm-symbolizer-14") or ""
    return {**os.environ, "ASAN_SYMBOLIZER_PATH": found, "UBSAN_OPTIONS": "print_stacktrace=1",
            # A hostile size that only makes an allocation fail is std::bad_alloc, as it is without the sanitizer.
            "ASAN_OPTIONS": "allocator_may_return_null=1"}


def fuzz(build: Path, target: str, seconds: int) -> bool:
    corpus, artifacts = build / "corpus" / target, build / "artifacts"
    shutil.copytree(SOURCE / "corpus" / target, corpus, dirs_exist_ok=True)
    artifacts.mkdir(exist_ok=True)
    before = set(artifacts.iterdir())
    command = [build / "bin" / f"mpic-fuzz-{target}", corpus, f"-max_total_time={seconds}", f"-artifact_prefix={artifacts}/{target}-",
               f"-max_len={LONGEST.get(target, LONGEST_OF_OTHERS)}", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"]
    dictionary = SOURCE / "dictionaries" / f"{target}.dict"
    if dictionary.exists():
        command.append(f"-dict={dictionary}")
    # Whatever a target writes is small; a pipe keeps it away from the one line that is wanted.
    run = subprocess.run(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    log = run.stdout.decode(errors="replace")
    (build / f"{target}.log").write_text(log)

    executions = re.findall(r"stat::number_of_executed_units: (\d+)", log) or re.findall(r"^#(\d+)", log, re.MULTILINE)
    coverage = re.findall(r"\bcov: (\d+)", log)
    broken = sorted(set(artifacts.iterdir()) - before)
    good = run.returncode == 0 and not broken
    print(f"  {target:<20} {executions[-1] if executions else 0:>9} executions, coverage {coverage[-1] if coverage else 0:>5}: "
          f"{'passed' if good else 'FAILED'}", flush=True)
    if not good:
        rule = re.findall(r"^(?:BROKEN|SUMMARY|.*runtime error).*", log, re.MULTILINE)
        for line in [*rule[:2], *(f"input: {path}" for path in broken), f"log: {build / target}.log"]:
            print(f"    {line}", flush=True)
    return good


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=Path)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=5)
    options = parser.parse_intermixed_args()
    programs = sorted(options.build.glob("bin/mpic-fuzz-*"))
    targets = options.targets or [path.name.removeprefix("mpic-fuzz-") for path in programs]
    if not targets:
        print(f"no fuzz target in {options.build}/bin", file=sys.stderr)
        return 1
    results = [fuzz(options.build.resolve(), target, options.seconds) for target in targets]
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
