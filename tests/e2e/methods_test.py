"""Every validation method over the real way: verdicts, what is refused and by which clause, what people are told."""

from __future__ import annotations

from mpic_local.asking import (
    CAA,
    CORROBORATED,
    DCV,
    EXIT_REFUSED,
    NOT_CORROBORATED,
    NOT_DETERMINED,
    check_caa,
    check_dns,
    check_dns_account,
    check_dns_change,
    check_email,
    check_http,
    check_ip_address,
    check_persistent,
    check_phone,
    check_reverse,
    check_tls_alpn,
    check_website,
    check_website_of_address,
    checks_of,
    problems_of,
)
from mpic_local.challenges import ISSUER
from mpic_local.layout import (
    BEHIND,
    GEO_BLOCKED,
    IPV6_DEAD,
    IPV6_LOOPBACK,
    PRIMARY,
    SITE,
    TLS_ALPN,
    TLS_ALPN_WRONG,
    WITHOUT_IPV6,
)
from support import Case

OTHER_ACCOUNT = "https://example.com/acme/acct/Another"


class Verdicts(Case):
    """What the quickstart shows is not repeated here: see verdicts_test.py."""

    def check(self, rows) -> None:
        for reason, arguments, would_be, code in rows:
            with self.subTest(reason, arguments=arguments[1:3]):
                answer = self.ask(arguments)
                self.assertEqual(answer["would_be"], would_be, answer.get("findings"))
                self.assertEqual(problems_of(answer).get(PRIMARY.id), code)

    def test_acme_dns(self) -> None:
        self.check((
            ("a plain name", check_dns("dns.demo.test"), CORROBORATED, None),
            ("over a CNAME of the challenge's name", check_dns("delegated.demo.test"), CORROBORATED, None),
            ("split in the middle of the digest", check_dns("split.demo.test"), CORROBORATED, None),
            ("200 records", check_dns("many.demo.test"), CORROBORATED, None),
            ("an unsigned zone", check_dns("www.plain.test"), CORROBORATED, None),
            ("hashed names", check_dns("www.hashed.test"), CORROBORATED, None),
            ("another account's digest", check_dns("wrong.demo.test"), NOT_CORROBORATED, "CHALLENGE_MISMATCH"),
            ("no record", check_dns("nothing.demo.test"), NOT_CORROBORATED, "DNS_NO_RECORD"),
            ("forged", check_dns("www.bogus.test"), NOT_DETERMINED, "DNS_BOGUS"),
            ("lame", check_dns("www.lame.test"), NOT_DETERMINED, "DNS_SERVFAIL"),
            ("by account: another account's label", check_dns_account("dns-account.demo.test", OTHER_ACCOUNT),
             NOT_CORROBORATED, "DNS_NO_RECORD"),
            ("by account: another account's digest", check_dns_account("dns-account-wrong.demo.test"),
             NOT_CORROBORATED, "CHALLENGE_MISMATCH"),
        ))  # fmt: skip

    def test_authorization_domain_names(self) -> None:
        self.check((
            ("pruned", check_dns("deep.dns.demo.test", "dns.demo.test"), CORROBORATED, None),
            ("over an alias", check_dns("alias-of-dns.demo.test", "dns.demo.test"), CORROBORATED, None),
            ("no alias leads there", check_dns("www.demo.test", "dns.demo.test"), NOT_CORROBORATED, "DNS_NO_ALIAS"),
        ))  # fmt: skip
        (check,) = self.ask(check_dns("deep.dns.demo.test", "dns.demo.test"))["checks"]
        self.assertEqual(check["dcv"]["authorization_domain"], "dns.demo.test")

    def test_persistent_records(self) -> None:
        self.check((
            ("a plain name", check_persistent("persist.demo.test"), CORROBORATED, None),
            ("a name below", check_persistent("deep.persist-wild.demo.test", "persist-wild.demo.test"), CORROBORATED,
             None),
            ("an IP address", check_persistent(SITE), CORROBORATED, None),
            ("a wildcard without policy", check_persistent("*.persist.demo.test"), NOT_CORROBORATED,
             "SCOPE_TOO_NARROW"),
            ("another account", check_persistent("persist-account.demo.test"), NOT_CORROBORATED, "ACCOUNT_MISMATCH"),
            ("malformed", check_persistent("persist-twice.demo.test"), NOT_CORROBORATED, "RECORD_MALFORMED"),
            ("an IP address with another account", check_persistent(TLS_ALPN), NOT_CORROBORATED, "ACCOUNT_MISMATCH"),
        ))  # fmt: skip

    def test_tls_alpn(self) -> None:
        self.check((
            ("two names", check_tls_alpn("alpn-two-names.demo.test"), NOT_CORROBORATED, "CERTIFICATE_MISMATCH"),
            ("not critical", check_tls_alpn("alpn-uncritical.demo.test"), NOT_CORROBORATED, "CERTIFICATE_MISMATCH"),
            ("a name's certificate for an address", check_tls_alpn(TLS_ALPN_WRONG[1]), NOT_CORROBORATED,
             "CERTIFICATE_MISMATCH"),
            ("a site that does not know it", check_tls_alpn("www.demo.test"), NOT_DETERMINED, "TLS_FAILED"),
            ("nobody listens", check_tls_alpn("refused.demo.test"), NOT_DETERMINED, "CONNECTION_REFUSED"),
        ))  # fmt: skip

    def test_dns_change(self) -> None:
        self.check((
            ("under a label", check_dns_change("change.demo.test", "--prefix", "_ca-verification"), CORROBORATED, None),
            ("in a CNAME", check_dns_change("change.demo.test", "--type", "CNAME", "--prefix", "_alias"), CORROBORATED,
             None),
            ("in CAA", check_dns_change("change-caa.demo.test", "--type", "CAA"), CORROBORATED, None),
            ("a part, where all is asked for", check_dns_change("change.demo.test", "--exact"), NOT_CORROBORATED,
             "CHALLENGE_MISMATCH"),
            ("another value", check_dns_change("change-wrong.demo.test"), NOT_CORROBORATED, "CHALLENGE_MISMATCH"),
        ))  # fmt: skip

    def test_website_change(self) -> None:
        self.check((
            ("over https", check_website("website.demo.test", "--https"), CORROBORATED, None),
            ("without the value", check_website("website-wrong.demo.test"), NOT_CORROBORATED, "CHALLENGE_MISMATCH"),
            ("a redirect that carries the value", check_website("website-leaks.demo.test"), NOT_CORROBORATED,
             "REDIRECT_FORBIDDEN"),
            ("an address: only in the body", check_website_of_address(SITE, "no-meta-tag.html"), NOT_CORROBORATED,
             "CHALLENGE_MISMATCH"),
            ("an address: a redirect", check_website_of_address(SITE, "moved.html"), NOT_CORROBORATED,
             "REDIRECT_FORBIDDEN"),
        ))  # fmt: skip

    def test_by_address(self) -> None:
        self.check((
            ("http-01", check_http(SITE), CORROBORATED, None),
            ("reverse lookup of another name", check_reverse(SITE, "demo.test"), NOT_CORROBORATED,
             "CHALLENGE_MISMATCH"),
            ("reverse lookup without PTR", check_reverse(TLS_ALPN_WRONG[0], "www.demo.test"), NOT_CORROBORATED,
             "DNS_NO_RECORD"),
        ))  # fmt: skip

    def test_contacts(self) -> None:
        for via in ("caa", "txt"):
            self.check((
                ("e-mail", check_email("contact.demo.test", via), CORROBORATED, None),
                ("telephone", check_phone("contact.demo.test", via), CORROBORATED, None),
                ("another e-mail", check_email("contact-wrong.demo.test", via), NOT_CORROBORATED,
                 "CHALLENGE_MISMATCH"),
                ("more than a number", check_phone("contact-malformed.demo.test", via), NOT_CORROBORATED,
                 "CHALLENGE_MISMATCH"),
                ("none", check_email("www.demo.test", via), NOT_CORROBORATED, "DNS_NO_RECORD"),
            ))  # fmt: skip


class Ipv6(Case):
    def setUp(self) -> None:
        super().setUp()
        self.require_ipv6()

    def test_an_ipv6_only_site_validates_by_every_method(self) -> None:
        rows = (
            check_http("ipv6-only.demo.test"),
            check_http("ipv6-redirect.demo.test"),
            check_tls_alpn("ipv6-only.demo.test"),
            check_http(IPV6_LOOPBACK),
            check_tls_alpn(IPV6_LOOPBACK),
            check_website_of_address(IPV6_LOOPBACK),
        )
        for arguments in rows:
            with self.subTest(arguments=arguments[1:3]):
                answer = self.ask(arguments)
                self.assertEqual(answer["would_be"], CORROBORATED)
                self.assertEqual(problems_of(answer), {perspective: "NO_IPV6_EGRESS" for perspective in WITHOUT_IPV6})

    def test_the_dns_half_needs_no_ipv6(self) -> None:
        for arguments in (check_reverse(IPV6_LOOPBACK, "ipv6-only.demo.test"), check_persistent(IPV6_LOOPBACK)):
            with self.subTest(arguments=arguments[1:3]):
                answer = self.ask(arguments)
                self.assertEqual(answer["would_be"], CORROBORATED)
                self.assertEqual(problems_of(answer), {})

    def test_a_zone_that_is_served_over_ipv6_alone(self) -> None:
        answer = self.ask(check_dns("www.six.test"))
        self.assertEqual(answer["would_be"], CORROBORATED)
        self.assertEqual(problems_of(answer), {perspective: "DNS_SERVFAIL" for perspective in WITHOUT_IPV6})

    def test_both_families_take_nobody_out(self) -> None:
        answer = self.ask(check_http("dual.demo.test"))
        self.assertEqual(problems_of(answer), {})
        self.assertEqual(answer.get("findings", []), [])


class Policy(Case):
    """The coordinator's clock is set: programs.POLICY_CLOCK."""

    def refused(self, arguments: list[str], *words: str) -> None:
        before = len(self.system.site_requests())
        status, answer, error = self.cli.json(arguments)
        self.assertEqual((status, answer), (EXIT_REFUSED, {}), error)
        for word in words:
            self.assertIn(word, error)
        self.assertEqual(len(self.system.site_requests()), before)  # nobody was sent anywhere

    def test_a_retired_method_is_refused_by_its_clause(self) -> None:
        self.refused(check_ip_address("www.demo.test", SITE), "BR 3.2.2.4.8", "2026-03-15")

    def test_what_a_method_does_not_validate_is_refused_by_its_clause(self) -> None:
        self.refused(check_http("*.wild.demo.test"), "3.2.2.4.19")
        self.refused(check_tls_alpn("*.wild.demo.test"), "3.2.2.4.20")
        self.refused(check_website("*.wild.demo.test"), "3.2.2.4.18")
        self.refused(check_dns(SITE), "3.2.2.5")

    def test_a_value_that_is_too_short_to_be_random_is_refused(self) -> None:
        self.refused(["check", "dns-change", "change.demo.test", "--value", "short"], "112 bits")

    def test_soon_retired_methods_are_warned_of_with_their_date(self) -> None:
        rows = (
            (check_email("contact.demo.test", "txt"), "2028-03-15"),
            (check_phone("contact.demo.test", "caa"), "2027-03-15"),
            (check_reverse(SITE, "www.demo.test"), "2027-03-15"),
        )
        for arguments, date in rows:
            with self.subTest(arguments[1]):
                check = checks_of(self.ask(arguments))[DCV]
                self.assertIn(date, " ".join(check["warnings"]))

    def test_half_a_validation_says_so(self) -> None:
        for arguments in (
            check_email("contact.demo.test", "caa"),
            check_phone("contact.demo.test", "txt"),
            check_reverse(SITE, "www.demo.test"),
        ):
            with self.subTest(arguments[1]):
                check = checks_of(self.ask(arguments))[DCV]
                self.assertTrue(check["dcv"]["half_validation"])
                self.assertIn("not complete", check["explanation"])

    def test_a_whole_validation_does_not(self) -> None:
        check = checks_of(self.ask(check_dns("dns.demo.test")))[DCV]
        self.assertFalse(check["dcv"].get("half_validation", False))
        self.assertNotIn("not complete", check["explanation"])


class CaaBesideAMethod(Case):
    def test_the_method_is_the_one_that_validates(self) -> None:
        with_caa = ["--issuer", ISSUER]
        rows = (
            ("dns-01 is named", check_dns("caa-method.demo.test") + with_caa, None),
            ("by its number too", check_dns("caa-method-tbr.demo.test") + with_caa, None),
            ("http-01 is not", check_http("caa-method.demo.test", with_caa=True), "CAA_FORBIDS"),
        )
        for reason, arguments, code in rows:
            with self.subTest(reason):
                (primary, *_) = checks_of(self.ask(arguments))[CAA]["perspectives"]
                seen = primary.get("problem", {}).get("code")
                self.assertEqual(seen, f"PROBLEM_CODE_{code}" if code else None)

    def test_whom_to_tell_is_told_when_caa_prevents_issuance(self) -> None:
        caa = checks_of(self.ask(check_caa("caa-iodef-forbids.demo.test")))[CAA]["caa"]
        self.assertEqual(caa["iodef"], ["mailto:security@demo.test"])


class Told(Case):
    """What the pattern over perspectives suggests."""

    def findings(self, arguments: list[str]) -> str:
        return "\n".join(self.ask(arguments).get("findings", []))

    def test_a_region_that_is_turned_away(self) -> None:
        said = self.findings(check_http("geo-blocked.demo.test"))
        self.assertIn("only APNIC perspectives", said)
        self.assertIn("probably geo-blocking", said)
        self.assertIn(GEO_BLOCKED[0], said)

    def test_an_old_record(self) -> None:
        said = self.findings(check_dns("www.moved.test"))
        self.assertIn("old value still served by some name servers", said)
        self.assertIn(BEHIND[0], said)

    def test_a_dead_ipv6_address(self) -> None:
        self.require_ipv6()
        self.assertIn(f"the IPv6 address {IPV6_DEAD} does not answer in time while IPv4 works",
                      self.findings(check_http("dead-ipv6.demo.test")))  # fmt: skip

    def test_broken_dnssec_in_the_words_of_the_resolver(self) -> None:
        rows = (
            ("www.expired.test", "DNSSEC: Signature Expired"),
            ("www.early.test", "DNSSEC: Signature Not Yet Valid"),
            ("www.stripped.test", "DNSSEC: RRSIGs Missing"),
            ("www.bogus.test", "DNSSEC: Bogus"),
        )
        for name, words in rows:
            with self.subTest(name):
                self.assertIn(words, self.findings(check_dns(name)))

    def test_each_problem_is_explained_with_what_to_do(self) -> None:
        for arguments in (
            check_http("geo-blocked.demo.test"),
            check_dns("www.expired.test"),
            check_tls_alpn("alpn-wrong.demo.test"),
        ):
            with self.subTest(arguments[2]):
                (check,) = self.ask(arguments)["checks"]
                for explanation in check["explanations"]:
                    self.assertTrue(explanation["meaning"] and explanation["advice"] and explanation["perspectives"])
                self.assertEqual({row["problem"]["code"] for row in check["perspectives"] if "problem" in row},
                                 {explanation["code"] for explanation in check["explanations"]})  # fmt: skip
