"""A site of a test's own, for names below own.demo.test: pages octet by octet, and TLS servers that are different."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mpic_local.certificates import for_name, make_validation_certificate
from mpic_local.layout import Endpoint, Layout

DOMAIN = "own.demo.test"
ACME_TLS = "acme-tls/1"
_PAUSE_SECONDS = 0.2  # between the parts of a page
_READ_SECONDS = 10


def named(label: str) -> str:
    return f"{label}.{DOMAIN}"


@dataclass(frozen=True)
class Page:
    """Served at every path of its name, in as many segments as it has parts."""

    parts: tuple[bytes, ...]

    def send(self, connection: socket.socket) -> None:
        length = sum(len(part) for part in self.parts)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n".encode()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number, part in enumerate((head + self.parts[0], *self.parts[1:])):
            if number:
                time.sleep(_PAUSE_SECONDS)
            connection.sendall(part)


class OwnSite:
    """Runs until it is closed."""

    def __init__(self, layout: Layout, work: Path, pages: dict[str, Page], alpn: dict[str, list[str]]):
        """`alpn`: what the TLS server of each name agrees on; it has the right certificate, and never says goodbye."""
        self._pages = pages
        self._held: list[ssl.SSLSocket] = []
        self._contexts = {name: _context(work, name, protocols) for name, protocols in alpn.items()}
        self._listeners = [_serve(layout.own_http, self._serve_page), _serve(layout.own_https, self._shake_hands)]

    def close(self) -> None:
        for each in (*self._listeners, *self._held):
            with contextlib.suppress(OSError):  # the other side has gone
                each.shutdown(socket.SHUT_RDWR)  # who waits in accept() is told
            each.close()

    def _serve_page(self, connection: socket.socket) -> None:
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                read = connection.recv(4096)
                if not read:
                    return
                head += read
            lines = head.decode("latin-1").lower().split("\r\n")
            (host,) = [line.removeprefix("host:").strip() for line in lines if line.startswith("host:")]
            self._pages[host.partition(":")[0]].send(connection)

    def _shake_hands(self, connection: socket.socket) -> None:
        """And then nothing: no goodbye is answered."""
        first = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

        def choose(shaking: ssl.SSLObject, name: str | None, _) -> int | None:
            if name not in self._contexts:
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            shaking.context = self._contexts[name]
            return None

        first.sni_callback = choose
        self._held.append(first.wrap_socket(connection, server_side=True))


def _context(work: Path, name: str, protocols: list[str]) -> ssl.SSLContext:
    directory = work / "own-site"
    directory.mkdir(exist_ok=True)
    make_validation_certificate(directory, name, for_name(name))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / f"{name}.pem", directory / f"{name}.key")
    if protocols:
        context.set_alpn_protocols(protocols)
    return context


def _serve(endpoint: Endpoint, serve: Callable[[socket.socket], None]) -> socket.socket:
    listener = socket.create_server((endpoint.address, endpoint.port), backlog=64)

    def one(connection: socket.socket) -> None:
        connection.settimeout(_READ_SECONDS)
        with contextlib.suppress(OSError):  # the other side may go at any time
            serve(connection)

    def accept() -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=one, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener
