"""The Open MPIC API over real processes: its public compliance cases, and answers that look like its own."""

from __future__ import annotations

import json
import subprocess
import sys
import unittest
from collections import Counter
from pathlib import Path

from answers import ADDED, PAIRS, misfits
from cases import CAA, CASES, Case
from open_mpic_client import NO_DECISION, NOT_VALID, VALID, Refused
from open_mpic_system import Answer, OpenMpicCase
from support import bind_in_silence

REDIRECTS = 20  # of agents that follow more than the Baseline Requirements' profile would
RETIRED = "ip-address"
RETIRED_BY = "3.2.2.4.8"
# Random Values need 112 bits, which these have not in any alphabet that they could be of.
TOO_SHORT = ("website-change:integration-testing.open-mpic.org",
             "dns-change:dns-change-cname.integration-testing.open-mpic.org")  # fmt: skip
TOO_SHORT_CLAUSE = "BR 1.6.1"
TOO_LONG = "website-change:integration-testing.open-mpic.org#3"
TOO_LONG_CODE = "TOO_MANY_REDIRECTS"


def faults_of(case: Case, answer: Answer) -> list[str]:
    """In what an answer is not the expected one."""
    status, body = answer
    if status != 200:
        return [f"{case.id} ({case.purpose}): status {status}: {body}"]
    found = []
    if body.get("is_valid") is not case.is_valid:
        found.append(f"{case.id} ({case.purpose}): is_valid {body.get('is_valid')}: {body.get(ADDED)}")
    if case.cname_chain is not None:
        responses = [row["check_response"] for row in body["perspectives"]]
        chains = [each["details"].get("cname_chain") for each in responses if each["check_completed"]]
        if not chains or any(chain != list(case.cname_chain) for chain in chains):
            found.append(f"{case.id} ({case.purpose}): chains {chains}")
    return found


def rows_of(answer: dict) -> list[dict]:
    """Of every attempt."""
    return [row for attempt in (*(answer["previous_attempt_results"] or ()), answer["perspectives"]) for row in attempt]


class Cases(unittest.TestCase):
    """The table itself."""

    def test_there_are_as_many_of_each_method_as_are_published(self) -> None:
        self.assertEqual(Counter(case.method for case in CASES), {
            CAA: 42, "acme-dns-01": 7, "acme-http-01": 6, "acme-tls-alpn-01": 1, "website-change": 4, "dns-change": 3,
            "contact-phone-txt": 5, "contact-email-txt": 7, "contact-email-caa": 15, "contact-phone-caa": 7,
            RETIRED: 12,
        })  # fmt: skip
        self.assertEqual(len(CASES), 109)
        self.assertEqual(sum(case.is_valid for case in CASES), 49)

    def test_no_case_is_there_twice(self) -> None:
        self.assertEqual(len({case.id for case in CASES}), len(CASES))
        self.assertEqual(len({json.dumps(case.request, sort_keys=True) for case in CASES}), len(CASES))

    def test_the_case_that_is_redirected_too_often_is_there(self) -> None:
        (case,) = [case for case in CASES if case.id == TOO_LONG]
        self.assertIn("long-redirect", case.request["dcv_check_parameters"]["http_token_path"])


class Asked(OpenMpicCase):
    def setUp(self) -> None:
        super().setUp()
        for silent in bind_in_silence(self.system.layout.silent_name_server):
            self.addCleanup(silent.close)

    def answers(self) -> list[tuple[Case, Answer]]:
        return list(zip(CASES, self.post_all([case.request for case in CASES])))


class UnderCustom(Asked):
    """A profile for trials, which takes methods that have ended; with agents that follow more redirects."""

    file_fields = {"profiles": ("custom",), "custom": "{min_remotes: 2, min_rirs: 2}"}
    redirects = REDIRECTS

    def test_every_public_case(self) -> None:
        faults = [fault for case, answer in self.answers() for fault in faults_of(case, answer)]
        print(f"\n{len(CASES) - len(faults)} of {len(CASES)} public cases as expected under custom")
        self.assertEqual(faults, [])

    def test_answers_have_the_fields_and_types_of_recorded_ones(self) -> None:
        for pair in PAIRS:
            with self.subTest(pair.kind):
                status, answer = self.post(pair.request)
                self.assertEqual(status, pair.status, answer)
                added = answer.pop(ADDED, None)
                self.assertEqual(list(misfits(answer, pair.answer)), [])
                if pair.is_valid is None:
                    continue
                self.assertIs(answer["is_valid"], pair.is_valid)
                self.assertTrue(answer["perspectives"])
                self.assertTrue(added["record_id"])

    def test_what_was_asked_is_told_again(self) -> None:
        for pair in PAIRS:
            with self.subTest(pair.kind):
                status, answer = self.post(pair.request)
                if status != 200:
                    continue
                asked = pair.request
                self.assertEqual(answer["domain_or_ip_target"], asked["domain_or_ip_target"])
                self.assertEqual(answer["trace_identifier"], asked.get("trace_identifier"))
                parameters = f"{asked['check_type']}_check_parameters"
                self.assertEqual(answer[parameters], answer[parameters] | asked[parameters])
                orchestration = answer["request_orchestration_parameters"]
                self.assertEqual(orchestration, orchestration | asked["orchestration_parameters"])
                for row in rows_of(answer):
                    self.assertEqual(row["check_response"]["check_type"], asked["check_type"])

    def test_the_client_by_its_command_line(self) -> None:
        rows = (
            ("valid", {"check_type": "caa", "domain_or_ip_target": "example.com"}, self.key, VALID),
            ("not valid", {"check_type": "caa", "domain_or_ip_target": "caa-forbids.demo.test"}, self.key, NOT_VALID),
            ("no key", {"check_type": "caa", "domain_or_ip_target": "example.com"}, "", NO_DECISION),
        )
        client = Path(__file__).with_name("open_mpic_client.py")
        url = f"http://{self.coordinator.file.rest.listen}/mpic"
        for reason, request, key, status in rows:
            with self.subTest(reason):
                command = [sys.executable, str(client), url, *(["--key", key] if key else [])]
                done = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True, timeout=60,
                                      check=False)  # fmt: skip
                self.assertEqual(done.returncode, status, done.stderr)

    def test_no_decision_is_an_exception_of_the_client(self) -> None:
        with self.assertRaises(Refused) as refused:
            self.client(self.key).post(PAIRS[-1].request)
        self.assertEqual(refused.exception.status, 400)


class UnderBaselineRequirements(Asked):
    def test_what_they_do_not_allow_comes_out_otherwise_and_nothing_else_does(self) -> None:
        faults = []
        otherwise = 0
        for case, answer in self.answers():
            status, body = answer
            told = json.dumps(body)
            if case.method == RETIRED:
                otherwise += 1
                if status != 400 or RETIRED_BY not in told:
                    faults.append(f"{case.id}: status {status}: {told}")
            elif case.id in TOO_SHORT:
                otherwise += 1
                if status != 400 or TOO_SHORT_CLAUSE not in told:
                    faults.append(f"{case.id}: status {status}: {told}")
            elif case.id == TOO_LONG:
                otherwise += 1
                if status != 200 or body["is_valid"] is not False or TOO_LONG_CODE not in told:
                    faults.append(f"{case.id}: status {status}: {told}")
            else:
                faults += faults_of(case, answer)
        self.assertEqual(faults, [])
        self.assertEqual(otherwise, 15)
