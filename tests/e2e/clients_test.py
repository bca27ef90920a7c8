"""The clients of docs/clients, as a pipeline's author would run them: Python and Node over gRPC, Python over REST.

Both over gRPC print the same lines, so each holds the other to the contract.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import support
from coordinators import Coordinator
from mpic_local.challenges import ISSUER, KEY_AUTHORIZATION, TOKEN
from mpic_local.layout import PERSPECTIVES, PRIMARY, Endpoint, project_directory
from mpic_local.programs import CLIENT, COORDINATOR_NAME
from open_mpic_system import OpenMpicCase
from pipeline import fresh_id, messages
from support import Case

CLIENTS = project_directory() / "docs" / "clients"
BASIS, NO_BASIS, NO_ANSWER, USAGE = 0, 1, 2, 64
HTTP_01 = ["--token", TOKEN, "--key-authorization", KEY_AUTHORIZATION]


def run(command: list, seconds: float = 60) -> subprocess.CompletedProcess:
    done = [str(part) for part in command]
    return subprocess.run(done, capture_output=True, text=True, timeout=seconds, check=False)


def python() -> list:
    messages(support.system)  # makes the classes
    return [sys.executable, CLIENTS / "python" / "mpic_client.py", "--messages", support.system.work / "python"]


def node(program: str) -> list:
    descriptors = support.system.work / "mpic.pb"
    proto = project_directory() / "proto"
    files = sorted(proto.glob("mpic/v1/*.proto"))
    made = run(["protoc", f"-I{proto}", "--include_imports", f"--descriptor_set_out={descriptors}", *files])
    assert made.returncode == 0, made.stderr
    return [program, CLIENTS / "node" / "mpic_client.mjs", "--descriptors", descriptors]


def clients() -> list[list]:
    """How each language's client is run."""
    program = shutil.which("node")
    if program is None:
        print("\nSKIPPED: there is no node here, so docs/clients/node is NOT tested")
        return [python()]
    return [python(), node(program)]


def link(coordinator: Endpoint, client: str | None = CLIENT, api_key_file: Path | None = None) -> list:
    """How the coordinator is reached, and as whom."""
    keys = support.system.work / "keys"
    own = keys / "clients" / str(client)
    options = ["--coordinator", coordinator, "--server-name", COORDINATOR_NAME, "--ca", keys / "ca.pem"]
    options += ["--tls-certificate", own / "tls.pem", "--tls-key", own / "tls.key"] if client else []
    return options + (["--api-key-file", api_key_file] if api_key_file else [])


def without_what_differs(told: str) -> str:
    """Of two answers to the same question."""
    return re.sub(r"record [0-9a-f]{32}", "record …", re.sub(r"127\.77\.\d+\.\d+", "ADDRESS", told))


class OverGrpc(Case):
    """The same for each language; a laboratory's verdict is no basis for issuance."""

    def each(self, *arguments, as_whom: list | None = None) -> list[subprocess.CompletedProcess]:
        reached = as_whom or link(self.system.layout.coordinator)
        return [run([*client, *reached, *arguments]) for client in clients()]

    def test_a_name_is_corroborated_by_dcv_and_caa(self) -> None:
        for done in self.each(*HTTP_01, "--issuer", ISSUER, "www.demo.test"):
            self.assertEqual(done.returncode, NO_BASIS, done.stderr)
            told = done.stdout.splitlines()
            self.assertEqual(told[0], "www.demo.test: NOT_DETERMINED (would be CORROBORATED), no basis for issuance")
            self.assertRegex(told[1], "^record [0-9a-f]{32}$")
            self.assertEqual(len(told), 2 + 2 * (1 + len(PERSPECTIVES)))
            self.assertTrue(told[2].startswith("DCV NOT_DETERMINED (would be CORROBORATED) "), told[2])
            self.assertTrue(told[3].startswith(f"  {PRIMARY.id} corroborates 200 from "), told[3])
            self.assertTrue(told[10].startswith("CAA NOT_DETERMINED (would be CORROBORATED) "), told[10])

    def test_a_name_is_not_corroborated_and_both_say_the_same(self) -> None:
        said = set()
        for done in self.each(*HTTP_01, "--issuer", ISSUER, "missing.demo.test"):
            self.assertEqual(done.returncode, NO_BASIS, done.stderr)
            self.assertIn("missing.demo.test: NOT_DETERMINED (would be NOT_CORROBORATED), no basis", done.stdout)
            self.assertIn(f"  {PRIMARY.id} contradicts HTTP_STATUS", done.stdout)
            said.add(without_what_differs(done.stdout))
        self.assertEqual(len(said), 1, said)

    def test_what_was_signed_is_kept_octet_by_octet(self) -> None:
        """The same request_id gets the recorded answer, so both keep the same statement."""
        kept = set()
        asked = ["--issuer", ISSUER, "--request-id", fresh_id(), "caa-permits.demo.test"]
        file = self.system.work / "statement.pb"
        for client in clients():
            done = run([*client, *link(self.system.layout.coordinator), *asked, "--statement", file])
            self.assertEqual(done.returncode, NO_BASIS, done.stderr)
            kept.add(messages(self.system).Statement.FromString(file.read_bytes()).SerializeToString())
            file.unlink()
        self.assertEqual(len(kept), 1)
        self.assertGreater(len(kept.pop()), 100)

    def test_no_answer_is_told_with_its_reason(self) -> None:
        for done in self.each("--issuer", ISSUER, "localhost"):
            self.assertEqual(done.returncode, NO_ANSWER, done.stdout)
            self.assertIn("identifier", done.stderr)
        nobody = Endpoint("tests", "127.77.0.1", self.system.layout.watched.port)
        for as_whom in (link(self.system.layout.coordinator, "stranger"), link(nobody)):
            for done in self.each("--issuer", ISSUER, "www.demo.test", as_whom=as_whom):
                self.assertEqual((done.returncode, done.stdout), (NO_ANSWER, ""))
        for done in self.each("www.demo.test", as_whom=["--ca", self.system.work / "keys" / "ca.pem"]):
            self.assertEqual(done.returncode, USAGE)

    def test_a_coordinator_by_another_name_is_not_believed(self) -> None:
        wrong = link(self.system.layout.coordinator)
        wrong[wrong.index(COORDINATOR_NAME)] = "another.mpic.internal"
        for done in self.each("--issuer", ISSUER, "www.demo.test", as_whom=wrong):
            self.assertEqual((done.returncode, done.stdout), (NO_ANSWER, ""))


class ByApiKey(OpenMpicCase):
    """Skipped where the coordinator does not know API keys yet."""

    def key_file(self, key: str) -> Path:
        file = self.system.work / "api-key"
        file.write_text(key + "\n")
        return file

    def test_grpc_without_a_certificate(self) -> None:
        for client in clients():
            with self.subTest(client[0]):
                for key, wanted in ((self.key, NO_BASIS), (self.key[:-1], NO_ANSWER)):
                    as_whom = link(self.coordinator.file.listen, None, self.key_file(key))
                    done = run([*client, *as_whom, "--issuer", ISSUER, "caa-permits.demo.test"])
                    self.assertEqual(done.returncode, wanted, done.stderr)

    def test_rest_as_a_user_of_open_mpic_does(self) -> None:
        url = f"http://{self.coordinator.file.rest.listen}/mpic"
        rows = (
            (["caa", "caa-permits.demo.test", "--issuer", ISSUER, "--is-valid"], 0, "valid"),
            (["caa", "caa-forbids.demo.test", "--issuer", ISSUER, "--is-valid"], 1, "not valid"),
            (["caa", "caa-permits.demo.test"], 1, "valid"),  # of a laboratory
            (["http-01", "www.demo.test", *HTTP_01, "--is-valid"], 0, "valid"),
            (["http-01", "missing.demo.test", *HTTP_01, "--is-valid"], 1, "not valid"),
        )
        client = [sys.executable, CLIENTS / "python" / "open_mpic.py", url, "--api-key-file"]
        for arguments, status, valid in rows:
            with self.subTest(" ".join(arguments)):
                done = run([*client, self.key_file(self.key), *arguments])
                self.assertEqual(done.returncode, status, done.stderr)
                told = done.stdout.splitlines()
                self.assertEqual(told[0], f"{arguments[1]}: {valid}, no basis for issuance")
                self.assertRegex(told[1], "^record [0-9a-f]{32}, ")
        done = run([*client, self.key_file("none"), *rows[0][0]])
        self.assertEqual(done.returncode, NO_ANSWER)
        self.assertIn("status 401", done.stderr)
