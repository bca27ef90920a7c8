"""Who is let in: mutual TLS on the way to the coordinator and to the agents."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import unittest

from coordinators import Coordinator
from mpic_local.asking import Cli, check_caa
from mpic_local.layout import PERSPECTIVES
from support import Case


class Clients(Case):
    def test_a_certificate_of_our_ca_that_is_not_listed_is_refused(self) -> None:
        status, answer, error = self.system.cli("stranger").json(check_caa("www.demo.test"))
        self.assertEqual((status, answer), (2, {}))
        self.assertRegex(error, "(?i)permission|not listed|denied")

    def test_a_certificate_of_another_ca_does_not_connect(self) -> None:
        other = self.system.work / "other-keys"
        make_keys = ["keys", "dev", str(other), "--agent", "a", "--client", "operator"]
        command = [str(self.system.binaries / "mpic"), *make_keys]
        subprocess.run(command, check=True, capture_output=True)
        self.addCleanup(shutil.rmtree, other)
        profile = self.system.work / "other-ca.yaml"
        profile.write_text(
            f"coordinator: {self.system.layout.coordinator}\n"
            "tls_name: coordinator.mpic.internal\n"
            "ca: keys/ca.pem\n"
            "certificate: other-keys/clients/operator/tls.pem\n"
            "key: other-keys/clients/operator/tls.key\n"
        )
        status, answer, _ = Cli(self.system.binaries, profile).json(check_caa("www.demo.test"))
        self.assertEqual((status, answer), (2, {}))


class Servers(Case):
    """Without gRPC: a handshake as any TLS client makes it."""

    def endpoints(self) -> list:
        return [self.system.layout.coordinator, self.system.layout.agent(PERSPECTIVES[1])]

    def connect(self, endpoint, certificate: str | None, version: ssl.TLSVersion | None = None) -> str:
        """The TLS version agreed; raises OSError when the other side does not want us."""
        keys = self.system.work / "keys"
        context = ssl.create_default_context(cafile=str(keys / "ca.pem"))
        context.check_hostname = False
        context.set_alpn_protocols(["h2"])
        if version:
            context.maximum_version = version
        if certificate:
            context.load_cert_chain(keys / certificate / "tls.pem", keys / certificate / "tls.key")
        with socket.create_connection((endpoint.address, endpoint.port), timeout=5) as plain:
            with context.wrap_socket(plain) as secure:
                # In TLS 1.3 a refused certificate shows only with the first octets from the server.
                if not secure.recv(1):
                    raise ConnectionResetError("closed after the handshake")
                return secure.version()

    def test_tls_1_2_is_refused(self) -> None:
        for endpoint in self.endpoints():
            with self.subTest(endpoint.owner), self.assertRaises(OSError):
                self.connect(endpoint, "coordinator", ssl.TLSVersion.TLSv1_2)

    def test_a_client_certificate_is_required_where_there_are_no_api_keys(self) -> None:
        coordinator = Coordinator.another(self.system)
        self.addCleanup(self.system.processes.stop, coordinator.name, hard=True)
        coordinator.start()
        for endpoint in (coordinator.file.listen, self.system.layout.agent(PERSPECTIVES[1])):
            with self.subTest(endpoint.owner), self.assertRaises(OSError):
                self.connect(endpoint, None)

    def test_the_connection_is_tls_1_3(self) -> None:
        for endpoint in self.endpoints():
            with self.subTest(endpoint.owner):
                self.assertEqual(self.connect(endpoint, "coordinator"), "TLSv1.3")


class Admin(Case):
    def test_liveness_readiness_and_metrics_are_there(self) -> None:
        from mpic_local.probes import http_get

        admins = [self.system.layout.agent_admin(p) for p in PERSPECTIVES] + [self.system.layout.coordinator_admin]
        for endpoint in admins:
            for path in ("/livez", "/readyz", "/metrics"):
                with self.subTest(endpoint.owner, path=path):
                    self.assertEqual(http_get(endpoint.address, endpoint.port, path)[0], 200)


if __name__ == "__main__":
    unittest.main()
