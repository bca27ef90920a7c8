"""The local system itself: its places satisfy the policy, and it never touches what is not its own."""

from __future__ import annotations

import math
import os
import socket
import subprocess
import tempfile
import time
import unittest
from itertools import combinations
from pathlib import Path

from mpic_local import assembly, layout
from mpic_local.processes import ProcessError, Processes, Program

EARTH_RADIUS_KM = 6371.0


def distance_km(one: layout.Perspective, other: layout.Perspective) -> float:
    a, b = math.radians(one.latitude), math.radians(other.latitude)
    half = math.radians(other.longitude - one.longitude) / 2
    return 2 * EARTH_RADIUS_KM * math.asin(
        math.sqrt(math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(half) ** 2)
    )


class Layout(unittest.TestCase):
    def test_all_places_are_far_enough_apart_with_a_margin(self) -> None:
        for one, other in combinations(layout.PERSPECTIVES, 2):
            self.assertGreater(distance_km(one, other), 505, f"{one.place} and {other.place}")

    def test_the_remotes_lie_in_at_least_four_rirs(self) -> None:
        self.assertGreaterEqual(len({p.rir for p in layout.PERSPECTIVES if p.role == "remote"}), 4)

    def test_no_endpoint_is_given_twice(self) -> None:
        endpoints = [(e.address, e.port) for e in layout.Layout().endpoints()]
        self.assertEqual(len(endpoints), len(set(endpoints)))

    def test_a_taken_port_is_named(self) -> None:
        chosen = layout.free_layout()
        with socket.create_server((chosen.coordinator.address, chosen.coordinator.port)):
            with self.assertRaisesRegex(layout.LayoutError, f"port {chosen.coordinator.port} on 127.77.0.1"):
                chosen.require_free()

    def test_a_range_outside_the_ports_is_refused(self) -> None:
        for base_port in (0, 80, 32768, 70000):
            with self.subTest(base_port), self.assertRaises(layout.LayoutError):
                layout.Layout(base_port)


class Ownership(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.work = Path(temporary.name).resolve()
        self.processes = Processes(self.work)

    def start_sleeper(self) -> int:
        return self.processes.start(Program("sleeper", ["/bin/sleep", "60"], self.work))

    def test_a_process_is_started_once_and_stopped(self) -> None:
        pid = self.start_sleeper()
        self.assertEqual(self.processes.pid("sleeper"), pid)
        with self.assertRaises(ProcessError):
            self.start_sleeper()
        self.assertTrue(self.processes.stop("sleeper"))
        self.assertFalse(self.processes.stop("sleeper"))

    def test_a_process_that_ignores_the_request_is_ended_with_its_children(self) -> None:
        script = "trap '' TERM; /bin/sleep 60 & touch deaf; /bin/sleep 60"
        pid = self.processes.start(Program("stubborn", ["/bin/sh", "-c", script], self.work))
        while not (self.work / "deaf").exists():
            time.sleep(0.01)
        self.assertTrue(self.processes.stop("stubborn", grace=0.5))
        groups = [os.getpgid(int(p.name)) for p in Path("/proc").iterdir() if p.name.isdigit() and runs(int(p.name))]
        self.assertNotIn(pid, groups)

    def test_a_pid_that_now_belongs_to_someone_else_is_left_alone(self) -> None:
        self.start_sleeper()
        self.processes.stop("sleeper")
        stranger = subprocess.Popen(["/bin/sleep", "60"])
        self.addCleanup(stranger.wait)
        self.addCleanup(stranger.kill)
        started = Path(f"/proc/{stranger.pid}/stat").read_text().rpartition(")")[2].split()[19]
        for recorded in ("1", started):  # another start time; or the very same process, but not in our directory
            (self.work / "pids" / "sleeper.pid").write_text(f"{stranger.pid} {recorded}\n")
            self.assertFalse(self.processes.stop("sleeper"))
            self.assertIsNone(stranger.poll())

    def test_a_directory_with_other_files_is_never_emptied(self) -> None:
        (self.work / "precious").write_text("")
        with self.assertRaisesRegex(ProcessError, "holds files of something else"):
            assembly.up(self.work, layout.free_layout(), Path("unused"), only_peers=True)
        self.assertEqual(assembly.down(self.work), [])
        self.assertTrue((self.work / "precious").exists())


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
