"""What binds a record to its statement, its snapshot and its assignments: docs/evidence_format.md, B."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field

from envelopes import STATEMENT, Asked, is_valid_at, key_id, ns, pae, parse, verifies
from faults import Place
from google.protobuf.message import Message
from log_folder import field_octets

LABELS = {
    "dns_change": "ca-tbr-7",
    "acme_dns_01": "dns-01",
    "ip_address": "ca-tbr-8",
    "website_change": "ca-tbr-18",
    "acme_http_01": "http-01",
    "acme_tls_alpn_01": "tls-alpn-01",
    "acme_dns_account_01": "dns-account-01",
    "dns_persistent": "dns-persist-01",
}
CONTACTS = {4: "ca-tbr-13", 5: "ca-tbr-14", 6: "ca-tbr-16", 7: "ca-tbr-17"}
METHODS = {"dns_change": 1, "acme_dns_01": 2, "ip_address": 3, "website_change": 8, "acme_http_01": 9,
           "acme_tls_alpn_01": 10, "acme_dns_account_01": 11, "dns_persistent": 12, "reverse_address_lookup": 13}  # fmt: skip
TLS, SMIME = 1, 2
PRIMARY, REMOTE, SHADOW = 1, 2, 3
NOT_DETERMINED = 3
REQUEST = 4  # field of RecordBody
# Of a statement; the others may be absent where a record has no result.
ALWAYS = ("log_origin", "record_id", "identifier", "verdict", "request_sha256", "record_sha256", "decided")


@dataclass
class Record:
    """A body with what stands around it."""

    place: Place
    octets: bytes
    body: Message
    said: Message | None  # StatementBody
    snapshot: Message
    plans: list[Plan] = field(default_factory=list)

    @property
    def is_without_result(self) -> bool:
        return not self.body.decision.checks and self.body.decision.verdict == NOT_DETERMINED


@dataclass
class Plan:
    """One planned perspective, with the perspective of the snapshot and the assignment, where they are."""

    planned: Message
    number: int  # of the attempt
    attempt_id: bytes
    info: Message | None
    assignment: Message | None

    @property
    def asked(self) -> Asked:
        return Asked(self.planned.assignment, self.assignment, self.info)


def method_of(dcv) -> int:
    which = dcv.WhichOneof("method")
    return dcv.contact.method if which == "contact" else METHODS.get(which, 0)


def label_of(dcv) -> str:
    which = dcv.WhichOneof("method")
    return CONTACTS.get(dcv.contact.method, "") if which == "contact" else LABELS.get(which, "")


def is_address(identifier: str) -> bool:
    return ":" in identifier or re.fullmatch("[0-9.]+", identifier, re.ASCII) is not None


def certificate_type(request) -> int:
    stated = request.caa.certificate_type if request.HasField("caa") else 0
    return stated or request.certificate_type or TLS


def validation_method(request) -> str:
    """Label of the CAA question."""
    if not request.HasField("caa"):
        return ""
    stated = request.caa.validation_method
    return stated or (label_of(request.dcv) if request.HasField("dcv") else "")


# --- B 1, 2: the statement


def check_statement(record: Record, statement, keys: list) -> None:
    """`keys`: mpic.v1.SigningKey that may have signed it."""
    place = record.place.at("statement")
    if record.said is None:
        return place.tampered("what was signed is no statement")
    signer = next((key for key in keys if key.key_id == statement.key_id), None)
    decided = ns(record.body, "decided")
    if signer is None:
        place.tampered("signed by a key that is not the coordinator's of the snapshot")
    elif key_id(signer.public_key) != signer.key_id:
        place.tampered("the coordinator's key has the id of another")
    elif not verifies(signer.public_key, pae(STATEMENT, statement.payload), statement.signature):
        place.tampered("the signature does not verify")
    elif decided is None or not is_valid_at(signer, decided):
        place.tampered("signed outside the validity of its key")
    for name, is_right in _fields(record).items():
        if not is_right:
            place.tampered(f"{name} is not what the record says")


def _fields(record: Record) -> dict[str, bool]:
    body, said, decision = record.body, record.said, record.body.decision
    request = body.request
    octets = field_octets(record.octets, REQUEST)
    fields = {
        "log_origin": said.log_origin == body.log_origin,
        "record_id": said.record_id == body.record_id,
        "identifier": said.identifier == request.identifier.lower(),
        "verdict": said.verdict == decision.verdict,
        "basis_for_issuance": said.basis_for_issuance == decision.basis_for_issuance,
        "request_sha256": len(octets) == 1 and said.request_sha256 == hashlib.sha256(octets[0]).digest(),
        "record_sha256": said.record_sha256 == hashlib.sha256(record.octets).digest(),
        "decided": ns(said, "decided") == ns(body, "decided"),
    }
    untils = [ns(check, "usable_until") for check in decision.checks if check.HasField("usable_until")]
    fields |= {
        "authorization_domain": said.authorization_domain == _authorization_domain(request),
        "usable_until": ns(said, "usable_until") == min(untils, default=None),
        "method": said.method == (method_of(request.dcv) if request.HasField("dcv") else 0),
        "account_uris": list(said.account_uris) == list(request.caa.account_uris),
    }
    if not said.checks and decision.checks:
        return fields  # by software before the fields 13 to 20
    told = [(c.kind, c.verdict, ns(c, "usable_until"), c.half_validation) for c in said.checks]
    by_account = request.dcv.WhichOneof("method") in ("dns_persistent", "acme_dns_account_01")
    fields |= {
        "certificate_type": said.certificate_type == certificate_type(request),
        "checks": told
        == [(c.kind, c.verdict, ns(c, "usable_until"), c.dcv.half_validation) for c in decision.checks],
        "profile": said.profile == body.policy.profile,
        "asserted_primary": said.asserted_primary == (request.WhichOneof("primary") == "asserted"),
        "client": said.client == body.client,
        "issuer_domains": [d.lower() for d in said.issuer_domains] == [d.lower() for d in request.caa.issuer_domains],
        "validation_method": said.validation_method == validation_method(request),
        "dcv_account_uri": said.dcv_account_uri
        == (getattr(request.dcv, request.dcv.WhichOneof("method")).account_uri if by_account else ""),
    }
    if record.is_without_result:  # what is absent of the later fields is not missed
        present = {descriptor.name for descriptor, _ in said.ListFields()}
        fields = {name: right for name, right in fields.items() if name in present or name in ALWAYS}
    return fields


def _authorization_domain(request) -> str:
    if not request.HasField("dcv") or is_address(request.identifier):
        return ""
    return (request.authorization_domain or request.identifier.removeprefix("*.")).lower()


# --- B 3, 4: plans


def read_plans(record: Record, agent_pb2) -> None:
    """Fills record.plans."""
    infos = {info.id: info for info in record.snapshot.perspectives}
    asserting = {entry.client: entry.primary for entry in record.snapshot.asserting}
    for attempt in record.body.attempts:
        for planned in attempt.planned:
            info = asserting.get(record.body.client) if planned.asserted else infos.get(planned.perspective_id)
            assignment = None if planned.asserted else parse(agent_pb2.Assignment, planned.assignment)
            if planned.asserted and info is not None and info.id != planned.perspective_id:
                info = None
            record.plans.append(Plan(planned, attempt.number, attempt.attempt_id, info, assignment))


def check_plans(record: Record) -> None:
    request, ids, nonces = record.body.request, {}, []
    for attempt in record.body.attempts:
        if len(attempt.attempt_id) != 16 or ids.setdefault(attempt.number, attempt.attempt_id) != attempt.attempt_id:
            record.place.tampered(f"attempt {attempt.number} has an id of another, or none")
    if len(set(ids.values())) != len(ids):
        record.place.tampered("attempts share an id")
    for plan in record.plans:
        place = record.place.at(plan.planned.perspective_id)
        if plan.info is None:
            place.tampered("is not in the snapshot")
        elif plan.planned.rir != plan.info.rir or plan.planned.role != (PRIMARY if plan.planned.asserted else plan.info.role):
            place.tampered("has another role or region than in the snapshot")
        if plan.planned.asserted:
            if request.WhichOneof("primary") != "asserted" or request.asserted.primary_id != plan.planned.perspective_id:
                place.tampered("is asserted, and the request asserts no such Primary")
        elif plan.assignment is None:
            place.tampered("has no assignment that can be read")
        else:
            nonces.append(plan.assignment.nonce)
            _check_assignment(record, plan, place)
    if len(set(nonces)) != len(nonces):
        record.place.tampered("two assignments have the same nonce")


def _check_assignment(record: Record, plan: Plan, place: Place) -> None:
    sent, planned, request = plan.assignment, plan.planned, record.body.request
    if (sent.attempt_id, sent.log_origin) != (plan.attempt_id, record.body.log_origin):
        place.tampered("the assignment is of another attempt or log")
    if (sent.perspective_id, sent.role) != (planned.perspective_id, planned.role):
        place.tampered("the assignment is for another perspective or role")
    if len(sent.nonce) != 16 or ns(sent, "issued") is None or ns(sent, "issued") != ns(planned, "sent"):
        place.tampered("the assignment has no nonce, or was issued at another time than it was sent")
    if sent.identifier != request.identifier.lower() or sent.authorization_domain != request.authorization_domain.lower():
        place.tampered("the assignment asks of another name")
    if not sent.HasField("dcv") and not sent.HasField("caa"):
        place.tampered("the assignment asks nothing")
    for check in ("dcv", "caa"):
        has, wanted = sent.HasField(check), request.HasField(check)
        if has and not wanted or wanted and not has and planned.role == PRIMARY:
            place.tampered(f"the assignment asks other checks than the request: {check}")
    if sent.HasField("dcv") and _dcv(sent.dcv) != _dcv(request.dcv):
        place.tampered("the assignment's DCV is not what the request asks")
    if sent.HasField("caa") and _caa(sent.caa, sent.caa.validation_method, TLS) != _caa(
        request.caa, validation_method(request), certificate_type(request)
    ):
        place.tampered("the assignment's CAA is not what the request asks")


def _dcv(question) -> tuple:
    """With what an assignment leaves out, or fills in."""
    which = question.WhichOneof("method")
    asked = getattr(question, which) if which else None
    if which in ("acme_dns_01", "acme_dns_account_01", "acme_tls_alpn_01"):
        digest = asked.key_authorization_digest or _digest(which, asked.key_authorization)
        return which, digest, getattr(asked, "account_uri", "")
    if which == "dns_persistent":
        return which, [domain.lower() for domain in asked.issuer_domains], asked.account_uri
    if which == "dns_change":
        return which, asked.challenge_value, asked.record_type or 16, asked.name_prefix.lower(), asked.exact, asked.ignore_case
    if which == "ip_address":
        return which, asked.address  # the type of record follows from the address
    if which == "reverse_address_lookup":
        return which, asked.fqdn.lower()
    return which, None if asked is None else asked.SerializeToString(deterministic=True)


def _digest(which: str, key_authorization: str) -> bytes | str:
    octets = hashlib.sha256(key_authorization.encode()).digest()
    if which == "acme_tls_alpn_01":
        return octets
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def _caa(question, label: str, certificate: int) -> tuple:
    return (
        question.certificate_type or certificate,
        [domain.lower() for domain in question.issuer_domains],
        list(question.account_uris),
        label,
        question.allow_lookup_failure,
    )
