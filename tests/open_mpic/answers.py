"""What answers of the Open MPIC API look like: the fields and JSON types of each kind, by pairs of request and answer
that its own implementation gave.

A shape is a type, None for null, a tuple of shapes of which one fits, a list with the one shape of all elements, or an
object's shapes by field.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mpic_local.challenges import tls_digest
from mpic_local.open_mpic import DNS_DIGEST, HOST, KEY_AUTHORIZATION, PAGE_VALUE, SUITE, TLS_HOST, TOKEN_STEM

ADDED = "mpic"  # the field that holds what only we tell

NULL_OR_NUMBER = (int, None)
ORCHESTRATION = {
    "request_orchestration_parameters": {
        "perspective_count": NULL_OR_NUMBER,
        "quorum_count": NULL_OR_NUMBER,
        "max_attempts": NULL_OR_NUMBER,
        "cohort_for_single_attempt": NULL_OR_NUMBER,
    },
    "actual_orchestration_parameters": {"perspective_count": int, "quorum_count": int, "attempt_count": int},
}
ERROR = {"error_type": str, "error_message": str}

CAA_DETAILS = {"caa_record_present": bool, "found_at": str, "records_seen": [str]}
HTTP_DETAILS = {
    "validation_method": str,
    "response_history": [{"status_code": int, "url": str}],
    "response_url": str,
    "response_status_code": int,
    "response_page": str,
}
NO_HTTP_DETAILS = {field: str if field == "validation_method" else None for field in HTTP_DETAILS}
DNS_DETAILS = {
    "validation_method": str,
    "records_seen": [str],
    "response_code": int,
    "ad_flag": bool,
    "found_at": str,
    "cname_chain": [str],
}
TLS_DETAILS = {"validation_method": str, "common_name": str}

CAA_PARAMETERS = {"certificate_type": str, "caa_domains": [str], "allow_lookup_failure": bool}
HTTP_01_PARAMETERS = {
    "validation_method": str,
    "require_exact_case": bool,
    "token": str,
    "key_authorization": str,
    "http_headers": None,
}
DNS_01_PARAMETERS = {
    "validation_method": str,
    "require_exact_case": bool,
    "key_authorization_hash": str,
    "dns_record_type": str,
    "dns_name_prefix": str,
}
TLS_ALPN_PARAMETERS = {"validation_method": str, "require_exact_case": bool, "key_authorization_hash": str}
WEBSITE_PARAMETERS = {
    "validation_method": str,
    "require_exact_case": bool,
    "challenge_value": str,
    "http_token_path": str,
    "url_scheme": str,
    "http_headers": None,
    "match_regex": None,
}
REFUSAL = {"error": str, "validation_issues": [{"issue_type": str, "message": str}]}


@dataclass(frozen=True)
class Pair:
    kind: str
    request: dict
    answer: dict  # its shape
    is_valid: bool | None = None  # None: it is refused

    @property
    def status(self) -> int:
        return 400 if self.is_valid is None else 200


def _rows(details: dict, errors: object) -> list:
    response = {
        "check_completed": bool,
        "check_passed": bool,
        "errors": errors,
        "timestamp_ns": int,
        "check_type": str,
        "details": details,
    }
    return [{"perspective_code": str, "check_response": response}]


def _decision(
    parameters_field: str, parameters: dict, rows: list, trace: type | None = None, attempts: int = 1
) -> dict:
    return {
        "mpic_completed": bool,
        **ORCHESTRATION,
        "check_type": str,
        "domain_or_ip_target": str,
        "is_valid": bool,
        "trace_identifier": trace,
        "perspectives": rows,
        parameters_field: parameters,
        # A Primary that says no is not asked again here, whatever the number of attempts that are allowed.
        "previous_attempt_results": None if attempts == 1 else ([rows], None),
    }


def _dcv(target: str, parameters: dict) -> dict:
    return {
        "check_type": "dcv",
        "domain_or_ip_target": target,
        "orchestration_parameters": {"perspective_count": 2},
        "dcv_check_parameters": parameters,
    }


PAIRS = (
    Pair(
        "CAA that forbids, at a second attempt",
        {
            "check_type": "caa",
            "domain_or_ip_target": f"sub1.deny.basic.{SUITE}",
            "trace_identifier": "3f0f6c1e-5a34-4a52-9b0c-6f4f1f9e2d11",
            "orchestration_parameters": {"perspective_count": 3, "quorum_count": 2, "max_attempts": 2},
            "caa_check_parameters": {"certificate_type": "tls-server", "caa_domains": ["example.com"]},
        },
        _decision("caa_check_parameters", CAA_PARAMETERS, _rows(CAA_DETAILS, None), trace=str, attempts=2),
        False,
    ),
    Pair(
        "http-01 over a redirect",
        _dcv(HOST, {
            "validation_method": "acme-http-01", "token": f"{TOKEN_STEM}B", "key_authorization": KEY_AUTHORIZATION,
        }),
        _decision("dcv_check_parameters", HTTP_01_PARAMETERS, _rows(HTTP_DETAILS, None)),
        True,
    ),
    Pair(
        "dns-01 over an alias",
        _dcv(f"dns-01-cname.{HOST}", {"validation_method": "acme-dns-01", "key_authorization_hash": DNS_DIGEST}),
        _decision("dcv_check_parameters", DNS_01_PARAMETERS, _rows(DNS_DETAILS, None)),
        True,
    ),
    Pair(
        "tls-alpn-01",
        _dcv(TLS_HOST, {
            "validation_method": "acme-tls-alpn-01", "key_authorization_hash": tls_digest(KEY_AUTHORIZATION).hex(),
        }),
        # An empty list here, and null in answers of the other methods.
        _decision("dcv_check_parameters", TLS_ALPN_PARAMETERS, _rows(TLS_DETAILS, [ERROR])),
        True,
    ),
    Pair(
        "website-change of a page that is not there",
        _dcv(HOST, {
            "validation_method": "website-change", "http_token_path": "none.txt", "challenge_value": PAGE_VALUE,
        }),
        _decision("dcv_check_parameters", WEBSITE_PARAMETERS, _rows(NO_HTTP_DETAILS, [ERROR])),
        False,
    ),
    Pair(
        "too few perspectives",
        {
            "check_type": "caa", "domain_or_ip_target": "example.com",
            "orchestration_parameters": {"perspective_count": 1},
        },
        REFUSAL,
    ),
)  # fmt: skip


def misfits(value: object, shape: object, at: str = "answer") -> Iterator[str]:
    """Where the value is not of that shape."""
    if isinstance(shape, tuple):
        if not any(not list(misfits(value, each)) for each in shape):
            yield f"{at}: {value!r} is none of {shape}"
    elif isinstance(shape, dict):
        yield from _misfits_of_object(value, shape, at)
    elif isinstance(shape, list):
        if type(value) is not list:
            yield f"{at}: {value!r} is no array"
            return
        for number, element in enumerate(value):
            yield from misfits(element, shape[0], f"{at}[{number}]")
    elif shape is None:
        if value is not None:
            yield f"{at}: {value!r} is not null"
    elif type(value) is not shape:
        yield f"{at}: {value!r} is no {shape.__name__}"


def _misfits_of_object(value: object, shape: dict, at: str) -> Iterator[str]:
    if type(value) is not dict:
        yield f"{at}: {value!r} is no object"
        return
    yield from (f"{at}: no field {field}" for field in shape.keys() - value.keys())
    yield from (f"{at}: a field {field}" for field in value.keys() - shape.keys())
    for field in shape.keys() & value.keys():
        yield from misfits(value[field], shape[field], f"{at}.{field}")
