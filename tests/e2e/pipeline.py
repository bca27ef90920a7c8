"""A client of the coordinator over gRPC, with the freedom to misbehave: for what the command line tool never does.

Needs Debian's python3-grpcio and python3-protobuf; the messages are generated into the work directory.
"""

from __future__ import annotations

import importlib
import itertools
import queue
import subprocess
import sys
import types
from collections.abc import Iterator

import grpc
from mpic_local.challenges import ISSUER, KEY_AUTHORIZATION, TOKEN
from mpic_local.layout import Endpoint, project_directory
from mpic_local.programs import CLIENT, COORDINATOR_NAME
from support import System

SERVICE = "/mpic.v1.Corroborator/"
_END = object()
_numbers = itertools.count(1)


def messages(system: System) -> types.SimpleNamespace:
    """Every message of proto/mpic/v1, by its name."""
    directory = system.work / "python"
    if not directory.exists():
        directory.mkdir()
        proto = project_directory() / "proto"
        files = [str(path) for path in sorted(proto.glob("mpic/v1/*.proto"))]
        subprocess.run(["protoc", f"-I{proto}", f"--python_out={directory}", *files], check=True)
        sys.path.insert(0, str(directory))
    names: dict = {}
    for path in sorted(project_directory().glob("proto/mpic/v1/*.proto")):
        names |= vars(importlib.import_module(f"mpic.v1.{path.stem}_pb2"))
    return types.SimpleNamespace(**{name: one for name, one in names.items() if not name.startswith("_")})


def fresh_id() -> str:
    return f"e2e-{next(_numbers)}"


class Pipeline:
    """One connection, with the certificate of `client`, or without any, and with these headers of every call; to the
    system's own coordinator if no other is named."""

    def __init__(self, system: System, client: str | None = CLIENT, coordinator: Endpoint | None = None,
                 headers: tuple[tuple[str, str], ...] = ()):  # fmt: skip
        self._pb = messages(system)
        self._headers = headers
        keys = system.work / "keys"
        shown = ()
        if client is not None:
            own = keys / "clients" / client
            shown = ((own / "tls.key").read_bytes(), (own / "tls.pem").read_bytes())
        credentials = grpc.ssl_channel_credentials((keys / "ca.pem").read_bytes(), *shown)
        options = (
            ("grpc.ssl_target_name_override", COORDINATOR_NAME),
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.enable_http_proxy", 0),
            # What is not read stays with the coordinator, not in buffers of this side.
            ("grpc.http2.bdp_probe", 0),
        )
        self._channel = grpc.secure_channel(str(coordinator or system.layout.coordinator), credentials, options)
        self._unary = self._channel.unary_unary(
            SERVICE + "Corroborate", lambda m: m.SerializeToString(), self._pb.CorroborateResponse.FromString
        )

    def close(self) -> None:
        self._channel.close()

    def caa(self, identifier: str = "caa-permits.demo.test", request_id: str | None = None, **fields):
        request = self._pb.CorroborateRequest(identifier=identifier, request_id=request_id or fresh_id(), **fields)
        request.caa.issuer_domains.append(ISSUER)
        return request

    def http(self, identifier: str, request_id: str | None = None, **fields):
        request = self._pb.CorroborateRequest(identifier=identifier, request_id=request_id or fresh_id(), **fields)
        request.dcv.acme_http_01.token = TOKEN
        request.dcv.acme_http_01.key_authorization = KEY_AUTHORIZATION
        return request

    def ask(self, request, timeout: float = 30):
        """The answer; raises grpc.RpcError."""
        return self._unary(request, timeout=timeout, metadata=self._headers)

    def begin(self, request, timeout: float = 60):
        """A call in progress."""
        return self._unary.future(request, timeout=timeout, metadata=self._headers)

    @staticmethod
    def code_names(problems: list) -> list[str]:
        from mpic.v1 import types_pb2

        return [types_pb2.ProblemCode.Name(problem.code).removeprefix("PROBLEM_CODE_") for problem in problems]

    def stream(self, timeout: float = 60) -> Stream:
        return Stream(self._channel, self._pb, timeout, self._headers)


class Stream:
    """CorroborateMany. Nothing is read unless asked for; octets may be sent as they are."""

    def __init__(self, channel: grpc.Channel, pb, timeout: float, headers: tuple[tuple[str, str], ...] = ()):
        self._pb = pb
        self._out: queue.SimpleQueue = queue.SimpleQueue()
        method = channel.stream_stream(
            SERVICE + "CorroborateMany",
            lambda m: m if isinstance(m, bytes) else m.SerializeToString(),
            pb.CorroborateManyResponse.FromString,
        )
        self._call = method(self._outgoing(), timeout=timeout, metadata=headers)

    def _outgoing(self) -> Iterator:
        while (message := self._out.get()) is not _END:
            yield message

    def send(self, *requests) -> None:
        for request in requests:
            self._out.put(request)

    def send_no_more(self) -> None:
        self._out.put(_END)

    def read(self):
        """The next answer; raises grpc.RpcError, or StopIteration at a good end."""
        return next(self._call)

    def read_all(self) -> list:
        return list(self._call)

    def break_off(self) -> None:
        self._call.cancel()
        self._out.put(_END)

    def status(self) -> grpc.StatusCode:
        """How the stream has ended; waits for that. What is still to be read is thrown away."""
        try:
            for _ in self._call:
                pass
        except grpc.RpcError:
            pass
        self._out.put(_END)
        return self._call.code()
