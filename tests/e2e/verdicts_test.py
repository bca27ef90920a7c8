"""Verdicts over the real way: command line, coordinator, agents, resolvers, site."""

from __future__ import annotations

from pathlib import Path

from mpic_local.asking import (
    CAA,
    CORROBORATED,
    CORROBORATES,
    DCV,
    NOT_CORROBORATED,
    NOT_DETERMINED,
    check_caa,
    check_http,
    problems_of,
    rows_of,
)
from mpic_local.commands import COMMANDS, run
from mpic_local.layout import NOTHING_LISTENS, PERSPECTIVES, PRIMARY
from mpic_local.requests import REQUESTS, deviations
from support import Case


class Quickstart(Case):
    """Each request that the quickstart shows; those that kill an agent are in failures_test.py."""

    def test_each_request_of_the_quickstart(self) -> None:
        for request in REQUESTS:
            if request.killed:
                continue
            with self.subTest(request.title):
                if request.needs_ipv6:
                    self.require_ipv6()
                status, answer, error = self.cli.json(request.arguments)
                self.assertEqual(deviations(request, status, answer, error), [], error)

    def test_what_it_shows_beside_requests(self) -> None:
        for command in COMMANDS:
            with self.subTest(command.title):
                said: list[str] = []
                profile = Path(self.system.description["profile"])
                found = run(command, self.system.binaries, profile, self.system.work, said.append)
                self.assertEqual(found, [], said)


class CaaVerdicts(Case):
    def test_decisions(self) -> None:
        rows = (
            ("no record up to the root permits", "www.demo.test", CORROBORATED, None),
            ("a zone without DNSSEC is no obstacle", "caa-permits.plain.test", CORROBORATED, None),
            ("issue governs a wildcard only without issuewild", "*.caa-wildcard.demo.test", NOT_CORROBORATED,
             "CAA_FORBIDS"),
            ("issuewild does not govern a plain name", "caa-wildcard.demo.test", CORROBORATED, None),
            ("issuewild alone forbids nothing for a plain name", "caa-only-wildcard.demo.test", CORROBORATED, None),
            ("issue ';' forbids everyone", "caa-nobody.demo.test", NOT_CORROBORATED, "CAA_FORBIDS"),
            ("an unknown critical property forbids", "caa-critical.demo.test", NOT_CORROBORATED,
             "CAA_CRITICAL_UNKNOWN"),
            ("an unknown property that is not critical does not", "caa-noncritical.demo.test", CORROBORATED, None),
            ("a set that only fits TCP is read whole", "caa-many.demo.test", CORROBORATED, None),
            ("the records of a CNAME's target count", "caa-alias.demo.test", NOT_CORROBORATED, "CAA_FORBIDS"),
            ("only iodef restricts nobody", "caa-iodef.demo.test", CORROBORATED, None),
        )  # fmt: skip
        for reason, name, would_be, code in rows:
            with self.subTest(reason, name=name):
                answer = self.ask(check_caa(name))
                self.assertEqual(answer["would_be"], would_be)
                self.assertEqual(problems_of(answer).get(PRIMARY.id), code)

    def test_forged_records_are_bogus_never_permission(self) -> None:
        answer = self.ask(check_caa("caa-permits.bogus.test"))
        self.assertNotEqual(answer["would_be"], CORROBORATED)
        self.assertEqual(problems_of(answer)[PRIMARY.id], "DNS_BOGUS")

    def test_the_answer_says_where_and_what(self) -> None:
        answer = self.ask(check_caa("deep.caa-parent.demo.test"))
        (check,) = answer["checks"]
        self.assertEqual(check["kind"], CAA)
        self.assertEqual(check["caa"]["found_at"], "caa-parent.demo.test")
        self.assertIn("ca.example", check["caa"]["relevant"][0])
        self.assertIn("3.2.2.9", check["clause"])


class HttpVerdicts(Case):
    def test_decisions(self) -> None:
        rows = (
            ("the plain case", "www.demo.test", CORROBORATED, None),
            ("over a CNAME chain", "alias-twice.demo.test", CORROBORATED, None),
            ("a wildcard record", "anything.wild.demo.test", CORROBORATED, None),
            ("the second address answers when the first refuses", "two-addresses.demo.test", CORROBORATED, None),
            ("another account's key authorization", "wrong.demo.test", NOT_CORROBORATED, "CHALLENGE_MISMATCH"),
            ("404 is no answer to a challenge", "missing.demo.test", NOT_CORROBORATED, "HTTP_STATUS"),
            ("a redirect to another port", "redirect-port.demo.test", NOT_CORROBORATED, "REDIRECT_FORBIDDEN"),
            ("a body without end", "large.demo.test", NOT_CORROBORATED, "HTTP_BODY_TOO_LARGE"),
            ("a redirect into the private network", "redirect-internal.demo.test", NOT_CORROBORATED,
             "ADDRESS_FORBIDDEN"),
            ("an IPv6 unique local address", "internal6.demo.test", NOT_CORROBORATED, "ADDRESS_FORBIDDEN"),
            ("a cloud's metadata address", "metadata.demo.test", NOT_CORROBORATED, "ADDRESS_FORBIDDEN"),
            ("nobody listens", "refused.demo.test", NOT_DETERMINED, "CONNECTION_REFUSED"),
            ("closed without an answer", "closes.demo.test", NOT_DETERMINED, "CONNECTION_CLOSED"),
            ("no such name", "nothing.demo.test", NOT_CORROBORATED, "DNS_NXDOMAIN"),
            ("a name without address", "no-address.demo.test", NOT_CORROBORATED, "DNS_NO_ADDRESSES"),
            ("forged addresses", "www.bogus.test", NOT_DETERMINED, "DNS_BOGUS"),
        )
        for reason, name, would_be, code in rows:
            with self.subTest(reason, name=name):
                answer = self.ask(check_http(name))
                self.assertEqual(answer["would_be"], would_be)
                self.assertEqual(problems_of(answer).get(PRIMARY.id), code)

    def test_a_redirect_circle_is_refused(self) -> None:
        answer = self.ask(check_http("loop.demo.test"))
        self.assertEqual(answer["would_be"], NOT_CORROBORATED)
        self.assertIn(problems_of(answer)[PRIMARY.id], ("REDIRECT_LOOP", "TOO_MANY_REDIRECTS"))

    def test_every_perspective_comes_from_its_own_address(self) -> None:
        before = len(self.system.site_requests())
        self.ask(check_http("alias.demo.test"))
        seen = self.system.site_requests()[before:]
        self.assertEqual({request["client"] for request in seen}, {p.egress for p in PERSPECTIVES})
        self.assertEqual({request["host"] for request in seen}, {"alias.demo.test"})

    def test_nothing_is_sent_where_the_policy_forbids(self) -> None:
        before = len(self.system.site_requests())
        self.ask(check_http("redirect-internal.demo.test"))
        seen = self.system.site_requests()[before:]
        # The first hop of whoever looked, and nothing behind it.
        self.assertEqual({request["host"] for request in seen}, {"redirect-internal.demo.test"})
        self.assertNotIn(NOTHING_LISTENS, {request["client"] for request in seen})


class Answer(Case):
    def test_lab_relaxations_keep_a_verdict_from_being_a_basis(self) -> None:
        answer = self.ask(check_http("www.demo.test", with_caa=True))
        self.assertEqual(answer["verdict"], NOT_DETERMINED)
        self.assertEqual(answer["would_be"], CORROBORATED, problems_of(answer))
        self.assertFalse(answer.get("basis_for_issuance", False))
        self.assertTrue(answer["not_enforceable_because"])
        self.assertTrue(answer["record_id"])

    def test_one_row_for_each_planned_perspective_in_each_check(self) -> None:
        answer = self.ask(check_http("www.demo.test", with_caa=True))
        self.assertEqual({check["kind"] for check in answer["checks"]}, {DCV, CAA})
        for check in answer["checks"]:
            rows = check["perspectives"]
            self.assertEqual([row["perspective"] for row in rows][0], PRIMARY.id)
            self.assertEqual({row["perspective"] for row in rows}, {p.id for p in PERSPECTIVES})
            self.assertEqual({row["outcome"] for row in rows}, {CORROBORATES})
            self.assertGreaterEqual(len(check["quorum"]["rirs"]), 2)
        self.assertEqual({row["rir"] for row in rows_of(answer)}, {f"RIR_{p.rir}" for p in PERSPECTIVES})

    def test_without_would_be_the_exit_status_says_not_determined(self) -> None:
        status, _, _ = self.cli.json(check_http("www.demo.test"), would_be=False)
        self.assertEqual(status, 2)
