"""Signatures over messages (PAE of DSSE), and evidence: docs/evidence_format.md, "Hashes and signatures" and "From
question to answer"."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from google.protobuf.message import DecodeError
from merkle_tree import HASH, is_included, leaf_hash

OBSERVATIONS = b"application/vnd.mpic.observations.v1+protobuf"
STATEMENT = b"application/vnd.mpic.statement.v1+protobuf"
MAX_OBSERVATION = 64 * 1024
CLOCKS = 30 * 10**9  # nanoseconds that they may differ


def pae(kind: bytes, payload: bytes) -> bytes:
    return b" ".join([b"DSSEv1", b"%d" % len(kind), kind, b"%d" % len(payload), payload])


def ns(message, field: str) -> int | None:
    """A timestamp in nanoseconds since 1970; none where it is absent."""
    if not message.HasField(field):
        return None
    when = getattr(message, field)
    return when.seconds * 10**9 + when.nanos


def parse(kind, octets: bytes):
    """The message, or None."""
    try:
        return kind.FromString(octets)
    except DecodeError:
        return None


def key_id(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()[:16]


def verifies(der: bytes, message: bytes, signature: bytes) -> bool:
    try:
        key = serialization.load_der_public_key(der)
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, message)
        elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True


def is_valid_at(key, when: int) -> bool:
    """`key` is an mpic.v1.SigningKey; a limit that is absent does not limit."""
    begin, end = ns(key, "not_before"), ns(key, "not_after")
    return (begin is None or begin <= when) and (end is None or when <= end)


@dataclass
class Asked:
    """What evidence is held against."""

    octets: bytes  # of the assignment, as sent
    assignment: object
    perspective: object  # mpic.v1.PerspectiveInfo of the snapshot


class EvidenceReader:
    """Remembers roots that verified: several pieces of evidence share one signature."""

    def __init__(self, agent_pb2):
        self._pb = agent_pb2
        self._roots: dict[tuple, object] = {}

    def observation(self, evidence, signed_root, asked: Asked, received: int):
        """The Observation, or a sentence that says why the evidence does not verify. The list is the document's."""
        root = self._root(signed_root, asked, received)
        if isinstance(root, str):
            return root
        if len(root.root) != HASH or any(len(sibling) != HASH for sibling in evidence.path):
            return "a hash that is not 32 octets"
        leaf = leaf_hash(evidence.observation)
        if not is_included(leaf, evidence.leaf_index, root.tree_size, evidence.path, root.root):
            return "the observation is not in the tree that was signed"
        if len(evidence.observation) > MAX_OBSERVATION:
            return "the observation is longer than 64 KiB"
        seen = parse(self._pb.Observation, evidence.observation)
        return "the observation cannot be read" if seen is None else _bound(seen, asked, received) or seen

    def _root(self, signed_root, asked: Asked, received: int):
        pinned = [key for key in asked.perspective.keys if key.key_id == signed_root.key_id]
        if not pinned:
            return f"signed by the key {signed_root.key_id!a}, which is not one of the perspective's"
        key = next((key for key in pinned if is_valid_at(key, received)), None)
        if key is None:
            return "signed by a key outside its validity"
        if key_id(key.public_key) != key.key_id:
            return "signed by a key whose id is not that of its octets"
        known = (key.public_key, signed_root.payload, signed_root.signature)
        if known not in self._roots:
            good = verifies(key.public_key, pae(OBSERVATIONS, signed_root.payload), signed_root.signature)
            self._roots[known] = parse(self._pb.ObservationsRoot, signed_root.payload) if good else None
        root = self._roots[known]
        if root is None:
            return "the signature over the root does not verify, or is over no root"
        if (root.perspective_id, root.key_id) != (asked.perspective.id, signed_root.key_id):
            return "the root is of another perspective or key"
        return root


def _bound(seen, asked: Asked, received: int) -> str | None:
    sent = asked.assignment
    if seen.assignment_sha256 != hashlib.sha256(asked.octets).digest():
        return "the observation answers another assignment"
    if (seen.nonce, seen.perspective_id, seen.role) != (sent.nonce, sent.perspective_id, sent.role):
        return "the observation has another nonce, perspective or role"
    if seen.rir != asked.perspective.rir:
        return "the observation is from another region"
    started, ended, issued = ns(seen, "started"), ns(seen, "ended"), ns(sent, "issued")
    if started is None or ended is None or issued is None:
        return "a time is missing"
    if ended < started or started < issued - CLOCKS or ended > received + CLOCKS:
        return "the observation's times do not fit"
    if seen.HasField("dcv") != sent.HasField("dcv") or seen.HasField("caa") != sent.HasField("caa"):
        return "the observation has other checks than were asked"
    return None
