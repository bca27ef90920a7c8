"""Certificates of the site, and of the servers that answer tls-alpn-01; made by openssl, for this run alone."""

from __future__ import annotations

import ipaddress
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from . import open_mpic
from .challenges import HIJACKER_AUTHORIZATION, KEY_AUTHORIZATION, TOKEN, tls_digest
from .layout import IPV6_LOOPBACK, TLS_ALPN, TLS_ALPN_NAME, TLS_ALPN_PUBLIC, TLS_ALPN_WRONG, Layout
from .peers import find_program
from .processes import Program

_ACME_IDENTIFIER = "1.3.6.1.5.5.7.1.31"  # id-pe-acmeIdentifier (RFC 8737 6.1)
_OCTET_STRING_OF_32 = "0420"


@dataclass(frozen=True)
class ValidationCertificate:
    """What a server shows to who offers "acme-tls/1"; as RFC 8737 3 wants it, or with one thing wrong."""

    server_name: str  # asked for by SNI
    subject_alternative_names: str
    key_authorization: str = KEY_AUTHORIZATION
    critical: bool = True
    subject: str = "validation"


def for_name(name: str) -> ValidationCertificate:
    return ValidationCertificate(name, f"DNS:{name}")


def for_address(address: str) -> ValidationCertificate:
    """SNI cannot hold an address: its reverse name stands for it (RFC 8738 6)."""
    return ValidationCertificate(ipaddress.ip_address(address).reverse_pointer, f"IP:{address}")


# What each server shows: the first to every SNI that no other is for.
SERVERS = {
    TLS_ALPN: [for_address(TLS_ALPN)],
    TLS_ALPN_NAME: [for_name("alpn.demo.test")],
    TLS_ALPN_WRONG[0]: [
        ValidationCertificate("alpn-wrong.demo.test", "DNS:alpn-wrong.demo.test", HIJACKER_AUTHORIZATION),
    ],
    TLS_ALPN_WRONG[1]: [ValidationCertificate("alpn-foreign.demo.test", "DNS:www.demo.test")],
    TLS_ALPN_WRONG[2]: [
        ValidationCertificate("alpn-two-names.demo.test", "DNS:alpn-two-names.demo.test,DNS:www.demo.test"),
    ],
    TLS_ALPN_WRONG[3]: [
        ValidationCertificate("alpn-uncritical.demo.test", "DNS:alpn-uncritical.demo.test", critical=False),
    ],
    TLS_ALPN_PUBLIC: [
        ValidationCertificate(open_mpic.TLS_HOST, f"DNS:{open_mpic.TLS_HOST}", open_mpic.KEY_AUTHORIZATION,
                              subject="tls-alpn test"),
    ],
    IPV6_LOOPBACK: [for_name("ipv6-only.demo.test"), for_address(IPV6_LOOPBACK)],
}


def _make(directory: Path, file: str, subject: str, extensions: list[str]) -> None:
    command = [
        find_program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes", "-days", "90", "-subj", f"/CN={subject}",
        "-keyout", str(directory / f"{file}.key"), "-out", str(directory / f"{file}.pem"),
    ]  # fmt: skip
    for extension in extensions:
        command += ["-addext", extension]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"openssl cannot make a certificate for {subject}: {done.stderr.strip()}")


def make_site_certificate(directory: Path) -> None:
    """Nobody verifies it: validation over https proves control by content, not by the certificate."""
    _make(directory, "site", "demo.test", ["subjectAltName=DNS:*.demo.test"])


def make_validation_certificate(directory: Path, file: str, certificate: ValidationCertificate) -> None:
    digest = _OCTET_STRING_OF_32 + tls_digest(certificate.key_authorization).hex()
    critical = "critical," if certificate.critical else ""
    extensions = [
        f"subjectAltName={certificate.subject_alternative_names}",
        f"{_ACME_IDENTIFIER}={critical}DER:{digest}",
    ]
    _make(directory, file, certificate.subject, extensions)


def tls_alpn_servers(layout: Layout, work: Path) -> list[Program]:
    """On the https port of addresses of their own: `openssl s_server`, and tls_by_name.py for the address that has two
    certificates. That one is the site's https for ::1 as well: it serves files to who does not ask for "acme-tls/1"."""
    programs = []
    for endpoint in layout.tls_alpn_servers():
        directory = work / endpoint.owner
        challenges = directory / "files" / ".well-known" / "acme-challenge"
        challenges.mkdir(parents=True)
        (challenges / TOKEN).write_text(KEY_AUTHORIZATION)
        shown = SERVERS[endpoint.address]
        for number, certificate in enumerate(shown):
            make_validation_certificate(directory, str(number), certificate)
        if len(shown) == 1:
            command = [
                find_program("openssl"), "s_server", "-accept", str(endpoint), "-alpn", "acme-tls/1,http/1.1", "-WWW",
                "-cert", str(directory / "0.pem"), "-key", str(directory / "0.key"),
            ]  # fmt: skip
        else:
            by_name = [f"{each.server_name}={directory / str(number)}" for number, each in enumerate(shown)]
            command = [
                sys.executable, str(Path(__file__).with_name("tls_by_name.py")), endpoint.address, str(endpoint.port),
                str(directory / "0"), *by_name,
            ]  # fmt: skip
        programs.append(Program(endpoint.owner, command, directory / "files"))
    return programs
