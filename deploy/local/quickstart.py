#!/usr/bin/env python3
"""The part of deploy/quickstart that starts the system, shows the requests, checks them and stops.

Exit status: 0 every request came out as it must, 1 one did not, or the system did not come up.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from mpic_local import assembly, commands, layout, requests, rest  # noqa: E402
from mpic_local.asking import Cli  # noqa: E402
from mpic_local.processes import ProcessError, Processes  # noqa: E402

BEGAN = int(os.environ.get("MPIC_BEGAN", time.time()))


def say(text: str) -> None:
    print(f"[{time.time() - BEGAN:4.0f} s] {text}", flush=True)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--base-port", type=int, default=layout.DEFAULT_BASE_PORT)
    parser.add_argument("--keep", action="store_true")
    return parser.parse_args()


def show_requests(work: Path, binaries: Path, profile: Path, wanted: list[requests.Request]) -> int:
    """Returns how many did not come out as they must."""
    cli = Cli(binaries, profile)
    failed = 0
    for number, request in enumerate(wanted, 1):
        if request.killed:
            Processes(work).stop(f"agent-{request.killed}", hard=True)
        print()
        say(f"{number} of {len(wanted)}: {request.title}")
        found = requests.run(cli, request, cli.show)
        sys.stdout.flush()
        for deviation in found:
            print(f"  UNEXPECTED: {deviation}", flush=True)
        failed += bool(found)
        if request.killed:
            Processes(work).start_again(f"agent-{request.killed}")
    return failed


def show_rest(work: Path, binaries: Path, profile: Path, where: layout.Layout) -> int:
    """Returns how many did not come out as they must."""
    Cli(binaries, profile).wait_until_connected()
    failed = 0
    for request in rest.REQUESTS:
        print()
        say(f"over REST: {request.title}")
        found = rest.run(request, where, work, show=lambda said: print(said, flush=True))
        for deviation in found:
            print(f"  UNEXPECTED: {deviation}", flush=True)
        failed += bool(found)
    return failed


def show_commands(work: Path, binaries: Path, profile: Path) -> int:
    """Returns how many did not come out as they must."""
    Cli(binaries, profile).wait_until_connected()
    failed = 0
    for command in commands.COMMANDS:
        print()
        say(f"{command.title}\n  mpic {' '.join(command.arguments)}")
        found = commands.run(command, binaries, profile, work, show=lambda said: print(said, end=""))
        for deviation in found:
            print(f"  UNEXPECTED: {deviation}", flush=True)
        failed += bool(found)
    return failed


def explain_how_to_talk(work: Path, binaries: Path, profile: Path, where: layout.Layout) -> None:
    tool = os.path.relpath(binaries / "mpic")
    print(f"""
The system is left running. To talk to it:

  export MPIC_PROFILE={profile}
  {tool} perspectives
  {tool} check caa caa-permits.demo.test --issuer ca.example --would-be
  {tool} audit find --store {os.path.relpath(work / "coordinator" / "records.sqlite")} --name caa-permits.demo.test
  {rest.example(where, work)}

deploy/quickstart --stop ends it.""")


def main() -> int:
    options = parse()
    work, binaries = options.work.absolute(), options.bin.absolute()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    running = keep = False
    try:
        where = layout.Layout(options.base_port)
        description = assembly.up(work, where, binaries, say=say)
        running = True
        profile = Path(description["profile"])
        say("ready")
        wanted = [request for request in requests.REQUESTS if description["ipv6"] or not request.needs_ipv6]
        failed = show_requests(work, binaries, profile, wanted)
        failed_rest = show_rest(work, binaries, profile, where)
        failed_commands = show_commands(work, binaries, profile)
        total = len(wanted)
        print()
        for request in requests.REQUESTS:
            if request not in wanted:
                say(f"left out, as this machine has no IPv6: {request.title}")
        if failed:
            say(f"{failed} of {total} requests did not come out as they must; logs are in {work / 'logs'}")
        else:
            say(f"all {total} requests came out as they must")
        if failed_rest:
            say(f"{failed_rest} of {len(rest.REQUESTS)} requests over REST did not")
        if failed_commands:
            say(f"{failed_commands} of {len(commands.COMMANDS)} commands did not")
        keep = options.keep
        if keep:
            killed = [f"agent-{request.killed}" for request in requests.REQUESTS if request.killed]
            for name in killed:
                assembly.wait_until_ready(work, name)
            explain_how_to_talk(work, binaries, profile, where)
        return 1 if failed or failed_rest or failed_commands else 0
    except (ProcessError, layout.LayoutError, assembly.NotReady, RuntimeError) as error:
        print(f"quickstart: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    finally:
        if running and not keep:  # what did not come up has stopped itself
            stopped = assembly.down(work)
            say(f"stopped {len(stopped)} processes")


if __name__ == "__main__":
    sys.exit(main())
