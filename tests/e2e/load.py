"""A client that asks at a steady rate, every other request over CorroborateMany, and never twice: what fails is kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import grpc
from pipeline import Pipeline, Stream

LONGEST = 120.0  # seconds that a request is waited for, and that a stream lasts


@dataclass(frozen=True)
class Refused:
    """What came instead of an answer."""

    code: str  # of gRPC
    text: str
    seconds: float  # after it was asked


class Load:
    """`request_of(pipeline, number)` makes each request; what came of it is kept by its request_id."""

    def __init__(self, pipeline: Pipeline, per_second: float, request_of: Callable):
        self._per_second = per_second
        self._request_of = request_of
        self._lock = threading.Lock()  # guards what follows
        self._asked: dict[str, float] = {}  # and when
        self.answers: dict[str, object] = {}
        self.seconds: dict[str, float] = {}  # that answers took
        self.refused: dict[str, Refused] = {}
        self._stopping = threading.Event()
        self._pipeline = pipeline
        self._lane: _Lane | None = _Lane(self, pipeline)
        self._lanes = [self._lane]
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def stop(self) -> None:
        """Asks no more; returns when something has come of every request."""
        self._stopping.set()
        self._thread.join()
        for lane in self._lanes:
            lane.close()
        self.wait_for_all()

    def asked(self) -> set[str]:
        with self._lock:
            return set(self._asked)

    def wait_for_all(self) -> None:
        """Of what has been asked until now."""
        left = self.asked()
        deadline = time.monotonic() + LONGEST
        while left:
            with self._lock:
                left = {id_ for id_ in left if id_ not in self.answers and id_ not in self.refused}
            if time.monotonic() > deadline:
                raise AssertionError(f"nothing came of {len(left)} requests, such as {min(left)}")
            if left:
                time.sleep(0.01)

    def go_on_over(self, pipeline: Pipeline) -> None:
        """What is asked from now on goes over this connection; the one before it still answers."""
        lane = _Lane(self, pipeline)
        with self._lock:
            self._lanes.append(lane)
            self._pipeline, self._lane = pipeline, lane

    def burst(self, count: int, request_of: Callable) -> None:
        """So many more at once."""
        for number in range(count):
            self._ask(request_of, number)

    def _run(self) -> None:
        number = 0
        due = time.monotonic()
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            self._ask(self._request_of, number)
            number += 1
            due += 1 / self._per_second

    def _ask(self, request_of: Callable, number: int) -> None:
        with self._lock:
            pipeline, lane = self._pipeline, self._lane
        request = request_of(pipeline, number)
        with self._lock:
            self._asked[request.request_id] = time.monotonic()
        if number % 2 == 0:
            call = pipeline.begin(request, LONGEST)
            call.add_done_callback(lambda ended: self._unary_ended(request.request_id, ended))
        else:
            lane.send(request)

    def _unary_ended(self, request_id: str, call: grpc.Future) -> None:
        if call.code() == grpc.StatusCode.OK:
            self.answered(request_id, call.result())
        else:
            self.not_answered(request_id, call.code().name, call.details())

    def answered(self, request_id: str, answer) -> None:
        with self._lock:
            self.answers[request_id] = answer
            self.seconds[request_id] = time.monotonic() - self._asked[request_id]

    def not_answered(self, request_id: str, code: str, text: str) -> None:
        with self._lock:
            seconds = time.monotonic() - self._asked[request_id]
            self.refused[request_id] = Refused(code, text, seconds)


class _Lane:
    """One stream. When it ends, whatever is asked on it afterwards, or was and has no answer, is refused by its status."""

    def __init__(self, load: Load, pipeline: Pipeline):
        self._load = load
        self._lock = threading.Lock()
        self._open: set[str] = set()
        self._ended: tuple[str, str] | None = None
        self._stream: Stream = pipeline.stream(LONGEST)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, request) -> None:
        with self._lock:
            ended = self._ended
            if ended is None:
                self._open.add(request.request_id)
                self._stream.send(request)
        if ended is not None:
            self._load.not_answered(request.request_id, *ended)

    def close(self) -> None:
        self._stream.send_no_more()
        self._reader.join()

    def _read(self) -> None:
        status = ("OK", "the stream has ended")
        try:
            while True:
                self._take(self._stream.read())
        except StopIteration:
            pass
        except grpc.RpcError as error:
            status = (error.code().name, error.details())
        with self._lock:
            self._ended = status
            left, self._open = self._open, set()
        for request_id in left:
            self._load.not_answered(request_id, *status)

    def _take(self, message) -> None:
        with self._lock:
            self._open.discard(message.request_id)
        if message.HasField("response"):
            self._load.answered(message.request_id, message.response)
        else:
            code = {status.value[0]: status.name for status in grpc.StatusCode}[message.error.grpc_code]
            self._load.not_answered(message.request_id, code, message.error.message)
