"""What is wrong, and where. TAMPERED: changed after it was written, or never written by this coordinator (T of the
document); DOES NOT FOLLOW: unchanged, but the verdict is another by the rules (F)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Faults:
    most: int = 1_000  # that are kept
    lines: list[str] = field(default_factory=list)
    tampered_count: int = 0
    follow_count: int = 0

    def tampered(self, place: str, why: str) -> None:
        self.tampered_count += 1
        self._keep(f"TAMPERED {place}: {why}")

    def does_not_follow(self, place: str, why: str) -> None:
        self.follow_count += 1
        self._keep(f"DOES NOT FOLLOW {place}: {why}")

    @property
    def count(self) -> int:
        return self.tampered_count + self.follow_count

    def _keep(self, line: str) -> None:
        if len(self.lines) < self.most:
            self.lines.append(line)


@dataclass
class Place:
    """Where faults of one leaf are told."""

    faults: Faults
    name: str

    def tampered(self, why: str) -> None:
        self.faults.tampered(self.name, why)

    def does_not_follow(self, why: str) -> None:
        self.faults.does_not_follow(self.name, why)

    def at(self, more: str) -> Place:
        return Place(self.faults, f"{self.name}, {more}")
