"""A coordinator whose REST port is abused: whoever asks properly is answered, and nothing is left afterwards."""

from __future__ import annotations

import os
import re
import ssl
import time
from pathlib import Path

from http_abuse import CAA, Port
from open_mpic_system import OpenMpicCase
from support import eventually

REQUEST_SECONDS = 10.0  # that a request may take, from its first octet to its last, and an answer to be read
GOODBYE_SECONDS = 2.0
SLACK_SECONDS = 3.0
ANSWERED_WITHIN = 3.0  # whoever asks properly
HELD_SOURCE, MANY_SOURCE, TABLE_SOURCE = 251, 252, 253  # the last octets of addresses
MISTAKE = "a mistake of ours"
METRIC = "mpic_rest_connections"


class Abused(OpenMpicCase):
    def setUp(self) -> None:
        super().setUp()
        rest = self.coordinator.file.rest
        trusted = None
        if rest.tls:
            trusted = ssl.create_default_context(cafile=self.system.work / "keys" / "ca.pem")
            trusted.check_hostname = False
        self.port = Port(rest.listen.address, rest.listen.port, self.key, trusted)
        self.assert_served()
        self.pid = self.coordinator.pid
        self.assertTrue(eventually(lambda: self.open() == 0))
        self.descriptors, self.memory = self.count_descriptors(), self.memory_mib()
        self.addCleanup(self.check_nothing_is_left)

    def open(self) -> int:
        return int(self.coordinator.metric(METRIC))

    def count_descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def memory_mib(self) -> float:
        return int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())[1]) / 1024

    def check_nothing_is_left(self) -> None:
        self.assertEqual(self.coordinator.pid, self.pid)
        self.assertTrue(eventually(lambda: self.open() == 0, REQUEST_SECONDS + GOODBYE_SECONDS), self.open())
        self.assertTrue(eventually(lambda: self.count_descriptors() <= self.descriptors),
                        (self.count_descriptors(), self.descriptors))  # fmt: skip
        self.assert_served()
        self.assertNotIn(MISTAKE, self.coordinator.log())

    def assert_served(self) -> float:
        """Somebody who asks properly, from an address of its own; how long it took."""
        began = time.monotonic()
        status, answer = self.post(CAA)
        took = time.monotonic() - began
        self.assertEqual((status, answer.get("is_valid")), (200, True), answer)
        self.assertLess(took, ANSWERED_WITHIN)
        return took
