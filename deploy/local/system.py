#!/usr/bin/env python3
"""Runs the whole system, or only what it looks at, as local processes in one work directory.

    system.py up DIR [--base-port N | --free-ports] [--bin DIR] [--only-peers]
    system.py down DIR
    system.py status DIR
    system.py kill DIR NAME       end one process at once, as a crash would
    system.py stop DIR NAME       ask one process to end
    system.py start DIR NAME      start it again, as it was started

`up` writes DIR/system.json: every address, port, pid and name; and prints its path.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from mpic_local import assembly, layout  # noqa: E402
from mpic_local.processes import ProcessError, Processes  # noqa: E402


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start the system")
    up.add_argument("directory", type=Path)
    ports = up.add_mutually_exclusive_group()
    ports.add_argument("--base-port", type=int, default=layout.DEFAULT_BASE_PORT)
    ports.add_argument("--free-ports", action="store_true", help="find a range of ports that nobody uses")
    up.add_argument("--bin", type=Path, default=layout.project_directory() / "build/release/bin")
    up.add_argument("--only-peers", action="store_true", help="NSD, Unbound and nginx, without our programs")
    for name, text in (("down", "stop the system"), ("status", "what runs")):
        commands.add_parser(name, help=text).add_argument("directory", type=Path)
    for name in ("kill", "stop", "start"):
        command = commands.add_parser(name)
        command.add_argument("directory", type=Path)
        command.add_argument("name")
    return parser.parse_args(arguments)


def to_standard_error(text: str) -> None:
    print(text, file=sys.stderr)


def run(options: argparse.Namespace) -> int:
    work = options.directory.absolute()
    if options.command == "up":
        chosen = layout.free_layout() if options.free_ports else layout.Layout(options.base_port)
        assembly.up(work, chosen, options.bin.absolute(), options.only_peers, say=to_standard_error)
        print(work / "system.json")
        return 0
    if options.command == "down":
        stopped = assembly.down(work)
        print(f"stopped {len(stopped)} processes")
        return 0
    assembly.read_description(work)  # refuses a directory where nothing was started
    processes = Processes(work)
    if options.command == "status":
        for name in processes.names():
            pid = processes.pid(name)
            print(f"{name:24} {'running' if pid else 'not running':12} {pid or ''}".rstrip())
        return 0
    if options.name not in processes.names():
        raise ProcessError(f"{options.name}: no such process; there are: {', '.join(processes.names())}")
    if options.command == "start":
        processes.start_again(options.name)
        assembly.wait_until_ready(work, options.name)
    elif not processes.stop(options.name, hard=options.command == "kill"):
        raise ProcessError(f"{options.name} does not run")
    return 0


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that `up` cleans up after itself
    try:
        return run(parse(sys.argv[1:]))
    except (ProcessError, layout.LayoutError, assembly.NotReady, RuntimeError) as error:
        print(f"system.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # `up` has stopped what it had started
        print("interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
