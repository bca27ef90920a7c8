"""Malformed and slow HTTP against the REST port, plain and over TLS: whoever asks properly is answered all the while,
and nothing is left of it afterwards. MPIC_ABUSE_SECONDS says how long each storm lasts; long ones see what is slow end.
"""

from __future__ import annotations

import json
import os
import random
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import http_abuse
from http_abuse import BODIES, BODY_LIMIT, CAA, HEADER_LIMIT, STATUSES, answers_to, get, statuses_in
from http_abuse_case import HELD_SOURCE, REQUEST_SECONDS, SLACK_SECONDS, TABLE_SOURCE, Abused

SECONDS = float(os.environ.get("MPIC_ABUSE_SECONDS", 2))
PAUSE_SECONDS = 0.25
STORMERS = 6
MEMORY_MIB = 64  # more than before, at any time


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
