"""What the public compliance cases of the Open MPIC API look at: names that really exist, served here instead.

The cases are in tests/open_mpic/cases.py. What they look at in the world is published by Open MPIC (below
open-mpic.org) and by SSLMate (caatestsuite.com). The records are the same but for addresses and DNSSEC keys; names that
no case asks for are left out.
"""

from __future__ import annotations

from collections.abc import Iterable

from .layout import IPV6_LOOPBACK, SITE, TLS_ALPN_PUBLIC

HOST = "integration-testing.open-mpic.org"
TLS_HOST = f"tls-alpn.{HOST}"
SUITE = "caatestsuite.com"
SIGNED_SUITE = "caatestsuite-dnssec.com"

# ACME: one key authorization at three tokens' places, which end in A, B and C; a digest in DNS that is of another one.
TOKEN_STEM = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-o"
KEY_AUTHORIZATION = f"{TOKEN_STEM}A.NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
DNS_DIGEST = "7FwkJPsKf-TH54wu4eiIFA3nhzYaevsL7953ihy-tpo"
CHANGE_VALUE = "1234567890abcdefg."
PAGE_VALUE = "test-validation"
CAA_EMAIL = "caa.contactemail@example.com"
PHONE = "+1-123-456-7890"
REDIRECTS = 12  # on the way to the last page

_CHALLENGES = "/.well-known/acme-challenge/"
_VALIDATION = "/.well-known/pki-validation/"

PAGES = {
    f"{_CHALLENGES}{TOKEN_STEM}A": f"{KEY_AUTHORIZATION}\n",
    f"{_VALIDATION}validation-doc.txt": f"{PAGE_VALUE}\n",
    "/redirect-target": f"{KEY_AUTHORIZATION}\n",
    "/redirect-target-website-change": f"{PAGE_VALUE}-redirect\n",
    f"/redirect-target-{REDIRECTS}": f"{PAGE_VALUE}-long-redirect\n",
}
MOVED = {
    f"{_CHALLENGES}{TOKEN_STEM}B": f"http://{HOST}/redirect-target",
    f"{_CHALLENGES}{TOKEN_STEM}C": f"http://{HOST}:8080/redirect-target",
    f"{_VALIDATION}validation-doc-redirect.txt": f"http://{HOST}/redirect-target-website-change",
    f"{_VALIDATION}validation-doc-bad-port-redirect.txt": f"http://{HOST}:8080/redirect-target-website-change",
    f"{_VALIDATION}validation-long-redirect.txt": f"http://{HOST}/redirect-target-1",
    **{f"/redirect-target-{n}": f"http://{HOST}/redirect-target-{n + 1}" for n in range(1, REDIRECTS)},
}


def _txt(name: str, *values: str) -> str:
    return "".join(f'{name} TXT "{value}"\n' for value in values)


def _caa(name: str, *properties: tuple[int, str, str]) -> str:
    return "".join(f'{name} CAA {flags} {tag} "{value}"\n' for flags, tag, value in properties)


def _caa_octets(name: str, flags: int, tag: str, value: str) -> str:
    """As unknown data (RFC 3597): NSD takes no capitals in a tag, and no more than 15 characters."""
    octets = bytes([flags, len(tag)]) + tag.encode() + value.encode()
    return f"{name} TYPE257 \\# {len(octets)} {octets.hex()}\n"


def _alias(*names: str) -> str:
    """Each of them leads to the next."""
    return "".join(f"{name} CNAME {target}\n" for name, target in zip(names, names[1:]))


_ACME = "".join((
    f"@ A {SITE}\n",
    f"tls-alpn A {TLS_ALPN_PUBLIC}\n",
    _txt("_acme-challenge.dns-01", DNS_DIGEST),
    _txt("_acme-challenge.dns-01-leading-whitespace", f" {DNS_DIGEST}"),
    _txt("_acme-challenge.dns-01-trailing-whitespace", f"{DNS_DIGEST} "),
    _txt("_acme-challenge.dns-01-multi", "foo", "bar", DNS_DIGEST, "baz"),
    _alias("_acme-challenge.dns-01-cname", "dns-01-cname-landing"),
    _alias("_acme-challenge.dns-01-cname-multi", "dns-01-cname-target-1", "dns-01-cname-target-2",
           "dns-01-cname-target-3", "dns-01-cname-landing"),
    _txt("dns-01-cname-landing", DNS_DIGEST),
))  # fmt: skip

_CHANGE = "".join((
    _txt("dns-change-txt", CHANGE_VALUE),
    f"dns-change-cname CNAME {CHANGE_VALUE}\n",
    _caa("dns-change-caa", (0, "dnschange", CHANGE_VALUE)),
))  # fmt: skip

_MAIL = "".join((
    _caa("smime-standard", (129, "issuemail", "example-ca.example.com")),
    _caa("smime-with-issue", (128, "issue", "example-ca1.example.com"), (0, "issuemail", "example-ca2.example.com")),
))  # fmt: skip

_CONTACTS_TXT = "".join((
    _txt("_validation-contactemail.dns-email-txt", "testadmin.email.txt@example.com"),
    _alias("_validation-contactemail.dns-email-txt-cname", "dns-email-txt-cname-target"),
    _txt("dns-email-txt-cname-target", "testadmin.cname.target@example.com"),
    _txt("_validation-contactemail.dns-email-txt-whitespace", " testadmin.email.txt.whitespace@example.com "),
    _txt("_validation-contactemail.dns-email-txt-null-char", "\\000testadmin.email.txt.null.char@example.com"),
    _txt("_validation-contactemail.dns-email-txt-junk", '\\"testadmin.email.txt.junk@example.com unknown_content'),
    _txt("_validation-contactphone.dns-phone-txt", PHONE),
    _alias("_validation-contactphone.dns-phone-cname-txt", "dns-phone-cname-target"),
    _txt("dns-phone-cname-target", PHONE),
    _txt("_validation-contactphone.dns-phone-txt-whitespace", f"{PHONE} "),
))  # fmt: skip

_CONTACTS_CAA = "".join((
    _caa("contact-email-caa", (0, "contactemail", CAA_EMAIL)),
    _txt("sub.contact-email-caa", "foo"),
    _caa("contact-email-caa-critical", (128, "contactemail", CAA_EMAIL)),
    _alias("contact-email-caa-cname", "contact-email-caa-cname-target"),
    _caa("contact-email-caa-cname-target", (0, "contactemail", CAA_EMAIL)),
    _caa("contact-email-caa-multi", (0, "contactemail", "caa1.contactemail@example.com"),
         (128, "contactemail", "caa2.contactemail@example.com"), (128, "issue", "exampleca.example.com")),
    _caa("contact-email-caa-whitespace", (0, "contactemail", f"{CAA_EMAIL} ")),
    _caa("contact-email-caa-null", (0, "contactemail", f"{CAA_EMAIL}\\000")),
    _txt("contact-email-no-record-set", "foo"),
    _caa("contact-phone-caa", (0, "contactphone", PHONE)),
    _caa("contact-phone-caa-multi", (128, "contactemail", "junk"), (0, "contactphone", "junk\\000"),
         (0, "contactphone", PHONE)),
    _caa("contact-phone-caa-critical", (128, "contactphone", PHONE)),
    _caa("contact-phone-caa-whitespace", (0, "contactphone", f"{PHONE} ")),
))  # fmt: skip

_ADDRESSES = "".join((
    "ip-address A 1.2.3.4\n",
    _alias("ip-address-cname", "ip-address-cname-target"),
    "ip-address-cname-target A 1.2.3.4\n",
    "ip-address-multi A 5.6.7.8\n",
    "ip-address-multi A 1.2.3.4\n",
    "ip-address-v6 AAAA 2001:4860:4860::8888\n",
))  # fmt: skip

INTEGRATION = _ACME + _CHANGE + _MAIL + _CONTACTS_TXT + _CONTACTS_CAA + _ADDRESSES

_MANY = 1000  # properties beside the one that counts: the set only fits TCP

CAA_SUITE = "".join((
    _caa("empty.basic", (0, "issue", ";")),
    _caa("deny.basic", (0, "issue", SUITE)),
    _alias("cname-cname-deny.basic", "cname-deny.basic", "deny.basic"),
    _caa("deny-wild.basic", (0, "issuewild", SUITE)),
    _caa("permit.basic", (0, "dummy", "dummy")),
    _caa("deny.permit.basic", (0, "issue", SUITE)),
    _caa("xss", (0, "issue", "<script>alert('xss')</script>")),
    _caa_octets("uppercase-deny.basic", 0, "ISSUE", SUITE),
    _caa_octets("mixedcase-deny.basic", 0, "IsSuE", SUITE),
    _caa_octets("critical1.basic", 128, "caatestsuitedummyproperty", "test"),
    _caa_octets("critical2.basic", 130, "caatestsuitedummyproperty", "test"),
    _caa("big.basic", *((0, f"t{n}", "test") for n in range(_MANY)), (0, "issue", SUITE)),
    "ipv6only NS nsipv6\n",
    f"nsipv6 AAAA {IPV6_LOOPBACK}\n",
))  # fmt: skip
IPV6_SUITE = _caa("@", (0, "issue", SUITE))

# Below a signed zone that says they are signed: their name servers fail, refuse, or never answer.
UNANSWERED = ("servfail", "refused", "blackhole")


def _unanswered(names: Iterable[str]) -> str:
    """With a DS of a key that nobody has, as nobody is ever asked for it with success."""
    return "".join(f"{name} NS ns.{name}\n{name} DS 4711 13 2 {'5A' * 32}\n" for name in names)


SIGNED = _unanswered(UNANSWERED)

COM = f"""\
example TXT "exists, and has no CAA"
{SUITE.removesuffix(".com")} NS ns.test.
{SIGNED_SUITE.removesuffix(".com")} NS ns.test.
"""
ORG = f"{HOST.removesuffix('.org')} NS ns.test.\n"
