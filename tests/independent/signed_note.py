"""Signed notes and checkpoints, from the texts of C2SP (signed-note, tlog-checkpoint) and docs/evidence_format.md."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

MAX_NOTE = 16 * 1024
ED25519 = 0x01


class BadNote(Exception):
    pass


@dataclass(frozen=True)
class NoteKey:
    name: str
    octets: bytes  # of the public key, 32

    @classmethod
    def from_vkey(cls, vkey: str) -> NoteKey:
        parts = vkey.strip().split("+", 2)
        if len(parts) != 3:
            raise BadNote("a vkey has three parts")
        octets = _octets(parts[2])
        if octets is None or len(octets) != 33 or octets[0] != ED25519:
            raise BadNote("a vkey that is not of an Ed25519 key")
        key = cls(parts[0], octets[1:])
        if parts[1] != key.id.hex():
            raise BadNote("a vkey whose key id is another")
        return key

    @classmethod
    def from_spki(cls, name: str, der: bytes) -> NoteKey:
        try:
            key = serialization.load_der_public_key(der)
        except ValueError as refused:
            raise BadNote("no public key") from refused
        if not isinstance(key, ed25519.Ed25519PublicKey):
            raise BadNote("not an Ed25519 key")
        return cls(name, key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw))

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([ED25519]) + self.octets).digest()[:4]

    def verifies(self, text: bytes, signature: bytes) -> bool:
        try:
            ed25519.Ed25519PublicKey.from_public_bytes(self.octets).verify(signature, text)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes


def open_checkpoint(note: bytes, keys: list[NoteKey]) -> Checkpoint:
    """Raises BadNote with the reason."""
    if len(note) > MAX_NOTE:
        raise BadNote("the note is too long")
    if any(octet < 0x20 and octet != 0x0A for octet in note):
        raise BadNote("the note has control characters")
    # The text and the signatures are parted by the last empty line; the text keeps its own last newline.
    head, found, tail = note.rpartition(b"\n\n")
    if not found or not tail.endswith(b"\n"):
        raise BadNote("not a text, an empty line and signatures")
    text = head + b"\n"
    try:
        lines, signatures = text.decode().split("\n")[:-1], tail.decode().split("\n")[:-1]
    except UnicodeDecodeError as refused:
        raise BadNote("the note is not UTF-8") from refused
    checkpoint = _checkpoint(lines)
    is_signed = False
    for line in signatures:
        found = re.fullmatch("\u2014 ([^ +]+) ([^ ]+)", line)
        octets = _octets(found[2]) if found else None
        if octets is None or len(octets) < 5:
            raise BadNote("a line that is no signature")
        for key in keys:
            if (key.name, key.id) != (found[1], octets[:4]):
                continue
            if not key.verifies(text, octets[4:]):
                raise BadNote("the signature of a known key does not verify")
            is_signed |= key.name == checkpoint.origin
    if not is_signed:
        raise BadNote("not signed by a known key of its origin")
    return checkpoint


def _checkpoint(lines: list[str]) -> Checkpoint:
    if len(lines) < 3 or not all(lines):
        raise BadNote("a checkpoint has three lines at least, none of them empty")
    if not re.fullmatch("0|[1-9][0-9]*", lines[1], re.ASCII) or int(lines[1]) >= 1 << 63:
        raise BadNote("the number of leaves is no decimal number")
    root = _octets(lines[2])
    if root is None or len(root) != 32:
        raise BadNote("the root is not 32 octets in base64")
    return Checkpoint(lines[0], int(lines[1]), root)


def _octets(text: str) -> bytes | None:
    try:
        octets = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return octets if base64.b64encode(octets).decode() == text else None
