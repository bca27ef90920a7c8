"""Limits of the REST port: connections, time, descriptors; and TLS, before there is any HTTP."""

from __future__ import annotations

import resource
import socket
import ssl
import threading
import time
import unittest
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import http_abuse
from http_abuse import get, statuses_in
from http_abuse_case import (
    ANSWERED_WITHIN,
    HELD_SOURCE,
    MANY_SOURCE,
    REQUEST_SECONDS,
    SLACK_SECONDS,
    TABLE_SOURCE,
    Abused,
)
from mpic_local.asking import CORROBORATED, check_caa
from support import eventually

OF_ONE = 200  # connections that one address may have
IN_ALL = 1000
DESCRIPTORS = 1024  # that a program may have open unless it asks for more
REFUSED = "mpic_rest_connections_refused_total"


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

    def test_a_client_that_would_resume_its_session_is_served(self) -> None:
        """As Java's do unasked."""
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            client = ssl.create_default_context(cafile=self.system.work / "keys" / "ca.pem")
            client.check_hostname = False
            client.maximum_version = version
            session = None
            for number in range(3):
                with self.subTest(version.name, connection=number):
                    with socket.create_connection((self.port.address, self.port.port)) as made:
                        with client.wrap_socket(made, session=session) as secure:
                            secure.sendall(get())
                            self.assertEqual(statuses_in(secure.recv(65536)), [200])
                            session = secure.session

    def test_tls_1_1_is_refused(self) -> None:
        old = ssl.create_default_context(cafile=self.system.work / "keys" / "ca.pem")
        old.check_hostname = False
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        with socket.create_connection((self.port.address, self.port.port)) as made, self.assertRaises(OSError):
            old.wrap_socket(made)
