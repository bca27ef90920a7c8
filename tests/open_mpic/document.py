"""docs/openapi.json as tests use it: what an answer must look like that came for a method, a path and a status.

Needs Debian's python3-jsonschema (JSON Schema 2020-12, which OpenAPI 3.1 is written in).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker

FILE = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
JSON = "application/json"

_formats = FormatChecker()


@_formats.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


class Document:
    def __init__(self, content: dict):
        self.content = content

    @classmethod
    def read(cls) -> Document:
        return cls(json.loads(FILE.read_text()))

    def resolve(self, reference: str) -> dict:
        """What "#/components/..." stands for; raises KeyError."""
        if not reference.startswith("#/"):
            raise KeyError(reference)
        found = self.content
        for step in reference[2:].split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        return found

    def references(self, within: object = None) -> Iterator[str]:
        """Each as often as it stands there."""
        value = self.content if within is None else within
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for element in value.values():
                yield from self.references(element if element is not None else {})
        elif isinstance(value, list):
            for element in value:
                yield from self.references(element if element is not None else {})

    def operations(self) -> Iterator[tuple[str, str, dict]]:
        for path, methods in self.content["paths"].items():
            for method, operation in methods.items():
                yield method.upper(), path, operation

    def media(self, method: str, path: str, status: int) -> dict:
        """The content of that answer, by media type; raises KeyError where the document does not tell of it."""
        response = self.content["paths"][path][method.lower()]["responses"][str(status)]
        return (self.resolve(response["$ref"]) if "$ref" in response else response)["content"]

    def misfits(self, value: object, schema: dict) -> list[str]:
        """Where the value is not as the schema says; the innermost reason of each."""
        whole = {**schema, "components": self.content["components"]}
        found = Draft202012Validator(whole, format_checker=_formats).iter_errors(value)
        return [f"{error.json_path}: {error.message[:300]}" for top in found for error in _innermost(top, value)]

    def misfits_of(self, value: object, name: str) -> list[str]:
        return self.misfits(value, {"$ref": f"#/components/schemas/{name}"})

    def misfits_of_answer(self, method: str, path: str, status: int, body: object) -> list[str]:
        try:
            media = self.media(method, path, status)
        except KeyError:
            return [f"the document tells of no {status} for {method} {path}"]
        return self.misfits(body, media[JSON]["schema"])


def _innermost(error, value: object) -> Iterator:
    """Of a choice, the faults of the branch that has fewest."""
    if not error.context or error.validator not in ("oneOf", "anyOf"):
        yield error
        return
    branches: dict[int, list] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    for inner in min(branches.values(), key=len):
        yield from _innermost(inner, value)
