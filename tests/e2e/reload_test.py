"""SIGHUP while requests come all the time: what is new is taken without one of them failing, what is bad is not taken."""

from __future__ import annotations

import dataclasses
import time

from coordinators import Coordinator, hang_up, replace_file, without
from key_material import LEAVES, is_same_certificate, new_key, public_key, reissue, shown_by
from key_trail import KeyTrail, key_trail
from load import Load
from mpic_local.asking import check_caa
from mpic_local.layout import PERSPECTIVES
from mpic_local.programs import CLIENT, Client
from pipeline import Pipeline, fresh_id
from support import Case

PER_SECOND = 120
BETWEEN_SECONDS = 0.5  # that requests come before and after each change
RESPOND_COMPLETE = 2
CORROBORATED = 1
CORROBORATES = 1


def question(pipeline: Pipeline, number: int):
    """CAA, http-01, or both; every perspective's row is wanted."""
    name, id_ = f"n{number % 100}.bench.test", f"reload-{fresh_id()}"
    if number % 4 == 0:
        return pipeline.caa(name, id_, respond=RESPOND_COMPLETE)
    request = pipeline.http(name, id_, respond=RESPOND_COMPLETE)
    if number % 4 == 1:
        request.caa.CopyFrom(pipeline.caa(name).caa)
    return request


class UnderLoad(Case):
    def setUp(self) -> None:
        super().setUp()
        self.coordinator = Coordinator.of(self.system)
        self.coordinator.put_back()
        self.keys = self.system.work / "keys"
        self.pipeline = Pipeline(self.system)
        self.addCleanup(self.pipeline.close)
        for perspective in PERSPECTIVES:
            self.system.wait_until_connected(perspective.id)
        self.load = Load(self.pipeline, PER_SECOND, question)

    def pause(self) -> None:
        time.sleep(BETWEEN_SECONDS)

    def taken(self, change=None) -> str:
        line = self.coordinator.reload(change)
        self.assertIn("was read anew", line)
        return line

    def corroborating(self, answer) -> dict[str, bool]:
        """perspective -> whether it corroborates, in every check."""
        found: dict[str, bool] = {}
        for check in answer.checks:
            for row in check.perspectives:
                found[row.perspective] = found.get(row.perspective, True) and row.outcome == CORROBORATES
        return found

    def check_whole(self, not_always: frozenset[str] = frozenset()) -> KeyTrail:
        """No request failed, everybody corroborated each, and each record rests on keys of the snapshot that it names."""
        wanted = {perspective.id for perspective in PERSPECTIVES}
        self.assertEqual(self.load.refused, {})
        self.assertGreater(len(self.load.answers), PER_SECOND * BETWEEN_SECONDS)
        for answer in self.load.answers.values():
            self.assertEqual(answer.would_be, CORROBORATED, answer)
            rows = self.corroborating(answer)
            self.assertEqual(set(rows) | not_always, wanted)
            self.assertTrue(all(rows.values()), answer)
        trail = key_trail(self.coordinator, [answer.record_id for answer in self.load.answers.values()])
        self.assertEqual(trail.faults[:5], [])
        return trail

    def test_the_coordinators_signing_key(self) -> None:
        with self.load:
            for _ in range(3):
                self.pause()
                replace_file(self.keys / "coordinator" / "signing.key", new_key())
                self.assertIn("signing key", self.taken())
            self.pause()
        trail = self.check_whole()
        self.assertEqual(len(trail.keys["coordinator"]), 4)
        self.assertEqual(len(trail.snapshots), 4)

    def test_the_agents_signing_keys(self) -> None:
        everyone = frozenset(perspective.id for perspective in PERSPECTIVES)
        with self.load:
            self.pause()
            private = {id_: new_key() for id_ in everyone}
            for id_ in everyone:
                replace_file(self.keys / "agents" / id_ / "next.pub.pem", public_key(private[id_]))
            self.taken(dataclasses.replace(self.coordinator.file, second_keys=everyone))
            self.load.wait_for_all()  # whoever began before knows the old key alone
            for id_ in sorted(everyone):
                replace_file(self.keys / "agents" / id_ / "signing.key", private[id_])
                hang_up(self.system, f"agent-{id_}", "agent.yaml was read again")
            self.pause()
            for id_ in everyone:
                (self.keys / "agents" / id_ / "next.pub.pem").replace(self.keys / "agents" / id_ / "signing.pub.pem")
            self.taken(dataclasses.replace(self.coordinator.file, second_keys=frozenset()))
            self.pause()
        trail = self.check_whole()
        self.assertEqual(len(trail.snapshots), 3)
        self.assertEqual({id_: len(trail.keys[id_]) for id_ in everyone}, dict.fromkeys(everyone, 2))

    def test_certificates(self) -> None:
        layout = self.system.layout
        servers = {"coordinator": layout.coordinator, "eu-west": layout.agent(PERSPECTIVES[1])}
        before = {name: shown_by(endpoint, self.keys, "coordinator") for name, endpoint in servers.items()}
        with self.load:
            self.pause()
            for leaf in LEAVES:
                reissue(self.keys, leaf)
            self.taken()
            fresh = Pipeline(self.system)
            self.addCleanup(fresh.close)
            self.load.go_on_over(fresh)
            self.pause()
            for name, endpoint in servers.items():
                shown = shown_by(endpoint, self.keys, "coordinator")
                self.assertFalse(is_same_certificate(shown, before[name]), name)
                self.assertTrue(is_same_certificate(shown, self.certificate(name)), name)
            self.pause()
        self.check_whole()
        # A connection between coordinator and agent that is made now is made with the new certificates of both.
        self.system.processes.stop("agent-eu-west")
        self.system.start_again("agent-eu-west")
        self.assertEqual(self.ask(check_caa("n1.bench.test"))["would_be"], "VERDICT_CORROBORATED")

    def certificate(self, name: str) -> str:
        directory = name if name == "coordinator" else f"agents/{name}"
        return (self.keys / directory / "tls.pem").read_text()

    def test_clients_come_and_go(self) -> None:
        stranger = self.system.cli("stranger")
        statuses = []
        with self.load:
            for clients in ((Client(CLIENT),), (Client(CLIENT), Client("stranger")), (Client(CLIENT),)):
                self.taken(dataclasses.replace(self.coordinator.file, clients=clients))
                status, answer, _ = stranger.json(check_caa("n1.bench.test"))
                statuses.append((status, answer.get("would_be")))
                self.pause()
        refused = (2, None)
        self.assertEqual(statuses, [refused, (0, "VERDICT_CORROBORATED"), refused])
        self.check_whole()

    def test_perspectives_come_and_go(self) -> None:
        gone = "af-south"
        original = self.coordinator.file
        with self.load:
            self.pause()
            self.assertIn(f"perspective {gone} removed",
                          self.taken(dataclasses.replace(original, perspectives=without(gone))))  # fmt: skip
            self.load.wait_for_all()
            removed = self.load.asked()
            self.pause()
            removed = self.load.asked() - removed
            self.assertIn(f"perspective {gone} added", self.taken(original))
            back = self.load.asked()
            self.pause()
            back = self.load.asked() - back
        trail = self.check_whole(not_always=frozenset({gone}))
        self.assertEqual(len(trail.snapshots), 2)
        for request_id, answer in self.load.answers.items():
            rows = self.corroborating(answer)
            if request_id in removed:
                self.assertNotIn(gone, rows)
            elif request_id in back:
                self.assertIn(gone, rows)

    def test_what_is_bad_is_not_taken(self) -> None:
        good = self.coordinator.file.text()
        listen = str(self.system.layout.coordinator)
        rows = (
            ("a key that nobody knows", good + "listne: 127.0.0.1:1\n", "listne"),
            ("a file that is not there", good.replace("keys/coordinator/signing.key", "lost.key"), "lost.key"),
            ("a deployment that does not comply",
             dataclasses.replace(self.coordinator.file, perspectives=PERSPECTIVES[:5]).text(), "3.2.2.9"),
            ("another address to listen on", good.replace(listen, "127.77.0.1:1"), "listen"),
            ("no YAML at all", "{", "coordinator.yaml"),
        )  # fmt: skip
        refused = self.refused_reloads()
        snapshots = self.coordinator.snapshots().keys()
        with self.load:
            for reason, text, told in rows:
                with self.subTest(reason):
                    line = self.coordinator.reload(text)
                    self.assertIn("was not taken", line)
                    self.assertIn(told, line)
                    self.pause()
        self.coordinator.put_back()
        trail = self.check_whole()
        self.assertEqual(len(trail.snapshots), 1)
        self.assertEqual(self.coordinator.snapshots().keys(), snapshots)
        self.assertEqual(self.refused_reloads(), refused + len(rows))

    def refused_reloads(self) -> float:
        return self.coordinator.metric("mpic_config_reloads_total", result="refused")

    def test_an_agent_that_is_given_what_is_bad_goes_on(self) -> None:
        configuration = self.system.work / "agent-eu-west" / "agent.yaml"
        good = configuration.read_text()
        self.addCleanup(replace_file, configuration, good)
        rows = (
            ("a key that nobody knows", good + "listne: 127.0.0.1:1\n", "listne"),
            ("another place", good.replace("rir: RIPE", "rir: APNIC"), "rir"),
            ("a signing key that is not there", good.replace("signing.key", "lost.key"), "lost.key"),
        )
        with self.load:
            for reason, text, told in rows:
                with self.subTest(reason):
                    replace_file(configuration, text)
                    line = hang_up(self.system, "agent-eu-west", "agent.yaml was not taken", "agent.yaml was read again")
                    self.assertIn("was not taken", line)
                    self.assertIn(told, line)
            self.pause()
        self.check_whole()
