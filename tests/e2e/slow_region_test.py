"""One region whose network answers after two seconds: who is content with a settled answer does not wait for it.

Every agent is 20 ms away, by a relay. Measured by turns with one of them at 2 s and at 20 ms as the others, since nothing
else on the machine stands still meanwhile.
"""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from coordinators import Coordinator
from mpic_local.layout import PERSPECTIVES
from relay import Relay
from support import Case

SLOW = "ap-northeast"
NEAR_SECONDS = 0.02  # of a round trip
FAR_SECONDS = 2.0
ROUNDS = 3
REQUESTS = 60  # of each kind, in each round
AT_A_TIME = 4
MOST = 1.10
RESPOND_COMPLETE = 2
CORROBORATED = 1


class SlowRegion(Case):
    def setUp(self) -> None:
        super().setUp()
        relays = {p.id: self.enterContext(Relay("127.77.0.2", self.system.layout.agent(p))) for p in PERSPECTIVES}
        reached_at = {id_: relay.endpoint for id_, relay in relays.items()}
        self.coordinator = Coordinator.another(self.system, reached_at=reached_at)
        self.addCleanup(self.system.processes.stop, self.coordinator.name, hard=True)
        self.coordinator.start()
        for relay in relays.values():
            relay.delay(NEAR_SECONDS)
        self.relay = relays[SLOW]
        self.pipeline = self.coordinator.pipeline()
        self.addCleanup(self.pipeline.close)
        self.pool = self.enterContext(ThreadPoolExecutor(AT_A_TIME))

    def put_it_at(self, seconds: float) -> None:
        """Returns when nothing is on its way any more that was sent before."""
        self.relay.delay(seconds)
        end = time.monotonic() + FAR_SECONDS + 0.2
        while time.monotonic() < end:  # as while measuring: beside each request one of two seconds ago is answered
            self.ask_all([self.pipeline.caa("n1.bench.test")])

    def seconds(self, request) -> float:
        began = time.monotonic()
        answer = self.pipeline.ask(request)
        took = time.monotonic() - began
        self.assertEqual(answer.would_be, CORROBORATED, answer)
        return took

    def ask_all(self, requests: list) -> list[float]:
        return list(self.pool.map(self.seconds, requests))

    def medians(self) -> tuple[float, float]:
        """Of CAA and of http-01, asked by turns."""
        requests = []
        for number in range(REQUESTS):
            name = f"n{number}.bench.test"
            requests += [self.pipeline.caa(name), self.pipeline.http(name)]
        took = self.ask_all(requests)
        return statistics.median(took[0::2]), statistics.median(took[1::2])

    def test_it_does_not_move_the_median(self) -> None:
        near, far = [], []
        for _ in range(ROUNDS):
            self.put_it_at(NEAR_SECONDS)
            near.append(self.medians())
            self.put_it_at(FAR_SECONDS)
            far.append(self.medians())
        for kind, name in enumerate(("CAA", "http-01")):
            without = statistics.median(medians[kind] for medians in near)
            with_it = statistics.median(medians[kind] for medians in far)
            print(f"{name}: median {without * 1e3:.2f} ms, with one region at {FAR_SECONDS:.0f} s {with_it * 1e3:.2f} ms"
                  f" ({with_it / without:.3f})", flush=True)  # fmt: skip
            self.assertGreater(without, 2 * NEAR_SECONDS)  # the Primary, then the remotes
            self.assertLess(with_it, without * MOST, (near, far))

    def test_who_wants_every_row_waits_for_it(self) -> None:
        self.relay.delay(FAR_SECONDS)
        names = [f"n{number}.bench.test" for number in range(2 * AT_A_TIME)]
        took = self.ask_all([self.pipeline.caa(name, respond=RESPOND_COMPLETE) for name in names])
        self.assertGreater(statistics.median(took), FAR_SECONDS)
        self.assertLess(max(took), FAR_SECONDS + 2)
