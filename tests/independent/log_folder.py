"""Reads what `mpic audit export` writes: docs/evidence_format.md, "Where it is kept"."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from envelopes import parse
from faults import Faults

FORMAT = "mpic-log-export-1"
ENTRIES_IN_A_FILE = 10_000
MAX_ENTRY = 64 * 1024 * 1024


class ExportFolder:
    def __init__(self, folder: Path, record_pb2, faults: Faults):
        self.folder, self._pb, self._faults = folder, record_pb2, faults
        self.about = self._read_about()

    @property
    def size(self) -> int:
        return self.about["size"]

    @property
    def origin(self) -> str:
        return self.about["origin"]

    def checkpoint(self) -> bytes:
        return (self.folder / "checkpoint").read_bytes()

    def _read_about(self) -> dict:
        about = json.loads((self.folder / "export.json").read_text())
        for field, kind in (("format", str), ("origin", str), ("size", int), ("written", str), ("software", str)):
            if not isinstance(about.get(field), kind):
                raise ValueError(f"export.json: no {field}")
        if about["format"] != FORMAT:
            raise ValueError(f"export.json: a format that is not {FORMAT}")
        return about

    def entries(self, tell: bool = False) -> Iterator:
        """LogEntry after LogEntry. Faults of the files are told on one reading only, that with `tell`."""
        files = sorted((self.folder / "entries").iterdir())
        needed = -(-self.size // ENTRIES_IN_A_FILE)
        names = [f"{number:06}.pb" for number in range(needed)]
        if tell and [file.name for file in files] != names:
            self._faults.tampered("entries", f"the files are not {needed}, numbered from 000000.pb on")
        for number, file in enumerate(files):
            count = 0
            for entry in self._messages(file, tell):
                yield entry
                count += 1
            expected = min(ENTRIES_IN_A_FILE, max(self.size - number * ENTRIES_IN_A_FILE, 0))
            if tell and count != expected:
                self._faults.tampered(f"entries/{file.name}", f"holds {count} entries, not {expected}")

    def _messages(self, file: Path, tell: bool) -> Iterator:
        octets = file.read_bytes()
        at = 0
        while at < len(octets):
            length, begin = varint(octets, at)
            end = begin + length if length is not None else 0
            if length is None or length > MAX_ENTRY or end > len(octets):
                entry = None
            else:
                entry = parse(self._pb.LogEntry, octets[begin:end])
            if entry is None:
                if tell:
                    self._faults.tampered(f"entries/{file.name}", f"cannot be read from octet {at} on")
                return
            yield entry
            at = end


def varint(octets: bytes, at: int) -> tuple[int | None, int]:
    """The number that begins there and where it ends; none for what is no varint."""
    number = 0
    for place in range(10):
        if at + place >= len(octets):
            break
        octet = octets[at + place]
        number |= (octet & 0x7F) << (7 * place)
        if not octet & 0x80:
            return (number, at + place + 1) if number < 1 << 64 else (None, at)
    return None, at


def field_octets(message: bytes, number: int) -> list[bytes]:
    """What stands in a message for a length-delimited field, each time that it does. The message has been parsed."""
    found = []
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        if tag is None:
            return []
        kind, length = tag & 7, 0
        if kind == 0:
            _, at = varint(message, at)
        elif kind == 2:
            length, at = varint(message, at)
            if length is None or at + length > len(message):
                return []
            if tag >> 3 == number:
                found.append(message[at : at + length])
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            return []
        at += length
    return found
