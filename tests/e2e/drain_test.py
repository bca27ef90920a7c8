"""SIGTERM while requests come all the time: what was begun is answered, what was not is refused, and nothing lies between."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from contextlib import closing

from coordinators import Coordinator, end
from load import Load
from mpic_local.layout import PERSPECTIVES
from pipeline import Pipeline, fresh_id
from record_file import Answer, RecordFile
from support import Case

PER_SECOND = 150
BEFORE_SECONDS = 1.5
SLOW = 40  # of each way, in progress when the signal comes
AT_THE_VERY_END = 3
LOOK_SECONDS = 10  # limits.look_ms: the longest that anything here takes
RESPOND_COMPLETE = 2
CORROBORATED = 1
CORROBORATES = 1
NOT_THERE = ("UNREACHABLE", "OVERLOADED")  # the latter is what it refuses with while it ends


def question(pipeline: Pipeline, number: int):
    name, id_ = f"n{number % 100}.bench.test", f"drain-{fresh_id()}"
    if number % 3 == 0:
        return pipeline.http(name, id_)
    return pipeline.caa(name, id_, respond=RESPOND_COMPLETE if number % 3 == 1 else 0)


def slow_question(pipeline: Pipeline, _number: int):
    """The site sends its page by single octets: the Primary looks for as long as it may."""
    return pipeline.http("slow.demo.test", f"drain-slow-{fresh_id()}")


class CoordinatorEnds(Case):
    def setUp(self) -> None:
        super().setUp()
        self.coordinator = Coordinator.another(self.system)
        self.coordinator.start()
        self.addCleanup(self.system.processes.stop, self.coordinator.name, hard=True)

    def recorded(self) -> dict[str, str]:
        """request id -> record id."""
        with closing(sqlite3.connect(f"file:{self.coordinator.records}?mode=ro", uri=True)) as database:
            return dict(database.execute("SELECT request_id, record_id FROM records").fetchall())

    def test_no_answer_is_lost(self) -> None:
        pipeline = self.coordinator.pipeline()
        self.addCleanup(pipeline.close)
        with Load(pipeline, PER_SECOND, question) as load:
            time.sleep(BEFORE_SECONDS)
            load.burst(2 * SLOW, slow_question)
            time.sleep(BEFORE_SECONDS)
            before = load.asked()
            status, seconds = self.coordinator.end()
        self.assertEqual(status, 0, self.coordinator.log()[-2000:])
        self.assertLess(seconds, LOOK_SECONDS + 5)
        self.assertIn("stopping", self.coordinator.log())

        self.assertEqual(load.answers.keys() | load.refused.keys(), load.asked())
        self.assertFalse(load.answers.keys() & load.refused.keys())
        slow = {id_ for id_ in load.answers if id_.startswith("drain-slow-")}
        self.assertEqual(len(slow), 2 * SLOW)  # in progress when the signal came, and answered
        self.assertGreater(min(load.seconds[id_] for id_ in slow), BEFORE_SECONDS)
        codes = Counter(refused.code for refused in load.refused.values())
        # What comes in the moment in which gRPC closes the connections it cuts off itself, before we are told of it.
        self.assertLessEqual(codes.pop("CANCELLED", 0), AT_THE_VERY_END)
        self.assertEqual(codes.keys(), {"UNAVAILABLE"})
        late = [refused for id_, refused in load.refused.items() if id_ not in before]
        self.assertGreater(len(late), 10)
        self.assertIn("this coordinator is shutting down", {refused.text for refused in late})

        self.assertEqual(self.recorded(), {id_: answer.record_id for id_, answer in load.answers.items()})
        with RecordFile(self.coordinator.records) as records:
            self.assertEqual(records.open_plans(), set())
            for id_, answer in load.answers.items():
                self.assertEqual(records.faults_of_answer(Answer(id_, answer.record_id, answer.verdict))[0], [])
            self.assertEqual(records.duplicates() + records.damage(), [])


class AgentEnds(Case):
    def test_nothing_but_its_own_rows_changes(self) -> None:
        gone = "sa-east"
        pipeline = Pipeline(self.system)
        self.addCleanup(pipeline.close)
        self.system.wait_until_connected(gone)
        with Load(pipeline, PER_SECOND, question) as load:
            time.sleep(BEFORE_SECONDS)
            status, _ = end(self.system, f"agent-{gone}")
            time.sleep(BEFORE_SECONDS)
            self.system.start_again(f"agent-{gone}")
            back = load.asked()
            time.sleep(BEFORE_SECONDS)
            back = load.asked() - back
        self.assertEqual(status, 0)
        self.assertEqual(load.refused, {})
        missing = 0
        for id_, answer in load.answers.items():
            self.assertEqual(answer.would_be, CORROBORATED, answer)
            for check in answer.checks:
                self.assertEqual(len(check.perspectives), len(PERSPECTIVES))
                for row in check.perspectives:
                    code = Pipeline.code_names([row.problem])[0] if row.HasField("problem") else None
                    if row.perspective == gone and id_ not in back and code in NOT_THERE:
                        missing += 1
                    elif code != "NOT_WAITED_FOR":
                        self.assertEqual(row.outcome, CORROBORATES, answer)
        self.assertGreater(missing, 10)
