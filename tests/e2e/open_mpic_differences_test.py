"""Where the Open MPIC API's own implementation is lenient, slow or wrong, and our answer to the same request."""

from __future__ import annotations

import http.client as http_client
import json
import socket
import sqlite3
import time
from contextlib import closing

from answers import ADDED, REFUSAL, misfits
from asserted_primary_test import OWN
from mpic_local.challenges import ACCOUNT, DIGEST, ISSUER, KEY_AUTHORIZATION, RANDOM_VALUE, TOKEN, tls_digest
from mpic_local.layout import PERSPECTIVES, PRIMARY, SITE
from mpic_local.programs import CLIENT, Client
from mpic_local.site import WEBSITE_FILE
from open_mpic_client import OpenMpicClient
from open_mpic_system import OpenMpicCase
from own_site import ACME_TLS, OwnSite, Page, named
from pipeline import messages

AT_ONCE_SECONDS = 3.0
REMOTES = 6
COUNT = "invalid-perspective-count"
QUORUM = "invalid-quorum-count"
EMPTY_VALUE = "empty-challenge-value"

_KEY_AUTHORIZATION = KEY_AUTHORIZATION.encode()
PAGES = {
    named("whole"): Page((_KEY_AUTHORIZATION,)),
    named("more"): Page((_KEY_AUTHORIZATION + b"-and-more",)),
    named("less"): Page((_KEY_AUTHORIZATION[:-1],)),
    named("blank-before"): Page((b" " + _KEY_AUTHORIZATION,)),
    named("line-before"): Page((b"\r\n" + _KEY_AUTHORIZATION,)),
    named("two-segments"): Page((_KEY_AUTHORIZATION[:20], _KEY_AUTHORIZATION[20:])),
    named("octets"): Page((b"\xff\xfe\x80 " + RANDOM_VALUE.encode() + b" \xc3\x28",)),
}
NO_GOODBYE = named("no-goodbye")
NOT_AGREED = named("not-agreed")
ALPN = {NO_GOODBYE: [ACME_TLS], NOT_AGREED: []}


def caa(target: str, orchestration: dict | None = None, **parameters) -> dict:
    asked = {"check_type": "caa", "domain_or_ip_target": target}
    asked |= {"caa_check_parameters": parameters} if parameters else {}
    return asked | ({"orchestration_parameters": orchestration} if orchestration else {})


def dcv(method: str, target: str, **parameters) -> dict:
    return {"check_type": "dcv", "domain_or_ip_target": target,
            "dcv_check_parameters": {"validation_method": method, **parameters}}  # fmt: skip


def http(target: str, token: str = TOKEN) -> dict:
    return dcv("acme-http-01", target, token=token, key_authorization=KEY_AUTHORIZATION)


def website(target: str, path: str = WEBSITE_FILE, value: str = RANDOM_VALUE) -> dict:
    return dcv("website-change", target, http_token_path=path, challenge_value=value)


def dns(target: str) -> dict:
    return dcv("acme-dns-01", target, key_authorization_hash=DIGEST)


def tls_alpn(target: str) -> dict:
    return dcv("acme-tls-alpn-01", target, key_authorization_hash=tls_digest(KEY_AUTHORIZATION).hex())


def dns_change(target: str, kind: str = "TXT", value: str = RANDOM_VALUE) -> dict:
    return dcv("dns-change", target, challenge_value=value, dns_record_type=kind)


def persistent(target: str, account: str = ACCOUNT) -> dict:
    return dcv("dns-persistent", target, issuer_domain_names=[ISSUER], expected_account_uri=account)


class Differences(OpenMpicCase):
    rest_fields = {"tls": True, "parallel": False}

    def check_refused(self, *rows: tuple) -> None:
        """Each a reason, a request and, where it is known, the type of the issue."""
        for reason, request, *issue_type in rows:
            with self.subTest(reason):
                status, body = self.post(request)
                self.assertEqual(status, 400, body)
                self.assertEqual(list(misfits(body, REFUSAL)), [])
                self.assertEqual(body["error"], "request-validation-failed")
                issues = body["validation_issues"]
                self.assertTrue(issues and all(issue["issue_type"] and issue["message"] for issue in issues))
                if issue_type:
                    self.assertIn(issue_type[0], [issue["issue_type"] for issue in issues])

    def check_decided(self, *rows: tuple[str, dict, bool]) -> None:
        for reason, request, is_valid in rows:
            with self.subTest(reason):
                self.assertIs(self.decided(request)["is_valid"], is_valid)

    def decided(self, request: dict) -> dict:
        status, answer = self.post(request)
        self.assertEqual(status, 200, answer)
        return answer

    def details_of(self, answer: dict) -> list[dict]:
        """Of those that saw something."""
        responses = [row["check_response"] for row in answer["perspectives"]]
        return [response["details"] for response in responses if response["check_completed"]]

    def own_site(self) -> None:
        site = OwnSite(self.system.layout, self.system.work, PAGES, ALPN)
        self.addCleanup(site.close)

    def test_counts_weaker_than_the_policy_of_the_day_are_refused(self) -> None:
        def asked(**orchestration) -> dict:
            return caa("caa-permits.demo.test", orchestration)

        self.check_refused(
            *((f"a quorum of {number}", asked(quorum_count=number), QUORUM) for number in (3, 1, 0, -5)),
            ("a quorum of more than there are", asked(quorum_count=REMOTES + 1), QUORUM),
            *((f"{number} perspectives", asked(perspective_count=number), COUNT) for number in (4, 2, 1, 0, -1)),
            ("more perspectives than there are", asked(perspective_count=REMOTES + 1), COUNT),
            ("all but one of too few", asked(perspective_count=3, quorum_count=2), COUNT),
            ("no number", asked(perspective_count="many")),
            ("no whole number", asked(quorum_count=4.5)),
        )
        self.check_decided(
            ("the whole deployment", asked(perspective_count=REMOTES), True),
            ("what the policy demands", asked(perspective_count=REMOTES, quorum_count=4), True),
            ("more than the policy demands", asked(perspective_count=REMOTES, quorum_count=REMOTES), True),
            ("numbers as text", asked(perspective_count="6", quorum_count="5"), True),
        )

    def test_mistakes_of_the_caller_are_told_as_such(self) -> None:
        self.check_refused(
            ("a cohort that there is not", caa("caa-permits.demo.test", {"cohort_for_single_attempt": 99})),
            ("cohorts count from 1", caa("caa-permits.demo.test", {"cohort_for_single_attempt": 0})),
            ("a record type that holds no value", dns_change("change.demo.test", "MX")),
            ("no record type", dns_change("change.demo.test", "TEXT")),
            ("an account that is no URI", persistent("persist.demo.test", "not a URI")),
            ("no such method", dcv("acme-http-02", "www.demo.test")),
            ("a method without its parameters", dcv("acme-http-01", "www.demo.test")),
            ("no such check", {"check_type": "dns", "domain_or_ip_target": "www.demo.test"}),
            ("no target", {"check_type": "caa"}),
            ("a target that is no text", {"check_type": "caa", "domain_or_ip_target": ["www.demo.test"]}),
            ("a digest that is none", dcv("acme-tls-alpn-01", "alpn.demo.test", key_authorization_hash="0" * 63)),
        )

    def test_a_body_that_is_no_request_is_refused(self) -> None:
        headers = {"Content-Type": "application/json", "x-api-key": self.key}
        for body in (b"", b"{", b"[]", b"null", b'"text"', b'{"check_type": "caa"', b"\xff{}", b"[" * 10_000):
            with self.subTest(body[:20]):
                status, answer = self.client(self.key).send("POST", "/mpic", body, headers)
                self.assertEqual(status, 400, answer)
                self.assertEqual(answer["error"], "request-validation-failed")

    def test_an_empty_value_does_not_match_everything(self) -> None:
        contacts = ("contact-email-caa", "contact-email-txt", "contact-phone-caa", "contact-phone-txt")
        self.check_refused(
            ("in a page", website("website.demo.test", value=""), EMPTY_VALUE),
            ("in DNS", dns_change("change.demo.test", value=""), EMPTY_VALUE),
            *((method, dcv(method, "contact.demo.test", challenge_value=""), EMPTY_VALUE) for method in contacts),
            ("a reverse name", dcv("reverse-address-lookup", SITE, challenge_value=""), EMPTY_VALUE),
        )

    def test_a_wildcard_is_not_validated_by_its_site(self) -> None:
        self.check_refused(*((ask.__name__, ask("*.demo.test")) for ask in (http, website, tls_alpn)))

    def test_a_target_is_a_name_or_an_address_and_nothing_more(self) -> None:
        targets = ("www.demo.test:8080", "www.demo.test/page", "user@www.demo.test", "user:secret@www.demo.test",
                   "http://www.demo.test", "www.demo.test?query", "www.demo.test#part", "www..demo.test",
                   "-www.demo.test", "www-.demo.test", f"{'w' * 64}.demo.test", "www demo.test",
                   "www.demo.test\r\nx: y", "w\u00fcrst.demo.test", "", ".", "*", "www.*.demo.test", "[::1]",
                   f"{SITE}:80", "0x7f.77.4.1", "2130706433", "127.77.4", "localhost",
                   "www.demo.internal")  # fmt: skip
        for ask in (http, website, caa):
            self.check_refused(*((f"{ask.__name__} {target!r}", ask(target)) for target in targets))

    def test_a_token_and_a_path_stay_where_they_belong(self) -> None:
        strange = ("../secret", "a/../b", "..", "token?query", "token#part", "line\nline", "line\r\nx: y", "nul\0",
                   "/root", "a b", "a//b", "./a", "%2e%2e/secret", "")  # fmt: skip
        self.check_refused(
            *((f"token {token!r}", http("www.demo.test", token)) for token in strange),
            *((f"path {path!r}", website("website.demo.test", path)) for path in strange),
        )

    def test_internal_addresses_are_not_connected_to(self) -> None:
        rows = (
            ("a name that leads there", http("internal.demo.test")),
            ("a name that leads to the cloud's own", http("metadata.demo.test")),
            ("a redirect there", http("redirect-internal.demo.test")),
            ("another method", website("internal.demo.test")),
            ("a handshake", tls_alpn("internal.demo.test")),
        )
        for reason, request in rows:
            with self.subTest(reason):
                began = time.monotonic()
                answer = self.decided(request)
                self.assertLess(time.monotonic() - began, AT_ONCE_SECONDS)
                self.assertIs(answer["is_valid"], False)
                self.assertIn("ADDRESS_FORBIDDEN", json.dumps(answer))
                self.assertTrue(all(details.get("response_page") is None for details in self.details_of(answer)))
        addresses = ("10.0.0.1", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1")
        self.check_refused(*((address, http(address)) for address in addresses))

    def test_a_forbidden_port_is_never_contacted(self) -> None:
        watched = self.system.layout.watched
        with socket.create_server((watched.address, watched.port)) as listener:
            listener.settimeout(0.5)
            answer = self.decided(http("redirect-watched.demo.test"))
            self.assertIs(answer["is_valid"], False)
            self.assertIn("REDIRECT_FORBIDDEN", json.dumps(answer))
            with self.assertRaises(TimeoutError):
                listener.accept()

    def test_a_value_that_backtracking_chokes_on_takes_no_time(self) -> None:
        began = time.monotonic()
        answer = self.decided(caa("caa-no-issuer.demo.test"))
        self.assertLess(time.monotonic() - began, AT_ONCE_SECONDS)
        self.assertIs(answer["is_valid"], False)

    def test_tls_alpn_is_agreed_on_and_needs_no_goodbye(self) -> None:
        self.own_site()
        self.check_decided(("the right certificate, without the protocol", tls_alpn(NOT_AGREED), False))
        began = time.monotonic()
        self.check_decided(("a server that never says goodbye", tls_alpn(NO_GOODBYE), True))
        self.assertLess(time.monotonic() - began, AT_ONCE_SECONDS)

    def test_a_failed_lookup_of_a_forged_zone_is_no_permission(self) -> None:
        for zone in ("bogus.test", "expired.test", "stripped.test", "keyless.test"):
            self.check_decided((zone, caa(f"caa-permits.{zone}", allow_lookup_failure=True), False))

    def test_a_key_authorization_is_compared_whole(self) -> None:
        self.own_site()
        self.check_decided(
            ("it", http(named("whole")), True),
            ("in two segments", http(named("two-segments")), True),
            ("and more", http(named("more")), False),
            ("its beginning", http(named("less")), False),
            ("a blank before it", http(named("blank-before")), False),
            ("a line before it", http(named("line-before")), False),
        )

    def test_octets_that_are_no_text_do_not_matter(self) -> None:
        self.own_site()
        self.check_decided(
            ("in a record beside the right one", dns("octets.demo.test"), True),
            ("in the page, around the value", website(named("octets")), True),
        )

    def test_whether_dns_was_authenticated_is_told(self) -> None:
        for name, authenticated in (("www.demo.test", True), ("www.hashed.test", True), ("www.plain.test", False)):
            with self.subTest(name):
                answer = self.decided(dns(name))
                self.assertIs(answer["is_valid"], True)
                self.assertEqual({details["ad_flag"] for details in self.details_of(answer)}, {authenticated})

    def test_an_account_is_compared_with_its_case(self) -> None:
        self.check_decided(
            ("the same", persistent("persist.demo.test"), True),
            ("another in the path's case", persistent("persist.demo.test", ACCOUNT.replace("acct", "ACCT")), False),
        )

    def test_a_property_for_some_method_or_account_grants_nothing_to_who_does_not_say_which(self) -> None:
        self.check_decided(
            ("for all", caa("caa-permits.demo.test"), True),
            ("for a method", caa("caa-method.demo.test"), False),
            ("for an account", caa("caa-account.demo.test"), False),
        )

    def test_an_address_has_a_reverse_name_and_no_caa(self) -> None:
        reverse = "reverse-address-lookup"
        self.check_decided(
            ("its name", dcv(reverse, SITE, challenge_value="www.demo.test"), True),
            ("another name", dcv(reverse, SITE, challenge_value="alpn.demo.test"), False),
        )
        self.check_refused(("CAA", caa(SITE)))

    def test_who_asks_shows_a_key(self) -> None:
        request = caa("caa-permits.demo.test")
        before = self.coordinator.log()
        wrong = ("x" if self.key[0] != "x" else "y") + self.key[1:]
        for reason, key in (("none", None), ("empty", ""), ("another", wrong), ("its beginning", self.key[:-1])):
            with self.subTest(reason):
                status, body = self.client(key).ask(request)
                self.assertEqual(status, 401, body)
                self.assertNotIn("perspectives", body)
        self.assertNotIn(self.key, self.coordinator.log().removeprefix(before))
        bearer = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}
        status, body = self.client(None).send("POST", "/mpic", json.dumps(request).encode(), bearer)
        self.assertEqual(status, 200, body)
        self.assertIs(body["is_valid"], True)

    def test_nothing_is_said_without_tls(self) -> None:
        plain = OpenMpicClient(f"http://{self.coordinator.file.rest.listen}/mpic", self.key)
        try:
            status, body = plain.ask(caa("caa-permits.demo.test"))
        except (OSError, http_client.HTTPException):  # closed, or an alert of TLS
            return
        self.assertEqual((status // 100, body.get("is_valid")), (4, None))

    def test_what_was_decided_is_recorded(self) -> None:
        for request in (caa("caa-permits.demo.test"), caa("caa-forbids.demo.test")):
            added = self.decided(request)[ADDED]
            with closing(sqlite3.connect(f"file:{self.coordinator.records}?mode=ro", uri=True)) as database:
                query = "SELECT body FROM records WHERE record_id = ?"
                ((octets,),) = database.execute(query, (added["record_id"],)).fetchall()
            body = messages(self.system).RecordBody.FromString(octets)
            self.assertEqual(body.request.identifier, request["domain_or_ip_target"])
            self.assertEqual(body.client, CLIENT)

    def test_the_primary_looks_first(self) -> None:
        answer = self.decided(http("www.demo.test"))
        self.assertEqual(answer[ADDED]["primary"]["perspective_code"], PRIMARY.id)
        seen = {row["perspective_code"] for row in answer["perspectives"]}
        self.assertEqual(seen, {perspective.id for perspective in PERSPECTIVES} - {PRIMARY.id})

        before = len(self.system.site_requests())
        answer = self.decided(http("primary-hijacked.demo.test"))
        self.assertIs(answer["is_valid"], False)
        visitors = {request["client"] for request in self.system.site_requests()[before:]}
        self.assertIn(PRIMARY.egress, visitors)

        before = len(self.system.site_requests())
        answer = self.decided(http("missing.demo.test"))
        self.assertIs(answer["is_valid"], False)
        self.assertEqual([row["perspective_code"] for row in answer["perspectives"]], [PRIMARY.id])
        visitors = {request["client"] for request in self.system.site_requests()[before:]}
        self.assertEqual(visitors, {PRIMARY.egress})

    def test_a_value_that_cannot_be_random_is_refused(self) -> None:
        short = (website("website.demo.test", value="short"), dns_change("change.demo.test", value="verification"))
        for request in short:
            status, body = self.post(request)
            self.assertEqual(status, 400, body)
            self.assertIn("1.6.1", json.dumps(body))


class WithoutAPrimary(OpenMpicCase):
    """A CA that has made its own determination, and asks as a client of Open MPIC does: after it."""

    file_fields = {
        "perspectives": tuple(each for each in PERSPECTIVES if each.role == "remote"),
        "clients": (Client(CLIENT, OWN),),
    }

    def test_who_may_speak_for_a_primary_does_so_by_asking(self) -> None:
        before = len(self.system.site_requests())
        status, answer = self.post(http("www.demo.test"))
        self.assertEqual((status, answer["is_valid"]), (200, True), answer)
        self.assertEqual((answer[ADDED]["primary"]["perspective_code"], answer[ADDED]["fraction"]), (OWN.id, "6/6"))
        self.assertEqual(len(self.system.site_requests()) - before, 6, "somebody else has looked")

    def test_what_the_remotes_see_counts_all_the_same(self) -> None:
        status, answer = self.post(http("three-hijacked.demo.test"))
        self.assertEqual((status, answer["is_valid"]), (200, False), answer)
