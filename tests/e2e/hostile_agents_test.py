"""Agents that were taken over: each lie is one non-corroboration with its reason, and never more than that."""

from __future__ import annotations

import time

from hostile import HostileAgent, memory_mib, metric
from mpic_local.asking import CORROBORATED, CORROBORATES, NOT_CORROBORATED, NOT_DETERMINED, check_caa, check_http
from mpic_local.layout import PRIMARY
from support import Case, eventually

INVALID = ("EVIDENCE_INVALID", "EVIDENCE_INVALID")
REFUSED = ("REFUSED", "OVERLOADED")
UNREACHABLE = ("UNREACHABLE", "UNREACHABLE")

# deed -> outcome and problem of the row, and what the problem says
LIES = {
    "other-key": (*INVALID, "not pinned for this perspective"),  # of another perspective of this deployment
    "bad-signature": (*INVALID, "signature does not verify"),
    "signature-of-another-kind": (*INVALID, "signature does not verify"),
    "unsigned": (*INVALID, "no signed evidence"),
    "root-of-another-perspective": (*INVALID, "names another perspective"),
    "replay": (*INVALID, "answers another assignment"),
    "other-assignment": (*INVALID, "answers another assignment"),
    "other-origin": (*INVALID, "answers another assignment"),
    "other-nonce": (*INVALID, "another nonce"),
    "other-perspective": (*INVALID, "of another perspective"),
    "other-role": (*INVALID, "in another role"),  # a remote that says it is the Primary
    "other-rir": (*INVALID, "the configured region is RIPE"),
    "late-clock": (*INVALID, "more than 30 s"),
    "early-clock": (*INVALID, "more than 30 s"),
    "backwards": (*INVALID, "more than 30 s"),
    "other-checks": (*INVALID, "other checks than were asked"),
    "truncated": (*INVALID, ""),
    "garbage": (*INVALID, "cannot be read"),
    "empty": (*INVALID, ""),
    "too-large": (*INVALID, "observation"),
    "leaf-elsewhere": (*INVALID, "not in the tree"),
    "leaf-not-in-tree": (*INVALID, "not in the tree"),
    "index-out-of-range": (*INVALID, "not in the tree"),
    "path-too-long": (*INVALID, "not in the tree"),
    "path-too-short": (*INVALID, "not in the tree"),
    "path-endless": (*INVALID, "not in the tree"),
    "path-of-short-hashes": (*INVALID, "not 32 octets"),
    "tree-of-no-leaves": (*INVALID, "not in the tree"),
    "lying-refusal": (*INVALID, "what only signed evidence may"),
    "overloaded": (*REFUSED, "too many checks"),
    "stale-refusal": ("REFUSED", "ASSIGNMENT_STALE", "stale"),
    "refusal-with-control-characters": (*REFUSED, "x1b[2J"),
}


class Hostile(Case):
    perspective = "eu-west"

    @classmethod
    def setUpClass(cls) -> None:
        import support

        cls.hostile = HostileAgent(support.system, cls.perspective)
        cls.addClassCleanup(cls.hostile.give_back)
        cls.hostile.take_over()

    def rows(self, answer: dict) -> list[tuple[str, str, str]]:
        """Of the hostile perspective, one for each check: outcome, code and text of its problem."""
        found = []
        for check in answer["checks"]:
            (row,) = [row for row in check["perspectives"] if row["perspective"] == self.perspective]
            problem = row.get("problem", {})
            code = problem.get("code", "").removeprefix("PROBLEM_CODE_")
            found.append((row["outcome"].removeprefix("OUTCOME_"), code, problem.get("detail", "")))
        return found

    def counted(self, outcome: str) -> float:
        name = "mpic_perspective_outcomes_total"
        return sum(metric(self.system, name, perspective=self.perspective, check=check, outcome=outcome)
                   for check in ("dcv", "caa"))  # fmt: skip


class HostileRemote(Hostile):
    def unknown(self) -> float:
        return metric(self.system, "mpic_unknown_replies_total", perspective=self.perspective)

    def ask_both(self, *more: str) -> dict:
        return self.ask([*check_http("www.demo.test", with_caa=True), *more])

    def test_each_lie_is_one_non_corroboration_with_its_reason(self) -> None:
        self.hostile.tell("honest")
        self.assertEqual({row[0] for row in self.rows(self.ask_both())}, {"CORROBORATES"})  # and is kept, for replay
        for lie, (outcome, code, words) in LIES.items():
            with self.subTest(lie):
                self.hostile.tell(lie)
                before = self.counted(outcome.lower())
                answer = self.ask_both()
                self.assertEqual(answer["would_be"], CORROBORATED)
                self.assertEqual({check["quorum"]["fraction"] for check in answer["checks"]}, {"5/6"})
                for row in self.rows(answer):
                    self.assertEqual(row[:2], (outcome, code))
                    self.assertIn(words, row[2])
                self.assertEqual(self.counted(outcome.lower()), before + 2)
                accused = any(self.perspective in f and "does not verify" in f for f in answer.get("findings", []))
                self.assertEqual(accused, outcome == "EVIDENCE_INVALID")

    def test_text_of_a_refusal_reaches_people_escaped_and_within_a_bound(self) -> None:
        self.hostile.tell("refusal-with-control-characters")
        for _, _, text in self.rows(self.ask_both()):
            self.assertTrue(text.isprintable(), text)
            self.assertLess(len(text), 1500)

    def test_a_refusal_for_no_known_reason_is_no_corroboration(self) -> None:
        self.hostile.tell("refusal-of-no-code")
        answer = self.ask_both()
        self.assertEqual(answer["would_be"], CORROBORATED)
        for row in self.rows(answer):
            self.assertNotEqual(row[0], "CORROBORATES")

    def test_an_agent_is_heard_once(self) -> None:
        for deed in ("twice", "twice-in-one"):
            with self.subTest(deed):
                self.hostile.tell(deed)
                unknown = self.unknown()
                self.assertEqual({row[0] for row in self.rows(self.ask_both())}, {"CORROBORATES"})
                self.assertTrue(eventually(lambda: self.unknown() == unknown + 1))

    def test_replies_that_nobody_asked_for_are_counted_and_dropped(self) -> None:
        for deed, strangers in (("thousands-of-strangers", 5000), ("items-of-nothing", 3)):
            with self.subTest(deed):
                self.hostile.tell(deed)
                unknown = self.unknown()
                self.assertEqual({row[0] for row in self.rows(self.ask_both())}, {"CORROBORATES"})
                now = self.unknown()
                self.assertEqual(now, unknown + strangers)

    def test_what_breaks_the_stream_is_unreachable_at_once_and_found_again(self) -> None:
        for deed in ("oversized-message", "no-protobuf", "break-in-the-middle", "die-in-the-middle"):
            with self.subTest(deed):
                self.hostile.start()
                self.hostile.tell(deed)
                began = time.monotonic()
                answer = self.ask_both()
                self.assertLess(time.monotonic() - began, 3)
                self.assertEqual(answer["would_be"], CORROBORATED)
                self.assertEqual([row[:2] for row in self.rows(answer)], [UNREACHABLE] * 2)
                self.hostile.tell("honest")
                self.hostile.start()
                self.assertEqual({row[0] for row in self.rows(self.ask_both())}, {"CORROBORATES"})

    def test_one_that_never_answers_costs_the_time_given_and_its_row(self) -> None:
        self.hostile.tell("silent")
        began = time.monotonic()
        answer = self.ask_both("--deadline", "3")
        self.assertLess(time.monotonic() - began, 4)
        self.assertEqual(answer["would_be"], CORROBORATED)
        self.assertEqual([row[:2] for row in self.rows(answer)], [UNREACHABLE] * 2)

    def test_it_cannot_carry_a_request_that_the_others_do_not(self) -> None:
        self.hostile.tell("honest")
        answer = self.ask(check_http("three-hijacked.demo.test"))
        self.assertEqual(answer["would_be"], NOT_CORROBORATED)

    def test_a_flood_leaves_the_coordinator_responsive_and_its_memory_bounded(self) -> None:
        self.hostile.tell("honest")
        self.ask_both()
        before = memory_mib(self.system, "coordinator")
        unknown = self.unknown()
        self.hostile.tell("flood")
        flooded = time.monotonic()
        self.ask_both()
        self.hostile.tell("honest")
        slowest = 0.0
        while time.monotonic() - flooded < 2.8:
            began = time.monotonic()
            answer = self.ask(check_caa("caa-permits.demo.test"))
            slowest = max(slowest, time.monotonic() - began)
            self.assertEqual(answer["would_be"], CORROBORATED)
        self.assertLess(slowest, 2)
        self.assertLess(memory_mib(self.system, "coordinator") - before, 100)
        last = unknown
        while (now := self.unknown()) != last:  # what is on its way still comes
            last = now
            time.sleep(0.3)
        self.assertGreater(now, unknown + 100)  # so it was a flood


class HostilePrimary(Hostile):
    """It ends requests, which it may; it carries none that the remotes do not."""

    perspective = PRIMARY.id

    def test_no_lie_of_the_primary_leads_to_corroboration(self) -> None:
        self.hostile.tell("honest")
        self.assertEqual(self.ask(check_http("www.demo.test"))["would_be"], CORROBORATED)
        for lie, (outcome, code, _) in LIES.items():
            if lie == "other-checks":
                continue  # of one check it leaves none
            with self.subTest(lie):
                self.hostile.tell(lie)
                answer = self.ask(check_http("www.demo.test"))
                self.assertEqual(answer["would_be"], NOT_DETERMINED)
                self.assertFalse(answer.get("basis_for_issuance", False))
                self.assertEqual([row[:2] for row in self.rows(answer)], [(outcome, code)])
                (check,) = answer["checks"]
                self.assertEqual(len(check["perspectives"]), 1)  # nobody else was sent to the site

    def test_what_it_claims_to_have_seen_the_remotes_must_have_seen(self) -> None:
        self.hostile.tell("honest")
        for name, code in (
            ("wrong.demo.test", "CHALLENGE_MISMATCH"),
            ("missing.demo.test", "HTTP_STATUS"),
            ("three-hijacked.demo.test", "CHALLENGE_MISMATCH"),
            ("internal.demo.test", "ADDRESS_FORBIDDEN"),
        ):
            with self.subTest(name):
                answer = self.ask(check_http(name))
                self.assertEqual(self.rows(answer)[0][0], CORROBORATES.removeprefix("OUTCOME_"))
                self.assertEqual(answer["would_be"], NOT_CORROBORATED)
                self.assertIn(code, str(answer))
        answer = self.ask(check_caa("caa-forbids.demo.test"))
        self.assertEqual(answer["would_be"], NOT_CORROBORATED)
        self.assertEqual(answer["checks"][0]["quorum"]["fraction"], "0/6")

    def test_a_primary_that_is_silent_ends_within_the_time_given(self) -> None:
        self.hostile.tell("silent")
        began = time.monotonic()
        answer = self.ask([*check_http("www.demo.test"), "--deadline", "2"])
        self.assertLess(time.monotonic() - began, 4)
        self.assertEqual(answer["would_be"], NOT_DETERMINED)
        self.assertEqual([row[:2] for row in self.rows(answer)], [UNREACHABLE])
