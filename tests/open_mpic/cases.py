#!/usr/bin/python3
"""The public compliance cases of the Open MPIC API: what is asked, and what must come of it. Prints them as JSON.

What they look at in the world, deploy/local serves (mpic_local/open_mpic.py). Requests and expectations follow the
published cases; the words are ours.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "deploy" / "local"))
from mpic_local.challenges import tls_digest  # noqa: E402
from mpic_local.open_mpic import (  # noqa: E402
    CAA_EMAIL,
    CHANGE_VALUE,
    DNS_DIGEST,
    HOST,
    KEY_AUTHORIZATION,
    PAGE_VALUE,
    PHONE,
    SIGNED_SUITE,
    SUITE,
    TOKEN_STEM,
    UNANSWERED,
)

CAA = "caa"


@dataclass(frozen=True)
class Case:
    id: str
    purpose: str
    request: dict
    is_valid: bool
    cname_chain: tuple[str, ...] | None = None  # that each perspective must have seen that saw anything

    @property
    def method(self) -> str:
        """The validation method, or "caa"."""
        return self.request.get("dcv_check_parameters", {}).get("validation_method", CAA)

    def as_json(self) -> dict:
        expected = {"status": 200, "is_valid": self.is_valid}
        if self.cname_chain is not None:
            expected["cname_chain"] = list(self.cname_chain)
        return {"id": self.id, "purpose": self.purpose, "request": self.request, "expected": expected}


@dataclass(frozen=True)
class _Row:
    """A case without its name. Targets without a final dot are below HOST; an empty one is HOST itself."""

    purpose: str
    target: str
    is_valid: bool
    parameters: dict | None
    cname_chain: tuple[str, ...] | None = None


def _below(zone: str, target: str) -> str:
    return f"{target}.{zone}" if target else zone


# ---------------------------------------------------------------------------------------------------------------- CAA

_THEIRS = {"caa_domains": ["example.com"]}
_OURS = {"certificate_type": "tls-server", "caa_domains": [SUITE, "example.com"]}

# Below SUITE: what is there; whether issuance is forbidden to those who are not named, and permitted to SUITE.
_SUITE = (
    ("nobody may issue", "empty.basic", True, False),
    ("another CA may issue", "deny.basic", True, True),
    ("a tag in capitals", "uppercase-deny.basic", True, True),
    ("a tag in mixed case", "mixedcase-deny.basic", True, True),
    ("one property that counts among a thousand", "big.basic", True, True),
    ("an unknown property that is critical", "critical1.basic", True, False),
    ("the same, with an unknown flag beside", "critical2.basic", True, False),
    ("found at the parent", "sub1.deny.basic", True, True),
    ("found at the parent's parent", "sub2.sub1.deny.basic", True, True),
    ("issue holds for a wildcard", "*.deny.basic", True, True),
    ("issuewild holds for a wildcard", "*.deny-wild.basic", True, True),
    ("found where an alias leads", "cname-deny.basic", True, True),
    ("found where two aliases lead", "cname-cname-deny.basic", True, True),
    ("found where the parent's alias leads", "sub1.cname-deny.basic", True, True),
    ("an unknown property that is not critical", "permit.basic", False, True),
    ("what is found first counts, not what the parent has", "deny.permit.basic", True, True),
    ("served over IPv6 alone", "ipv6only", True, False),
    ("an issuer that is no name", "xss", True, False),
)
_WITH_DEFAULTS = ("*.deny.basic", "*.deny-wild.basic")
_UNANSWERED_PURPOSE = {
    "servfail": "below a signed zone, a name server that fails",
    "refused": "below a signed zone, a name server that refuses",
    "blackhole": "below a signed zone, a name server that never answers",
}

_SMIME_ISSUERS = {n: f"example-ca{n}.example.com" for n in ("", "1", "2")}


def _smime(purpose: str, target: str, is_valid: bool, issuer: str) -> _Row:
    parameters = {"certificate_type": "s-mime", "caa_domains": [_SMIME_ISSUERS[issuer]]}
    return _Row(purpose, _below(HOST, target), is_valid, parameters)


def _caa_rows() -> Iterator[_Row]:
    yield _Row("a name without CAA, and no parameters", "example.com", True, None)
    for purpose, target, forbids, permits in _SUITE:
        if forbids:
            yield _Row(f"{purpose}: forbidden", _below(SUITE, target), False, _THEIRS)
        if permits:
            yield _Row(f"{purpose}: permitted", _below(SUITE, target), True, _OURS)
    for target in _WITH_DEFAULTS:
        yield _Row("the coordinator's own issuers, by default", _below(SUITE, target), False, None)
    for name in UNANSWERED:
        yield _Row(_UNANSWERED_PURPOSE[name], _below(SIGNED_SUITE, name), False, _THEIRS)
    yield _smime("issuemail of the issuer", "smime-standard", True, "")
    yield _smime("issuemail of another issuer", "smime-standard", False, "1")
    yield _smime("issuemail of the issuer beside issue", "smime-with-issue", True, "2")
    yield _smime("issue does not count for mail", "smime-with-issue", False, "1")
    yield _smime("CAA, but none that is about mail", "contact-phone-caa", True, "")
    yield _smime("no CAA", "dns-phone-txt", True, "")


# --------------------------------------------------------------------------------------------------------------- ACME


def _dns(purpose: str, target: str, is_valid: bool, *chain: str) -> _Row:
    cname_chain = tuple(f"{name}.{HOST}." for name in chain) or None
    return _Row(purpose, target, is_valid, {"key_authorization_hash": DNS_DIGEST}, cname_chain)


_DNS_01 = (
    _dns("the digest", "dns-01", True),
    _dns("the digest among other records", "dns-01-multi", True),
    _dns("over an alias", "dns-01-cname", True, "dns-01-cname-landing"),
    _dns("over four aliases", "dns-01-cname-multi", True, "dns-01-cname-target-1", "dns-01-cname-target-2",
         "dns-01-cname-target-3", "dns-01-cname-landing"),
    _dns("a blank before it", "dns-01-leading-whitespace", False),
    _dns("a blank after it", "dns-01-trailing-whitespace", False),
    _dns("no such name", "dns-01-nxdomain", False),
)  # fmt: skip


def _http(purpose: str, end_of_token: str, is_valid: bool, right: bool = True) -> _Row:
    expected = KEY_AUTHORIZATION if right else KEY_AUTHORIZATION[:-1] + "Z"
    return _Row(purpose, "", is_valid, {"token": TOKEN_STEM + end_of_token, "key_authorization": expected})


_HTTP_01 = (
    _http("the key authorization", "A", True),
    _http("over a redirect", "B", True),
    _http("another key authorization", "A", False, right=False),
    _http("another key authorization, over a redirect", "B", False, right=False),
    _http("no such page", "Z", False, right=False),
    _http("a redirect to a port that is not allowed", "C", False),
)

_TLS_ALPN_01 = (
    _Row("the certificate", "tls-alpn", True, {"key_authorization_hash": tls_digest(KEY_AUTHORIZATION).hex()}),
)

# -------------------------------------------------------------------------------------------------------------- others


def _page(purpose: str, path: str, is_valid: bool, value: str) -> _Row:
    return _Row(purpose, "", is_valid, {"http_token_path": path, "challenge_value": value})


_WEBSITE = (
    _page("the value", "validation-doc.txt", True, PAGE_VALUE),
    _page("over a redirect", "validation-doc-redirect.txt", True, f"{PAGE_VALUE}-redirect"),
    _page("over twelve redirects", "validation-long-redirect.txt", True, f"{PAGE_VALUE}-long-redirect"),
    _page("a redirect to a port that is not allowed", "validation-doc-bad-port-redirect.txt", False,
          f"{PAGE_VALUE}-redirect"),
)  # fmt: skip

_DNS_CHANGE = tuple(
    _Row(f"the value in {kind}", f"dns-change-{kind.lower()}", True,
         {"challenge_value": CHANGE_VALUE, "dns_record_type": kind, "dns_name_prefix": ""})
    for kind in ("TXT", "CNAME", "CAA")
)  # fmt: skip


def _contact(purpose: str, target: str, is_valid: bool, value: str) -> _Row:
    return _Row(purpose, target, is_valid, {"challenge_value": value})


_OTHER_PHONE = PHONE[:-1] + "1"

_PHONE_TXT = (
    _contact("the number", "dns-phone-txt", True, PHONE),
    _contact("over an alias", "dns-phone-cname-txt", True, PHONE),
    _contact("another number", "dns-phone-txt", False, _OTHER_PHONE),
    _contact("another number, over an alias", "dns-phone-cname-txt", False, _OTHER_PHONE),
    _contact("a blank after the number", "dns-phone-txt-whitespace", False, PHONE),
)
_EMAIL_TXT = (
    _contact("the address", "dns-email-txt", True, "testadmin.email.txt@example.com"),
    _contact("over an alias", "dns-email-txt-cname", True, "testadmin.cname.target@example.com"),
    _contact("another address", "dns-email-txt", False, "testadmin2.email.txt@example.com"),
    _contact("another address, over an alias", "dns-email-txt-cname", False, "testadmin2.cname.target@example.com"),
    _contact("blanks around the address", "dns-email-txt-whitespace", False,
             "testadmin.email.txt.whitespace@example.com"),
    _contact("a NUL before the address", "dns-email-txt-null-char", False, "testadmin.email.txt.null.char@example.com"),
    _contact("more than the address", "dns-email-txt-junk", False, "testadmin.email.txt.junk@example.com"),
)  # fmt: skip
# Where it is, and what else may be asked for there.
_EMAIL_CAA_PLACES = (
    ("at the name", "contact-email-caa", CAA_EMAIL),
    ("in a critical property", "contact-email-caa-critical", CAA_EMAIL),
    ("at the parent", "sub.contact-email-caa", CAA_EMAIL),
    ("at the parent's parent, of a name that does not exist", "nxsub.sub.contact-email-caa", CAA_EMAIL),
    ("where an alias leads", "contact-email-caa-cname", CAA_EMAIL),
    ("among other properties", "contact-email-caa-multi", "caa1.contactemail@example.com"),
)
_EMAIL_CAA = (
    *(_contact(f"the address {where}", target, True, value) for where, target, value in _EMAIL_CAA_PLACES),
    *(_contact(f"another address {where}", target, False, value.replace("contactemail@", "contactemail1@"))
      for where, target, value in _EMAIL_CAA_PLACES),
    _contact("a blank after the address", "contact-email-caa-whitespace", False, CAA_EMAIL),
    _contact("a NUL after the address", "contact-email-caa-null", False, CAA_EMAIL),
    _contact("no CAA", "contact-email-no-record-set", False, CAA_EMAIL),
)  # fmt: skip
_PHONE_CAA_PLACES = (
    ("at the name", "contact-phone-caa"),
    ("among other properties", "contact-phone-caa-multi"),
    ("in a critical property", "contact-phone-caa-critical"),
)
_PHONE_CAA = (
    *(_contact(f"the number {where}", target, True, PHONE) for where, target in _PHONE_CAA_PLACES),
    *(_contact(f"another number {where}", target, False, _OTHER_PHONE) for where, target in _PHONE_CAA_PLACES),
    _contact("a blank after the number", "contact-phone-caa-whitespace", False, PHONE),
)


def _address(purpose: str, target: str, is_valid: bool, value: str, kind: str = "A") -> _Row:
    return _Row(purpose, target, is_valid, {"challenge_value": value, "dns_record_type": kind})


_V6 = "ip-address-v6"
_IP_ADDRESS = (
    _address("an IPv4 address", "ip-address", True, "1.2.3.4"),
    _address("over an alias", "ip-address-cname", True, "1.2.3.4"),
    _address("one of two", "ip-address-multi", True, "1.2.3.4"),
    _address("an IPv6 address", _V6, True, "2001:4860:4860::8888", "AAAA"),
    _address("the same, written at length", _V6, True, "2001:4860:4860:0:00:000:0000:8888", "AAAA"),
    _address("another IPv4 address", "ip-address", False, "1.2.3.5"),
    _address("no such name", "ip-address-nxdomain", False, "1.2.3.4"),
    _address("a name without addresses", "contact-phone-caa", False, "1.2.3.4"),
    _address("another IPv6 address", _V6, False, "2001:4860:4860::8889", "AAAA"),
    _address("nine groups, which is no address", _V6, False, "2001:4860:4860:0:0:0:0:0:8889", "AAAA"),
    _address("a group of five digits, which is no address", _V6, False, "2001:4860:4860:0:0:0:00000:8889", "AAAA"),
    _address("IPv4 in AAAA", "ip-address", False, "1.2.3.4", "AAAA"),
)

_DCV = {
    "acme-dns-01": _DNS_01,
    "acme-http-01": _HTTP_01,
    "acme-tls-alpn-01": _TLS_ALPN_01,
    "website-change": _WEBSITE,
    "dns-change": _DNS_CHANGE,
    "contact-phone-txt": _PHONE_TXT,
    "contact-email-txt": _EMAIL_TXT,
    "contact-email-caa": _EMAIL_CAA,
    "contact-phone-caa": _PHONE_CAA,
    "ip-address": _IP_ADDRESS,
}


def _requests() -> Iterator[tuple[str, _Row, dict]]:
    for row in _caa_rows():
        request = {"domain_or_ip_target": row.target, "check_type": CAA}
        yield CAA, row, request | ({"caa_check_parameters": row.parameters} if row.parameters else {})
    for method, rows in _DCV.items():
        for row in rows:
            parameters = {"validation_method": method, **row.parameters}
            request = {"domain_or_ip_target": _below(HOST, row.target), "check_type": "dcv"}
            yield method, row, request | {"dcv_check_parameters": parameters}


def _named(found: Iterable[tuple[str, _Row, dict]]) -> Iterator[Case]:
    """By method and target; those of one name are numbered."""
    seen: Counter[str] = Counter()
    for method, row, request in found:
        name = f"{method}:{request['domain_or_ip_target']}"
        seen[name] += 1
        number = f"#{seen[name]}" if seen[name] > 1 else ""
        yield Case(name + number, row.purpose, request, row.is_valid, row.cname_chain)


CASES = tuple(_named(_requests()))


if __name__ == "__main__":
    json.dump([case.as_json() for case in CASES], sys.stdout, indent=1)
    print()
