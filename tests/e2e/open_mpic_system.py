"""A coordinator that serves the Open MPIC API, beside the system's own and for the same agents or others."""

from __future__ import annotations

import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor

import support
from coordinators import Coordinator
from mpic_local import assembly, programs
from mpic_local.layout import PERSPECTIVES, Endpoint, Tuning
from mpic_local.programs import API_KEYS, CLIENT, COORDINATOR_NAME, Rest
from open_mpic_client import OpenMpicClient
from support import Case, System

AT_ONCE = 12  # requests
NOT_SERVED = "this build's coordinator does not serve REST, so the Open MPIC API is NOT tested"
Answer = tuple[int, dict]  # status, body


def make_api_key(system: System, client: str = CLIENT, name: str = "e2e") -> str:
    command = [str(system.binaries / "mpic"), "keys", "api", "create", "--keys", str(system.work / API_KEYS),
               "--client", client, "--name", name]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    if done.returncode != 0:
        print(f"\nSKIPPED: {NOT_SERVED}")
        raise unittest.SkipTest(NOT_SERVED)
    return done.stdout.strip()


def start_other_agents(system: System, tuning: Tuning) -> dict[str, Endpoint]:
    """One more for each perspective, with its keys, resolver and egress; where each is reached."""
    layout = system.layout
    agents = [programs.agent(each, layout, system.work, system.binaries, tuning, other=True) for each in PERSPECTIVES]
    for agent in agents:
        system.processes.start(agent)
    for agent in agents:
        assembly.wait_until_ready(system.work, agent.name)
    return {each.id: layout.other_agent(each) for each in PERSPECTIVES}


def stop_other_agents(system: System) -> None:
    for each in PERSPECTIVES:
        system.processes.stop(system.layout.other_agent(each).owner, hard=True)


class OpenMpicCase(Case):
    """All tests of a class ask one coordinator, with these fields of its configuration."""

    rest_fields: dict = {}
    file_fields: dict = {}
    redirects: int | None = None  # that agents of its own follow; None: the system's agents

    coordinator: Coordinator
    key: str

    @classmethod
    def setUpClass(cls) -> None:
        system = support.system
        cls.key = make_api_key(system, name=cls.__name__)
        fields = dict(cls.file_fields)
        if cls.redirects is not None:
            cls.addClassCleanup(stop_other_agents, system)
            fields["reached_at"] = start_other_agents(system, Tuning(redirects=cls.redirects))
        rest = Rest(system.layout.other_coordinator_rest, **cls.rest_fields)
        cls.coordinator = Coordinator.another(system, rest=rest, **fields)
        cls.addClassCleanup(system.processes.stop, cls.coordinator.name, hard=True)
        cls.coordinator.start()

    def client(self, key: str | None) -> OpenMpicClient:
        listen = self.coordinator.file.rest.listen
        if not self.coordinator.file.rest.tls:
            return OpenMpicClient(f"http://{listen}/mpic", key)
        ca = self.system.work / "keys" / "ca.pem"
        return OpenMpicClient(f"https://{COORDINATOR_NAME}:{listen.port}/mpic", key, ca, listen.address)

    def post(self, request: dict) -> Answer:
        return self.client(self.key).ask(request)

    def post_all(self, requests: list[dict]) -> list[Answer]:
        """Several at once, as some wait for name servers; the answers in the order of the requests."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(self.post, requests))
