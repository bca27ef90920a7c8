"""How the command line tool is asked about each method, and what its answers hold."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

from .challenges import (
    ACCOUNT,
    DNS_ACCOUNT,
    EMAIL,
    ISSUER,
    KEY_AUTHORIZATION,
    PHONE,
    RANDOM_VALUE,
    TOKEN,
)
from .site import META_TAG_FILE, WEBSITE_FILE

CORROBORATED = "VERDICT_CORROBORATED"
NOT_CORROBORATED = "VERDICT_NOT_CORROBORATED"
NOT_DETERMINED = "VERDICT_NOT_DETERMINED"
EXIT_STATUS = {CORROBORATED: 0, NOT_CORROBORATED: 1, NOT_DETERMINED: 2}
EXIT_REFUSED = 64

DCV = "CHECK_KIND_DCV"
CAA = "CHECK_KIND_CAA"
CORROBORATES = "OUTCOME_CORROBORATES"

_SECONDS = 60


def check_caa(name: str) -> list[str]:
    return ["check", "caa", name, "--issuer", ISSUER]


def check_http(name: str, with_caa: bool = False) -> list[str]:
    command = ["check", "http-01", name, "--token", TOKEN, "--key-authorization", KEY_AUTHORIZATION]
    return command + (["--issuer", ISSUER] if with_caa else [])


def check_dns(name: str, adn: str | None = None) -> list[str]:
    return ["check", "dns-01", name, "--key-authorization", KEY_AUTHORIZATION, *_by(adn)]


def check_tls_alpn(name: str) -> list[str]:
    return ["check", "tls-alpn-01", name, "--key-authorization", KEY_AUTHORIZATION]


def check_dns_account(name: str, account: str = DNS_ACCOUNT) -> list[str]:
    return ["check", "dns-account-01", name, "--key-authorization", KEY_AUTHORIZATION, "--account", account]


def check_persistent(name: str, adn: str | None = None) -> list[str]:
    return ["check", "dns-persistent", name, "--issuer", ISSUER, "--account", ACCOUNT, *_by(adn)]


def check_dns_change(name: str, *options: str) -> list[str]:
    return ["check", "dns-change", name, "--value", RANDOM_VALUE, *options]


def check_website(name: str, *options: str) -> list[str]:
    return ["check", "website", name, "--path", WEBSITE_FILE, "--value", RANDOM_VALUE, *options]


def check_website_of_address(address: str, path: str = META_TAG_FILE) -> list[str]:
    return ["check", "website", address, "--path", path, "--value", RANDOM_VALUE]


def check_email(name: str, via: str) -> list[str]:
    return ["check", "contact-email", name, "--contact", EMAIL, "--via", via]


def check_phone(name: str, via: str) -> list[str]:
    return ["check", "contact-phone", name, "--contact", PHONE, "--via", via]


def check_ip_address(name: str, address: str) -> list[str]:
    return ["check", "ip-address", name, "--address", address]


def check_reverse(address: str, name: str) -> list[str]:
    return ["check", "reverse", address, "--fqdn", name]


def _by(adn: str | None) -> list[str]:
    """By an Authorization Domain Name that is not the name itself."""
    return [] if adn is None else ["--adn", adn]


class Cli:
    """The command line tool, asking as the client of one profile."""

    def __init__(self, binaries: Path, profile: Path):
        self._command = [str(binaries / "mpic"), "--profile", str(profile)]

    def json(self, arguments: list[str], would_be: bool = True) -> tuple[int, dict, str]:
        """Exit status, answer and standard error."""
        command = [*self._command, *arguments, "--json"] + (["--would-be"] if would_be else [])
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
        try:
            answer = json.loads(done.stdout) if done.stdout.strip() else {}
        except json.JSONDecodeError:
            answer = {}
        return done.returncode, answer, done.stderr

    def wait_until_connected(self, seconds: float = 20) -> None:
        """Until the coordinator has all its agents: after one was started again."""
        deadline = time.monotonic() + seconds
        while True:
            _, answer, _ = self.json(["perspectives"], would_be=False)
            rows = answer.get("perspectives", [])
            missing = [row["id"] for row in rows if not row.get("connected", False)]
            if rows and not missing:
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"not connected after {seconds:.0f} s: {', '.join(missing) or 'the coordinator'}")
            time.sleep(0.1)

    def show(self, arguments: list[str]) -> int:
        """The same for people: straight to our own standard output."""
        return subprocess.run([*self._command, *arguments, "--would-be"], timeout=_SECONDS, check=False).returncode


def checks_of(answer: dict) -> dict[str, dict]:
    return {check["kind"]: check for check in answer.get("checks", [])}


def rows_of(answer: dict) -> list[dict]:
    return [row for check in answer.get("checks", []) for row in check.get("perspectives", [])]


def problems_of(answer: dict) -> dict[str, str]:
    """perspective -> code of its problem, over all checks."""
    return {
        row["perspective"]: row["problem"]["code"].removeprefix("PROBLEM_CODE_")
        for row in rows_of(answer)
        if "problem" in row
    }
