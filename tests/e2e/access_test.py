"""Who is let in by an API key, to what, and how often; and what is told of who is not."""

from __future__ import annotations

import json
import re
import subprocess
import time
from dataclasses import replace

import grpc
from coordinators import Coordinator
from mpic_local.challenges import ISSUER
from mpic_local.programs import CLIENT, Client
from pipeline import Pipeline
from support import Case, eventually

UNAUTHENTICATED = grpc.StatusCode.UNAUTHENTICATED
PERMISSION_DENIED = grpc.StatusCode.PERMISSION_DENIED
RESOURCE_EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED
NOT_KNOWN = "who asks is not known here"
SLOWED = "too many failed attempts"
FREE_FAILURES = 5  # coordinator/access/failures.hpp
KEYS = "access-keys.yaml"
ROBOT = "robot"  # it has keys alone


def robot(*more: str) -> Client:
    return Client(ROBOT, certificate=False, more="".join(f"    {line}\n" for line in more))


def id_of(key: str) -> str:
    return key.split("_")[1]


class Access(Case):
    def setUp(self) -> None:
        super().setUp()
        self.file = self.system.work / KEYS
        self.file.unlink(missing_ok=True)
        self.key = self.make_key("first")
        self.coordinator = Coordinator.another(self.system, clients=(Client(CLIENT), robot()), api_keys=KEYS)
        self.addCleanup(self.system.processes.stop, self.coordinator.name, hard=True)
        self.coordinator.start()

    def mpic_keys(self, command: str, *arguments: str) -> str:
        whole = [str(self.system.binaries / "mpic"), "keys", "api", command, "--keys", str(self.file), *arguments]
        return subprocess.run(whole, capture_output=True, text=True, timeout=20, check=True).stdout

    def make_key(self, name: str, client: str = ROBOT) -> str:
        return self.mpic_keys("create", "--client", client, "--name", name).strip()

    def by_key(self, key: str | None, client: str | None = None, header: str = "x-api-key") -> Pipeline:
        headers = ((header, key),) if key is not None else ()
        made = Pipeline(self.system, client, self.coordinator.file.listen, headers)
        self.addCleanup(made.close)
        return made

    def assert_answered(self, pipeline: Pipeline) -> None:
        self.assertEqual(pipeline.ask(pipeline.caa()).would_be, 1)

    def assert_refused(self, code: grpc.StatusCode, pipeline: Pipeline, words: str, request=None) -> None:
        with self.assertRaises(grpc.RpcError) as raised:
            pipeline.ask(request or pipeline.caa())
        self.assertEqual((raised.exception.code(), words in raised.exception.details()), (code, True),
                         raised.exception.details())  # fmt: skip

    def denied(self, why: str) -> float:
        return self.coordinator.metric("mpic_denied_total", why=why)

    def events(self, kind: str) -> list[dict]:
        lines = (self.coordinator.directory / "events.jsonl").read_text().splitlines()
        return [event for event in map(json.loads, lines) if event["kind"] == kind]

    def assert_told(self, why: str, **members: str | int) -> None:
        wanted = {"why": why, **members}.items()

        def told() -> bool:
            return any(wanted <= event.items() for event in self.events("access_denied"))

        self.assertTrue(eventually(told), self.events("access_denied"))

    def assert_never_written(self, key: str) -> None:
        secret = key.split("_")[2]
        for path in (self.coordinator.log_path, *self.coordinator.directory.glob("*")):
            self.assertNotIn(secret.encode(), path.read_bytes(), path)


class Keys(Access):
    def test_a_key_lets_in_and_the_record_says_whom(self) -> None:
        for header, shown in (("x-api-key", self.key), ("authorization", f"Bearer {self.key}")):
            with self.subTest(header):
                self.assert_answered(self.by_key(shown, header=header))
        self.assert_answered(self.by_key(None, CLIENT))  # by its certificate, as ever
        self.assertTrue(eventually(lambda: len(self.events("decision")) == 3))
        self.assertEqual([event["client"] for event in self.events("decision")], [ROBOT, ROBOT, CLIENT])
        stream = self.by_key(self.key).stream()
        stream.send(self.by_key(self.key).caa())
        self.assertEqual(stream.read().response.would_be, 1)
        stream.break_off()
        self.assert_never_written(self.key)

    def test_who_shows_nothing_or_what_is_no_key_of_a_client_is_not_known(self) -> None:
        wrong = self.key[:-1] + ("0" if self.key[-1] != "0" else "1")
        stranger = "mpic_00000000_" + "0" * 64
        self.assert_refused(UNAUTHENTICATED, self.by_key(None), NOT_KNOWN)
        self.assert_refused(UNAUTHENTICATED, self.by_key(wrong), NOT_KNOWN)
        self.assert_refused(UNAUTHENTICATED, self.by_key(stranger), NOT_KNOWN)
        self.assert_refused(UNAUTHENTICATED, self.by_key("Basic eDp5", header="authorization"), NOT_KNOWN)
        self.assert_refused(UNAUTHENTICATED, self.by_key(self.key, CLIENT), NOT_KNOWN)  # another's certificate
        self.assert_told("nothing_shown", method="Corroborate")
        self.assert_told("wrong_key", api_key=id_of(self.key), client=ROBOT)
        self.assert_told("unknown_key", api_key="00000000")
        self.assert_told("no_key")
        self.assert_told("two_clients", api_key=id_of(self.key), client=ROBOT)
        for why in ("nothing_shown", "wrong_key", "unknown_key", "no_key", "two_clients"):
            self.assertEqual(self.denied(why), 1, why)
        for key in (self.key, wrong, stranger):
            self.assert_never_written(key)
        self.assertIn(f"API key {id_of(self.key)}", self.coordinator.log())

    def test_a_key_that_has_ended_is_none(self) -> None:
        ended = self.make_key("ended")
        text = re.sub(rf'(id: "{id_of(ended)}".*?expires: )\S+', r"\g<1>2026-01-01", self.file.read_text(), flags=re.S)
        self.file.write_text(text)
        self.coordinator.reload()
        self.assert_refused(UNAUTHENTICATED, self.by_key(ended), NOT_KNOWN)
        self.assert_told("expired_key", api_key=id_of(ended), client=ROBOT)
        self.assert_answered(self.by_key(self.key))
        self.assertRegex(self.mpic_keys("list"), rf"{id_of(ended)} .* expired")

    def test_keys_come_and_go_by_a_reload(self) -> None:
        second = self.make_key("second")
        self.assert_refused(UNAUTHENTICATED, self.by_key(second), NOT_KNOWN)  # not read yet
        said = self.coordinator.reload()
        self.assertIn(f"API key {id_of(second)} (second) of {ROBOT} is new", said)
        pipeline = self.by_key(self.key)
        stream = pipeline.stream()
        stream.send(pipeline.caa())
        self.assertEqual(stream.read().response.would_be, 1)
        self.mpic_keys("revoke", "first")
        said = self.coordinator.reload()
        self.assertIn(f"API key {id_of(self.key)} (first) of {ROBOT} is gone", said)
        stream.send(pipeline.caa())
        self.assertEqual(stream.read().error.grpc_code, UNAUTHENTICATED.value[0])
        self.assertEqual(stream.status(), UNAUTHENTICATED)
        self.assert_refused(UNAUTHENTICATED, pipeline, NOT_KNOWN)
        self.assert_answered(self.by_key(second))
        self.assertTrue(eventually(lambda: len(self.events("key_changed")) == 2))
        told = [event["what"] for event in self.events("key_changed")]
        self.assertEqual(told, [f"API key {id_of(second)} (second) of {ROBOT} is new",
                                f"API key {id_of(self.key)} (first) of {ROBOT} is gone"])  # fmt: skip

    def test_a_file_of_keys_that_is_at_fault_is_not_taken(self) -> None:
        good = self.file.read_text()
        for what, text, words in (
            ("no YAML", "keys: [", KEYS),
            ("a key of nobody", good.replace(f'"{ROBOT}"', '"nobody"'), 'no client "nobody" is configured'),
            ("no file", None, "there is no such file"),
        ):
            with self.subTest(what):
                if text is None:
                    self.file.unlink()
                else:
                    self.file.write_text(text)
                self.assertIn(words, self.coordinator.reload())
                self.assert_answered(self.by_key(self.key))
        self.file.write_text(good)
        with self.subTest("without api_keys"):
            without = replace(self.coordinator.file, api_keys="", clients=(Client(CLIENT),))
            self.assertIn("api_keys: cannot change while the program runs", self.coordinator.reload(without.text()))
            self.assert_answered(self.by_key(self.key))


class Limits(Access):
    def load(self, *more: str) -> None:
        self.coordinator.reload(replace(self.coordinator.file, clients=(Client(CLIENT), robot(*more))))

    def test_what_a_client_may_not_ask_for_is_refused_and_named(self) -> None:
        self.load("rights: {methods: [acme-http-01], issuer_domains: [other.example], modes: [monitor]}")
        pipeline = self.by_key(self.key)
        monitor = 2
        self.assert_refused(PERMISSION_DENIED, pipeline, "right to ask in mode ENFORCE")
        issuer = f'right to ask for the issuer "{ISSUER}"'
        self.assert_refused(PERMISSION_DENIED, pipeline, issuer, pipeline.caa(mode=monitor))
        dns = pipeline.http("www.demo.test", mode=monitor)
        dns.dcv.acme_dns_01.key_authorization_digest = "A" * 43
        self.assert_refused(PERMISSION_DENIED, pipeline, "right to validate by acme-dns-01", dns)
        asserted = pipeline.http("www.demo.test", mode=monitor)
        asserted.asserted.primary_id = "somebody"
        self.assert_refused(PERMISSION_DENIED, pipeline, "right to speak for a Primary", asserted)
        self.assertEqual(self.denied("no_right"), 4)
        self.assert_told("no_right", client=ROBOT, request_id=dns.request_id)
        self.assertEqual(pipeline.ask(pipeline.http("www.demo.test", mode=monitor)).would_be, 1)
        self.assert_answered(self.by_key(None, CLIENT))

    def test_a_client_asks_as_often_as_it_may(self) -> None:
        self.load("rate: {per_second: 0.5, burst: 2}")
        pipeline = self.by_key(self.key)
        self.assert_answered(pipeline)
        self.assert_answered(pipeline)
        with self.assertRaises(grpc.RpcError) as raised:
            pipeline.ask(pipeline.caa())
        self.assertEqual(raised.exception.code(), RESOURCE_EXHAUSTED)
        wait = re.search(r"again in (\d+) ms", raised.exception.details())
        self.assertIsNotNone(wait, raised.exception.details())
        self.assert_answered(self.by_key(None, CLIENT))  # nobody else's
        time.sleep(int(wait[1]) / 1000)
        self.assert_answered(pipeline)
        self.assertEqual(self.coordinator.metric("mpic_refusals_total", reason="rate"), 1)

    def test_who_fails_again_and_again_is_slowed_and_a_certificate_is_not_kept_out(self) -> None:
        guess = self.by_key("mpic_00000000_" + "0" * 64)
        for _ in range(FREE_FAILURES + 1):
            self.assert_refused(UNAUTHENTICATED, guess, NOT_KNOWN)
        began = time.monotonic()
        self.assert_refused(RESOURCE_EXHAUSTED, guess, SLOWED)
        self.assert_refused(RESOURCE_EXHAUSTED, self.by_key(self.key), SLOWED)  # it is not looked at
        self.assert_answered(self.by_key(None, CLIENT))
        self.assertEqual(self.denied("slowed"), 2)
        self.assert_told("unknown_key", pause_ms=1000)
        told = len(self.events("access_denied"))
        self.assertEqual(told, FREE_FAILURES + 1)
        time.sleep(max(0.0, 1.05 - (time.monotonic() - began)))
        self.assert_answered(self.by_key(self.key))
