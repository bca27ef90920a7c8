"""What the quickstart asks over REST, and what must come of it; by curl where there is one, else by Python itself."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .challenges import KEY_AUTHORIZATION, TOKEN
from .layout import HIJACKED_ONE, PERSPECTIVES, Layout
from .programs import api_key_file

_SECONDS = 60
_STATUS = "\n%{http_code}"  # what curl is told to say after the body


@dataclass(frozen=True)
class RestRequest:
    title: str
    path: str
    body: dict | None = None  # None: a page that is read, by everybody
    fraction: str = ""  # "corroborated/attempted"; of a body
    not_passed: tuple[str, ...] = ()  # of the remotes
    says: tuple[str, ...] = ()

    def command(self, layout: Layout, work: Path) -> str:
        """For a shell in this process's directory."""
        url = shlex.quote(f"http://{layout.coordinator_rest}{self.path}")
        if self.body is None:
            return f"curl -s {url}"
        key = shlex.quote(os.path.relpath(api_key_file(work)))
        return f'curl -s -H "x-api-key: $(cat {key})" --json {shlex.quote(json.dumps(self.body))} {url}'


_CAA = RestRequest("CAA, as a client of Open MPIC asks", "/mpic",
                   {"check_type": "caa", "domain_or_ip_target": "caa-permits.demo.test"}, "6/6")  # fmt: skip
REQUESTS = (
    _CAA,
    RestRequest("http-01, as a client of Open MPIC asks; one region's route is hijacked", "/mpic",
                {"check_type": "dcv", "domain_or_ip_target": "one-hijacked.demo.test",
                 "dcv_check_parameters": {"validation_method": "acme-http-01", "token": TOKEN,
                                          "key_authorization": KEY_AUTHORIZATION}}, "5/6", HIJACKED_ONE),
    RestRequest("where visits come from, for a site's firewall", "/v1/perspectives?format=nftables",
                says=tuple(perspective.egress for perspective in PERSPECTIVES)),
)  # fmt: skip


def example(layout: Layout, work: Path) -> str:
    """A line that works as it stands, while the system runs."""
    return _CAA.command(layout, work)


def by_curl(request: RestRequest, layout: Layout, work: Path) -> tuple[int, str]:
    command = request.command(layout, work).replace("curl -s", f"curl -s -w {shlex.quote(_STATUS)}", 1)
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=_SECONDS, check=False)
    said, _, status = done.stdout.rpartition("\n")
    return (int(status), said) if status.isdecimal() else (0, f"curl: exit status {done.returncode}, {done.stderr}")


def by_python(request: RestRequest, layout: Layout, work: Path) -> tuple[int, str]:
    headers = {}
    body = None
    if request.body is not None:
        headers = {"Content-Type": "application/json", "x-api-key": api_key_file(work).read_text().strip()}
        body = json.dumps(request.body).encode()
    asked = urllib.request.Request(f"http://{layout.coordinator_rest}{request.path}", body, headers)
    try:
        with urllib.request.urlopen(asked, timeout=_SECONDS) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    except OSError as error:
        return 0, str(error)


def _told(answer: dict) -> str:
    """For people: an answer has two hundred lines."""
    added = answer["mpic"]
    rows = [f"    {row['perspective_code']}: check_passed {json.dumps(row['check_response']['check_passed'])}"
            for row in answer["perspectives"]]  # fmt: skip
    members = {"verdict": added["verdict"], "would_be": added["would_be"], "fraction": added["fraction"],
               "basis_for_issuance": added["basis_for_issuance"], "record_id": added["record_id"]}  # fmt: skip
    first = f"  is_valid {json.dumps(answer['is_valid'])}, mpic {json.dumps(members)}"
    return "\n".join([first, *rows])


def deviations(request: RestRequest, status: int, said: str) -> list[str]:
    """What differs from the expected; an empty list is a pass."""
    if status != 200:
        return [f"status {status}, expected 200: {said.strip()}"]
    found = [f"nothing says {text!r}" for text in request.says if text not in said]
    if request.body is None:
        return found
    answer = json.loads(said)
    passed = {row["perspective_code"]: row["check_response"]["check_passed"] for row in answer["perspectives"]}
    wanted = {each.id: each.id not in request.not_passed for each in PERSPECTIVES if each.role == "remote"}
    rows = (("is_valid", answer["is_valid"], True), ("fraction", answer["mpic"]["fraction"], request.fraction),
            ("basis_for_issuance", answer["mpic"]["basis_for_issuance"], False),
            ("check_passed", passed, wanted))  # fmt: skip
    return found + [f"{what}: {seen!r}, expected {expected!r}" for what, seen, expected in rows if seen != expected]


def run(request: RestRequest, layout: Layout, work: Path, show: Callable[[str], None] = lambda _: None,
        with_curl: bool | None = None) -> list[str]:
    """Shows what is asked and answered; returns what differs from the expected. By curl where there is one."""
    with_curl = shutil.which("curl") is not None if with_curl is None else with_curl
    show(f"  {request.command(layout, work)}")
    status, said = (by_curl if with_curl else by_python)(request, layout, work)
    found = deviations(request, status, said)
    if status == 200:
        show(said.rstrip() if request.body is None else _told(json.loads(said)))
    return found
