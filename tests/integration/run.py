#!/usr/bin/env python3
"""Runs the integration tests against real servers: run.py BINARY [ARGUMENT...].

Starts NSD, the resolvers, nginx, the TLS servers and pebble's challenge server in a directory of their own on free
ports, tells the binary by MPIC_TEST_SYSTEM where their description (system.json) is, and stops them again whatever
happens.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "deploy" / "local"))
from mpic_local import assembly, layout  # noqa: E402


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 64
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    work = Path(tempfile.mkdtemp(prefix="mpic-integration-"))
    try:
        assembly.up(work, layout.free_layout(), Path("unused"), only_peers=True, say=print, challenge_server=True)
        environment = {**os.environ, "MPIC_TEST_SYSTEM": str(work / "system.json")}
        sys.stdout.flush()
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode
    finally:
        assembly.down(work)
        shutil.rmtree(work)


if __name__ == "__main__":
    sys.exit(main())
