"""One DNS query and one HTTP request, to see whether something is up and answers as it should."""

from __future__ import annotations

import http.client
import secrets
import socket
import struct
from dataclasses import dataclass

TYPE_A = 1
TYPE_SOA = 6
TYPE_CAA = 257
NOERROR = 0
SERVFAIL = 2

_FLAG_RD = 0x0100
_FLAG_AD = 0x0020
_CLASS_IN = 1


@dataclass(frozen=True)
class DnsAnswer:
    rcode: int
    authenticated: bool
    answers: int


def _encode_name(name: str) -> bytes:
    labels = [label.encode("ascii") for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def dns_query(address: str, port: int, name: str, kind: int, timeout: float = 2.0) -> DnsAnswer:
    """Asks over UDP, with AD set so that a validating resolver says what it thinks. Raises OSError."""
    identifier = secrets.randbelow(1 << 16)
    header = struct.pack("!6H", identifier, _FLAG_RD | _FLAG_AD, 1, 0, 0, 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(timeout)
        udp.connect((address, port))
        udp.send(header + _encode_name(name) + struct.pack("!2H", kind, _CLASS_IN))
        reply = udp.recv(4096)
    if len(reply) < 12 or struct.unpack("!H", reply[:2])[0] != identifier:
        raise OSError("not an answer to the query")
    _, flags, _, answers, _, _ = struct.unpack("!6H", reply[:12])
    return DnsAnswer(flags & 0x000F, bool(flags & _FLAG_AD), answers)


def can_connect(address: str, port: int, timeout: float = 2.0) -> bool:
    try:
        socket.create_connection((address, port), timeout).close()
    except OSError:
        return False
    return True


def http_get(address: str, port: int, path: str, host: str = "", timeout: float = 2.0) -> tuple[int, str]:
    """Status and body. Raises OSError, also for what is no HTTP."""
    connection = http.client.HTTPConnection(address, port, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Host": host or address})
        response = connection.getresponse()
        return response.status, response.read(65536).decode("utf-8", "replace")
    except http.client.HTTPException as error:
        raise OSError(f"no HTTP: {error!r}") from error
    finally:
        connection.close()
