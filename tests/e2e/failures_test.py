"""What becomes of a request when part of the system is gone."""

from __future__ import annotations

import os
import signal

from mpic_local.asking import CORROBORATED, NOT_CORROBORATED, NOT_DETERMINED, check_http, problems_of
from mpic_local.layout import PRIMARY
from mpic_local.requests import REQUESTS, deviations
from support import Case


class AgentsGone(Case):
    def kill(self, *perspectives: str) -> None:
        for perspective in perspectives:
            name = f"agent-{perspective}"
            self.addCleanup(self.system.start_again, name)
            self.assertTrue(self.system.processes.stop(name, hard=True))

    def would_be(self, arguments: list[str]) -> str:
        return self.ask(arguments)["would_be"]

    def test_one_killed_is_tolerated_and_its_row_says_why(self) -> None:
        (request,) = [request for request in REQUESTS if request.killed]
        self.kill(request.killed)
        status, answer, error = self.cli.json(request.arguments)
        self.assertEqual(deviations(request, status, answer, error), [], error)

    def test_three_killed_are_our_fault_not_the_sites(self) -> None:
        self.kill("eu-west", "sa-east", "us-west")
        self.assertEqual(self.would_be(check_http("www.demo.test")), NOT_DETERMINED)

    def test_the_site_is_still_at_fault_when_it_would_fail_with_everyone_back(self) -> None:
        self.kill("us-west")
        self.assertEqual(self.would_be(check_http("three-hijacked.demo.test")), NOT_CORROBORATED)

    def test_without_the_primary_nothing_can_be_determined(self) -> None:
        self.kill(PRIMARY.id)
        answer = self.ask(check_http("www.demo.test"))
        self.assertEqual(answer["would_be"], NOT_DETERMINED)
        self.assertEqual(problems_of(answer)[PRIMARY.id], "UNREACHABLE")

    def test_an_agent_that_came_back_is_asked_again(self) -> None:
        self.kill("eu-west")
        self.doCleanups()
        answer = self.ask(check_http("www.demo.test"))
        self.assertEqual(answer["would_be"], CORROBORATED)
        self.assertEqual(problems_of(answer), {})

    def test_an_agent_that_hangs_costs_its_row_and_no_more(self) -> None:
        pid = self.system.processes.pid("agent-eu-central")
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(os.kill, pid, signal.SIGCONT)
        answer = self.ask(check_http("www.demo.test"))
        self.assertEqual(answer["would_be"], CORROBORATED)
        self.assertEqual(set(problems_of(answer)), {"eu-central"})


class ResolverGone(Case):
    def test_a_perspective_without_its_resolver_could_not_look(self) -> None:
        self.addCleanup(self.system.start_again, "unbound-sa-east")
        self.system.processes.stop("unbound-sa-east", hard=True)
        answer = self.ask(check_http("anything.wild.demo.test"))
        self.assertEqual(answer["would_be"], CORROBORATED)
        self.assertEqual(problems_of(answer), {"sa-east": "RESOLVER_UNAVAILABLE"})
