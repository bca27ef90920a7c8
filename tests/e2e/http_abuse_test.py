"""Malformed and slow HTTP against the REST port, plain and over TLS: whoever asks properly is answered all the while,
and nothing is left of it afterwards. MPIC_ABUSE_SECONDS says how long each storm lasts; long ones see what is slow end.
"""

from __future__ import annotations

import json
import os
import random
import re
import resource
import socket
import ssl
import threading
import time
import unittest
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import http_abuse
from http_abuse import BODIES, BODY_LIMIT, CAA, HEADER_LIMIT, STATUSES, Port, answers_to, get, statuses_in
from mpic_local.asking import CORROBORATED, check_caa
from open_mpic_system import OpenMpicCase
from support import eventually

SECONDS = float(os.environ.get("MPIC_ABUSE_SECONDS", 2))
REQUEST_SECONDS = 10.0  # that a request may take, from its first octet to its last, and an answer to be read
GOODBYE_SECONDS = 2.0
SLACK_SECONDS = 3.0
ANSWERED_WITHIN = 3.0  # whoever asks properly
PAUSE_SECONDS = 0.25
STORMERS = 6
OF_ONE = 200  # connections that one address may have
IN_ALL = 1000
DESCRIPTORS = 1024  # that a program may have open unless it asks for more
MEMORY_MIB = 64  # more than before, at any time
MISTAKE = "a mistake of ours"
METRIC = "mpic_rest_connections"
REFUSED = "mpic_rest_connections_refused_total"
HELD_SOURCE, MANY_SOURCE, TABLE_SOURCE = 251, 252, 253


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


class Storm:
    """Everything at once, for a while."""

    def setUp(self) -> None:
        super().setUp()
        self.ends = time.monotonic() + SECONDS
        self.seen: Counter = Counter()
        self.faults: list[str] = []
        self.connections = 0
        self.slowly: list[str] = []

    def storm(self, seed: int) -> None:
        any_ = random.Random(seed)
        while time.monotonic() < self.ends and len(self.faults) < 10:
            try:
                statuses = http_abuse.storm(self.port, any_)
            except ValueError as wrong:
                self.faults.append(f"seed {seed}: {wrong}")
                continue
            except OSError as error:
                self.seen[type(error).__name__] += 1
                continue
            finally:
                self.connections += 1
            self.seen.update(statuses)

    def drip(self, what: str, octets: Iterator[bytes], raw: bool = False) -> None:
        """One octet at a time, until it is ended; it must be, and be told why where it can be."""
        began = time.monotonic()
        said = b""
        with self.port.connect(HELD_SOURCE, raw) as made:
            made.settimeout(0.1)
            for part in octets:
                http_abuse.send(made, part)
                try:
                    said = made.recv(65536)
                    break  # told, or closed
                except (TimeoutError, ssl.SSLWantReadError):
                    pass
                except OSError:
                    break
                if time.monotonic() > max(self.ends, began + REQUEST_SECONDS + SLACK_SECONDS):
                    self.faults.append(f"{what}: still there after {time.monotonic() - began:.1f} s")
                    return
                if SECONDS < REQUEST_SECONDS + SLACK_SECONDS and time.monotonic() > self.ends:
                    return  # a short storm
        took = time.monotonic() - began
        told = "nothing" if raw or not said else str(statuses_in(said))
        self.slowly.append(f"{what}: ended after {took:.1f} s with {told}")
        if took < REQUEST_SECONDS / 2 or (said and not raw and statuses_in(said) != [408]):
            self.faults.append(self.slowly[-1])

    def read_nothing(self) -> None:
        """Asks for pages, one after the other, and reads none."""
        with self.port.connect(HELD_SOURCE) as made:
            made.settimeout(0.2)
            ended = False
            while time.monotonic() < self.ends and not ended:
                try:
                    made.sendall(get("/openapi.json") * 50)
                except (TimeoutError, ssl.SSLWantWriteError):
                    pass
                except OSError:
                    ended = True
        if not ended and SECONDS > REQUEST_SECONDS + SLACK_SECONDS:
            self.faults.append("one that reads nothing is still there")

    def hold(self) -> ExitStack:
        """Connections that say nothing; closed by whoever holds this."""
        with ExitStack() as held:
            for raw in (True, False):
                for _ in range(20):
                    held.enter_context(self.port.connect(HELD_SOURCE, raw))
            return held.pop_all()

    def everything(self) -> list[threading.Thread]:
        seed = int.from_bytes(os.urandom(4))
        slow = {"a slow head": http_abuse.slow_head(self.port), "a slow body": http_abuse.slow_body(self.port),
                "slow chunks": http_abuse.slow_chunks(self.port)}  # fmt: skip
        jobs: list[tuple[Callable, tuple]] = [(self.storm, (seed + number,)) for number in range(STORMERS)]
        jobs += [(self.drip, (what, octets)) for what, octets in slow.items()]
        jobs += [(self.read_nothing, ())] * 3
        if self.port.trusted is not None:
            jobs.append((self.drip, ("a slow handshake", http_abuse.slow_handshake(), True)))
        return [threading.Thread(target=job, args=arguments) for job, arguments in jobs]

    def test_who_asks_properly_is_answered_all_the_while(self) -> None:
        threads = self.everything()
        slowest = most = 0.0
        with self.hold():
            for thread in threads:
                thread.start()
            while time.monotonic() < self.ends:
                slowest = max(slowest, self.assert_served())
                most = max(most, self.memory_mib())
                time.sleep(PAUSE_SECONDS)
            for thread in threads:
                thread.join()
        told = ", ".join(f"{count} times {what}" for what, count in sorted(self.seen.items(), key=str))
        print(f"\n{self.connections} connections in {SECONDS:.0f} s: {told}\n{'; '.join(self.slowly)}\n"
              f"slowest good answer {slowest * 1000:.0f} ms; memory {self.memory:.0f} MiB before, {most:.0f} at most, "
              f"{self.memory_mib():.0f} after")  # fmt: skip
        self.assertEqual(self.faults, [])
        self.assertGreater(self.connections, 10 * SECONDS)
        self.assertLess(most - self.memory, MEMORY_MIB)
        self.assertEqual({status for status in self.seen if isinstance(status, int)} - STATUSES, set())
        self.assertLessEqual({200, 400}, set(self.seen))


class OfPlain(Storm, Abused):
    pass


class OfTls(Storm, Abused):
    rest_fields = {"tls": True}


class Told(Abused):
    """What each mistake is told."""

    def check(self, *rows: tuple[str, bytes, list[int], bool]) -> None:
        """Each a reason, what is sent, the statuses of its answers, and whether the connection is closed after them."""
        for reason, octets, statuses, closed in rows:
            with self.subTest(reason):
                self.assertEqual(answers_to(self.port, TABLE_SOURCE, octets, len(statuses)), (statuses, closed))

    def test_headers(self) -> None:
        self.check(
            ("one long field", get("/healthz", "x: " + "y" * HEADER_LIMIT), [431], True),
            ("many fields", get("/healthz", *(f"x-{n}: y" for n in range(4000))), [431], True),
            ("a long target", get("/healthz?" + "q" * HEADER_LIMIT), [431], True),
            ("a field without an end", get()[:-4] + b"x: " + b"y" * 2 * HEADER_LIMIT, [431], True),
            ("almost as long as may be", get("/healthz", "x: " + "y" * (HEADER_LIMIT - 200)), [200], False),
        )

    def test_bodies(self) -> None:
        chunk = b"1000\r\n" + b" " * 4096 + b"\r\n"
        chunked = "Transfer-Encoding: chunked"
        length = f"Content-Length: {len(json.dumps(CAA))}"
        body = json.dumps(CAA).encode()
        self.check(
            ("announced too long", self.port.asks(b"", f"Content-Length: {BODY_LIMIT + 1}"), [413], True),
            ("announced beyond all numbers", self.port.asks(b"", f"Content-Length: {10**23}"), [400], True),
            ("too long in chunks", self.port.asks(chunk * 17, chunked), [413], True),
            ("a chunk beyond all numbers", self.port.asks(b"fffffffffffffffff\r\n", chunked), [400], True),
            ("a chunk that is no number", self.port.asks(b"ten\r\n0123456789\r\n", chunked), [400], True),
            ("a chunk longer than it says", self.port.asks(b"1\r\n0123456789\r\n0\r\n\r\n", chunked), [400], True),
            ("less than nothing", self.port.asks(b"", "Content-Length: -1"), [400], True),
            ("two lengths", self.port.asks(body, length, "Content-Length: 3"), [400], True),
            ("a length and chunks", self.port.asks(b"0\r\n\r\n", length, chunked), [400], True),
            ("shorter than it says", self.port.asks(body[:-1], length), [], False),
            ("longer than it says", self.port.good() + b"}\r\n\r\n", [200, 400], True),
            ("in chunks", self.port.asks(b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n", chunked), [200], False),
        )

    def test_what_is_no_http(self) -> None:
        self.check(
            ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400], True),
            ("no version", b"GET /healthz\r\n\r\n", [400], True),
            ("a version to come", b"GET /healthz HTTP/3.0\r\n\r\n", [400], True),
            ("no method", b" /healthz HTTP/1.1\r\n\r\n", [400], True),
            ("a name with a blank", get("/healthz", "x y: z"), [400], True),
            ("a zero", get("/healthz", "x: \0"), [400], True),
            ("no colon", get("/healthz", "x"), [400], True),
            ("another method", b"BREW /healthz HTTP/1.1\r\n\r\n", [405], False),
        )

    def test_several_at_once_are_answered_in_their_order(self) -> None:
        self.check(
            ("good ones", get() * 50 + get("/nothing") + get(), [200] * 50 + [404, 200], False),
            ("the last one cut", get() * 3 + get()[:-1], [200] * 3, False),
            ("one that is none", get() * 3 + b"\0\r\n\r\n" + get(), [200] * 3 + [400], True),
        )

    def test_bodies_that_are_no_request(self) -> None:
        for reason, body in BODIES:
            with self.subTest(reason):
                self.assertEqual(answers_to(self.port, TABLE_SOURCE, self.port.of(body), 1), ([400], False))

    def test_a_member_that_is_there_twice(self) -> None:
        """Whichever counts, nothing is made of both."""
        name = b'"domain_or_ip_target": "caa-permits.demo.test"'
        twice = b'{"check_type": "caa", "domain_or_ip_target": "no-name", %b}' % name
        statuses, _ = answers_to(self.port, TABLE_SOURCE, self.port.of(twice), 1)
        self.assertIn(statuses, ([200], [400]))

    def test_who_sends_no_more_is_answered_all_the_same(self) -> None:
        rows = ((self.port.good(), [200]), (get(), [200]), (b"", []), (get()[:-1], []), (self.port.good()[:-1], []))
        for octets, statuses in rows:
            with self.subTest(octets[-20:]):
                self.assertEqual(answers_to(self.port, TABLE_SOURCE, octets, len(statuses), True), (statuses, True))


class Many(Abused):
    def test_more_than_one_address_may_have_are_turned_away(self) -> None:
        more = 100
        refused = self.coordinator.metric(REFUSED)
        with ExitStack() as held:
            made = [held.enter_context(self.port.connect(MANY_SOURCE)) for _ in range(OF_ONE + more)]
            self.assertTrue(eventually(lambda: self.coordinator.metric(REFUSED) == refused + more))
            self.assertEqual(self.open(), OF_ONE)
            said = [http_abuse.read(each, 0.01) for each in made]
            told = [statuses_in(octets) for octets, _ in said]
            self.assertEqual((told.count([]), told.count([503])), (OF_ONE, more))
            self.assert_served()  # who comes from elsewhere
            for each, (_, closed) in zip(made, said):
                if not closed:
                    each.sendall(get())
            self.assertTrue(all(statuses_in(each.recv(65536)) == [200] for each, (_, closed) in zip(made, said)
                                if not closed))  # fmt: skip
        with self.port.connect(MANY_SOURCE) as again:  # once there is room
            again.sendall(get())
            self.assertEqual(statuses_in(again.recv(65536)), [200])

    def test_who_is_turned_away_is_told_although_it_asked_at_once(self) -> None:
        with ExitStack() as held:
            for _ in range(OF_ONE):
                held.enter_context(self.port.connect(MANY_SOURCE))
            self.assertTrue(eventually(lambda: self.open() == OF_ONE))
            told = Counter()
            for _ in range(50):
                with self.port.connect(MANY_SOURCE) as made:
                    http_abuse.send(made, self.port.good())
                    told.update(statuses_in(http_abuse.read(made, 2.0)[0]) or ["nothing"])
            self.assertEqual(told, {503: 50})


class Full(Abused):
    """Of a coordinator that was started with as few descriptors as a system gives."""

    @classmethod
    def setUpClass(cls) -> None:
        own = resource.getrlimit(resource.RLIMIT_NOFILE)
        few = min(DESCRIPTORS, own[1])
        resource.setrlimit(resource.RLIMIT_NOFILE, (few, own[1]))
        try:
            super().setUpClass()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (own[1], own[1]))  # for this side of the connections
            cls.addClassCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, own)
        if own[1] < 3 * IN_ALL:
            raise unittest.SkipTest("this machine allows too few descriptors")

    def test_as_many_as_may_be_leave_room_for_everything_else(self) -> None:
        with ExitStack() as held:
            for number in range(IN_ALL):
                held.enter_context(self.port.connect(1 + number // OF_ONE))
            self.assertTrue(eventually(lambda: self.open() == IN_ALL))
            with self.port.connect(MANY_SOURCE) as one_more:
                self.assertEqual(statuses_in(http_abuse.read(one_more)[0]), [503])
            began = time.monotonic()
            status, answer, error = self.coordinator.cli().json(check_caa("caa-permits.demo.test"))
            self.assertEqual((status, answer.get("would_be")), (0, CORROBORATED), error)
            self.assertLess(time.monotonic() - began, ANSWERED_WITHIN)


class Slow(Abused):
    def test_a_request_that_takes_too_long_is_told(self) -> None:
        """Octet by octet, so that it is never silent; and one that stops in the middle."""
        kinds = {"head": http_abuse.slow_head(self.port), "body": http_abuse.slow_body(self.port),
                 "chunks": http_abuse.slow_chunks(self.port), "stops": iter([self.port.good()[:-1]])}  # fmt: skip
        told: dict[str, tuple[list[int], bool]] = {}
        began = time.monotonic()

        def drip(kind: str, octets: Iterator[bytes]) -> None:
            with self.port.connect(HELD_SOURCE) as made:
                said, closed = b"", False
                while not said and not closed and time.monotonic() < began + REQUEST_SECONDS + SLACK_SECONDS:
                    http_abuse.send(made, next(octets, b""))
                    said, closed = http_abuse.read(made, 0.1)
                told[kind] = (statuses_in(said), time.monotonic() > began + REQUEST_SECONDS - SLACK_SECONDS)

        threads = [threading.Thread(target=drip, args=kind) for kind in kinds.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(told, dict.fromkeys(kinds, ([408], True)))


class Nothing(Abused):
    """Of TLS, before there is any HTTP."""

    rest_fields = {"tls": True}

    def test_octets_that_are_no_handshake_end_the_connection(self) -> None:
        rows = (("HTTP", get()), ("noise", bytes(range(256)) * 8), ("an alert", b"\x15\x03\x01\x00\x02\x02\x28"),
                ("a record too long", b"\x16\x03\x01\xff\xff" + b"x" * 65535),
                ("SSL 2", b"\x80\x2e\x01\x00\x02" + b"\0" * 44),
                ("TLS 1.0 alone", b"\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x01" + b"\0" * 41))  # fmt: skip
        for reason, octets in rows:
            with self.subTest(reason), self.port.connect(TABLE_SOURCE, raw=True) as made:
                http_abuse.send(made, octets)
                said, closed = http_abuse.read(made)
                self.assertTrue(closed)
                self.assertNotIn(b"HTTP", said)

    def test_tls_1_1_is_refused(self) -> None:
        old = ssl.create_default_context(cafile=self.system.work / "keys" / "ca.pem")
        old.check_hostname = False
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        with socket.create_connection((self.port.address, self.port.port)) as made, self.assertRaises(OSError):
            old.wrap_socket(made)
