"""Configurations that must stop the start, with a text that says what to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mpic_local import programs
from mpic_local.layout import PERSPECTIVES
from support import Case


class Refusals(Case):
    def configuration(self, program: str, change) -> Path:
        """The configuration of a running process with one change, under another name beside it."""
        directory = "coordinator" if program == "coordinator" else "agent-eu-west"
        original = self.system.work / directory / f"{program}.yaml"
        changed = original.with_name("refused.yaml")
        changed.write_text(change(original.read_text()))
        self.addCleanup(changed.unlink)
        return changed

    def refused(self, program: str, change, *words: str) -> None:
        configuration = self.configuration(program, change)
        done = self.system.try_to_start(f"mpic-{program}", configuration)
        text = done.stdout + done.stderr
        self.assertNotEqual(done.returncode, 0, text)
        self.assertGreaterEqual(done.returncode, 0, f"ended by a signal: {text}")
        for word in words:
            self.assertIn(word, text)

    @staticmethod
    def line_of(text: str, beginning: str) -> int:
        return next(n for n, line in enumerate(text.splitlines(), 1) if line.lstrip().startswith(beginning))

    def test_an_unknown_key_is_named_with_file_and_line(self) -> None:
        for program in ("coordinator", "agent"):
            with self.subTest(program):
                lines = 0

                def add_key(text: str) -> str:
                    nonlocal lines
                    lines = len(text.splitlines()) + 1
                    return text + "listne: 127.0.0.1:1\n"

                configuration = self.configuration(program, add_key)
                done = self.system.try_to_start(f"mpic-{program}", configuration)
                text = done.stdout + done.stderr
                self.assertGreater(done.returncode, 0, text)
                self.assertIn("listne", text)
                self.assertIn(f"refused.yaml:{lines}", text)
                self.assertIn("listen", text)  # what is accepted

    def test_a_wrong_type(self) -> None:
        self.refused("coordinator", lambda text: text.replace("latitude: 39.04", "latitude: north"), "latitude",
                     "refused.yaml:")  # fmt: skip
        self.refused("agent", lambda text: text + "limits: {concurrent_checks: many}\n", "concurrent_checks",
                     "refused.yaml:")  # fmt: skip

    def test_a_missing_file(self) -> None:
        for program in ("coordinator", "agent"):
            with self.subTest(program):
                self.refused(program, lambda text: text.replace("signing.key", "lost.key"), "lost.key", "refused.yaml:")

    def test_a_configuration_that_is_not_there(self) -> None:
        done = self.system.try_to_start("mpic-coordinator", self.system.work / "nowhere.yaml")
        self.assertGreater(done.returncode, 0)
        self.assertIn("nowhere.yaml", done.stdout + done.stderr)


class Policy(Case):
    """The dates are the policy's, not today's: every configuration sets its clock."""

    def start_with(self, perspectives, clock: str):
        configuration = self.system.work / "coordinator" / "policy.yaml"
        layout = self.system.layout
        file = replace(programs.own_file(layout), perspectives=tuple(perspectives), policy_clock=clock)
        configuration.write_text(file.text())
        self.addCleanup(configuration.unlink)
        done = self.system.try_to_start("mpic-coordinator", configuration)
        return done.returncode, done.stdout + done.stderr

    def test_too_few_remotes_for_the_day(self) -> None:
        status, text = self.start_with(PERSPECTIVES[:5], "2026-12-15T00:00:00Z")
        self.assertGreater(status, 0, text)
        self.assertIn("3.2.2.9", text)
        self.assertIn("5", text)

    def test_remotes_of_a_single_rir(self) -> None:
        one_rir = [p for p in PERSPECTIVES if p.rir in ("ARIN", "RIPE")]
        one_rir = [one_rir[0]] + [p for p in one_rir[1:] if p.rir == "RIPE"]
        status, text = self.start_with(one_rir, "2025-10-01T00:00:00Z")
        self.assertGreater(status, 0, text)
        self.assertIn("3.2.2.9", text)
