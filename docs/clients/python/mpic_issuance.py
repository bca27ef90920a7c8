#!/usr/bin/python3
"""For the issuance step of a CA's pipeline: may this certificate rest on this answer?

What common/evidence/issuance.hpp tells, for Python 3.11 with python3-protobuf and python3-cryptography: the same
questions in the same order, the same sentences; both are held to tests/vectors/issuance. The message classes are
protoc's, in a folder that the caller names:

    protoc -I proto --python_out=DIR proto/mpic/v1/*.proto

    import mpic_issuance as issuance
    issuance.use_messages("DIR")  # unless `mpic.v1` can be imported already
    said = issuance.check_issuance(statement, keys, issuance.Issuance("www.example.com", at=now, ...))

Raises Refused, with one sentence, for everything that is missing, unknown or not understood. Nothing here reads a clock,
files or the network; the command line, `python3 mpic_issuance.py --help`, is in mpic_issuance_cli.py. That the record of a
statement is in the log is for mpic_record.py.
"""

from __future__ import annotations

import hashlib
import importlib
import ipaddress
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from google.protobuf.message import DecodeError

STATEMENT_TYPE = b"application/vnd.mpic.statement.v1+protobuf"
MAX_STATEMENT = 64 * 1024  # octets of a statement's payload; longer ones are refused
CLOCK_DIFFERENCE = 30 * 10**9  # nanoseconds
YEAR_2200 = 7_258_118_400

# RFC 8657 4: the labels that permit a method.
LABELS = {
    "dns-change": {"ca-tbr-7"},
    "acme-dns-01": {"ca-tbr-7", "dns-01"},
    "ip-address": {"ca-tbr-8"},
    "contact-email-caa": {"ca-tbr-13"},
    "contact-email-txt": {"ca-tbr-14"},
    "contact-phone-txt": {"ca-tbr-16"},
    "contact-phone-caa": {"ca-tbr-17"},
    "website-change": {"ca-tbr-18"},
    "acme-http-01": {"ca-tbr-19", "http-01"},
    "acme-tls-alpn-01": {"ca-tbr-20", "tls-alpn-01"},
    "acme-dns-account-01": {"ca-tbr-21", "dns-account-01"},
    "dns-persistent": {"ca-tbr-22", "dns-persist-01"},
}
PROFILES = {"tls-server": "cabf-tls-br", "smime": "cabf-smime-br"}


class Refused(Exception):
    """Code: EVIDENCE_INVALID, the statement or record is not what it claims to be; POLICY, it does not cover the
    issuance; INVALID_ARGUMENT, the issuance asks nothing or names no identifier."""

    def __init__(self, code: str, where: str, why: str):
        super().__init__(why)
        self.code, self.where, self.why = code, where, why


def _invalid(why: str) -> Refused:
    return Refused("EVIDENCE_INVALID", "statement", why)


def _not_covered(what: str, why: str) -> Refused:
    return Refused("POLICY", what, why)


# --- What the caller gives


def use_messages(folder: str | Path) -> None:
    """Finds protoc's classes in this folder; once, before anything else here."""
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()


def messages(file: str):
    return importlib.import_module(f"mpic.v1.{file}_pb2")


def nanoseconds(when: datetime) -> int:
    """Since 1970; a time without a zone is refused, for nobody knows which it is of."""
    if when.tzinfo is None:
        raise ValueError("a time without a zone")
    apart = when - datetime(1970, 1, 1, tzinfo=UTC)
    return (apart.days * 86_400 + apart.seconds) * 10**9 + apart.microseconds * 1_000


@dataclass(frozen=True)
class Issuance:
    """One name of the certificate that is about to be issued, and what must have been checked for it."""

    identifier: str  # as in the certificate: "example.com", "*.example.com", "192.0.2.1" (RFC 5952)
    at: datetime | int  # of issuance: with a zone, or nanoseconds since 1970
    certificate: str = "tls-server"  # or "smime"
    needs_dcv: bool = True
    needs_caa: bool = True
    method: str = ""  # "acme-http-01"; empty: any, but not for CAA alone that permits one method only
    account_uri: str = ""  # of the applicant; empty: a statement that names an account does not cover it
    issuer_domain: str = ""  # the CA's; empty: not compared
    client: str = ""  # that asked; empty: not compared
    log_origin: str = ""  # of the coordinator that is trusted; empty: whichever key fits
    accepts_asserted_primary: bool = True

    @property
    def at_ns(self) -> int:
        return self.at if isinstance(self.at, int) else nanoseconds(self.at)


class PinnedKey:
    """A coordinator's statement key, PEM or DER (SubjectPublicKeyInfo), ECDSA P-256 or Ed25519, with its validity in
    nanoseconds since 1970. Raises ValueError for another kind of key."""

    def __init__(self, public_key: bytes, not_before: int | None = None, not_after: int | None = None):
        try:
            is_pem = public_key.lstrip().startswith(b"-----")
            load = serialization.load_pem_public_key if is_pem else serialization.load_der_public_key
            self._key = load(public_key)
        except Exception as refused:
            raise ValueError("not a public key") from refused
        curve = self._key.curve if isinstance(self._key, ec.EllipticCurvePublicKey) else None
        if not isinstance(self._key, ed25519.Ed25519PublicKey) and not isinstance(curve, ec.SECP256R1):
            raise ValueError("not an ECDSA P-256 or Ed25519 public key")
        der = self._key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.id = hashlib.sha256(der).hexdigest()[:16]
        self.not_before, self.not_after = not_before, not_after

    def is_valid_at(self, when: int) -> bool:
        return (self.not_before is None or self.not_before <= when) and (
            self.not_after is None or when <= self.not_after
        )

    def verifies(self, message: bytes, signature: bytes) -> bool:
        try:
            if isinstance(self._key, ed25519.Ed25519PublicKey):
                self._key.verify(signature, message)
            else:
                self._key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


# --- The statement


def check_issuance(statement, keys: Sequence[PinnedKey], issuance: Issuance):
    """What the statement (mpic.v1.Statement) says, an mpic.v1.StatementBody, when it covers the issuance. Of DCV and
    CAA each may come from a statement of its own: call it once for each, with needs_dcv and needs_caa."""
    nameless = "the issuance names no identifier: "
    identifier = _identifier(issuance.identifier, lambda why: Refused("INVALID_ARGUMENT", "identifier", nameless + why))
    if not issuance.needs_dcv and not issuance.needs_caa:
        raise Refused("INVALID_ARGUMENT", "issuance", "the issuance needs no check at all")
    said = _open(statement, keys)
    _is_of_the_identifier(said, identifier)
    for question in (_is_a_basis, _is_whole, _is_for_the_certificate, _is_from_who_is_trusted, _is_in_time,
                     _is_by_the_method, _is_of_the_account, _is_for_the_issuer):  # fmt: skip
        question(said, issuance)
    return said


def pae(payload_type: bytes, payload: bytes) -> bytes:
    """What DSSE signs."""
    return b"DSSEv1 %d %s %d %s" % (len(payload_type), payload_type, len(payload), payload)


def _open(statement, keys: Sequence[PinnedKey]):
    if len(statement.payload) > MAX_STATEMENT:
        raise _invalid("the statement is longer than any that is made")
    pinned = [key for key in keys if key.id == statement.key_id]
    if not pinned:
        raise _invalid(f"signed by key {quoted(statement.key_id)}, which is none of the coordinator's")
    if not pinned[0].verifies(pae(STATEMENT_TYPE, statement.payload), statement.signature):
        raise _invalid("the signature does not verify")
    said = parsed(messages("corroboration").StatementBody, statement.payload)
    if said is None:
        raise _invalid("what was signed is no statement")
    decided = _time(said, "decided")
    if decided is None:
        raise _invalid("the statement does not say when it was decided")
    if not any(key.is_valid_at(decided) for key in pinned):
        when = said.decided.ToJsonString()
        raise _invalid(f"signed by key {statement.key_id} outside its validity, at {when}")
    return said


def _is_of_the_identifier(said, identifier: str) -> None:
    stated = _identifier(said.identifier, lambda why: _invalid(f"the statement is for no identifier: {why}"))
    if stated != identifier:
        raise _not_covered("identifier", f"the statement is for {stated}, not for {identifier}")


def _is_a_basis(said, issuance: Issuance) -> None:
    pb = messages("corroboration")
    for check in said.checks:
        is_caa = check.kind == pb.CHECK_KIND_CAA
        if check.half_validation and (issuance.needs_caa if is_caa else issuance.needs_dcv):
            name = "CAA" if is_caa else "DCV"
            raise _not_covered("half_validation", f"{name} is only the DNS half of its method: the rest is not seen here")
    if said.verdict != pb.VERDICT_CORROBORATED:
        raise _not_covered("verdict", "the statement's verdict is not CORROBORATED")
    if not said.basis_for_issuance:
        raise _not_covered("basis_for_issuance", "the statement says that it is no basis for issuance")


def _is_whole(said, issuance: Issuance) -> None:
    """Older coordinators said less, newer ones may say more."""
    pb, types = messages("corroboration"), messages("types")
    kinds = {check.kind for check in said.checks}
    if _has_unknown_fields(said) or kinds - {pb.CHECK_KIND_DCV, pb.CHECK_KIND_CAA} or not _method(said.method):
        raise _not_covered("statement", "the statement says something that this version does not know")
    by_account = said.method in (types.DCV_METHOD_DNS_PERSISTENT, types.DCV_METHOD_ACME_DNS_ACCOUNT_01)
    needed = (
        ("record_id", len(said.record_id) == 32),
        ("log_origin", said.log_origin),
        ("client", said.client),
        ("certificate_type", said.certificate_type != types.CERTIFICATE_TYPE_UNSPECIFIED),
        ("profile", said.profile),
        ("request_sha256", len(said.request_sha256) == 32),
        ("record_sha256", len(said.record_sha256) == 32),
        ("checks", said.checks),
        ("method", _check(said, pb.CHECK_KIND_DCV) is None or said.method != types.DCV_METHOD_UNSPECIFIED),
        ("dcv_account_uri", not by_account or said.dcv_account_uri),
        ("issuer_domains", _check(said, pb.CHECK_KIND_CAA) is None or said.issuer_domains),
    )
    for field, is_there in needed:
        if not is_there:
            raise _not_covered(field, f"the statement lacks {field}: it is of an older coordinator")
    if len(kinds) != len(said.checks):
        raise _invalid("the statement tells of one check twice")


def _is_for_the_certificate(said, issuance: Issuance) -> None:
    types = messages("types")
    stated = {types.CERTIFICATE_TYPE_TLS_SERVER: "tls-server", types.CERTIFICATE_TYPE_SMIME: "smime"}
    if issuance.certificate not in PROFILES or stated.get(said.certificate_type) != issuance.certificate:
        raise _not_covered("certificate", "the statement is for another type of certificate")
    profile = PROFILES[issuance.certificate]
    if said.profile != profile:
        raise _not_covered("profile", f"the statement goes by the profile {quoted(said.profile)}, not by {profile}")


def _is_from_who_is_trusted(said, issuance: Issuance) -> None:
    if issuance.log_origin and said.log_origin != issuance.log_origin:
        raise _not_covered(
            "log_origin",
            f"the statement is of the log {quoted(said.log_origin)}, not of {quoted(issuance.log_origin)}",
        )
    if issuance.client and said.client != issuance.client:
        raise _not_covered(
            "client", f"the statement was told to the client {quoted(said.client)}, not to {quoted(issuance.client)}"
        )
    if said.asserted_primary and not issuance.accepts_asserted_primary:
        raise _not_covered("asserted_primary", "the Primary's determination was asserted, not observed")


def _is_in_time(said, issuance: Issuance) -> None:
    if issuance.at_ns < _time(said, "decided") - CLOCK_DIFFERENCE:
        raise _not_covered("at", f"the issuance is before the statement, of {said.decided.ToJsonString()}")
    pb = messages("corroboration")
    if issuance.needs_dcv:
        _is_usable(said, issuance, pb.CHECK_KIND_DCV, "DCV")
    if issuance.needs_caa:
        _is_usable(said, issuance, pb.CHECK_KIND_CAA, "CAA")


def _is_usable(said, issuance: Issuance, kind: int, name: str) -> None:
    check = _check(said, kind)
    if check is None:
        raise _not_covered("checks", f"the statement has no {name} check")
    if check.verdict != messages("corroboration").VERDICT_CORROBORATED:
        raise _not_covered("checks", f"{name} is not CORROBORATED")
    until = _time(check, "usable_until")
    if until is None:
        raise _not_covered("usable_until", f"the statement does not say until when {name} is usable")
    if issuance.at_ns > until:
        raise _not_covered("usable_until", f"{name} was usable until {check.usable_until.ToJsonString()}")


def _is_by_the_method(said, issuance: Issuance) -> None:
    asked, stated = issuance.method, _method(said.method)
    if issuance.needs_dcv and asked and stated != asked:
        raise _not_covered("method", f"control was validated by {stated}, not by {asked}")
    label = said.validation_method
    if not issuance.needs_caa or not label:
        return  # permitted whatever the method
    used = asked or (stated if issuance.needs_dcv else "")
    if not used:
        raise _not_covered("method", f"CAA permits the method {quoted(label)} alone: say which was used")
    if label not in LABELS.get(used, ()):
        raise _not_covered("method", f"CAA was asked for the method {quoted(label)}, not for {used}")


def _is_of_the_account(said, issuance: Issuance) -> None:
    account = issuance.account_uri
    if not account:
        if said.account_uris or said.dcv_account_uri:
            raise _not_covered("account_uri", "the statement is for an account, and the issuance names none")
        return
    if said.dcv_account_uri and said.dcv_account_uri != account:
        raise _not_covered(
            "account_uri",
            f"control was validated for the account {quoted(said.dcv_account_uri)}, not for {quoted(account)}",
        )
    if not said.account_uris:
        if issuance.needs_caa:
            raise _not_covered("account_uri", "CAA was asked for no account")
    elif account not in said.account_uris:
        raise _not_covered("account_uri", f"CAA was not asked for the account {quoted(account)}")


def _is_for_the_issuer(said, issuance: Issuance) -> None:
    ours = issuance.issuer_domain
    if ours and said.issuer_domains and _lowered(ours) not in map(_lowered, said.issuer_domains):
        raise _not_covered("issuer_domain", f"CAA was not asked for the issuer domain {quoted(ours)}")


# --- Small things


def parsed(kind, octets: bytes):
    try:
        return kind.FromString(octets)
    except DecodeError:
        return None


def _has_unknown_fields(message) -> bool:
    known = type(message)()
    known.CopyFrom(message)
    known.DiscardUnknownFields()
    return known.ByteSize() != message.ByteSize()


def _check(said, kind: int):
    return next((check for check in said.checks if check.kind == kind), None)


def _time(message, field: str) -> int | None:
    """Nanoseconds since 1970; none where it is absent or cannot be one."""
    if not message.HasField(field):
        return None
    when = getattr(message, field)
    if not 0 <= when.seconds <= YEAR_2200 or not 0 <= when.nanos < 10**9:
        return None
    return when.seconds * 10**9 + when.nanos


def _method(number: int) -> str:
    found = messages("types").DcvMethod.DESCRIPTOR.values_by_number.get(number)
    return found.name.removeprefix("DCV_METHOD_").lower().replace("_", "-") if found else ""


def _lowered(text: str) -> str:  # letters of ASCII alone
    return "".join(c.lower() if c.isascii() else c for c in text)


_LABEL = re.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


def _identifier(text: str, refusal: Callable[[str], Refused]) -> str:
    """In its one form. Looser than the coordinator, which has read each name that it signed: what is looser here is equal
    to nothing that was signed."""
    if ":" in text or re.fullmatch("[0-9.]+", text, re.ASCII):
        if _canonical_address(text) != text:
            raise refusal(f"{quoted(text)} is no address in the text of RFC 5952")
        return text
    name = _lowered(text)
    labels = name.removeprefix("*.").split(".")
    if len(labels) < 2 or len(name) > 255 or not all(_LABEL.fullmatch(label) for label in labels):
        raise refusal(f"{quoted(text)} is no name")
    return name


def _canonical_address(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return f"::ffff:{mapped}" if mapped else str(address)


def quoted(text: str) -> str:
    fit = "".join(c if " " <= c <= "~" and c not in '"\\' else "".join(f"\\x{o:02x}" for o in c.encode()) for c in text)
    return f'"{fit[:256]}"'


if __name__ == "__main__":
    from mpic_issuance_cli import main

    sys.exit(main())
