#!/usr/bin/python3
"""docs/openapi.json is sound: references lead somewhere, schemas are schemas, examples are what they are examples of.

usage: openapi_test.py SOURCE_DIR

Needs Debian's python3-jsonschema. tests/e2e/open_mpic_schema_test.py holds what a real coordinator answers against it.
"""

from __future__ import annotations

import copy
import json
import re
import sys
import unittest
from pathlib import Path

from jsonschema import Draft202012Validator

ROOT = Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "open_mpic"), str(ROOT / "deploy" / "local")]
sys.dont_write_bytecode = True
import answers  # noqa: E402
from cases import CASES  # noqa: E402
from document import FILE, JSON, Document  # noqa: E402

document = Document.read()
schemas = document.content["components"]["schemas"]
EXAMPLES = document.content["paths"]["/mpic"]["post"]
CAA_ANSWER = EXAMPLES["responses"]["200"]["content"][JSON]["examples"]["caa"]["value"]
NOBODY_ASKED = EXAMPLES["responses"]["200"]["content"][JSON]["examples"]["nobody-asked"]["value"]
HTTP_01 = EXAMPLES["requestBody"]["content"][JSON]["examples"]["acme-http-01"]["value"]


def changed(value: dict, path: str, put: object) -> dict:
    """A copy, with another value at "member.member"."""
    new = copy.deepcopy(value)
    *way, last = path.split(".")
    inner = new
    for step in way:
        inner = inner[int(step) if step.isdigit() else step]
    inner[last] = put
    return new


def without(value: dict, name: str) -> dict:
    return {member: inner for member, inner in value.items() if member != name}


class Soundness(unittest.TestCase):
    def test_no_member_is_told_twice(self) -> None:
        def distinct(pairs: list) -> dict:
            self.assertEqual(len(pairs), len(dict(pairs)), [name for name, _ in pairs])
            return dict(pairs)

        json.loads(FILE.read_text(), object_pairs_hook=distinct)

    def test_every_reference_leads_somewhere(self) -> None:
        references = set(document.references())
        self.assertTrue(references)
        for reference in sorted(references):
            with self.subTest(reference):
                document.resolve(reference)

    def test_everything_is_referred_to(self) -> None:
        references = set(document.references())
        for kind in ("schemas", "responses"):
            for name in document.content["components"][kind]:
                self.assertIn(f"#/components/{kind}/{name}", references)

    def test_every_schema_is_one(self) -> None:
        for name, schema in schemas.items():
            with self.subTest(name):
                Draft202012Validator.check_schema(schema)

    def test_discriminators_lead_to_the_schemas_of_their_choice(self) -> None:
        for name, schema in schemas.items():
            if "discriminator" not in schema:
                continue
            property_name = schema["discriminator"]["propertyName"]
            for value, reference in schema["discriminator"]["mapping"].items():
                with self.subTest(f"{name}: {value}"):
                    self.assertIn({"$ref": reference}, schema["oneOf"])
                    told = document.resolve(reference)["properties"][property_name]
                    self.assertIn(value, told.get("enum", [told.get("const")]))

    def test_every_operation_tells_how_it_fails_and_who_may(self) -> None:
        schemes = document.content["components"]["securitySchemes"].keys()
        self.assertEqual({name for choice in document.content["security"] for name in choice}, schemes)
        names = [operation["operationId"] for _, _, operation in document.operations()]
        self.assertEqual(len(names), len(set(names)))
        for method, path, operation in document.operations():
            with self.subTest(f"{method} {path}"):
                wanted = {"200", "400", "405", "408", "413", "431", "500", "503"}
                wanted |= set() if operation.get("security") == [{}] else {"401", "429"}
                wanted |= {"403", "415", "504"} if method == "POST" else set()
                self.assertEqual(wanted - operation["responses"].keys(), set())

    def test_every_example_is_one(self) -> None:
        seen = 0
        for method, path, operation in document.operations():
            media = [("request", operation["requestBody"]["content"])] if "requestBody" in operation else []
            media += [(status, document.media(method, path, int(status))) for status in operation["responses"]]
            for where, content in media:
                for kind, told in content.items():
                    examples = [each["value"] for each in told.get("examples", {}).values()]
                    examples += [told["example"]] if "example" in told else []
                    for example in examples:
                        seen += 1
                        with self.subTest(f"{method} {path} {where} {kind}"):
                            self.assertEqual(document.misfits(example, told["schema"]), [])
        self.assertGreater(seen, 20)

    def test_every_validation_method_has_an_example(self) -> None:
        examples = EXAMPLES["requestBody"]["content"][JSON]["examples"].values()
        shown = {each["value"].get("dcv_check_parameters", {}).get("validation_method") for each in examples}
        for name in schemas["DcvCheckParameters"]["discriminator"]["mapping"].values():
            method = document.resolve(name)["properties"]["validation_method"]
            self.assertTrue(shown & set(method.get("enum", [method.get("const")])), name)


class Requests(unittest.TestCase):
    def test_the_public_cases_and_recorded_requests_are_requests(self) -> None:
        recorded = [pair.request for pair in answers.PAIRS]
        for request in [*(case.request for case in CASES), *recorded]:
            with self.subTest(request):
                self.assertEqual(document.misfits_of(request, "Request"), [])

    def test_what_the_guide_shows_is_a_request(self) -> None:
        guide = (ROOT / "docs" / "open_mpic.md").read_text()
        shown = re.findall(r"-d '(.*?)'|```json\n(.*?)```", guide, re.DOTALL)
        self.assertEqual(len(shown), 2)
        for texts in shown:
            self.assertEqual(document.misfits_of(json.loads("".join(texts)), "Request"), [])

    def test_what_is_no_request(self) -> None:
        caa = {"check_type": "caa", "domain_or_ip_target": "example.com"}
        parameters = HTTP_01["dcv_check_parameters"]
        website = {"validation_method": "website-change", "http_token_path": "a", "challenge_value": ""}
        rows = (
            ("no object", []),
            ("no target", without(caa, "domain_or_ip_target")),
            ("an empty target", caa | {"domain_or_ip_target": ""}),
            ("a target that is no text", caa | {"domain_or_ip_target": ["example.com"]}),
            ("no such check", caa | {"check_type": "dns"}),
            ("neither a check nor parameters", without(caa, "check_type")),
            ("the parameters of another check", caa | {"check_type": "dcv", "caa_check_parameters": {}}),
            ("those of both, and nothing that tells which",
             without(HTTP_01, "check_type") | {"caa_check_parameters": {}}),
            ("DCV without parameters", without(HTTP_01, "dcv_check_parameters")),
            ("no such method", changed(HTTP_01, "dcv_check_parameters.validation_method", "acme-http-02")),
            ("a method without its parameters", HTTP_01 | {"dcv_check_parameters": without(parameters, "token")}),
            ("a token that leads elsewhere", changed(HTTP_01, "dcv_check_parameters.token", "../" * 10)),
            ("an empty value", HTTP_01 | {"dcv_check_parameters": website}),
            *((f"a quorum of {number!r}", caa | {"orchestration_parameters": {"quorum_count": number}})
              for number in (0, -5, 4.5, "many", "-1", "0", True)),
            ("more attempts than there are", caa | {"orchestration_parameters": {"max_attempts": 6}}),
            ("cohorts count from 1", caa | {"orchestration_parameters": {"cohort_for_single_attempt": 0}}),
            ("a trace of two lines", caa | {"trace_identifier": "a\nb"}),
        )  # fmt: skip
        for reason, request in rows:
            with self.subTest(reason):
                self.assertNotEqual(document.misfits_of(request, "Request"), [])

    def test_what_is_not_of_the_check_is_ignored(self) -> None:
        for request in (HTTP_01 | {"caa_check_parameters": {}}, HTTP_01 | {"check_type": "caa"}, HTTP_01 | {"more": 1},
                        without(HTTP_01, "check_type")):  # fmt: skip
            self.assertEqual(document.misfits_of(request, "Request"), [])

    def test_absent_and_null_are_the_same(self) -> None:
        caa = {"check_type": "caa", "domain_or_ip_target": "example.com"}
        for name in ("trace_identifier", "orchestration_parameters", "caa_check_parameters", "dcv_check_parameters"):
            self.assertEqual(document.misfits_of(caa | {name: None}, "Request"), [])


class Answers(unittest.TestCase):
    def test_what_is_no_answer(self) -> None:
        added = CAA_ANSWER["mpic"]
        rows = (
            *((f"no {name}", without(CAA_ANSWER, name)) for name in CAA_ANSWER),
            *((f"no mpic.{name}", CAA_ANSWER | {"mpic": without(added, name)})
              for name in added if name != "primary"),
            ("a member that nobody told of", CAA_ANSWER | {"more": 1}),
            ("one of a row", changed(CAA_ANSWER, "perspectives.0.more", 1)),
            ("one of details", changed(CAA_ANSWER, "perspectives.0.check_response.details.more", 1)),
            ("details of another check", changed(CAA_ANSWER, "perspectives.0.check_response.check_type", "dcv")),
            ("one of ours", changed(CAA_ANSWER, "mpic.more", 1)),
            ("no such verdict", changed(CAA_ANSWER, "mpic.verdict", "VERDICT_CORROBORATED")),
            ("no such outcome", changed(CAA_ANSWER, "mpic.outcomes.0.outcome", "agreed")),
            ("a moment without a zone", changed(CAA_ANSWER, "mpic.usable_until", "2026-11-25T18:11:12")),
            ("a time that is a double", changed(CAA_ANSWER, "perspectives.0.check_response.timestamp_ns", 1.5)),
            ("a fraction that is none", changed(CAA_ANSWER, "mpic.fraction", "4 of 4")),
            ("nobody asked, and a basis", changed(NOBODY_ASKED, "mpic.basis_for_issuance", True)),
        )  # fmt: skip
        for reason, answer in rows:
            with self.subTest(reason):
                self.assertNotEqual(document.misfits_of(answer, "Answer"), [])

    def test_the_members_are_those_of_recorded_answers(self) -> None:
        """answers.py tells what each kind had."""
        for name, shape, optional in (
            ("CaaDetails", answers.CAA_DETAILS, set()),
            ("HttpDetails", answers.HTTP_DETAILS, {"resolved_ip"}),
            ("DnsDetails", answers.DNS_DETAILS, set()),
            ("TlsDetails", answers.TLS_DETAILS, set()),
            ("EchoedCaaCheckParameters", answers.CAA_PARAMETERS, set()),
            ("CheckError", answers.ERROR, set()),
            ("ValidationFailure", answers.REFUSAL, set()),
            ("ActualOrchestrationParameters", answers.ORCHESTRATION["actual_orchestration_parameters"], set()),
            ("RequestOrchestrationParameters", answers.ORCHESTRATION["request_orchestration_parameters"], set()),
        ):
            with self.subTest(name):
                self.assertEqual(schemas[name]["properties"].keys() - optional, shape.keys())
        for pair in answers.PAIRS:
            if pair.is_valid is None:
                continue
            name = {"caa": "CaaAnswer", "dcv": "DcvAnswer"}[pair.request["check_type"]]
            with self.subTest(pair.kind):
                self.assertEqual(schemas[name]["properties"].keys() - {answers.ADDED}, pair.answer.keys())

    def test_a_problem_of_an_answer_is_told_where_it_is(self) -> None:
        told = document.misfits_of(changed(CAA_ANSWER, "mpic.outcomes.1.rir", "EUROPE"), "Answer")
        self.assertEqual(len(told), 1)
        self.assertIn("$.mpic.outcomes[1].rir", told[0])


if __name__ == "__main__":
    unittest.main()
