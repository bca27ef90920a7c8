"""The private DNS tree: a signed root, a signed `test.`, and zones to show and test every case with.

Keys and signatures are made anew at each start, so nothing here expires in a repository.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .layout import HOSTILE_NAME_SERVER, NAME_SERVER, NOTHING_LISTENS, SILENT_NAME_SERVER, SILENT_SERVERS, SITE

ISSUER = "ca.example"  # the CA that the demonstration's requests come from

_HEAD = """\
$ORIGIN {origin}
$TTL 60
@ SOA ns.test. hostmaster.test. 1 3600 600 604800 60
@ NS ns.test.
"""

_ROOT = """\
test. NS ns.test.
ns.test. A {name_server}
"""

_TEST = f"""\
ns A {NAME_SERVER}
demo NS ns.test.
bench NS ns.test.
cold NS ns.test.
plain NS ns.test.
bogus NS ns.test.
; where tests do as they like, and where nothing is ever answered
hostile NS ns.hostile.test.
ns.hostile A {HOSTILE_NAME_SERVER}
silent NS ns.silent.test.
ns.silent A {SILENT_NAME_SERVER}
"""

_PLAIN = f"""\
@ A {SITE}
www A {SITE}
caa-permits CAA 0 issue "{ISSUER}"
"""

_BOGUS = f"""\
@ A {SITE}
www A {SITE}
caa-permits CAA 0 issue "{ISSUER}"
"""

_DEMO = f"""\
@ A {SITE}
; --- the site: what each name serves is in peers.py
www A {SITE}
redirect A {SITE}
one-hijacked A {SITE}
three-hijacked A {SITE}
primary-hijacked A {SITE}
wrong A {SITE}
missing A {SITE}
loop A {SITE}
large A {SITE}
closes A {SITE}
slow A {SITE}
redirect-port A {SITE}
redirect-internal A {SITE}
*.wild A {SITE}
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
; --- aliases
alias CNAME www
alias-twice CNAME alias
dangling CNAME nothing-here
circle-a CNAME circle-b
circle-b CNAME circle-a
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
caa-account CAA 0 issue "{ISSUER}; accounturi=https://ca.example/acct/1"
caa-iodef CAA 0 iodef "mailto:security@demo.test"
caa-alias CNAME caa-forbids
"""

# Each with a name server of its own that never answers: a resolver soon knows of one such server, and stops asking it.
SILENT_NAMES = 192
_SILENT = "".join(
    f"silent-{n} NS ns.silent-{n}.test.\nns.silent-{n} A {SILENT_SERVERS}.{n}\n" for n in range(SILENT_NAMES)
)

# More than fits a UDP answer: the whole set must come over TCP before anyone may judge it.
_MANY_CAA = "".join(f'caa-many CAA 0 issue "ca-{n:03}.example"\n' for n in range(150))

# For bench/run: names to ask again and again, and a zone where every name exists, for those nobody has asked before.
BENCH_NAMES = 200
_BENCH = "".join(f'n{n} A {SITE}\nn{n} CAA 0 issue "{ISSUER}"\n' for n in range(BENCH_NAMES))
_COLD = f'* A {SITE}\n* CAA 0 issue "{ISSUER}"\n'


@dataclass(frozen=True)
class Zone:
    name: str
    records: str
    signed: bool = True
    broken: bool = False  # a record is changed after signing
    hashed: bool = False  # by NSEC3: from plain NSEC a resolver would make up a wildcard's answers itself (RFC 8198)

    @property
    def file_name(self) -> str:
        return "root.zone" if self.name == "." else f"{self.name}zone"

    def text(self) -> str:
        return _HEAD.format(origin=self.name) + self.records


# Children before their parents, which take the children's DS records.
ZONES = (
    Zone("demo.test.", _DEMO + _MANY_CAA + f'caa-many CAA 0 issue "{ISSUER}"\n'),
    Zone("bench.test.", _BENCH),
    Zone("cold.test.", _COLD, hashed=True),
    Zone("plain.test.", _PLAIN, signed=False),
    Zone("bogus.test.", _BOGUS, broken=True),
    Zone("test.", _TEST + _SILENT),
    Zone(".", _ROOT.format(name_server=NAME_SERVER)),
)


def _run(command: list[str], directory: Path) -> str:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def _sign(zone: Zone, zone_file: Path) -> Path:
    directory = zone_file.parent
    key = _run(["ldns-keygen", "-a", "ECDSAP256SHA256", "-k", zone.name], directory).strip()
    options = ["-n"] if zone.hashed else []
    _run(["ldns-signzone", *options, "-o", zone.name, zone_file.name, key], directory)
    return directory / key


def _break(signed: Path) -> None:
    """Moves the names elsewhere, as a forger would, and leaves the signatures as they were."""
    text = signed.read_text()
    forged, changes = re.subn(rf"(\sA\s+){re.escape(SITE)}\b", rf"\g<1>{NOTHING_LISTENS}", text)
    forged, more = re.subn(rf'"{re.escape(ISSUER)}"', '"forged.example"', forged)
    if not changes or not more:
        raise RuntimeError(f"{signed}: nothing to forge")
    signed.write_text(forged)


def write_zones(directory: Path) -> Path:
    """Writes and signs every zone; returns the file with the root's DNSKEY, the trust anchor."""
    directory.mkdir(parents=True)
    ds_records: dict[str, str] = {}  # child zone -> its DS record
    anchor = None
    for zone in ZONES:
        zone_file = directory / zone.file_name
        children = [ds for child, ds in ds_records.items() if _parent(child) == zone.name]
        zone_file.write_text(zone.text() + "".join(children))
        if not zone.signed:
            continue
        key = _sign(zone, zone_file)
        signed = zone_file.with_name(zone_file.name + ".signed")
        if zone.broken:
            _break(signed)
        signed.replace(zone_file)
        if zone.name == ".":
            anchor = key.with_name(key.name + ".key")
        else:
            ds_records[zone.name] = _run(["ldns-key2ds", "-n", "-2", key.name + ".key"], directory)
    if anchor is None:
        raise RuntimeError("no root zone was signed")
    return anchor


def _parent(name: str) -> str:
    return name.split(".", 1)[1] or "."
