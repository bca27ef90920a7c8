"""A PostgreSQL server of the test's own: a new cluster in a folder, reached by a Unix socket, gone at the end."""

from __future__ import annotations

import csv
import io
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

csv.field_size_limit(1 << 28)


def programs() -> Path | None:
    """Where Debian has the newest version's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def children_of(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in listed.stdout.split()]


class PostgresServer:
    def __init__(self) -> None:
        binaries = programs()
        if binaries is None:
            raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql")
        self._binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="mpic-pg-"))
        self._as_server = []
        self._standing_still: list[int] = []
        if os.geteuid() == 0:  # it refuses to run as root
            shutil.chown(self.folder, "postgres", "postgres")
            self._as_server = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
        self._run("initdb", "-D", str(self.data), "-U", "mpic", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.start()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def connection(self) -> str:
        return f"host={self.folder} dbname=postgres user=mpic"

    def start(self) -> None:
        self._control("start")

    def restart(self) -> None:
        """As if it had crashed: it recovers from its log."""
        self._control("restart", "-m", "immediate")

    def stop(self) -> None:
        """As if it had crashed."""
        self._control("stop", "-m", "immediate")

    def stand_still(self) -> None:
        """Its processes, until they are resumed: the kernel goes on to take connections and octets for them."""
        first = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(first, signal.SIGSTOP)  # and begins no others
        self._standing_still = [first, *children_of(first)]
        for pid in self._standing_still:
            os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        for pid in self._standing_still:
            os.kill(pid, signal.SIGCONT)
        self._standing_still = []

    def end(self) -> None:
        self.resume()
        try:
            self._control("stop", "-m", "immediate")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def query(self, sql: str) -> list[list[str]]:
        """Rows as text; octets as PostgreSQL writes them in hexadecimal."""
        command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.connection, "-c",
                   f"COPY ({sql}) TO STDOUT (FORMAT csv)"]  # fmt: skip
        said = subprocess.run(command, capture_output=True, text=True, check=True)
        return list(csv.reader(io.StringIO(said.stdout)))

    def _control(self, *arguments: str) -> None:
        options = f"-k {self.folder} -c listen_addresses="
        self._run("pg_ctl", *arguments, "-w", "-D", str(self.data), "-l", str(self.data / "server.log"), "-o", options)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as_server, str(self._binaries / program), *arguments]
        # Its output goes to a file: a pipe would stay open for as long as the server runs.
        with tempfile.TemporaryFile("w+") as said:
            if subprocess.run(command, stdout=said, stderr=said, cwd="/", check=False).returncode != 0:
                said.seek(0)
                raise RuntimeError(f"{program}: {said.read()}")
