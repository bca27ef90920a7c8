"""Keys and certificates for a rotation, from the development CA that the local system trusts, put in place in one stroke."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mpic_local.layout import PERSPECTIVES, Endpoint
from mpic_local.programs import CLIENT, COORDINATOR_NAME


@dataclass(frozen=True)
class Leaf:
    """Whose TLS certificate it is: the directory below keys/, the name in it, and what it is for."""

    directory: str
    name: str
    use: str


LEAVES = (
    Leaf("coordinator", COORDINATOR_NAME, "serverAuth,clientAuth"),
    *(Leaf(f"agents/{p.id}", f"{p.id}.agents.mpic.internal", "serverAuth") for p in PERSPECTIVES),
    Leaf(f"clients/{CLIENT}", f"{CLIENT}.clients.mpic.internal", "clientAuth"),
)


def _openssl(*arguments: str, given: str = "") -> str:
    done = subprocess.run(["openssl", *arguments], input=given, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"openssl {arguments[0]}: {done.stderr.strip()}")
    return done.stdout


def new_key() -> str:
    return _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")


def public_key(private: str) -> str:
    return _openssl("pkey", "-pubout", given=private)


def reissue(keys: Path, leaf: Leaf) -> None:
    """Another key and another certificate of the same CA for the same name, each file whole at every moment."""
    extensions = (
        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
        f"extendedKeyUsage={leaf.use}\nsubjectAltName=DNS:{leaf.name}\n"
    )
    key = new_key()
    with tempfile.TemporaryDirectory(dir=keys) as scratch:
        key_file, request, extension_file = (Path(scratch) / name for name in ("key", "request", "extensions"))
        key_file.write_text(key)
        extension_file.write_text(extensions)
        subject = f"/CN={leaf.directory.rpartition('/')[2]}"
        request.write_text(_openssl("req", "-new", "-key", str(key_file), "-subj", subject))
        certificate = _openssl("x509", "-req", "-in", str(request), "-CA", str(keys / "ca.pem"), "-CAkey",
                               str(keys / "ca.key"), "-days", "30", "-extfile", str(extension_file))  # fmt: skip
        (Path(scratch) / "certificate").write_text(certificate)
        place = keys / leaf.directory
        # Between the two the key is not the certificate's: whoever reads them then must keep what it had.
        (Path(scratch) / "certificate").replace(place / "tls.pem")
        key_file.replace(place / "tls.key")


def shown_by(endpoint: Endpoint, keys: Path, client: str) -> str:
    """The certificate that a server shows now, PEM."""
    context = ssl.create_default_context(cafile=str(keys / "ca.pem"))
    context.check_hostname = False
    context.set_alpn_protocols(["h2"])
    context.load_cert_chain(keys / client / "tls.pem", keys / client / "tls.key")
    with socket.create_connection((endpoint.address, endpoint.port), timeout=5) as plain:
        with context.wrap_socket(plain) as secure:
            return ssl.DER_cert_to_PEM_cert(secure.getpeercert(binary_form=True))


def is_same_certificate(one: str, other: str) -> bool:
    return ssl.PEM_cert_to_DER_cert(one) == ssl.PEM_cert_to_DER_cert(other)


def verifies(public_der: bytes, message: bytes, signature: bytes) -> bool:
    """ECDSA P-256 with SHA-256, by OpenSSL's command line: none of our own code."""
    scratch = Path(tempfile.mkdtemp())
    try:
        for name, content in (("key", public_der), ("message", message), ("signature", signature)):
            (scratch / name).write_bytes(content)
        command = ["openssl", "dgst", "-sha256", "-keyform", "DER", "-verify", str(scratch / "key"), "-signature",
                   str(scratch / "signature"), str(scratch / "message")]  # fmt: skip
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    finally:
        shutil.rmtree(scratch)
