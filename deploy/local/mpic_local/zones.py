"""The private DNS tree: a signed root, `test.` and two reverse zones, and below them a zone of every kind; `com.` and
`org.` for what public test suites ask for.

Keys and signatures are made anew at each start, so nothing here expires in a repository.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import open_mpic, records
from .challenges import ISSUER
from .layout import NOTHING_LISTENS, SITE

_DAY = 86400
Change = Callable[[str], str]  # of a signed zone's text


@dataclass(frozen=True)
class Zone:
    """One zone, and what is wrong with it."""

    name: str
    records: str
    signed: bool = True
    hashed: bool = False  # by NSEC3: from plain NSEC a resolver would make up a wildcard's answers itself (RFC 8198)
    opt_out: bool = False  # its NSEC3 records cover unsigned delegations without proof (RFC 5155 6)
    valid_days: tuple[int, int] | None = None  # of its signatures, from today; None: now, for four weeks
    spoil: Change | None = None  # after signing
    strange_ds: bool = False  # the parent's DS is of another key
    old: str | None = None  # what a name server serves that was forgotten

    @property
    def file_name(self) -> str:
        return "root.zone" if self.name == "." else f"{self.name}zone"

    @property
    def old_file_name(self) -> str:
        return f"old.{self.file_name}"

    @property
    def is_sound(self) -> bool:
        """A validating resolver gives its records."""
        return self.spoil is None and self.valid_days is None and not self.strange_ds


def _forge(text: str) -> str:
    """Moves the names elsewhere, as a forger would, and leaves the signatures as they were."""
    text = re.sub(rf"(\sA\s+){re.escape(SITE)}\b", rf"\g<1>{NOTHING_LISTENS}", text)
    text = re.sub(rf'"{re.escape(ISSUER)}"', '"forged.example"', text)
    return re.sub(r'(\sTXT\s+)"[^"]*"', r'\g<1>"forged"', text)


def _strip(text: str) -> str:
    """Takes away the signatures of all that is not about the zone itself."""
    kept = (line for line in text.splitlines() if not re.search(r"\sRRSIG\s+(A|TXT|CAA)\s", line))
    return "\n".join(kept) + "\n"


# Below `test.`, with the same records: one of every kind, by its first label.
_KINDS = (
    Zone("plain.test.", records.EVERYWHERE, signed=False),
    Zone("hashed.test.", records.EVERYWHERE, hashed=True),
    Zone("insecure.optout.test.", records.EVERYWHERE, signed=False),
    Zone("optout.test.", records.OPT_OUT, hashed=True, opt_out=True),
    Zone("six.test.", records.EVERYWHERE),
    Zone("moved.test.", records.EVERYWHERE, old=records.OLD),
    Zone("bogus.test.", records.EVERYWHERE, spoil=_forge),
    Zone("expired.test.", records.EVERYWHERE, valid_days=(-60, -30)),
    Zone("early.test.", records.EVERYWHERE, valid_days=(30, 60)),
    Zone("stripped.test.", records.EVERYWHERE, spoil=_strip),
    Zone("keyless.test.", records.EVERYWHERE, strange_ds=True),
)
_DELEGATED = ["demo", "bench", "cold", *(zone.name.split(".")[0] for zone in _KINDS if zone.name.count(".") == 2)]
_ELSEWHERE = ("six", "moved")  # with name servers of their own

# Children before their parents, which take the children's DS records.
ZONES = (
    Zone("demo.test.", records.DEMO),
    Zone("bench.test.", records.BENCH),
    Zone("cold.test.", records.COLD, hashed=True),
    *_KINDS,
    Zone(f"{open_mpic.HOST}.", open_mpic.INTEGRATION, signed=False),
    Zone(f"ipv6only.{open_mpic.SUITE}.", open_mpic.IPV6_SUITE, signed=False),
    Zone(f"{open_mpic.SUITE}.", open_mpic.CAA_SUITE, signed=False),
    Zone(f"{open_mpic.SIGNED_SUITE}.", open_mpic.SIGNED),
    Zone("com.", open_mpic.COM),
    Zone("org.", open_mpic.ORG, signed=False),
    Zone("127.in-addr.arpa.", records.IN_ADDR),
    Zone("ip6.arpa.", records.IP6_ARPA),
    Zone("test.", records.TEST + records.delegations([name for name in _DELEGATED if name not in _ELSEWHERE])),
    Zone(".", records.ROOT),
)


def _run(command: list[str], directory: Path) -> str:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def _make_key(zone: Zone, directory: Path) -> Path:
    return directory / _run(["ldns-keygen", "-a", "ECDSAP256SHA256", "-k", zone.name], directory).strip()


def _sign(zone: Zone, zone_file: Path, key: Path) -> None:
    options = []
    if zone.hashed:
        options += ["-n"]
    if zone.opt_out:
        options += ["-p"]
    if zone.valid_days is not None:
        begins, ends = (str(int(time.time()) + days * _DAY) for days in zone.valid_days)
        options += ["-i", begins, "-e", ends]
    _run(["ldns-signzone", *options, "-o", zone.name, zone_file.name, key.name], zone_file.parent)
    signed = zone_file.with_name(zone_file.name + ".signed")
    if zone.spoil is not None:
        text = signed.read_text()
        spoilt = zone.spoil(text)
        if spoilt == text:
            raise RuntimeError(f"{signed}: nothing to spoil")
        signed.write_text(spoilt)
    signed.replace(zone_file)


def _parent(name: str) -> str:
    """The zone among ours that `name` is delegated from."""
    above = [zone.name for zone in ZONES if zone.name != name and (zone.name == "." or name.endswith("." + zone.name))]
    return max(above, key=len)


def write_zones(directory: Path) -> Path:
    """Writes and signs every zone; returns the file with the root's DNSKEY, the trust anchor."""
    directory.mkdir(parents=True)
    ds_records: dict[str, str] = {}  # child zone -> its DS record
    anchor = None
    for zone in ZONES:
        children = "".join(ds for child, ds in ds_records.items() if _parent(child) == zone.name)
        head = records.HEAD.format(origin=zone.name)
        copies = {directory / zone.file_name: zone.records + children}
        if zone.old is not None:
            copies[directory / zone.old_file_name] = zone.old
        for file, text in copies.items():
            file.write_text(head + text)
        if not zone.signed:
            continue
        key = _make_key(zone, directory)
        for file in copies:
            _sign(zone, file, key)
        if zone.name == ".":
            anchor = key.with_name(key.name + ".key")
            continue
        shown = _make_key(zone, directory) if zone.strange_ds else key
        ds_records[zone.name] = _run(["ldns-key2ds", "-n", "-2", shown.name + ".key"], directory)
    if anchor is None:
        raise RuntimeError("no root zone was signed")
    return anchor
