"""The log as its readers rely on it: proofs, checkpoints over restarts and kills, what it says of changes, retention."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from dataclasses import replace

from coordinators import Coordinator
from mpic_local.asking import check_caa, check_http
from mpic_local.programs import CLIENT, Client, write_profile
from support import Case, eventually, metric_at

NAME = "caa-permits.demo.test"
COVERED_SECONDS = 5.0  # a checkpoint comes within a second, or something is wrong
DAY_NS = 86_400 * 10**9


class WithOneBeside(Case):
    """A coordinator of its own, which may be killed and whose store may be changed."""

    def begin(self, **fields) -> Coordinator:
        coordinator = Coordinator.another(self.system, **fields)
        self.addCleanup(self.system.processes.stop, coordinator.name, hard=True)
        coordinator.start()
        return coordinator

    def ask_of(self, coordinator: Coordinator, *options: str) -> dict:
        _, answer, error = coordinator.cli().json([*check_caa(NAME), *options])
        self.assertTrue(answer, error)
        return answer

    def again(self, coordinator: Coordinator, hard: bool = False) -> None:
        self.system.processes.stop(coordinator.name, hard=hard)
        self.start_again(coordinator)

    def start_again(self, coordinator: Coordinator) -> None:
        self.system.start_again(coordinator.name)
        coordinator.cli().wait_until_connected()

    def mpic(self, coordinator: Coordinator, *arguments: str) -> subprocess.CompletedProcess:
        profile = write_profile(self.system.layout, self.system.work, CLIENT, coordinator.file.listen)
        command = [str(self.system.binaries / "mpic"), "--profile", str(profile), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    def checkpoint(self, coordinator: Coordinator, file: str, *arguments: str) -> int:
        """Fetches the newest into a file; its size."""
        done = self.mpic(coordinator, "checkpoint", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        (self.system.work / file).write_text(done.stdout)
        return int(done.stdout.splitlines()[1])

    def events_of_log(self, coordinator: Coordinator) -> list[bytes]:
        with closing(sqlite3.connect(f"file:{coordinator.records}?mode=ro", uri=True)) as database:
            return [body for (body,) in database.execute("SELECT body FROM events ORDER BY leaf")]


class Proofs(WithOneBeside):
    def test_an_answer_carries_the_proof_of_its_record(self) -> None:
        for reason, arguments in (
            ("CAA alone", [*check_caa(NAME), "--prove"]),
            ("with a validation", [*check_http("permits.demo.test", with_caa=True), "--prove"]),
            ("while it is watched", [*check_caa(NAME), "--prove", "--watch"]),
        ):
            with self.subTest(reason):
                _, answer, error = self.cli.json(arguments)
                proof = answer["log_proof"]
                self.assertTrue(proof["verified"], error)
                self.assertEqual(str(proof["leaf_index"]), answer["log"]["leaf_index"])
                self.assertLess(proof["leaf_index"], proof["size"])

    def test_without_being_asked_there_is_the_leaf_and_no_proof(self) -> None:
        answer = self.ask(check_caa(NAME))
        self.assertIn("leaf_index", answer["log"])
        self.assertNotIn("proof", answer["log"])

    def test_a_record_has_its_proof_later(self) -> None:
        record_id = self.ask(check_caa(NAME))["record_id"]
        _, record, error = self.cli.json(["record", record_id, "--prove"])
        self.assertTrue(record["log_proof"]["verified"], error)
        self.assertTrue(
            eventually(lambda: self.cli.json(["record", record_id])[1]["log_proof"]["verified"], COVERED_SECONDS)
        )

    def test_a_repeated_answer_is_proven_too(self) -> None:
        coordinator = self.begin()
        pipeline = coordinator.pipeline()
        self.addCleanup(pipeline.close)
        first = pipeline.ask(pipeline.caa(request_id="order"))
        second = pipeline.ask(pipeline.caa(request_id="order"))
        self.assertEqual((first.record_id, first.log.leaf_index), (second.record_id, second.log.leaf_index))
        _, record, _ = coordinator.cli().json(["record", "--request-id", "order", "--prove"])
        self.assertEqual(str(record["log_proof"]["leaf_index"]), str(first.log.leaf_index))

    def test_another_key_verifies_nothing(self) -> None:
        other = self.system.work / "other.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(other)], check=True)
        vkey = subprocess.run(
            [str(self.system.binaries / "mpic"), "keys", "vkey", "--name", "mpic.test/quickstart", str(other)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        status, answer, error = self.cli.json([*check_caa(NAME), "--prove", "--log-key", vkey])
        self.assertEqual((status, answer), (2, {}))
        self.assertIn("the proof of the record does not hold", error)


class Checkpoints(WithOneBeside):
    def test_the_log_only_grows_over_restarts_and_kills(self) -> None:
        coordinator = self.begin()
        self.ask_of(coordinator, "--prove")
        size = self.checkpoint(coordinator, "kept.0")
        for number, hard in enumerate((False, True, True, False), 1):
            with self.subTest(number=number, killed=hard):
                record = self.ask_of(coordinator)["record_id"]  # durable, and maybe not covered yet
                self.again(coordinator, hard)
                _, found, _ = coordinator.cli().json(["record", record, "--prove"])
                self.assertTrue(found["log_proof"]["verified"])
                since = str(self.system.work / f"kept.{number - 1}")
                larger = self.checkpoint(coordinator, f"kept.{number}", "--since", since)
                self.assertGreater(larger, size)
                size = larger

    def test_an_orderly_end_leaves_nothing_uncovered(self) -> None:
        coordinator = self.begin()
        self.ask_of(coordinator)
        self.assertEqual(coordinator.end()[0], 0)
        with closing(sqlite3.connect(coordinator.records)) as database:
            (leaves,) = database.execute("SELECT count(*) FROM leaves").fetchone()
            (covered,) = database.execute("SELECT max(size) FROM checkpoints").fetchone()
        self.assertEqual(leaves, covered)

    def test_a_store_that_was_set_back_is_noticed_by_who_kept_a_checkpoint(self) -> None:
        coordinator = self.begin()
        self.ask_of(coordinator, "--prove")
        coordinator.end()
        copy = self.system.work / "set-back.sqlite"
        shutil.copy(coordinator.records, copy)
        self.start_again(coordinator)
        self.ask_of(coordinator, "--prove")
        self.checkpoint(coordinator, "kept.later")
        coordinator.end()
        for left in coordinator.directory.glob("records.sqlite*"):
            left.unlink()
        shutil.copy(copy, coordinator.records)
        self.start_again(coordinator)
        since = str(self.system.work / "kept.later")
        done = self.mpic(coordinator, "checkpoint", "--since", since)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("lost what was signed", done.stderr)
        for _ in range(8):  # it grows past that size, and is another log all the same
            self.ask_of(coordinator, "--prove")
        done = self.mpic(coordinator, "checkpoint", "--since", since)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("it was changed", done.stderr)

    def test_a_new_checkpoint_key_signs_from_the_reload_on(self) -> None:
        coordinator = self.begin()
        self.ask_of(coordinator, "--prove")
        key = coordinator.directory / "next.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(key)], check=True)
        text = coordinator.file.text().replace("../keys/coordinator/checkpoint-key.pem", "next.pem")
        self.assertIn("checkpoint key: ", coordinator.reload(text))
        vkey = self.mpic(coordinator, "keys", "vkey", "--name", "mpic.test/quickstart", str(key)).stdout.strip()
        _, answer, error = coordinator.cli().json([*check_caa(NAME), "--prove", "--log-key", vkey])
        self.assertTrue(answer["log_proof"]["verified"], error)
        snapshots = coordinator.snapshots().values()
        self.assertEqual(len({body for body in snapshots}), 2)


class Changes(WithOneBeside):
    def test_the_log_says_what_happened_to_its_coordinator(self) -> None:
        coordinator = self.begin()
        coordinator.reload(replace(coordinator.file, clients=(Client(CLIENT), Client("stranger"))))
        coordinator.reload("listen: nonsense\n")
        coordinator.put_back()
        self.again(coordinator)
        self.again(coordinator, hard=True)
        said = self.events_of_log(coordinator)
        wanted = (
            (b"started with", b"the log has no earlier run"),
            (b"client stranger added",),
            (b"log_origin: missing, but required",),
            (b"stopped in order",),
            (b"started with", b"the last run had ended in order"),
            (b"started with", b"the last run had not ended in order"),
        )
        self.assertEqual(len(said), len(wanted))
        for body, texts in zip(said, wanted, strict=True):
            for text in texts:
                self.assertIn(text, body)


class Retention(WithOneBeside):
    def make_old(self, coordinator: Coordinator, days: int) -> None:
        """As if everything had been decided earlier: what the store goes by, not what was signed."""
        with closing(sqlite3.connect(coordinator.records)) as database:
            database.execute("UPDATE records SET decided_ns = decided_ns - ?", (days * DAY_NS,))
            database.commit()

    def bodies(self, coordinator: Coordinator) -> list[int]:
        with closing(sqlite3.connect(f"file:{coordinator.records}?mode=ro", uri=True)) as database:
            return [size for (size,) in database.execute("SELECT length(body) FROM records ORDER BY leaf")]

    def test_less_than_the_floor_is_refused_unless_it_is_accepted(self) -> None:
        coordinator = self.begin()
        for store, says in (
            ("  keep_days: 1129\n", "store.keep_days is 1129, and records must be kept for 1953 days"),
            ("  keep_days: 1952\n", "With store.below_floor: accepted it is taken"),
        ):
            self.assertIn(says, coordinator.reload(replace(coordinator.file, store=store)))
        accepted = replace(coordinator.file, store="  keep_days: 30\n  below_floor: accepted\n")
        self.assertIn("store.keep_days: 0 to 30", coordinator.reload(accepted))
        self.assertTrue(eventually(lambda: "retention: store.keep_days is 30" in coordinator.log(), 5))

    def test_what_is_old_loses_its_body_and_keeps_its_proof(self) -> None:
        coordinator = self.begin(store="  keep_days: 1\n  below_floor: accepted\n")
        old = [self.ask_of(coordinator, "--prove")["record_id"] for _ in range(3)]
        self.checkpoint(coordinator, "kept.whole")
        coordinator.end()
        self.make_old(coordinator, days=2)
        self.start_again(coordinator)
        self.assertTrue(eventually(lambda: self.bodies(coordinator) == [0, 0, 0], 10), self.bodies(coordinator))
        self.assertTrue(any(b"below leaf" in body for body in self.events_of_log(coordinator)))
        new = self.ask_of(coordinator, "--prove")
        self.assertTrue(new["log_proof"]["verified"])
        since = str(self.system.work / "kept.whole")
        self.checkpoint(coordinator, "kept.pruned", "--since", since)
        status, record, error = coordinator.cli().json(["record", old[0]])
        self.assertEqual((status, record), (2, {}))
        self.assertIn("no longer kept", error)
        before = self.events_of_log(coordinator)
        time.sleep(1.5)
        self.assertEqual(self.events_of_log(coordinator), before)  # said once
        self.assertEqual(metric_at(coordinator.file.admin, "mpic_log_pruned_total"), 3)
