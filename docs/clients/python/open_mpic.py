#!/usr/bin/python3
"""Asks by the Open MPIC API, as a client of Open MPIC does; Python's standard library alone.

    python3 open_mpic.py https://mpic.ca.example:8443/mpic --api-key-file key --ca ca.pem caa www.example.com
    python3 open_mpic.py https://mpic.ca.example:8443/mpic --api-key-file key --ca ca.pem \\
        http-01 www.example.com --token "$token" --key-authorization "$token.$thumbprint"

Exit status: 0 a basis for issuance, 1 none, 2 no decision, 64 wrong usage. With --is-valid it goes by `is_valid`, as
Open MPIC's clients do.
"""

from __future__ import annotations

import argparse
import json
import ssl
import sys
import urllib.error
import urllib.request
from pathlib import Path

SECONDS = 60
LONGEST_ANSWER = 4 * 1024 * 1024  # octets


class Refused(Exception):
    """There is no decision. `body` is the answer's JSON, where it was JSON."""

    def __init__(self, status: int, body: dict):
        super().__init__(f"status {status}: {json.dumps(body)}")
        self.status, self.body = status, body


def caa(target: str, issuers: list[str] = ()) -> dict:
    """Of the coordinator's own issuers when none is named."""
    parameters = {"certificate_type": "tls-server", "caa_domains": list(issuers)}
    return {"check_type": "caa", "domain_or_ip_target": target, "caa_check_parameters": parameters}


def http_01(target: str, token: str, key_authorization: str) -> dict:
    parameters = {"validation_method": "acme-http-01", "token": token, "key_authorization": key_authorization}
    return {"check_type": "dcv", "domain_or_ip_target": target, "dcv_check_parameters": parameters}


def post(url: str, request: dict, api_key: str, ca: Path | None = None) -> dict:
    """The decision; raises Refused, or urllib.error.URLError when nobody answers."""
    headers = {"Content-Type": "application/json", "x-api-key": api_key}
    asked = urllib.request.Request(url, json.dumps(request).encode(), headers, method="POST")
    trusted = ssl.create_default_context(cafile=ca) if url.startswith("https:") else None
    try:
        with urllib.request.urlopen(asked, timeout=SECONDS, context=trusted) as response:
            return json.loads(response.read(LONGEST_ANSWER))
    except urllib.error.HTTPError as refused:
        try:
            body = json.loads(refused.read(LONGEST_ANSWER))
        except ValueError:
            body = {}
        raise Refused(refused.code, body) from None


def is_basis(answer: dict) -> bool:
    """What a pipeline tests. A server without `mpic` signs nothing, and what it says is no basis here."""
    return answer.get("mpic", {}).get("basis_for_issuance") is True


def lines(answer: dict) -> list[str]:
    added = answer.get("mpic", {})
    valid = "valid" if answer["is_valid"] else "not valid"
    out = [f"{answer['domain_or_ip_target']}: {valid}, {'a' if is_basis(answer) else 'no'} basis for issuance"]
    out += [f"record {added['record_id']}, {added['fraction']}: {added['explanation']}"] if added else []
    for row in answer["perspectives"]:
        response = row["check_response"]
        errors = "; ".join(f"{each['error_type']}: {each['error_message']}" for each in response["errors"] or [])
        passed = "passed" if response["check_passed"] else "not passed"
        out.append(f"  {row['perspective_code']} {passed} {errors}".rstrip())
    return out


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("check", choices=("caa", "http-01"))
    parser.add_argument("name")
    parser.add_argument("--api-key-file", type=Path, required=True, metavar="FILE")
    parser.add_argument("--ca", type=Path, metavar="FILE", help="whom to trust; default: what the system trusts")
    parser.add_argument("--issuer", action="append", default=[])
    parser.add_argument("--token", default="")
    parser.add_argument("--key-authorization", default="")
    parser.add_argument("--is-valid", action="store_true", help="go by is_valid")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    try:
        options = parse(arguments)
    except SystemExit as ended:
        return 64 if ended.code else 0
    is_caa = options.check == "caa"
    request = (
        caa(options.name, options.issuer) if is_caa else http_01(options.name, options.token, options.key_authorization)
    )
    try:
        answer = post(options.url, request, options.api_key_file.read_text().strip(), options.ca)
    except (Refused, OSError) as failed:
        print(f"no decision: {failed}", file=sys.stderr)
        return 2
    print("\n".join(lines(answer)))
    return 0 if (answer["is_valid"] if options.is_valid else is_basis(answer)) else 1


if __name__ == "__main__":
    sys.exit(main())
