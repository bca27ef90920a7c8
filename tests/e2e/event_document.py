"""docs/events.md, read: which kinds of event there are, with which members, in which order."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "events.md"
COMMON = ("at", "kind", "program", "host", "who", "what")


@dataclass(frozen=True)
class Kind:
    members: tuple[str, ...]  # but for those that every line has
    example: str


def read(text: str | None = None) -> dict[str, Kind]:
    sections = re.split(r"^### `(\w+)`$", text or DOCUMENT.read_text(), flags=re.M)
    kinds = {}
    for name, section in zip(sections[1::2], sections[2::2], strict=True):
        body = re.split(r"^## ", section, flags=re.M)[0]
        members: list[str] = []
        for row in re.findall(r"^\| (`[^|]*) \|", body, flags=re.M):
            members += re.findall(r"`(\w+)`", row)
        examples = re.findall(r"^```json\n(.*)\n```$", body, flags=re.M)
        if len(examples) != 1 or name in kinds:
            raise ValueError(f"{name}: one section with one example line is wanted")
        kinds[name] = Kind(tuple(members), examples[0])
    return kinds


def breaches(line: str, kinds: dict[str, Kind]) -> list[str]:
    """What the document does not say of a line."""
    event = json.loads(line)
    names = tuple(event)
    if names[: len(COMMON)] != COMMON:
        return [f"begins with {names[: len(COMMON)]}, not with {COMMON}"]
    kind = kinds.get(event["kind"])
    if kind is None:
        return [f"no kind {event['kind']} in {DOCUMENT.name}"]
    return [f"{event['kind']} has no member {name} there" for name in names[len(COMMON) :] if name not in kind.members]
