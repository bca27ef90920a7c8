#!/usr/bin/python3
"""Asks a coordinator whether a name may be certified: DCV by http-01 and CAA in one visit, over gRPC.

    protoc -I proto --python_out=DIR proto/mpic/v1/*.proto
    python3 mpic_client.py --messages DIR --coordinator mpic.ca.example:7443 --ca ca.pem \\
        --tls-certificate tls.pem --tls-key tls.key --token "$token" --key-authorization "$token.$thumbprint" \\
        --issuer ca.example www.example.com

Needs Debian's python3-grpcio and python3-protobuf. Shows the verdict and each perspective's row.
Exit status: 0 a basis for issuance, 1 none, 2 no answer, 64 wrong usage.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

import grpc

SECONDS = 60


def use_messages(folder: Path) -> None:
    """Finds protoc's classes there; once, before anything else here."""
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()


def messages(file: str):
    return importlib.import_module(f"mpic.v1.{file}_pb2")


def connect(target: str, ca: bytes, key: bytes | None = None, certificate: bytes | None = None,
            server_name: str = "") -> grpc.Channel:  # fmt: skip
    """By mutual TLS where key and certificate are given; without them each call needs an API key. Keep it open: one
    channel takes as many calls at a time as you like."""
    options = [("grpc.enable_http_proxy", 0)]
    if server_name:
        options.append(("grpc.ssl_target_name_override", server_name))
    return grpc.secure_channel(target, grpc.ssl_channel_credentials(ca, key, certificate), options)


def question(name: str, token: str = "", key_authorization: str = "", issuers: list[str] = (), request_id: str = ""):
    """A CorroborateRequest for what is given of DCV and CAA. With a request_id of your own, unique for ever, an answer
    that was lost on the way is had again by asking the same again."""
    request = messages("corroboration").CorroborateRequest(identifier=name, request_id=request_id)
    if token:
        request.dcv.acme_http_01.token = token
        request.dcv.acme_http_01.key_authorization = key_authorization
    if issuers:
        request.caa.issuer_domains.extend(issuers)
    return request


def corroborate(channel: grpc.Channel, request, api_key: str = "", seconds: float = SECONDS):
    """The CorroborateResponse; raises grpc.RpcError, whose code proto/mpic/v1/coordinator.proto explains."""
    pb = messages("corroboration")
    call = channel.unary_unary(
        "/mpic.v1.Corroborator/Corroborate", pb.CorroborateRequest.SerializeToString, pb.CorroborateResponse.FromString
    )
    return call(request, timeout=seconds, metadata=[("x-api-key", api_key)] if api_key else None)


def lines(answer) -> list[str]:
    """For people."""
    pb, types = messages("corroboration"), messages("types")

    def named(enum, number: int, prefix: str) -> str:
        return enum.Name(number).removeprefix(prefix)

    def verdict(told) -> str:
        text = named(pb.Verdict, told.verdict, "VERDICT_")
        return f"{text} (would be {named(pb.Verdict, told.would_be, 'VERDICT_')})" if told.would_be else text

    out = [f"{answer.identifier}: {verdict(answer)}, {'a' if answer.basis_for_issuance else 'no'} basis for issuance",
           f"record {answer.record_id}"]  # fmt: skip
    for check in answer.checks:
        kind = named(pb.CheckKind, check.kind, "CHECK_KIND_")
        out.append(f"{kind} {verdict(check)} {check.quorum.fraction}: {check.explanation}")
        for row in check.perspectives:
            why = named(types.ProblemCode, row.problem.code, "PROBLEM_CODE_") if row.HasField("problem") else row.saw
            out.append(f"  {row.perspective} {named(types.Outcome, row.outcome, 'OUTCOME_').lower()} {why}".rstrip())
    return out


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("--messages", type=Path, metavar="DIR", help="protoc's Python classes")
    parser.add_argument("--coordinator", required=True, metavar="HOST:PORT")
    parser.add_argument("--server-name", default="", help="in its certificate; default: HOST")
    parser.add_argument("--ca", type=Path, required=True, metavar="FILE", help="whom its certificate comes from")
    parser.add_argument("--tls-certificate", type=Path, metavar="FILE")
    parser.add_argument("--tls-key", type=Path, metavar="FILE")
    parser.add_argument("--api-key-file", type=Path, metavar="FILE", help="instead of the two: never on a command line")
    parser.add_argument("--token", default="")
    parser.add_argument("--key-authorization", default="")
    parser.add_argument("--issuer", action="append", default=[], help="CAA: an Issuer Domain Name of yours")
    parser.add_argument("--request-id", default="")
    parser.add_argument("--statement", type=Path, metavar="FILE", help="keep what was signed, for mpic_issuance.py")
    options = parser.parse_args(arguments)
    if not (options.tls_certificate and options.tls_key) and not options.api_key_file:
        parser.error("a certificate and its key, or an API key")
    return options


def main(arguments: list[str] | None = None) -> int:
    try:
        options = parse(arguments)
    except SystemExit as ended:
        return 64 if ended.code else 0
    if options.messages:
        use_messages(options.messages)
    key, certificate = (path.read_bytes() if path else None for path in (options.tls_key, options.tls_certificate))
    api_key = options.api_key_file.read_text().strip() if options.api_key_file else ""
    request = question(options.name, options.token, options.key_authorization, options.issuer, options.request_id)
    with connect(options.coordinator, options.ca.read_bytes(), key, certificate, options.server_name) as channel:
        try:
            answer = corroborate(channel, request, api_key)
        except grpc.RpcError as failed:
            print(f"no answer: {failed.code().name}: {failed.details()}", file=sys.stderr)
            return 2
    print("\n".join(lines(answer)))
    if options.statement:
        options.statement.write_bytes(answer.statement.SerializeToString())
    return 0 if answer.basis_for_issuance else 1


if __name__ == "__main__":
    sys.exit(main())
