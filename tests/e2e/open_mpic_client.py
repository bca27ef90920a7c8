#!/usr/bin/python3
"""Asks a coordinator by the Open MPIC API: open_mpic_client.py URL [--key KEY] [--ca FILE] < REQUEST

Written as a user of Open MPIC would write it, with nothing of ours and Python's standard library alone. Prints the
answer. Exit status: 0 valid, 1 not valid, 2 no decision.
"""

from __future__ import annotations

import argparse
import http.client
import json
import socket
import ssl
import sys
from pathlib import Path
from urllib.parse import urlsplit

SECONDS = 60
VALID, NOT_VALID, NO_DECISION = 0, 1, 2


class Refused(Exception):
    """No decision was made. `body` says why, when it is JSON."""

    def __init__(self, status: int, body: dict):
        super().__init__(f"status {status}: {json.dumps(body)}")
        self.status = status
        self.body = body


class _Https(http.client.HTTPSConnection):
    """To an address that the name in the URL does not resolve to."""

    def __init__(self, host: str, port: int, trusted: ssl.SSLContext, address: str):
        super().__init__(host, port, timeout=SECONDS, context=trusted)
        self._trusted = trusted
        self._address = address

    def connect(self) -> None:
        connection = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = self._trusted.wrap_socket(connection, server_hostname=self.host)


class OpenMpicClient:
    def __init__(self, url: str, key: str | None = None, ca: Path | None = None, connect_to: str | None = None):
        self._url = urlsplit(url)
        self._key = key
        self._trusted = ssl.create_default_context(cafile=ca) if self._url.scheme == "https" else None
        self._address = connect_to or self._url.hostname

    def post(self, request: dict) -> dict:
        """The decision; raises Refused when there is none."""
        status, body = self.ask(request)
        if status != 200:
            raise Refused(status, body)
        return body

    def ask(self, request: dict) -> tuple[int, dict]:
        """Status and body, whatever they are."""
        headers = {"Content-Type": "application/json"} | ({"x-api-key": self._key} if self._key else {})
        return self.send("POST", self._url.path, json.dumps(request).encode(), headers)

    def send(self, method: str, path: str, body: bytes | None = None, headers: dict | None = None) -> tuple[int, dict]:
        connection = self._connection()
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, _parsed(response.read())
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self._trusted is None:
            return http.client.HTTPConnection(self._address, self._url.port, timeout=SECONDS)
        return _Https(self._url.hostname, self._url.port or 443, self._trusted, self._address)


def _parsed(body: bytes) -> dict:
    try:
        return json.loads(body)
    except ValueError:
        return {"unparsed": body.decode("utf-8", "replace")}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="http://ADDRESS:PORT/mpic, or https")
    parser.add_argument("--key", help="that the coordinator's operator has made for you")
    parser.add_argument("--ca", type=Path, help="whom to trust for https, as PEM")
    parser.add_argument("--connect-to", metavar="ADDRESS", help="instead of what the name in the URL resolves to")
    options = parser.parse_args()
    client = OpenMpicClient(options.url, options.key, options.ca, options.connect_to)
    try:
        answer = client.post(json.load(sys.stdin))
    except Refused as refused:
        print(refused, file=sys.stderr)
        return NO_DECISION
    json.dump(answer, sys.stdout, indent=1)
    print()
    return VALID if answer["is_valid"] else NOT_VALID


if __name__ == "__main__":
    sys.exit(main())
