"""HTTP as nobody should send it: connections that misbehave, one way each, and what is answered to them.

Who misbehaves comes from addresses of its own, so that nobody who behaves is slowed or counted with it.
"""

from __future__ import annotations

import json
import random
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

HEADER_LIMIT = 16 * 1024  # octets
BODY_LIMIT = 64 * 1024
CAA = {"check_type": "caa", "domain_or_ip_target": "caa-permits.demo.test"}
# All that the port may say. 500, a mistake of ours, is not among them.
STATUSES = frozenset({100, 200, 400, 401, 403, 404, 405, 408, 413, 415, 429, 431, 503})
_SOURCES = "127.77.9"
_NO_LINGER = struct.pack("ii", 1, 0)  # closing resets the connection
_PATIENCE = 5.0
_MOMENT = 0.1


@dataclass(frozen=True)
class Port:
    address: str
    port: int
    key: str  # of a client
    trusted: ssl.SSLContext | None = None  # none: plain

    def connect(self, source: int, raw: bool = False) -> socket.socket:
        """From a source of its own. `raw`: without the handshake that a TLS port waits for."""
        made = socket.socket()
        try:
            made.settimeout(_PATIENCE)
            made.bind((f"{_SOURCES}.{source}", 0))
            made.connect((self.address, self.port))
            return made if raw or self.trusted is None else self.trusted.wrap_socket(made)
        except BaseException:
            made.close()
            raise

    def asks(self, body: bytes, *fields: str, version: str = "1.1") -> bytes:
        """POST /mpic by the client."""
        head = [f"POST /mpic HTTP/{version}", "Host: mpic", f"x-api-key: {self.key}", "Content-Type: application/json"]
        return "\r\n".join([*head, *fields, "", ""]).encode() + body

    def good(self) -> bytes:
        body = json.dumps(CAA).encode()
        return self.asks(body, f"Content-Length: {len(body)}")

    def of(self, body: bytes) -> bytes:
        return self.asks(body, f"Content-Length: {len(body)}")


def get(path: str = "/healthz", *fields: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: mpic", *fields, "", ""]).encode()


def statuses_in(octets: bytes) -> list[int]:
    """Of the answers; raises ValueError for what is no answer."""
    found = []
    while octets:
        head, mark, rest = octets.partition(b"\r\n\r\n")
        words = head.split(b" ", 2)
        if not mark or words[0] not in (b"HTTP/1.1", b"HTTP/1.0") or not words[1].isdigit():
            raise ValueError(f"no answer: {octets[:200]!r}")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        length = int(lengths[0].split(b":")[1]) if lengths else 0
        if len(rest) < length:
            raise ValueError(f"cut after {len(rest)} of {length} octets: {octets[:200]!r}")
        found.append(int(words[1]))
        octets = rest[length:]
    return found


def read(made: socket.socket, seconds: float = _PATIENCE) -> tuple[bytes, bool]:
    """All that comes until the other side closes, and whether it has; it may reset too."""
    made.settimeout(seconds)
    octets = b""
    while True:
        try:
            part = made.recv(65536)
        except (TimeoutError, ssl.SSLWantReadError):
            return octets, False
        except OSError:
            return octets, True
        if not part:
            return octets, True
        octets += part


def send(made: socket.socket, octets: bytes) -> None:
    """As much of it as the other side wants."""
    try:
        made.sendall(octets)
    except OSError:
        pass


def answers_to(port: Port, source: int, octets: bytes, wanted: int, half_close: bool = False) -> tuple[list[int], bool]:
    """Statuses of all answers, and whether the other side closed after them. `wanted`: how many there will be, so that
    nobody waits for more; but for a moment, in which it may close."""
    with port.connect(source) as made:
        send(made, octets)
        if half_close:
            shut_down(made)
        said = b""
        until = time.monotonic() + _PATIENCE
        while count_whole(said) < wanted and time.monotonic() < until:
            part, closed = read(made, 0.02)
            said += part
            if closed:
                return statuses_in(said), True
        rest, closed = read(made, _PATIENCE if half_close else _MOMENT)
        return statuses_in(said + rest), closed


def count_whole(octets: bytes) -> int:
    try:
        return len(statuses_in(octets))
    except ValueError:
        return -1  # the last is not all there yet


def shut_down(made: socket.socket) -> None:
    """Nothing more is sent. Of TLS too without its goodbye, with which Python would end the reading as well."""
    try:
        socket.socket.shutdown(made, socket.SHUT_WR)
    except OSError:
        pass


# What a storm is made of: octets of any kind, different each time.


def _noise(port: Port, any_: random.Random) -> bytes:
    return any_.randbytes(any_.randrange(1, 4096))


def _lines(port: Port, any_: random.Random) -> bytes:
    letters = b"GETPOSHTP/1. \r\n\r\n:\t\x00\xff%?#"
    return bytes(any_.choices(letters, k=any_.randrange(1, 600))) + b"\r\n\r\n"


def _cut(port: Port, any_: random.Random) -> bytes:
    good = port.good()
    return good[: any_.randrange(1, len(good))]


def _flipped(port: Port, any_: random.Random) -> bytes:
    good = bytearray(port.good())
    for _ in range(any_.randrange(1, 6)):
        good[any_.randrange(len(good))] = any_.randrange(256)
    return bytes(good)


def _length(port: Port, any_: random.Random) -> bytes:
    body = json.dumps(CAA).encode()
    lies = (0, 1, len(body) - 1, len(body) + 1, BODY_LIMIT, BODY_LIMIT + 1, 2**31, 2**63, 2**64, 10**30, -1)
    return port.asks(body, f"Content-Length: {any_.choice(lies)}")


def _chunks(port: Port, any_: random.Random) -> bytes:
    sizes = ("0", "1", "5", "ffff", "10000", "ffffffffffffffff", "-1", "x", "", " 5", "5 ", "0x5", "5;a=b",
             "5;" + "e" * 9000)  # fmt: skip
    out = b""
    for _ in range(any_.randrange(1, 40)):
        out += any_.choice(sizes).encode() + any_.choice((b"\r\n", b"\n", b"\r", b"")) + any_.randbytes(5)
        out += any_.choice((b"\r\n", b"\r\n", b"", b"\n"))
    return port.asks(out + any_.choice((b"", b"0\r\n\r\n", b"0\r\nx: y\r\n\r\n")), "Transfer-Encoding: chunked")


def _pipelined(port: Port, any_: random.Random) -> bytes:
    several = (get(), get("/nothing"), get("/openapi.json"), port.of(b"{}"), port.of(b"["))
    return b"".join(any_.choice(several) for _ in range(any_.randrange(2, 40)))


def _flood(port: Port, any_: random.Random) -> bytes:
    fields = [f"x-{any_.randrange(10**9)}: {'y' * any_.randrange(200)}" for _ in range(any_.randrange(10, 2000))]
    return get("/healthz", *fields)


def _line(port: Port, any_: random.Random) -> bytes:
    method = any_.choice(("GET", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PRI", "get", "M" * 5000, "GE\0T", ""))
    path = any_.choice(("/mpic", "/configz", "*", "//", "/../../etc/passwd", "/%00", "/mpic?" + "q" * 9000, "\xff", "x",
                        "http://mpic/healthz", "/v1/perspectives?format=" + "n" * 500, "/" + "a/" * 4000))  # fmt: skip
    version = any_.choice(("HTTP/1.1", "HTTP/1.0", "HTTP/0.9", "HTTP/2", "HTTP/9.9", "HTCPCP/1.0", ""))
    return f"{method} {path} {version}\r\nHost: mpic\r\n\r\n".encode("latin-1")


def _json(port: Port, any_: random.Random) -> bytes:
    return port.of(any_.choice(BODIES)[1])


def _expects(port: Port, any_: random.Random) -> bytes:
    return port.asks(b"", f"Content-Length: {any_.choice((10, BODY_LIMIT))}", "Expect: 100-continue")


def _handshake(port: Port, any_: random.Random) -> bytes:
    """The beginning of a record of TLS, of any kind, and its length; then anything."""
    head = struct.pack("!BHH", any_.choice((20, 21, 22, 23, 24, 99)), 0x0301, any_.randrange(65536))
    return head + _noise(port, any_)


KINDS: tuple[Callable[[Port, random.Random], bytes], ...] = (
    _noise, _lines, _cut, _flipped, _length, _chunks, _pipelined, _flood, _line, _json, _expects, _handshake,
)  # fmt: skip

_DEEP = 5_000
BODIES: tuple[tuple[str, bytes], ...] = (
    ("arrays in arrays", b"[" * _DEEP),
    ("objects in objects", b'{"a":' * _DEEP),
    ("both, and closed again", b'{"a":[' * _DEEP + b"]}" * _DEEP),
    ("a long text", b'{"domain_or_ip_target": "' + b"a" * (BODY_LIMIT - 100) + b'"}'),
    ("a number without end", b'{"check_type": ' + b"9" * 60_000 + b"}"),
    ("a number beyond all", b'{"orchestration_parameters": {"quorum_count": 1e999999}}'),
    ("many members", b"{" + b",".join(b'"m%d": 1' % n for n in range(5000)) + b"}"),
    ("no UTF-8", b'{"check_type": "caa", "domain_or_ip_target": "\xff\xfe.demo.test"}'),
    ("half of a surrogate pair", b'{"check_type": "caa", "domain_or_ip_target": "\\ud800.demo.test"}'),
    ("an overlong zero", b'{"check_type": "caa\xc0\x80"}'),
    ("a zero", b'{"check_type": "caa\\u0000"}'),
    ("a mark of the order of octets", b"\xef\xbb\xbf{}"),
    ("UTF-16", json.dumps(CAA).encode("utf-16")),
    ("something after it", json.dumps(CAA).encode() + b"{}"),
    ("a comment", b"{/* nothing */}"),
    ("white space alone", b" " * 60_000),
)


def storm(port: Port, any_: random.Random) -> list[int]:
    """One connection of any kind, and how it leaves; the statuses of its answers, as far as it waited for them."""
    kind = any_.choice(KINDS)
    made = port.connect(any_.randrange(1, 250), raw=kind in (_noise, _handshake))
    with made:
        octets = kind(port, any_)
        cuts = sorted(any_.randrange(len(octets)) for _ in range(any_.choice((0, 0, 3)))) if octets else []
        for begin, end in zip([0, *cuts], [*cuts, len(octets)]):
            send(made, octets[begin:end])
        leave = any_.randrange(4)
        if leave == 0:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            return []
        if leave == 1:
            return []
        if leave == 2:
            shut_down(made)
        said, closed = read(made, 0.3)
        if kind in (_noise, _handshake) and port.trusted is not None:
            return []  # an alert, if anything
        return statuses_in(said) if closed else []


# Those that hold on.


def slow_head(port: Port) -> Iterator[bytes]:
    return (bytes([octet]) for octet in get("/healthz", "x-filler: " + "x" * 10_000))


def slow_body(port: Port) -> Iterator[bytes]:
    whole = port.of(json.dumps(CAA | {"trace_identifier": "x" * 10_000}).encode())
    head, mark, body = whole.partition(b"\r\n\r\n")
    yield head + mark
    yield from (bytes([octet]) for octet in body)


def slow_handshake() -> Iterator[bytes]:
    hello = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), hello, server_hostname="mpic")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return (bytes([octet]) for octet in hello.read())


def slow_chunks(port: Port) -> Iterator[bytes]:
    yield port.asks(b"", "Transfer-Encoding: chunked")
    while True:
        yield b"1\r\n \r\n"
