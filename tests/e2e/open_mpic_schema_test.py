"""docs/openapi.json tells of every answer that the port gives: of each method and check, each refusal, each page."""

from __future__ import annotations

import base64
import http.client
import json

from answers import ADDED, PAIRS
from document import FILE, Document
from mpic_local.challenges import (
    ACCOUNT,
    DIGEST,
    EMAIL,
    ISSUER,
    KEY_AUTHORIZATION,
    PHONE,
    RANDOM_VALUE,
    TOKEN,
    tls_digest,
)
from mpic_local.layout import PERSPECTIVES, SITE
from mpic_local.site import WEBSITE_FILE
from open_mpic_system import OpenMpicCase

HTTP_01 = {"token": TOKEN, "key_authorization": KEY_AUTHORIZATION}
TLS_ALPN = {"key_authorization_hash": tls_digest(KEY_AUTHORIZATION).hex()}
CHANGE = {"challenge_value": RANDOM_VALUE, "dns_record_type": "TXT"}
PERSISTENT = {"issuer_domain_names": [ISSUER], "expected_account_uri": ACCOUNT}
PAGE = {"http_token_path": WEBSITE_FILE, "challenge_value": RANDOM_VALUE}

# What is asked, and of which kind a decision is: method or "caa", target, its parameters.
DECIDED = (
    ("caa", "caa-permits.demo.test", {}),
    ("caa", "caa-forbids.demo.test", {"caa_domains": [ISSUER]}),
    ("caa", "caa-permits.bogus.test", {}),  # nobody can look it up
    ("caa", "www.plain.test", {"certificate_type": "s-mime"}),
    ("acme-http-01", "www.demo.test", HTTP_01),
    ("acme-http-01", "one-hijacked.demo.test", HTTP_01),
    ("acme-http-01", "internal.demo.test", HTTP_01),  # no connection
    ("acme-http-01", "missing.demo.test", HTTP_01),
    ("website-change", "website.demo.test", PAGE),
    ("acme-dns-01", "www.demo.test", {"key_authorization_hash": DIGEST}),
    ("acme-dns-01", "www.bogus.test", {"key_authorization_hash": DIGEST}),
    ("acme-tls-alpn-01", "alpn.demo.test", TLS_ALPN),
    ("acme-tls-alpn-01", "internal.demo.test", TLS_ALPN),
    ("dns-change", "change.demo.test", CHANGE),
    ("dns-persistent", "persist.demo.test", PERSISTENT),
    ("contact-email-txt", "contact.demo.test", {"challenge_value": EMAIL}),
    ("contact-phone-caa", "contact.demo.test", {"challenge_value": PHONE}),
    ("reverse-address-lookup", SITE, {"challenge_value": "www.demo.test"}),
)
LONGEST = 64 * 1024 * 1024  # octets that are announced and never sent: more than any port takes


def request_of(method: str, target: str, parameters: dict) -> dict:
    asked = {"domain_or_ip_target": target, "orchestration_parameters": {"max_attempts": 2}}
    if method == "caa":
        return asked | {"check_type": "caa", "caa_check_parameters": parameters}
    return asked | {"check_type": "dcv", "dcv_check_parameters": {"validation_method": method, **parameters}}


class AsDocumented(OpenMpicCase):
    def setUp(self) -> None:
        super().setUp()
        self.document = Document.read()

    def check(self, method: str, path: str, status: int, body: object) -> None:
        self.assertEqual(self.document.misfits_of_answer(method, path, status, body), [])

    def raw(self, method: str, path: str, body: bytes = b"", headers: dict | None = None) -> tuple[int, str, bytes]:
        """Status, media type and octets."""
        listen = self.coordinator.file.rest.listen
        connection = http.client.HTTPConnection(listen.address, listen.port, timeout=30)
        try:
            connection.request(method, path, body, {"x-api-key": self.key} | (headers or {}))
            response = connection.getresponse()
            return response.status, response.headers.get_content_type(), response.read()
        finally:
            connection.close()

    def test_decisions(self) -> None:
        requests = [request_of(*row) for row in DECIDED]
        for request, (status, body) in zip(requests, self.post_all(requests), strict=True):
            with self.subTest(request):
                self.assertEqual(self.document.misfits_of(request, "Request"), [])
                self.assertEqual(status, 200, body)
                self.check("POST", "/mpic", status, body)
                self.check_added(body)

    def check_added(self, body: dict) -> None:
        """What a schema cannot say."""
        added = body[ADDED]
        for octets in (added["statement"]["payload"], added["statement"]["signature"]):
            self.assertTrue(base64.b64decode(octets, validate=True))
        places = {perspective.id: perspective for perspective in PERSPECTIVES}
        asked = {outcome["perspective_code"] for outcome in added["outcomes"]}
        shown = {row["perspective_code"] for row in (*body["perspectives"], added["primary"])}
        self.assertEqual(shown, asked)
        for outcome in added["outcomes"]:
            place = places[outcome["perspective_code"]]
            self.assertEqual((outcome["role"], outcome["rir"]), (place.role, place.rir))
            self.assertEqual(outcome["outcome"] == "corroborates", outcome["problem"] is None, outcome)
        met = {outcome["problem"]["code"] for outcome in added["outcomes"] if outcome["problem"]} - {"NOT_WAITED_FOR"}
        self.assertEqual({each["code"] for each in added["explanations"]}, met)
        self.assertFalse(added["basis_for_issuance"])  # it is a laboratory
        self.assertTrue(added["not_enforceable_because"])

    def test_refusals(self) -> None:
        as_json = {"Content-Type": "application/json"}
        good = json.dumps({"check_type": "caa", "domain_or_ip_target": "caa-permits.demo.test"}).encode()
        rows = (
            ("no JSON", "POST", "/mpic", b"{", as_json, 400),
            ("no request", "POST", "/mpic", b'{"check_type": "caa"}', as_json, 400),
            ("weaker than the policy", "POST", "/mpic", json.dumps(PAIRS[-1].request).encode(), as_json, 400),
            ("nobody's key", "POST", "/mpic", good, as_json | {"x-api-key": "none"}, 401),
            ("another method", "GET", "/mpic", b"", {}, 405),
            ("another method of a page", "POST", "/healthz", b"{}", as_json, 405),
            ("announced too long", "POST", "/mpic", b"", as_json | {"Content-Length": str(LONGEST)}, 413),
            ("another media type", "POST", "/mpic", good, {"Content-Type": "text/plain"}, 415),
            ("a long header", "POST", "/mpic", good, as_json | {"x-filler": "x" * 64 * 1024}, 431),
            ("no such format", "GET", "/v1/perspectives?format=xml", b"", {}, 400),
        )
        for reason, method, path, body, headers, wanted in rows:
            with self.subTest(reason):
                status, media, answer = self.raw(method, path, body, headers)
                self.assertEqual((status, media), (wanted, "application/json"), answer)
                path = path.split("?")[0]
                (served,) = self.document.content["paths"][path]
                self.check(served, path, status, json.loads(answer))
        status, media, answer = self.raw("GET", "/nothing")
        self.assertEqual((status, media), (404, "application/json"), answer)
        self.assertEqual(self.document.misfits_of(json.loads(answer), "Failure"), [])

    def test_pages(self) -> None:
        for path in ("/healthz", "/configz", "/openapi.json", "/v1/perspectives", "/v1/perspectives?format=json"):
            with self.subTest(path):
                status, media, answer = self.raw("GET", path)
                self.assertEqual((status, media), (200, "application/json"), answer)
                self.check("GET", path.split("?")[0], status, json.loads(answer))

    def test_the_document_itself(self) -> None:
        self.assertEqual(self.raw("GET", "/openapi.json")[2], FILE.read_bytes())

    def test_lists_for_firewalls(self) -> None:
        for kind in ("plain", "nginx", "nftables"):
            with self.subTest(kind):
                status, media, answer = self.raw("GET", f"/v1/perspectives?format={kind}")
                self.assertEqual((status, media), (200, "text/plain"), answer)
                for perspective in PERSPECTIVES:
                    self.assertIn(perspective.egress, answer.decode())
