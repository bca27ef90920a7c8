"""A TCP relay that keeps what flows through it for a while: a region far away, or one whose network is slow."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine

from mpic_local.layout import Endpoint

_PIECE = 64 * 1024
_QUEUE = 1024  # pieces on the way in each direction


class Relay:
    """Listens on a port of its own, for as long as it is entered."""

    def __init__(self, address: str, to: Endpoint):
        self._address = address
        self._to = to
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._each_way = 0.0
        self._server: asyncio.Server | None = None
        self.endpoint = Endpoint("relay", address, 0)

    def __enter__(self) -> Relay:
        self._thread.start()
        self._server = self._call(asyncio.start_server(self._serve, self._address, 0))
        self.endpoint = Endpoint("relay", self._address, self._server.sockets[0].getsockname()[1])
        return self

    def __exit__(self, *_) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def delay(self, seconds: float) -> None:
        """Of a round trip, half of it each way, for what comes from now on. Nothing overtakes what came before."""
        self._each_way = seconds / 2

    def _call(self, work: Coroutine):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _close(self) -> None:
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            onward_reader, onward_writer = await asyncio.open_connection(self._to.address, self._to.port)
        except OSError:
            writer.close()
            return
        ways = [asyncio.create_task(self._pass_on(reader, onward_writer)),
                asyncio.create_task(self._pass_on(onward_reader, writer))]  # fmt: skip
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)  # one end is gone: so is the connection
        finally:
            for way in ways:
                way.cancel()
            writer.close()
            onward_writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_QUEUE)
        sending = asyncio.create_task(self._send(pieces, writer))
        try:
            while piece := await reader.read(_PIECE):
                await pieces.put((self._loop.time() + self._each_way, piece))
            await pieces.join()
        except OSError:
            pass
        finally:
            sending.cancel()

    async def _send(self, pieces: asyncio.Queue, writer: asyncio.StreamWriter) -> None:
        while True:
            due, piece = await pieces.get()
            await asyncio.sleep(due - self._loop.time())
            writer.write(piece)
            pieces.task_done()
            await writer.drain()
