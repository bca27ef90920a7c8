"""Targets that answer never or octet by octet: they have their share of the system, and everybody else has the rest."""

from __future__ import annotations

import time

from mpic_local.asking import CORROBORATED, check_caa, check_http
from mpic_local.layout import PRIMARY
from pipeline import Pipeline, fresh_id
from support import Case, bind_in_silence

PER_TARGET = 100  # limits.open_requests_per_target
RESOURCE_EXHAUSTED = 8  # of gRPC
NOT_DETERMINED = 3  # mpic.v1.Verdict
DEADLINE_MS = 8000  # the Primary gets half


class Targets(Case):
    def setUp(self) -> None:
        super().setUp()
        self.pipeline = Pipeline(self.system)
        self.addCleanup(self.pipeline.close)

    def assert_others_are_served(self) -> None:
        fresh = f"{fresh_id()}.cold.test"  # which no resolver knows yet
        for arguments in (check_caa("caa-permits.demo.test"), check_http(fresh, with_caa=True)):
            began = time.monotonic()
            self.assertEqual(self.ask(arguments)["would_be"], CORROBORATED)
            self.assertLess(time.monotonic() - began, 3)

    def problems(self, answers: list) -> list:
        """Of the Primary: code and place, one for each answer."""
        rows = [row for answer in answers for check in answer.response.checks for row in check.perspectives]
        self.assertTrue(all(row.perspective == PRIMARY.id for row in rows))  # nobody else was sent there
        return [row.problem for row in rows]

    def silent_name_server(self) -> None:
        for silent in bind_in_silence(self.system.layout.silent_name_server):
            self.addCleanup(silent.close)

    def test_names_whose_servers_never_answer_have_a_share_and_end_in_time(self) -> None:
        self.silent_name_server()
        stream = self.pipeline.stream()
        count = PER_TARGET + 16
        began = time.monotonic()
        for n in range(count):
            stream.send(self.pipeline.caa(identifier=f"n{n}.a.silent.test", deadline_ms=DEADLINE_MS))
        time.sleep(0.3)
        self.assert_others_are_served()
        stream.send_no_more()
        answers = stream.read_all()
        self.assertLess(time.monotonic() - began, DEADLINE_MS / 1000 + 1)
        self.assertEqual(len(answers), count)
        refused = [answer.error for answer in answers if answer.HasField("error")]
        self.assertEqual({error.grpc_code for error in refused}, {RESOURCE_EXHAUSTED})
        self.assertTrue(all("silent.test" in error.message for error in refused))
        self.assertEqual(len(refused), count - PER_TARGET)
        looked_at = [answer for answer in answers if answer.HasField("response")]
        self.assertEqual({answer.response.would_be for answer in looked_at}, {NOT_DETERMINED})
        codes = self.pipeline.code_names(self.problems(looked_at))
        self.assertEqual(codes.count("DNS_TIMEOUT") + codes.count("DNS_SERVFAIL"), PER_TARGET)

    def test_deep_names_do_not_take_the_lookups_of_others(self) -> None:
        self.silent_name_server()
        stream = self.pipeline.stream()
        for n in range(24):
            name = ".".join(["a"] * 100 + [f"n{n}", "b", "silent", "test"])
            stream.send(self.pipeline.caa(identifier=name, deadline_ms=DEADLINE_MS))
        time.sleep(0.3)
        self.assert_others_are_served()
        stream.send_no_more()
        self.assertEqual(len(stream.read_all()), 24)

    def test_a_site_that_dribbles_costs_its_own_requests_and_no_others(self) -> None:
        stream = self.pipeline.stream()
        for _ in range(40):
            stream.send(self.pipeline.http("slow.demo.test", deadline_ms=DEADLINE_MS))
        time.sleep(0.3)
        self.assert_others_are_served()
        stream.send_no_more()
        codes = self.pipeline.code_names(self.problems(stream.read_all()))
        self.assertEqual(codes, ["READ_TIMEOUT"] * 40)
