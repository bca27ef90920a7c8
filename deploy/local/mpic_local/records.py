"""What stands in the zones of the private DNS tree. Names without a final dot count from the zone."""

from __future__ import annotations

from .challenges import (
    ACCOUNT,
    DIGEST,
    DNS_ACCOUNT,
    EMAIL,
    HIJACKER_DIGEST,
    ISSUER,
    LONG_AGO,
    OTHER_ACCOUNT,
    PHONE_AS_PUBLISHED,
    RANDOM_VALUE,
    account_label,
)
from .layout import (
    CHALLENGE_SERVER,
    HOSTILE_NAME_SERVER,
    IPV6_DEAD,
    IPV6_LOOPBACK,
    NAME_SERVER,
    NOTHING_LISTENS,
    OLD_NAME_SERVER,
    OWN_SITE,
    SILENT_NAME_SERVER,
    SILENT_SERVERS,
    SITE,
    TLS_ALPN_NAME,
    TLS_ALPN_WRONG,
)

HEAD = """\
$ORIGIN {origin}
$TTL 60
@ SOA ns.test. hostmaster.test. 1 3600 600 604800 60
@ NS ns.test.
"""

ROOT = f"""\
test. NS ns.test.
ns.test. A {NAME_SERVER}
127.in-addr.arpa. NS ns.test.
ip6.arpa. NS ns.test.
com. NS ns.test.
org. NS ns.test.
"""

# Each with a name server of its own that never answers: a resolver soon knows of one such server, and stops asking it.
SILENT_NAMES = 192
_SILENT = "".join(
    f"silent-{n} NS ns.silent-{n}.test.\nns.silent-{n} A {SILENT_SERVERS}.{n}\n" for n in range(SILENT_NAMES)
)


def delegations(children: list[str]) -> str:
    """From test. to the zones that the private name server has, by their first labels."""
    return "".join(f"{child} NS ns.test.\n" for child in children)


TEST = f"""\
ns A {NAME_SERVER}
; one name server of two was forgotten when the zone changed
moved NS ns.test.
moved NS ns-old.test.
ns-old A {OLD_NAME_SERVER}
; lame: a name server that has no such zone, and refuses
lame NS ns-old.test.
; only to be had by IPv6
six NS ns6.test.
ns6 AAAA {IPV6_LOOPBACK}
; where tests do as they like, where nothing is ever answered, and where pebble's challenge server answers
hostile NS ns.hostile.test.
ns.hostile A {HOSTILE_NAME_SERVER}
silent NS ns.silent.test.
ns.silent A {SILENT_NAME_SERVER}
challtest NS ns.challtest.test.
ns.challtest A {CHALLENGE_SERVER}
{_SILENT}"""

# The same in every kind of zone, so that every method can be tried in each of them.
EVERYWHERE = f"""\
@ A {SITE}
www A {SITE}
*.wild A {SITE}
_acme-challenge.www TXT "{DIGEST}"
caa-permits CAA 0 issue "{ISSUER}"
caa-forbids CAA 0 issue "other-ca.example"
"""

# Of moved.test, before the challenge was set anew.
OLD = EVERYWHERE.replace(DIGEST, HIJACKER_DIGEST)

OPT_OUT = f"""\
{EVERYWHERE}insecure NS ns.test.
"""

DEMO = f"""\
@ A {SITE}
; --- the site: what each name serves is in site.py
www A {SITE}
redirect A {SITE}
one-hijacked A {SITE}
three-hijacked A {SITE}
primary-hijacked A {SITE}
geo-blocked A {SITE}
wrong A {SITE}
missing A {SITE}
loop A {SITE}
large A {SITE}
closes A {SITE}
slow A {SITE}
redirect-port A {SITE}
redirect-internal A {SITE}
website A {SITE}
website-wrong A {SITE}
website-redirect A {SITE}
website-leaks A {SITE}
*.wild A {SITE}
redirect-watched A {SITE}
*.own A {OWN_SITE}
; --- addresses
internal A 10.0.0.1
internal6 AAAA fd00::1
metadata A 169.254.169.254
mixed A 10.0.0.1
mixed A {SITE}
refused A {NOTHING_LISTENS}
two-addresses A {NOTHING_LISTENS}
two-addresses A {SITE}
no-address TXT "exists, but has no address"
ipv6-only AAAA {IPV6_LOOPBACK}
ipv6-redirect AAAA {IPV6_LOOPBACK}
dual A {SITE}
dual AAAA {IPV6_LOOPBACK}
dead-ipv6 A {SITE}
dead-ipv6 AAAA {IPV6_DEAD}
only-dead-ipv6 AAAA {IPV6_DEAD}
; --- aliases
alias CNAME www
alias-twice CNAME alias
dangling CNAME nothing-here
circle-a CNAME circle-b
circle-b CNAME circle-a
; --- TLS with validation certificates, see certificates.py
alpn A {TLS_ALPN_NAME}
alpn-wrong A {TLS_ALPN_WRONG[0]}
alpn-two-names A {TLS_ALPN_WRONG[2]}
alpn-foreign A {TLS_ALPN_WRONG[1]}
alpn-uncritical A {TLS_ALPN_WRONG[3]}
; --- CAA
caa-permits CAA 0 issue "{ISSUER}"
caa-permits A {SITE}
caa-forbids CAA 0 issue "other-ca.example"
caa-forbids A {SITE}
caa-parent CAA 0 issue "{ISSUER}"
deep.caa-parent A {SITE}
caa-forbids-parent CAA 0 issue "other-ca.example"
deep.caa-forbids-parent A {SITE}
caa-wildcard CAA 0 issue "{ISSUER}"
caa-wildcard CAA 0 issuewild "other-ca.example"
caa-only-wildcard CAA 0 issuewild "{ISSUER}"
caa-nobody CAA 0 issue ";"
caa-critical CAA 0 issue "{ISSUER}"
caa-critical CAA 128 future "unknown and critical"
caa-noncritical CAA 0 issue "{ISSUER}"
caa-noncritical CAA 0 future "unknown, not critical"
caa-method CAA 0 issue "{ISSUER}; validationmethods=dns-01"
caa-method A {SITE}
caa-method-tbr CAA 0 issue "{ISSUER}; validationmethods=ca-tbr-7"
caa-account CAA 0 issue "{ISSUER}; accounturi={ACCOUNT}"
caa-account A {SITE}
caa-iodef CAA 0 iodef "mailto:security@demo.test"
caa-iodef-forbids CAA 0 issue "other-ca.example"
caa-iodef-forbids CAA 0 iodef "mailto:security@demo.test"
caa-mail CAA 0 issuemail "{ISSUER}"
caa-mail-forbids CAA 0 issuemail "other-ca.example"
caa-alias CNAME caa-forbids
caa-no-issuer CAA 0 issue "{"a" * 24}!"
"""

# More than fits a UDP answer: the whole set must come over TCP before anyone may judge it.
_MANY_CAA = "".join(f'caa-many CAA 0 issue "ca-{n:03}.example"\n' for n in range(150))
_MANY_TXT = "".join(f'_acme-challenge.many TXT "another-value-{n:03}-{"x" * 24}"\n' for n in range(199))
_MANY = f"""\
{_MANY_CAA}caa-many CAA 0 issue "{ISSUER}"
{_MANY_TXT}_acme-challenge.many TXT "{DIGEST}"
"""

# dns-01 and dns-account-01 (RFC 8555 8.4; BR 3.2.2.4.7, .21): a name for each case.
_ACME_DNS = f"""\
_acme-challenge.www TXT "{DIGEST}"
_acme-challenge.dns TXT "{DIGEST}"
_acme-challenge.caa-method TXT "{DIGEST}"
_acme-challenge.caa-method-tbr TXT "{DIGEST}"
_acme-challenge.several TXT "somebody-elses"
_acme-challenge.several TXT "{HIJACKER_DIGEST}"
_acme-challenge.several TXT "{DIGEST}"
_acme-challenge.split TXT "{DIGEST[:20]}" "{DIGEST[20:]}"
_acme-challenge.empty-string TXT "" "{DIGEST}" ""
_acme-challenge.delegated CNAME www.challenges
www.challenges TXT "{DIGEST}"
_acme-challenge.wrong TXT "{HIJACKER_DIGEST}"
_acme-challenge.five-wrong TXT "wrong-1"
_acme-challenge.five-wrong TXT "wrong-2"
_acme-challenge.five-wrong TXT "wrong-3"
_acme-challenge.five-wrong TXT "wrong-4"
_acme-challenge.five-wrong TXT "wrong-5"
_acme-challenge.long TXT "{"w" * 200}"
_acme-challenge.empty TXT ""
_acme-challenge.quoted TXT "\\"{DIGEST}\\""
_acme-challenge.blanks TXT " {DIGEST} "
_acme-challenge.prefix TXT "{DIGEST[:-1]}"
_acme-challenge.upper TXT "{DIGEST.upper()}"
_acme-challenge.other-type A {SITE}
_acme-challenge.octets TXT "\255\254\000"
_acme-challenge.octets TXT "{DIGEST}"
{account_label(DNS_ACCOUNT)}._acme-challenge.dns-account TXT "{DIGEST}"
{account_label(DNS_ACCOUNT)}._acme-challenge.dns-account-wrong TXT "{HIJACKER_DIGEST}"
_acme-challenge.dns-account-elsewhere TXT "{DIGEST}"
alias-of-dns CNAME dns
alias-of-alias CNAME alias-of-dns
alias-below CNAME deep.dns
deep.dns A {SITE}
dns A {SITE}
dns-account A {SITE}
"""

# dns-change (BR 3.2.2.4.7): the value at the name itself, or under one label.
_DNS_CHANGE = f"""\
change TXT "v=spf1 -all"
change TXT "ca-verification={RANDOM_VALUE}"
_ca-verification.change TXT "{RANDOM_VALUE}"
_alias.change CNAME {RANDOM_VALUE}.validation
*.validation TXT "that the target exists is not asked for, but resolvers like it"
change-caa CAA 0 issue "{ISSUER}; token={RANDOM_VALUE}"
change-upper TXT "{RANDOM_VALUE.upper()}"
change-wrong TXT "ca-verification=00000000000000000000000000000000"
change-wrong CAA 0 issue "{ISSUER}"
_alias.change-wrong CNAME www
"""

# Contacts (BR 3.2.2.4.13, .14, .16, .17; Appendix A).
_CONTACTS = f"""\
contact CAA 0 contactemail "{EMAIL}"
contact CAA 0 contactphone "{PHONE_AS_PUBLISHED}"
deep.contact A {SITE}
_validation-contactemail.contact TXT "{EMAIL}"
_validation-contactphone.contact TXT "{PHONE_AS_PUBLISHED}"
contact-wrong CAA 0 contactemail "somebody.else@demo.test"
contact-wrong CAA 0 contactphone "+15557654321"
_validation-contactemail.contact-wrong TXT "somebody.else@demo.test"
_validation-contactphone.contact-wrong TXT "+15557654321"
; not the whole value is an address, a number
contact-malformed CAA 0 contactemail "Hostmaster <{EMAIL}>"
contact-malformed CAA 0 contactphone "call {PHONE_AS_PUBLISHED}"
_validation-contactemail.contact-malformed TXT "mailto:{EMAIL}"
_validation-contactphone.contact-malformed TXT "tel:{PHONE_AS_PUBLISHED}"
"""


def _persistent(name: str, *values: str) -> str:
    return "".join(f'_validation-persist.{name} TXT "{value}"\n' for value in values)


# dns-persistent (BR 3.2.2.4.22).
_GRANT = f"{ISSUER}; accounturi={ACCOUNT}"
_PERSISTENT = "".join((
    _persistent("persist", _GRANT),
    _persistent("persist-wild", f"{_GRANT}; policy=wildcard"),
    _persistent("persist-until", f"{_GRANT}; persistUntil=4102444800"),
    _persistent("persist-expired", f"{_GRANT}; persistUntil={LONG_AGO}"),
    _persistent("persist-account", f"{ISSUER}; accounturi={OTHER_ACCOUNT}"),
    _persistent("persist-no-account", ISSUER),
    _persistent("persist-twice", f"{_GRANT}; AccountURI={OTHER_ACCOUNT}"),
    _persistent("persist-unknown", f"{_GRANT}; future=1; future=2"),
    _persistent("persist-others", f"other-ca.example; accounturi={ACCOUNT}"),
    _persistent("persist-many", f"other-ca.example; accounturi={OTHER_ACCOUNT}", f"{ISSUER}; accounturi", _GRANT),
    f'_validation-persist.persist-split TXT "{_GRANT[:24]}" "{_GRANT[24:]}"\n',
    "_validation-persist.persist-alias CNAME _validation-persist.persist\n",
))  # fmt: skip

DEMO += _MANY + _ACME_DNS + _DNS_CHANGE + _CONTACTS + _PERSISTENT

# The reverse tree: BR 3.2.2.5.3 and 3.2.2.5.8.
_IPV6_NIBBLES = "1" + ".0" * 31
IN_ADDR = f"""\
1.4.77 PTR www.demo.test.
2.4.77 PTR alpn.demo.test.
2.4.77 PTR www.demo.test.
_ip-validation-persist.1.4.77 TXT "{_GRANT}"
_ip-validation-persist.2.4.77 TXT "{ISSUER}; accounturi={OTHER_ACCOUNT}"
"""
IP6_ARPA = f"""\
{_IPV6_NIBBLES} PTR ipv6-only.demo.test.
_ip-validation-persist.{_IPV6_NIBBLES} TXT "{_GRANT}"
"""

# For bench/run: names to ask again and again, and a zone where every name exists, for those nobody has asked before.
BENCH_NAMES = 200
BENCH = "".join(f'n{n} A {SITE}\nn{n} CAA 0 issue "{ISSUER}"\n' for n in range(BENCH_NAMES))
COLD = f'* A {SITE}\n* CAA 0 issue "{ISSUER}"\n'
