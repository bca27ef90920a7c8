"""A TLS server that shows a certificate by SNI and agrees on "acme-tls/1"; who does not ask for that gets files by HTTP.

usage: tls_by_name.py ADDRESS PORT DEFAULT [SERVER_NAME=CERTIFICATE ...]

DEFAULT and CERTIFICATE name a pair of files, .pem and .key. `openssl s_server` has but one certificate that it shows under
"acme-tls/1", and the local system has but one IPv6 address.
"""

from __future__ import annotations

import http.server
import socket
import ssl
import sys

ACME_TLS = "acme-tls/1"


def context_of(pair: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{pair}.pem", f"{pair}.key")
    context.set_alpn_protocols([ACME_TLS, "http/1.1"])
    return context


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6

    def __init__(self, address: str, port: int, default: str, by_name: dict[str, str]):
        super().__init__((address, port), Files)
        self._default = context_of(default)
        contexts = {name: context_of(pair) for name, pair in by_name.items()}

        def choose(connection: ssl.SSLObject, name: str | None, _) -> None:
            if name in contexts:
                connection.context = contexts[name]

        self._default.sni_callback = choose

    def finish_request(self, request, client_address) -> None:  # on the connection's own thread
        request.settimeout(10)
        with self._default.wrap_socket(request, server_side=True) as connection:
            if connection.selected_alpn_protocol() != ACME_TLS:  # under it, the handshake is all (RFC 8737 3)
                super().finish_request(connection, client_address)

    def handle_error(self, request, client_address) -> None:
        print(f"{client_address[0]}: {sys.exc_info()[1]}", file=sys.stderr)


class Files(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"


def main() -> None:
    address, port, default, *named = sys.argv[1:]
    Server(address, int(port), default, dict(pair.split("=", 1) for pair in named)).serve_forever()


if __name__ == "__main__":
    main()
