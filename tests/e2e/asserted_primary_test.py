"""A caller that speaks for its own Primary: only with the right to, and the record says so (BR 3.2.2.9)."""

from __future__ import annotations

import dataclasses
import sqlite3
from contextlib import closing

from coordinators import Coordinator
from mpic_local.asking import (
    CAA,
    CORROBORATED,
    DCV,
    NOT_CORROBORATED,
    NOT_DETERMINED,
    check_caa,
    check_http,
    checks_of,
    rows_of,
)
from mpic_local.layout import BY_ID, PERSPECTIVES, PRIMARY, Perspective
from mpic_local.programs import CLIENT, Client
from pipeline import messages
from support import Case

OWN = Perspective(0, "ca-chicago", "primary", "ARIN", "Chicago, US", 41.88, -87.63)
ASSERTING = "stranger"  # the other client that there are keys for
BY_OWN = ["--asserted-primary", OWN.id]
REFUSED = {2, 64}


class AssertedPrimary(Case):
    def setUp(self) -> None:
        super().setUp()
        self.coordinator = Coordinator.another(self.system, clients=(Client(CLIENT), Client(ASSERTING, OWN)))
        self.addCleanup(self.system.processes.stop, self.coordinator.name, hard=True)

    def started(self):
        self.coordinator.start()
        return self.coordinator.cli(ASSERTING)

    def test_remotes_are_asked_and_our_primary_is_not(self) -> None:
        cli = self.started()
        before = len(self.system.site_requests())
        status, answer, error = cli.json([*check_http("www.demo.test", with_caa=True), *BY_OWN])
        self.assertEqual(status, 0, error)
        self.assertEqual(answer["would_be"], CORROBORATED)
        for kind in (DCV, CAA):
            check = checks_of(answer)[kind]
            self.assertEqual(check["quorum"]["fraction"], "6/6")
            primary = check["perspectives"][0]
            self.assertEqual((primary["perspective"], primary.get("asserted", False)), (OWN.id, True))
        self.assertEqual({row["perspective"] for row in rows_of(answer) if not row.get("asserted", False)},
                         {p.id for p in PERSPECTIVES if p.role == "remote"})  # fmt: skip
        visitors = {request["client"] for request in self.system.site_requests()[before:]}
        self.assertEqual(visitors, {p.egress for p in PERSPECTIVES if p.role == "remote"})
        self.check_record(answer["record_id"])

    def check_record(self, record_id: str) -> None:
        pb = messages(self.system)
        with closing(sqlite3.connect(f"file:{self.coordinator.records}?mode=ro", uri=True)) as database:
            ((octets,),) = database.execute("SELECT body FROM records WHERE record_id = ?", (record_id,)).fetchall()
        body = pb.RecordBody.FromString(octets)
        self.assertEqual(body.client, ASSERTING)
        self.assertEqual(body.request.asserted.primary_id, OWN.id)
        self.assertTrue(body.request.asserted.dcv_passed and body.request.asserted.caa_permits)
        (primary,) = [p for attempt in body.attempts for p in attempt.planned if p.asserted]
        self.assertEqual(primary.perspective_id, OWN.id)
        self.assertFalse(primary.assignment or primary.HasField("evidence"))
        snapshot = pb.DeploymentSnapshot.FromString(self.coordinator.snapshots()[body.snapshot_sha256])
        (asserting,) = snapshot.asserting
        self.assertEqual((asserting.client, asserting.primary.id), (ASSERTING, OWN.id))

    def test_remotes_that_see_something_else_are_believed(self) -> None:
        cli = self.started()
        rows = (
            ("our Primary's own route is hijacked: the remotes say so", check_http("primary-hijacked.demo.test"),
             NOT_CORROBORATED, "0/6"),
            ("three of them are", check_http("three-hijacked.demo.test"), NOT_CORROBORATED, "3/6"),
            ("CAA forbids, whatever the caller found", check_caa("caa-forbids.demo.test"), NOT_CORROBORATED, "0/6"),
        )  # fmt: skip
        for reason, arguments, would_be, fraction in rows:
            with self.subTest(reason):
                _, answer, error = cli.json([*arguments, *BY_OWN])
                self.assertEqual(answer.get("would_be"), would_be, error)
                (check,) = answer["checks"]
                self.assertEqual(check["quorum"]["fraction"], fraction)
                self.assertEqual(answer["verdict"], NOT_DETERMINED)  # a laboratory

    def test_without_the_right_it_is_refused(self) -> None:
        self.started()
        before = len(self.system.site_requests())
        rows = (
            ("a client that may not", self.coordinator.cli(CLIENT), OWN.id),
            ("another Primary than the client's", self.coordinator.cli(ASSERTING), "ca-boston"),
            ("the configured Primary, which speaks for itself", self.coordinator.cli(ASSERTING), PRIMARY.id),
        )
        for reason, cli, primary in rows:
            with self.subTest(reason):
                status, answer, error = cli.json([*check_http("www.demo.test"), "--asserted-primary", primary])
                self.assertIn(status, REFUSED)
                self.assertEqual(answer, {})
                self.assertIn("primary", error)
        self.assertEqual(len(self.system.site_requests()), before)

    def test_a_place_that_the_requirements_do_not_allow_is_refused_at_the_start(self) -> None:
        close = dataclasses.replace(OWN, place="Cape Town", latitude=BY_ID["af-south"].latitude + 1,
                                    longitude=BY_ID["af-south"].longitude)  # fmt: skip
        file = dataclasses.replace(self.coordinator.file, clients=(Client(ASSERTING, close),))
        configuration = self.system.work / "coordinator" / "asserted.yaml"
        configuration.write_text(file.text())
        self.addCleanup(configuration.unlink)
        done = self.system.try_to_start("mpic-coordinator", configuration)
        self.assertGreater(done.returncode, 0)
        self.assertIn("500 km", done.stderr)
