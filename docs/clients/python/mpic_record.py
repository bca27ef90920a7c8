"""That a record is the one of a statement, and in the log of its coordinator: check_record of
common/evidence/issuance.hpp for Python 3.11, with python3-protobuf and python3-cryptography. See mpic_issuance.py.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519
from mpic_issuance import Refused, messages, parsed, quoted

MAX_NOTE = 16 * 1024
KIND_OF_A_RECORD = 1  # LEAF_KIND_RECORD


class LogKey:
    """The key of a log's checkpoints: "<name>+<8 hexadecimal digits>+<base64>" (C2SP signed-note, Ed25519)."""

    def __init__(self, vkey: str):
        parts = vkey.strip().split("+", 2)
        octets = _from_base64(parts[2]) if len(parts) == 3 else None
        if not octets or len(octets) != 33 or octets[0] != 1 or not _is_name(parts[0]):
            raise ValueError("not the verifier key of a log (Ed25519)")
        self.name = parts[0]
        self.id = hashlib.sha256(self.name.encode() + b"\n" + octets).digest()[:4]
        if parts[1] != self.id.hex():
            raise ValueError("the key's id is not the one of its name and octets")
        self._key = ed25519.Ed25519PublicKey.from_public_bytes(octets[1:])

    def verifies(self, text: bytes, signature: bytes) -> bool:
        try:
            self._key.verify(signature, text)
        except InvalidSignature:
            return False
        return True


def check_record(record, statement, log_keys: Sequence[LogKey]) -> None:
    """That this record (mpic.v1.Record), as GetRecord gives it, is the one of the statement, unchanged, and that it is in
    the log: its proof leads to a checkpoint signed by one of `log_keys`, of the statement's own log. `statement` is one
    that check_issuance() took; its signature is not looked at again. Addenda are not proven."""
    said = parsed(messages("corroboration").StatementBody, statement.payload)
    if said is None:
        raise _invalid("the statement cannot be read")
    if record.statement.payload != statement.payload:
        raise _invalid("the record carries another statement than the answer did")
    _is_the_record(record, said)
    _is_in_the_log(record, said, log_keys)


def _is_the_record(record, said) -> None:
    if record.record_id != said.record_id:
        raise _invalid("the record is not the one of the statement")
    if not record.body:
        raise _invalid("the record's body is not there: it was pruned")
    if hashlib.sha256(record.body).digest() != said.record_sha256:
        raise _invalid("the record's body is not what the statement is about")
    body = parsed(messages("record").RecordBody, record.body)
    if body is None:
        raise _invalid("the record's body cannot be read")
    if (body.record_id, body.log_origin) != (said.record_id, said.log_origin):
        raise _invalid("the record's body is of another record or log than the statement says")
    if record.snapshot and hashlib.sha256(record.snapshot).digest() != body.snapshot_sha256:
        raise _invalid("the snapshot is not the one that the record names")


def _is_in_the_log(record, said, log_keys: Sequence[LogKey]) -> None:
    if not record.HasField("proof"):
        raise _invalid("the record comes without a proof that it is in the log")
    origin, size, root = open_checkpoint(record.proof.checkpoint, log_keys)
    if origin != said.log_origin:
        raise _invalid(f"the checkpoint is of the log {quoted(origin)}, not of {quoted(said.log_origin)}")
    path = list(record.proof.path)
    if any(len(sibling) != 32 for sibling in path):
        raise _invalid("the proof holds a hash that is not 32 octets")
    entry = bytes([KIND_OF_A_RECORD]) + hashlib.sha256(record.body).digest()
    if not is_included(hashlib.sha256(b"\0" + entry).digest(), record.leaf_index, size, path, root):
        raise _invalid("the proof does not lead to the checkpoint")


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162 2.1.3.2: false also for a path of another length than exactly that of the tree."""
    if index >= size:
        return False
    node, last, reached = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            reached = hashlib.sha256(b"\1" + sibling + reached).digest()
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            reached = hashlib.sha256(b"\1" + reached + sibling).digest()
        node, last = node >> 1, last >> 1
    return last == 0 and reached == root


def open_checkpoint(note: str, log_keys: Sequence[LogKey]) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint (C2SP tlog-checkpoint) that a key of its own origin signed."""
    octets = note.encode()
    text, blank, signatures = octets.rpartition(b"\n\n")
    if not blank or len(octets) > MAX_NOTE or any(c < 0x20 and c != 0x0A for c in octets):
        raise _invalid("the checkpoint: is no signed note")
    text += b"\n"
    lines = text.decode().split("\n")[:-1]
    root = _from_base64(lines[2]) if len(lines) >= 3 and all(lines) else None
    if root is None or len(root) != 32 or not re.fullmatch("0|[1-9][0-9]{0,18}", lines[1], re.ASCII):
        raise _invalid("the checkpoint: is no origin, size and root")
    if lines[0] not in _signers(text, signatures.decode(), log_keys):
        raise _invalid(f"the checkpoint: is not signed by a known key of {quoted(lines[0])}")
    return lines[0], int(lines[1]), root


def _signers(text: bytes, signatures: str, log_keys: Sequence[LogKey]) -> set[str]:
    """Names of the known keys that signed; a known key's signature that does not verify spoils the note."""
    if not signatures.endswith("\n"):
        raise _invalid("the checkpoint: its last line has no end")
    names = set()
    for line in signatures[:-1].split("\n"):
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        octets = _from_base64(encoded)
        if dash != "\u2014" or not _is_name(name) or octets is None or len(octets) < 5:
            raise _invalid("the checkpoint: holds a line that is no signature")
        for key in log_keys:
            if (key.name, key.id) == (name, octets[:4]):
                if not key.verifies(text, octets[4:]):
                    raise _invalid(f"the checkpoint: the signature of {quoted(name)} is not its key's")
                names.add(name)
    return names


def _invalid(why: str) -> Refused:
    return Refused("EVIDENCE_INVALID", "record", why)


def _is_name(text: str) -> bool:
    return bool(text) and "+" not in text and not any(c.isspace() for c in text)


def _from_base64(text: str) -> bytes | None:
    """RFC 4648 4, in its one form."""
    try:
        octets = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return octets if base64.b64encode(octets).decode() == text else None
