"""Events for a SIEM: each line as docs/events.md says, everything that BR 5.4.1 asks, and never a challenge value."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import socket
import ssl
import subprocess
from dataclasses import replace
from pathlib import Path

import event_document
from coordinators import Coordinator
from mpic_local.asking import (
    check_caa,
    check_dns,
    check_dns_account,
    check_dns_change,
    check_email,
    check_http,
    check_ip_address,
    check_persistent,
    check_phone,
    check_reverse,
    check_tls_alpn,
    check_website,
    checks_of,
)
from mpic_local.challenges import KEY_AUTHORIZATION, RANDOM_VALUE, TOKEN
from mpic_local.layout import PERSPECTIVES, SITE
from mpic_local.programs import CLIENT, Client
from support import Case, eventually

KINDS = event_document.read()
# What a validation looks for, in every form in which it travels.
DIGEST = hashlib.sha256(KEY_AUTHORIZATION.encode()).digest()
CHALLENGES = (
    TOKEN,
    KEY_AUTHORIZATION,
    KEY_AUTHORIZATION.partition(".")[2],
    RANDOM_VALUE,
    base64.urlsafe_b64encode(DIGEST).decode().rstrip("="),
    DIGEST.hex(),
)


def lines_of(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


class WithEvents(Case):
    def check_lines(self, lines: list[str]) -> None:
        for line in lines:
            self.assertEqual(event_document.breaches(line, KINDS), [], line)
            for challenge in CHALLENGES:
                self.assertNotIn(challenge, line)

    def events_since(self, file: Path, seen: int, *kinds: str) -> list[dict]:
        """Those of these kinds; each line is checked."""
        self.assertTrue(
            eventually(lambda: {json.loads(line)["kind"] for line in lines_of(file)[seen:]} >= set(kinds), 5),
            f"{kinds} are not all among {lines_of(file)[seen:]}",
        )
        lines = lines_of(file)[seen:]
        self.check_lines(lines)
        return [event for event in map(json.loads, lines) if event["kind"] in kinds]


class Decisions(WithEvents):
    def setUp(self) -> None:
        super().setUp()
        self.file = self.system.work / "coordinator" / "events.jsonl"
        self.seen = len(lines_of(self.file))

    def test_every_method_is_told_and_no_challenge_value_is(self) -> None:
        asked = (
            ("BR 3.2.2.4.19", check_http("permits.demo.test", with_caa=True)),
            ("BR 3.2.2.4.19", check_http("wrong.demo.test")),
            ("BR 3.2.2.5.6", check_http(SITE)),
            ("BR 3.2.2.4.7", check_dns("dns.demo.test")),
            ("BR 3.2.2.4.7", check_dns("many.demo.test")),
            ("BR 3.2.2.4.7", check_dns_change("random.demo.test")),
            ("BR 3.2.2.4.21", check_dns_account("dns.demo.test")),
            ("BR 3.2.2.4.22", check_persistent("persistent.demo.test")),
            ("BR 3.2.2.4.20", check_tls_alpn("tls-alpn.demo.test")),
            ("BR 3.2.2.4.18", check_website("www.demo.test")),
            ("BR 3.2.2.4.13", check_email("www.demo.test", "caa")),
            ("BR 3.2.2.4.17", check_phone("www.demo.test", "caa")),
            ("BR 3.2.2.5.3", check_reverse(SITE, "www.demo.test")),
        )
        for clause, arguments in asked:
            with self.subTest(arguments=arguments[1:3]):
                seen = len(lines_of(self.file))
                answer = self.ask(arguments)
                decision, *more = self.events_since(self.file, seen, "decision")
                self.assertEqual(more, [])
                self.assertEqual(decision["record_id"], answer["record_id"])
                self.assertEqual(str(decision["leaf"]), answer["log"]["leaf_index"])
                self.assertEqual(decision["who"], CLIENT)
                self.assertEqual(decision["method_clause"], clause)
                self.assertEqual(decision["dcv_quorum"], checks_of(answer)["CHECK_KIND_DCV"]["quorum"]["fraction"])
        retired = self.cli.json(check_ip_address("www.demo.test", SITE))
        self.assertEqual(retired[0], 64)
        self.check_lines(lines_of(self.file))
        log = self.system.processes.log("coordinator").read_text()
        for challenge in CHALLENGES:  # nor has the program's own log any
            self.assertNotIn(challenge, log)

    def test_each_row_of_an_answer_is_an_observation(self) -> None:
        answer = self.ask(check_http("www.demo.test", with_caa=True))
        rows = self.events_since(self.file, self.seen, "observation")
        told = {(row["perspective"], row["check"]): row["outcome"] for row in rows}
        wanted = {
            (row["perspective"], check["kind"].removeprefix("CHECK_KIND_").lower()): row["outcome"]
            .removeprefix("OUTCOME_")
            .lower()
            for check in answer["checks"]
            for row in check["perspectives"]
        }
        self.assertEqual(told, wanted)
        self.assertEqual(len(rows), 2 * len(PERSPECTIVES))
        self.assertEqual(len({row["attempt_id"] for row in rows}), 1)

    def test_caa_that_prevents_issuance_is_told_with_its_contacts(self) -> None:
        answer = self.ask(check_caa("caa-forbids.demo.test"))
        (event,) = self.events_since(self.file, self.seen, "caa_prevents_issuance")
        self.assertEqual(event["identifier"], "caa-forbids.demo.test")
        self.assertEqual(event["rrset"], checks_of(answer)["CHECK_KIND_CAA"]["caa"]["relevant"])
        self.assertEqual(event["iodef"], checks_of(answer)["CHECK_KIND_CAA"]["caa"]["iodef"])
        self.assertTrue(event["property"])


class Security(WithEvents):
    def begin(self, **fields) -> Coordinator:
        coordinator = Coordinator.another(self.system, **fields)
        self.addCleanup(self.system.processes.stop, coordinator.name, hard=True)
        coordinator.start()
        return coordinator

    def test_who_was_refused(self) -> None:
        coordinator = self.begin()
        file = coordinator.directory / "events.jsonl"
        coordinator.cli("stranger").json(check_caa("www.demo.test"))
        context = ssl.create_default_context(cafile=str(self.system.work / "keys" / "ca.pem"))
        context.check_hostname = False
        context.set_alpn_protocols(["h2"])
        listen = coordinator.file.listen
        with self.assertRaises(OSError):  # without a certificate
            with socket.create_connection((listen.address, listen.port), timeout=5) as plain:
                with context.wrap_socket(plain) as secure:
                    if not secure.recv(1):
                        raise ConnectionResetError
        coordinator.cli().json([*check_caa("caa-permits.demo.test"), "--asserted-primary", "somebody"])
        events = self.events_since(file, 0, "access_denied", "handshake_failed")
        denied = [event for event in events if event["kind"] == "access_denied"]
        self.assertEqual([event.get("certificate") for event in denied], [["stranger.clients.mpic.internal"], None])
        self.assertEqual(denied[1]["client"], CLIENT)

    def test_the_life_of_a_coordinator(self) -> None:
        coordinator = self.begin()
        file = coordinator.directory / "events.jsonl"
        coordinator.reload(replace(coordinator.file, clients=(Client(CLIENT), Client("stranger"))))
        coordinator.reload("listen: nonsense\n")
        coordinator.put_back()
        second = self.system.try_to_start("mpic-coordinator", coordinator.configuration)
        self.assertEqual(second.returncode, 78, second.stderr)
        self.assertIn("another coordinator uses this record store", second.stderr)
        coordinator.end()
        events = [json.loads(line) for line in lines_of(file)]
        self.check_lines(lines_of(file))
        told = [event["kind"] for event in events]
        self.assertEqual(
            told, ["started", "configuration_changed", "configuration_refused", "start_refused", "stopped"]
        )
        self.assertIn("client stranger added", events[1]["details"])
        self.assertIn("log_origin", events[2]["details"][0])

    def test_the_file_can_be_rotated(self) -> None:
        coordinator = self.begin()
        file = coordinator.directory / "events.jsonl"
        moved = file.with_name("events.1")
        self.assertTrue(eventually(lambda: len(lines_of(file)) == 1))
        file.rename(moved)
        coordinator.reload()
        self.assertTrue(eventually(lambda: len(lines_of(file)) == 1))
        self.assertEqual(json.loads(lines_of(file)[0])["kind"], "configuration_changed")
        self.assertEqual(len(lines_of(moved)), 1)

    def test_an_agent_tells_who_connects_and_how_it_is(self) -> None:
        name = "agent-sa-east"
        file = self.system.work / name / "events.jsonl"
        seen = len(lines_of(file))
        os.kill(self.system.processes.pid(name), signal.SIGHUP)
        self.events_since(file, seen, "configuration_changed")
        self.system.processes.stop(name)
        self.system.start_again(name)
        self.events_since(file, seen, "stopped", "started", "resolver_good", "connection_accepted")
        stranger = self.system.work / "keys" / "clients" / "stranger"
        endpoint = self.system.layout.agent(next(p for p in PERSPECTIVES if p.id == "sa-east"))
        asked = subprocess.run(
            [
                "curl", "--silent", "--http2-prior-knowledge", "--max-time", "5",
                "--cacert", str(self.system.work / "keys" / "ca.pem"),
                "--cert", str(stranger / "tls.pem"), "--key", str(stranger / "tls.key"),
                "--connect-to", f"::{endpoint.address}:{endpoint.port}",
                "-H", "content-type: application/grpc", "-H", "te: trailers", "--data-binary", "",
                "https://sa-east.agents.mpic.internal/mpic.v1.Perspective/Observe",
            ],
            capture_output=True,
            check=False,
        )  # fmt: skip
        (refused,) = self.events_since(file, seen, "connection_refused")
        self.assertEqual(refused["certificate"], ["stranger.clients.mpic.internal"], asked.stderr)
