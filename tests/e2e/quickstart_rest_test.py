"""What is written down to be typed: the lines for curl of README.md, docs/open_mpic.md and the quickstart, and the
client of docs/clients in Python, all of the system that the quickstart starts.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys

from mpic_local import rest
from mpic_local.challenges import ISSUER, KEY_AUTHORIZATION, TOKEN
from mpic_local.layout import Layout, project_directory
from mpic_local.programs import COORDINATOR_NAME, api_key_file
from open_mpic_system import OpenMpicCase
from support import Case

BASIS, NO_BASIS = 0, 1


def line_of(document: str) -> str:
    """The one code block of a document that begins with curl."""
    text = (project_directory() / document).read_text()
    (block,) = re.findall(r"^```\n(curl .*?)^```$", text, re.DOTALL | re.MULTILINE)
    return block


def said_by(test: Case, line: str) -> dict:
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=60, check=False)
    test.assertEqual(done.returncode, 0, f"{line}\n{done.stderr}")
    return json.loads(done.stdout)


class Quickstart(Case):
    def changed(self, line: str, *pairs: tuple[str, str]) -> str:
        """To this system's places; each must be there once, so that what is written down is where the quickstart is."""
        for written, here in pairs:
            self.assertEqual(line.count(written), 1, f"{written} in {line}")
            line = line.replace(written, here)
        return line

    def test_the_line_of_the_first_page(self) -> None:
        line = self.changed(line_of("README.md"),
                            (str(Layout().coordinator_rest), str(self.system.layout.coordinator_rest)),
                            ("run/quickstart/", f"{self.system.work}/"))  # fmt: skip
        answer = said_by(self, line)
        self.assertIs(answer["is_valid"], True, answer)
        self.assertEqual(answer["mpic"]["fraction"], "6/6")

    def test_the_line_of_the_quickstart_that_is_kept(self) -> None:
        answer = said_by(self, rest.example(self.system.layout, self.system.work))
        self.assertIs(answer["is_valid"], True, answer)

    def test_what_the_quickstart_asks_with_curl_and_without(self) -> None:
        for request in rest.REQUESTS:
            for with_curl in (True, False):
                with self.subTest(request.title, with_curl=with_curl):
                    found = rest.run(request, self.system.layout, self.system.work, with_curl=with_curl)
                    self.assertEqual(found, [])

    def test_what_comes_out_otherwise_is_seen(self) -> None:
        (_, hijacked, listed) = rest.REQUESTS
        _, said = rest.by_python(hijacked, self.system.layout, self.system.work)
        self.assertEqual(rest.deviations(hijacked, 200, said), [])
        answer = json.loads(said)
        answer["is_valid"] = False
        self.assertIn("is_valid", rest.deviations(hijacked, 200, json.dumps(answer))[0])
        self.assertEqual(len(rest.deviations(rest.REQUESTS[0], 200, said)), 2)  # the fraction, and who has not passed
        self.assertEqual(len(rest.deviations(listed, 200, "")), len(listed.says))
        self.assertIn("401", rest.deviations(listed, 401, "")[0])

    def test_the_client_in_python(self) -> None:
        url = f"http://{self.system.layout.coordinator_rest}/mpic"
        client = [sys.executable, project_directory() / "docs/clients/python/open_mpic.py", url, "--api-key-file",
                  api_key_file(self.system.work)]  # fmt: skip
        http_01 = ["--token", TOKEN, "--key-authorization", KEY_AUTHORIZATION]
        rows = (
            (["caa", "caa-permits.demo.test", "--is-valid"], BASIS, "valid"),
            (["caa", "caa-permits.demo.test", "--issuer", ISSUER], NO_BASIS, "valid"),  # of a laboratory
            (["caa", "caa-forbids.demo.test", "--is-valid"], NO_BASIS, "not valid"),
            (["http-01", "one-hijacked.demo.test", *http_01, "--is-valid"], BASIS, "valid"),
            (["http-01", "three-hijacked.demo.test", *http_01, "--is-valid"], NO_BASIS, "not valid"),
        )
        for arguments, status, valid in rows:
            with self.subTest(" ".join(arguments)):
                command = [str(part) for part in (*client, *arguments)]
                done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertEqual(done.stdout.splitlines()[0], f"{arguments[1]}: {valid}, no basis for issuance")


class OverTls(OpenMpicCase):
    rest_fields = {"tls": True}

    def test_the_line_of_the_document(self) -> None:
        listen = self.coordinator.file.rest.listen
        line = line_of("docs/open_mpic.md")
        for written, here in (("https://mpic.ca.example:8443", f"https://{COORDINATOR_NAME}:{listen.port}"),
                              ("--cacert ca.pem", f"--cacert {self.system.work}/keys/ca.pem"),
                              ("$KEY", self.key), ("www.example.com", "caa-permits.demo.test")):  # fmt: skip
            self.assertEqual(line.count(written), 1, f"{written} in {line}")
            line = line.replace(written, here)
        answer = said_by(self, f"{line.rstrip()} --resolve {COORDINATOR_NAME}:{listen.port}:{listen.address}")
        self.assertIs(answer["is_valid"], True, answer)
        self.assertEqual(answer["caa_check_parameters"]["caa_domains"], [ISSUER])
