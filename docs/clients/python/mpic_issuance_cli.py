"""The command line of mpic_issuance.py, and how a record is asked for."""

from __future__ import annotations

import argparse
import base64
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from mpic_issuance import (
    LABELS,
    PROFILES,
    Issuance,
    PinnedKey,
    Refused,
    check_issuance,
    messages,
    nanoseconds,
    use_messages,
)
from mpic_record import LogKey, check_record


def get_record(target: str, ca: bytes, certificate: bytes, key: bytes, server_name: str = "", prove: bool = True,
               **by: str):  # fmt: skip
    """The mpic.v1.Record of record_id=… or request_id=…, over mutual TLS; needs python3-grpcio."""
    import grpc

    pb, record = messages("coordinator"), messages("record")
    options = (("grpc.ssl_target_name_override", server_name),) if server_name else ()
    credentials = grpc.ssl_channel_credentials(ca, key, certificate)
    with grpc.secure_channel(target, credentials, options) as channel:
        call = channel.unary_unary(
            "/mpic.v1.Corroborator/GetRecord", pb.GetRecordRequest.SerializeToString, record.Record.FromString
        )
        return call(pb.GetRecordRequest(prove=prove, **by), timeout=30)


def _statement_from(path: Path):
    """A serialized Statement, or the JSON of an answer or a record that has one ("mpic check --json")."""
    kind, octets = messages("corroboration").Statement, path.read_bytes()
    if not octets.lstrip().startswith(b"{"):
        return kind.FromString(octets)
    answer = json.loads(octets)
    while "response" in answer:
        answer = answer["response"]
    stated = answer.get("statement", {})
    return kind(
        payload=base64.b64decode(stated.get("payload", "")),
        key_id=stated.get("key_id", stated.get("keyId", "")),
        signature=base64.b64decode(stated.get("signature", "")),
    )


def _moment(text: str) -> int:
    when = datetime.fromisoformat(text)
    return nanoseconds(when if when.tzinfo else when.replace(tzinfo=UTC))


def _key_from(text: str) -> PinnedKey:
    """FILE, or FILE,NOT_BEFORE,NOT_AFTER"""
    file, *validity = text.split(",")
    if len(validity) not in (0, 2):
        raise ValueError("a file, or a file and two times")
    return PinnedKey(_octets(file), *map(_moment, validity))


def _log_key_from(text: str) -> LogKey:
    return LogKey(text if "+" in text else _octets(text).decode())


def _octets(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as failed:
        raise argparse.ArgumentTypeError(f"{file}: {failed.strerror}") from failed


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Does a signed statement cover the certificate that is about to be issued?",
        epilog="Exit status: 0 covered, 1 not covered, 2 forged, changed or not to be had, 64 wrong usage.",
    )
    parser.add_argument("--messages", metavar="DIR", help="protoc's Python classes; default: where Python looks")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--statement", type=Path, metavar="FILE", help="a Statement, or an answer in JSON")
    source.add_argument("--record-id", metavar="ID", help="ask the coordinator for this record, and check its proof")
    source.add_argument("--request-id", metavar="ID", help="the same by the id that the request had")
    parser.add_argument("--key", type=_key_from, action="append", required=True, metavar="FILE[,FROM,UNTIL]",
                        help="a statement key of the coordinator (PEM, DER) and its validity; several may be given")  # fmt: skip
    parser.add_argument("--log-key", type=_log_key_from, action="append", default=[], metavar="VKEY|FILE",
                        help="a checkpoint key; needed for a record")  # fmt: skip
    what = parser.add_argument_group("what is about to be issued")
    what.add_argument("--name", required=True, help="as in the certificate")
    what.add_argument("--at", type=_moment, metavar="TIME", help="of issuance, ISO 8601; default: now")
    what.add_argument("--certificate", choices=sorted(PROFILES), default="tls-server")
    what.add_argument("--needs", choices=("dcv", "caa", "both"), default="both")
    what.add_argument("--method", choices=[*LABELS, "reverse-address-lookup"], default="", help="default: any")
    for option in ("account-uri", "issuer-domain", "client", "log-origin"):
        what.add_argument(f"--{option}", default="")
    what.add_argument("--observed-primary", action="store_true", help="do not accept one that was asserted")
    link = parser.add_argument_group("the coordinator, for a record")
    link.add_argument("--coordinator", metavar="HOST:PORT")
    for option in ("ca", "tls-certificate", "tls-key"):
        link.add_argument(f"--{option}", type=Path, metavar="FILE")
    link.add_argument("--server-name", default="", help="in the coordinator's certificate; default: HOST")
    options = parser.parse_args(arguments)
    if options.statement is None and not (
        options.coordinator and options.ca and options.tls_certificate and options.tls_key and options.log_key
    ):
        parser.error("a record needs --coordinator, --ca, --tls-certificate, --tls-key and --log-key")
    return options


def _issuance_from(options: argparse.Namespace) -> Issuance:
    return Issuance(
        identifier=options.name,
        at=options.at if options.at is not None else nanoseconds(datetime.now(UTC)),
        certificate=options.certificate,
        needs_dcv=options.needs != "caa",
        needs_caa=options.needs != "dcv",
        method=options.method,
        account_uri=options.account_uri,
        issuer_domain=options.issuer_domain,
        client=options.client,
        log_origin=options.log_origin,
        accepts_asserted_primary=not options.observed_primary,
    )


def _record_from(options: argparse.Namespace):
    by = {"record_id": options.record_id} if options.record_id else {"request_id": options.request_id}
    link = [path.read_bytes() for path in (options.ca, options.tls_certificate, options.tls_key)]
    return get_record(options.coordinator, *link, server_name=options.server_name, **by)


def main(arguments: list[str] | None = None) -> int:
    try:
        options = _parse(arguments)
    except SystemExit as ended:
        return 64 if ended.code else 0
    if options.messages:
        use_messages(options.messages)
    try:
        record = None if options.statement else _record_from(options)
        statement = record.statement if record is not None else _statement_from(options.statement)
        said = check_issuance(statement, options.key, _issuance_from(options))
        if record is not None:
            check_record(record, statement, options.log_key)
    except Refused as refused:
        print(f"not covered: {refused.why}")
        return {"POLICY": 1, "INVALID_ARGUMENT": 64}.get(refused.code, 2)
    except Exception as failed:  # fail closed, whatever it was
        print(f"not covered: {type(failed).__name__}: {failed}", file=sys.stderr)
        return 2
    print(f"covered: {said.identifier} by record {said.record_id} of {said.log_origin}, "
          f"usable until {said.usable_until.ToJsonString()}")  # fmt: skip
    return 0
