"""Clients that are no longer welcome, or behave as none should: answered with a reason, and nobody else pays."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import closing

import grpc
from hostile import memory_mib, metric
from mpic_local.asking import CORROBORATED, check_caa
from pipeline import Pipeline, fresh_id
from support import Case, eventually

UNAUTHENTICATED = grpc.StatusCode.UNAUTHENTICATED
RESOURCE_EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED
INVALID_ARGUMENT = grpc.StatusCode.INVALID_ARGUMENT
NOT_KNOWN = "who asks is not known here"
SLOWED = "too many failed attempts"
MAX_STREAMS = 16  # of one client; coordinator/service/many.hpp
MAX_OPEN_PER_STREAM = 512


class Clients(Case):
    def pipeline(self, client: str = "operator") -> Pipeline:
        made = Pipeline(self.system, client)
        self.addCleanup(made.close)
        return made

    def assert_others_are_served(self, within: float = 2) -> None:
        began = time.monotonic()
        self.assertEqual(self.ask(check_caa("caa-permits.demo.test"))["would_be"], CORROBORATED)
        self.assertLess(time.monotonic() - began, within)

    def assert_refused(self, code: grpc.StatusCode, request, pipeline: Pipeline, words: str = "") -> None:
        with self.assertRaises(grpc.RpcError) as raised:
            pipeline.ask(request)
        self.assertEqual(raised.exception.code(), code)
        self.assertIn(words, raised.exception.details())

    def assert_not_known(self, pipeline: Pipeline) -> None:
        """Every test fails from one address, so that its failures may be slowed."""

        def looked_at() -> bool:
            try:
                pipeline.ask(pipeline.caa())
            except grpc.RpcError as error:
                if error.code() == RESOURCE_EXHAUSTED and SLOWED in error.details():
                    return False
                self.assertEqual((error.code(), error.details()), (UNAUTHENTICATED, NOT_KNOWN))
                return True
            self.fail("it was let in")

        self.assertTrue(eventually(looked_at, 70))

    def recorded(self, request_id: str) -> int:
        file = self.system.work / "coordinator" / "records.sqlite"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            ((count,),) = database.execute("SELECT count(*) FROM records WHERE request_id = ?", (request_id,))
        return count


class Removed(Clients):
    """The list of clients is read anew on SIGHUP, and rights are asked for each message."""

    def setUp(self) -> None:
        super().setUp()
        self.file = self.system.work / "coordinator" / "coordinator.yaml"
        self.original = self.file.read_text()
        self.addCleanup(self.load, self.original)

    def load(self, text: str, taken: bool = True) -> None:
        self.file.write_text(text)
        self.reload("was read anew" if taken else "was not taken")

    def reload(self, words: str) -> None:
        log = self.system.processes.log("coordinator")
        before = log.read_text().count(words)
        os.kill(self.system.processes.pid("coordinator"), signal.SIGHUP)
        self.assertTrue(eventually(lambda: log.read_text().count(words) == before + 1), words)

    def with_stranger(self) -> str:
        entry = "  - {name: stranger, san: stranger.clients.mpic.internal}\n"
        return self.original.replace("clients:\n", "clients:\n" + entry)

    def test_a_client_removed_while_its_stream_is_open_is_refused_at_its_next_message(self) -> None:
        stranger = self.pipeline("stranger")
        self.assert_not_known(stranger)
        self.load(self.with_stranger())
        stream = stranger.stream()
        in_flight = stranger.http("slow.demo.test", deadline_ms=2000)
        stream.send(stranger.caa(), in_flight)
        self.assertEqual(stream.read().response.would_be, 1)
        denied = metric(self.system, "mpic_denied_total", why="certificate")
        self.load(self.original)
        refused = stranger.caa()
        stream.send(refused, stranger.caa())
        answer = stream.read()
        self.assertEqual((answer.request_id, answer.error.grpc_code), (refused.request_id, UNAUTHENTICATED.value[0]))
        self.assertEqual(answer.error.message, NOT_KNOWN)
        answer = stream.read()  # what was begun with the right to it is answered
        self.assertEqual((answer.request_id, answer.response.request_id), (in_flight.request_id,) * 2)
        self.assertEqual(stream.status(), UNAUTHENTICATED)
        self.assertEqual(metric(self.system, "mpic_denied_total", why="certificate"), denied + 1)
        self.assertEqual(self.recorded(refused.request_id), 0)
        self.assert_not_known(stranger)
        self.assert_others_are_served()

    def test_a_broken_configuration_is_not_taken_and_the_old_one_stays(self) -> None:
        broken = {
            "no YAML": "clients: [\n  {name: x",
            "no text": "\x00\x01\x02\x03",
            "empty": "",
            "an unknown key": self.with_stranger() + "listne: 127.0.0.1:1\n",
            "no clients": self.original.replace("clients:\n", "customers:\n"),
            "two with one certificate": self.with_stranger().replace("name: stranger", "name: another", 1)
            .replace("clients:\n", "clients:\n  - {name: stranger, san: stranger.clients.mpic.internal}\n"),
            "nested without end": "clients: " + "[" * 20_000,
        }  # fmt: skip
        stranger = self.pipeline("stranger")
        for what, text in broken.items():
            with self.subTest(what):
                self.load(text, taken=False)
                if "stranger" in text:
                    self.assert_not_known(stranger)
                self.assert_others_are_served()
        with self.subTest("no file"):
            self.file.unlink()
            self.reload("was not taken")
            self.assert_others_are_served()


class Misbehaving(Clients):
    def test_octets_that_are_no_request_end_the_stream_and_nothing_else(self) -> None:
        pipeline = self.pipeline()
        good, bad = pipeline.stream(), pipeline.stream()
        asked = pipeline.caa()
        bad.send(asked, b"\xff\xff\xff no request at all", pipeline.caa())
        answers = {answer.request_id: answer for answer in (bad.read(), bad.read())}
        self.assertEqual(answers[asked.request_id].response.would_be, 1)
        self.assertEqual(answers[""].error.grpc_code, INVALID_ARGUMENT.value[0])
        self.assertEqual(bad.status(), INVALID_ARGUMENT)
        good.send(pipeline.caa())
        self.assertEqual(good.read().response.would_be, 1)  # of the same connection
        good.break_off()

    def test_a_message_over_the_limit_is_refused(self) -> None:
        pipeline = self.pipeline()
        large = pipeline.caa(trace_id="x" * (256 * 1024))
        self.assert_refused(RESOURCE_EXHAUSTED, large, pipeline, "larger than max")
        stream = pipeline.stream()
        stream.send(large)
        self.assertEqual(stream.status(), RESOURCE_EXHAUSTED)
        self.assert_others_are_served()

    def test_a_request_without_an_id_is_refused_and_the_stream_goes_on(self) -> None:
        pipeline = self.pipeline()
        stream = pipeline.stream()
        nameless = pipeline.caa()
        nameless.ClearField("request_id")
        unreadable = pipeline.caa(identifier="\x1b[2J")
        stream.send(nameless, unreadable, pipeline.caa())
        stream.send_no_more()
        answers = stream.read_all()
        self.assertEqual(sorted(a.error.grpc_code for a in answers), [0, 3, 3])
        self.assertTrue(all(a.error.message.isprintable() for a in answers))

    def test_one_that_never_reads_its_answers_is_read_no_further_and_others_do_not_wait(self) -> None:
        pipeline = self.pipeline()
        pipeline.ask(pipeline.caa())
        before = memory_mib(self.system, "coordinator")
        done = metric(self.system, "mpic_corroboration_seconds_count")
        stream = pipeline.stream()
        count = 20_000
        # Refused after a look at each, which is the cheapest way to make answers.
        stream.send(*(pipeline.caa(identifier=f"n{n}.not-a-top-level-domain") for n in range(count)))

        def taken() -> float:
            return metric(self.system, "mpic_corroboration_seconds_count") - done

        self.assertTrue(eventually(lambda: taken() >= MAX_OPEN_PER_STREAM))
        last = 0.0
        while (now := taken()) != last:
            last = now
            time.sleep(0.3)
        self.assertLess(last, count / 2)  # the rest waits, unread
        self.assert_others_are_served()
        self.assertLess(memory_mib(self.system, "coordinator") - before, 32)
        stream.send_no_more()
        answers = stream.read_all()  # it has thought better of it: nothing was lost
        self.assertEqual(len({answer.request_id for answer in answers}), count)
        self.assertEqual(len(answers), count)

    def test_one_stream_too_many_is_refused(self) -> None:
        pipeline = self.pipeline()
        streams = [pipeline.stream() for _ in range(MAX_STREAMS)]
        for stream in streams:
            stream.send(pipeline.caa())
        for stream in streams:
            self.assertEqual(stream.read().response.would_be, 1)
        one_more = pipeline.stream()
        one_more.send(pipeline.caa())
        self.assertEqual(one_more.status(), RESOURCE_EXHAUSTED)
        self.assert_others_are_served()
        for stream in streams:
            stream.break_off()

        def admitted() -> bool:
            stream = pipeline.stream()
            stream.send(pipeline.caa())
            stream.send_no_more()
            return stream.status() == grpc.StatusCode.OK

        self.assertTrue(eventually(admitted))

    def test_what_was_in_flight_when_a_client_left_is_recorded_all_the_same(self) -> None:
        pipeline = self.pipeline()
        left = [pipeline.http("slow.demo.test", deadline_ms=1500) for _ in range(3)]
        call = pipeline.begin(left[0])
        stream = pipeline.stream()
        stream.send(*left[1:])
        self.assertTrue(eventually(lambda: metric(self.system, "mpic_open_requests") >= 3))
        call.cancel()
        stream.break_off()
        for request in left:
            self.assertTrue(eventually(lambda id=request.request_id: self.recorded(id) == 1), request.request_id)
        self.assertTrue(eventually(lambda: metric(self.system, "mpic_open_requests") == 0))


class RequestIds(Clients):
    def test_the_same_request_again_has_the_same_record(self) -> None:
        pipeline = self.pipeline()
        request = pipeline.caa()
        first = pipeline.ask(request)
        self.assertEqual(pipeline.ask(request), first)
        stream = pipeline.stream()
        stream.send(request)
        self.assertEqual(stream.read().response, first)
        stream.break_off()
        self.assertEqual(self.recorded(request.request_id), 1)

    def test_the_id_of_another_request_is_refused(self) -> None:
        pipeline = self.pipeline()
        request = pipeline.caa()
        pipeline.ask(request)
        other = pipeline.caa(identifier="www.demo.test", request_id=request.request_id)
        self.assert_refused(INVALID_ARGUMENT, other, pipeline, "request_id")
        self.assertEqual(self.recorded(request.request_id), 1)

    def test_the_same_request_twice_in_flight_is_looked_at_once(self) -> None:
        pipeline = self.pipeline()
        request = pipeline.http("slow.demo.test", request_id=fresh_id(), deadline_ms=1500)
        stream = pipeline.stream()
        before = len(self.system.site_requests())
        stream.send(request, request)
        refused, answered = stream.read(), stream.read()
        self.assertEqual(refused.error.grpc_code, RESOURCE_EXHAUSTED.value[0])
        self.assertIn("in progress", refused.error.message)
        self.assertEqual(pipeline.ask(request), answered.response)
        stream.break_off()
        self.assertEqual(self.recorded(request.request_id), 1)
        time.sleep(0.2)
        seen = [r for r in self.system.site_requests()[before:] if r["host"] == "slow.demo.test"]
        self.assertEqual(len(seen), 1)  # the Primary's visit
