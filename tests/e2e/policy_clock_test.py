"""The policy of the day, and of the days to come, with the clock set: four remotes comply until 2026-12-15 (BR 3.2.2.9)."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from pathlib import Path

import grpc
from coordinators import Coordinator, without
from mpic_local import programs
from mpic_local.asking import CAA, CORROBORATED, check_caa, checks_of, problems_of
from support import Case

BEFORE = "2026-11-23"
CHANGE = "2026-12-15"
FOUR_REMOTES = without("eu-west", "us-west")
EX_CONFIG = 78
TLS_SERVER, SMIME = 1, 2
COMPLIES, DOES_NOT, WILL_STOP, USAGE = 0, 1, 3, 64


class FourRemotes(Case):
    def setUp(self) -> None:
        super().setUp()
        self.coordinator = Coordinator.another(self.system, perspectives=FOUR_REMOTES, policy_clock=f"{BEFORE}T12:00:00Z")
        self.addCleanup(self.system.processes.stop, self.coordinator.name, hard=True)

    def policy(self, *options: str) -> subprocess.CompletedProcess:
        command = [str(self.system.binaries / "mpic"), "policy", *options]
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)

    def configuration(self, **fields) -> Path:
        file = dataclasses.replace(self.coordinator.file, **fields)
        path = self.system.work / "coordinator" / "policy-clock.yaml"
        path.write_text(file.text())
        self.addCleanup(path.unlink, missing_ok=True)
        return path

    def test_they_comply_and_are_warned(self) -> None:
        self.coordinator.start()
        warnings = [line for line in self.coordinator.log().splitlines() if "warn" in line and CHANGE in line]
        self.assertTrue(warnings, self.coordinator.log())
        self.assertIn("3.2.2.9", warnings[0])
        status, answer, error = self.coordinator.cli().json(["policy", "show"], would_be=False)
        self.assertEqual(status, 0, error)
        policy = answer["deployment"]
        self.assertTrue(policy["complies_now"])
        self.assertFalse(policy.get("complies_next", False))
        self.assertEqual((policy["current"]["min_remotes"], policy["next"]["min_remotes"]), (4, 5))
        self.assertEqual(policy["next"]["effective"], CHANGE)
        self.assertIn(CHANGE, "\n".join(policy["upcoming"]))

        answer = self.asked()
        self.assertEqual(problems_of(answer), {})
        self.assertEqual(checks_of(answer)[CAA]["quorum"]["fraction"], "4/4")
        self.assertEqual(answer["policy"]["evaluated_at"][:10], BEFORE)

    def test_one_of_them_may_fail(self) -> None:
        self.coordinator.start()
        self.addCleanup(self.system.start_again, "agent-sa-east")
        self.system.processes.stop("agent-sa-east", hard=True)
        answer = self.asked()
        self.assertEqual(problems_of(answer), {"sa-east": "UNREACHABLE"})
        self.assertEqual(checks_of(answer)[CAA]["quorum"]["fraction"], "3/4")

    def asked(self) -> dict:
        status, answer, error = self.coordinator.cli().json(check_caa("caa-permits.demo.test"))
        self.assertEqual(status, 0, error)
        self.assertEqual(answer["would_be"], CORROBORATED)
        return answer

    def test_from_that_day_on_it_does_not_start(self) -> None:
        done = self.system.try_to_start("mpic-coordinator", self.configuration(policy_clock=f"{CHANGE}T00:00:00Z"))
        text = done.stdout + done.stderr
        self.assertEqual(done.returncode, EX_CONFIG, text)
        self.assertIn("BR 3.2.2.9", text)
        self.assertIn(CHANGE, text)

    def test_a_second_before_it_starts(self) -> None:
        configuration = self.configuration(policy_clock="2026-12-14T23:59:59Z")
        command = [str(self.system.binaries / "mpic-coordinator"), "--config", str(configuration), "--check-config"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_reload_to_that_day_is_refused_and_the_old_one_stays(self) -> None:
        self.coordinator.start()
        line = self.coordinator.reload(self.changed_text())
        self.assertIn("was not taken", line)
        self.assertIn("BR 3.2.2.9", line)
        self.assertEqual(self.asked()["policy"]["evaluated_at"][:10], BEFORE)

    def changed_text(self) -> str:
        return dataclasses.replace(self.coordinator.file, policy_clock=f"{CHANGE}T00:00:00Z").text()

    def test_policy_check(self) -> None:
        configuration = self.configuration()
        all_six = self.configuration_of_all()
        rows = (
            ("complies today, and will stop", configuration, BEFORE, WILL_STOP, CHANGE),
            ("does not on the day", configuration, CHANGE, DOES_NOT, "3.2.2.9"),
            ("the day before is still good", configuration, "2026-12-14", WILL_STOP, CHANGE),
            ("six remotes comply today and later", all_six, BEFORE, COMPLIES, ""),
            ("and then", all_six, CHANGE, COMPLIES, ""),
            ("no date", configuration, "tomorrow", USAGE, "tomorrow"),
        )
        for reason, file, at, status, told in rows:
            with self.subTest(reason):
                done = self.policy("check", "--config", str(file), "--at", at)
                self.assertEqual(done.returncode, status, done.stdout + done.stderr)
                self.assertIn(told, done.stdout + done.stderr)

    def test_policy_check_for_scripts(self) -> None:
        done = self.policy("check", "--config", str(self.configuration()), "--at", BEFORE, "--json")
        self.assertEqual(done.returncode, WILL_STOP, done.stderr)
        answer = json.loads(done.stdout)
        self.assertEqual((answer["complies"], answer["complies_later"]), (True, False))
        (profile, _) = answer["profiles"]
        self.assertEqual(profile["profile"], "cabf-tls-br")
        (later,) = [phase for phase in profile["later"] if phase["from"] == CHANGE]
        self.assertEqual((later["min_remotes"], later["complies"]), (5, False))

    def configuration_of_all(self) -> Path:
        path = self.system.work / "coordinator" / "policy-clock-all.yaml"
        path.write_text(dataclasses.replace(self.coordinator.file, perspectives=programs.PERSPECTIVES).text())
        self.addCleanup(path.unlink, missing_ok=True)
        return path


class Profiles(Case):
    """What a certificate is for decides which requirements it is held to."""

    def ask_for(self, coordinator: Coordinator, certificate_type: int) -> str:
        pipeline = coordinator.pipeline()
        try:
            request = pipeline.caa("www.demo.test")
            request.caa.certificate_type = certificate_type
            return pipeline.ask(request).policy.profile
        finally:
            pipeline.close()

    def test_each_by_its_own(self) -> None:
        own = Coordinator.of(self.system)
        self.assertEqual(self.ask_for(own, TLS_SERVER), "cabf-tls-br")
        self.assertEqual(self.ask_for(own, SMIME), "cabf-smime-br")

    def test_what_is_not_served_is_refused(self) -> None:
        coordinator = Coordinator.another(self.system, profiles=("cabf-tls-br",))
        self.addCleanup(self.system.processes.stop, coordinator.name, hard=True)
        coordinator.start()
        self.assertEqual(self.ask_for(coordinator, TLS_SERVER), "cabf-tls-br")
        with self.assertRaises(grpc.RpcError) as refused:
            self.ask_for(coordinator, SMIME)
        self.assertIn("cabf-smime-br", refused.exception.details())
