"""One region whose network answers after two seconds: who is content with a settled answer does not wait for it.

Measured beside the same system without that delay, by turns, since nothing else on the machine stands still meanwhile.
"""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from coordinators import Coordinator
from mpic_local.layout import BY_ID
from pipeline import Pipeline
from relay import Relay
from support import Case

SLOW = "ap-northeast"
SECONDS = 2.0
ROUNDS = 4
REQUESTS = 60  # of each kind, in each round
MOST = 1.10
RESPOND_COMPLETE = 2
CORROBORATED = 1


class SlowRegion(Case):
    def setUp(self) -> None:
        super().setUp()
        relay = self.enterContext(Relay("127.77.0.2", self.system.layout.agent(BY_ID[SLOW])))
        self.relay = relay
        self.coordinator = Coordinator.another(self.system, reached_at={SLOW: relay.endpoint})
        self.addCleanup(self.system.processes.stop, self.coordinator.name, hard=True)
        self.coordinator.start()
        self.pipeline = self.coordinator.pipeline()
        self.addCleanup(self.pipeline.close)

    def far(self, seconds: float) -> None:
        """Returns when nothing is on its way any more that was sent before."""
        self.relay.delay(seconds)
        end = time.monotonic() + SECONDS + 0.2
        while time.monotonic() < end:  # as it is while measuring: what was asked two seconds ago is answered beside
            self.seconds(self.pipeline.caa("n1.bench.test"))

    def seconds(self, request) -> float:
        began = time.monotonic()
        answer = self.pipeline.ask(request)
        took = time.monotonic() - began
        self.assertEqual(answer.would_be, CORROBORATED, answer)
        return took

    def medians(self) -> tuple[float, float]:
        """Of CAA and of http-01, asked by turns, one at a time."""
        took: tuple[list[float], list[float]] = ([], [])
        for number in range(REQUESTS):
            name = f"n{number % 100}.bench.test"
            took[0].append(self.seconds(self.pipeline.caa(name)))
            took[1].append(self.seconds(self.pipeline.http(name)))
        return statistics.median(took[0]), statistics.median(took[1])

    def test_it_does_not_move_the_median(self) -> None:
        near, far = [], []
        for _ in range(ROUNDS):
            self.far(0)
            near.append(self.medians())
            self.far(SECONDS)
            far.append(self.medians())
        for kind, name in enumerate(("CAA", "http-01")):
            without = statistics.median(medians[kind] for medians in near)
            with_it = statistics.median(medians[kind] for medians in far)
            print(f"{name}: median {without * 1e3:.2f} ms, with one region at {SECONDS:.0f} s {with_it * 1e3:.2f} ms"
                  f" ({with_it / without:.3f})", flush=True)  # fmt: skip
            self.assertLess(with_it, without * MOST, (near, far))

    def test_who_wants_every_row_waits_for_it(self) -> None:
        """So the delay is real."""
        self.relay.delay(SECONDS)
        requests = [self.pipeline.caa(f"n{number}.bench.test", respond=RESPOND_COMPLETE) for number in range(8)]
        with ThreadPoolExecutor(len(requests)) as pool:
            took = list(pool.map(self.seconds, requests))
        self.assertGreater(statistics.median(took), SECONDS)
        self.assertLess(max(took), SECONDS + 2)
