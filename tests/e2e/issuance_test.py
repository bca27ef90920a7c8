"""The issuance step with real answers: docs/clients. A statement of the running system covers its own name and nothing else,
and its record is in the log.

A laboratory's verdict is no basis for issuance, and the first thing that is held here. For the rest the coordinator's key
signs what it would have said outside of one.
"""

from __future__ import annotations

import sys
import time

from coordinators import Coordinator
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from mpic_local.challenges import ISSUER
from mpic_local.layout import LOG_ORIGIN, project_directory
from mpic_local.programs import CLIENT
from pipeline import fresh_id, messages
from support import Case

sys.path.insert(0, str(project_directory() / "docs" / "clients" / "python"))
import mpic_issuance  # noqa: E402
from mpic_issuance import Issuance, PinnedKey, Refused, check_issuance, pae  # noqa: E402
from mpic_issuance_cli import get_record  # noqa: E402
from mpic_record import LogKey, check_record  # noqa: E402

NAME = "www.demo.test"
ACCOUNT = "https://ca.demo.test/acct/1"


class IssuanceStep(Case):
    def setUp(self) -> None:
        super().setUp()
        messages(self.system)
        self.keys = self.system.work / "keys"
        own = self.keys / "coordinator"
        self.pinned = [PinnedKey((own / "signing.pub.pem").read_bytes())]
        self.signing = serialization.load_pem_private_key((own / "signing.key").read_bytes(), password=None)
        self.pipeline = Coordinator.of(self.system).pipeline()
        self.addCleanup(self.pipeline.close)

    def answer(self, **fields):
        request = self.pipeline.http(NAME, **fields)
        request.caa.issuer_domains.append(ISSUER)
        request.caa.account_uris.append(ACCOUNT)
        return self.pipeline.ask(request)

    def outside_a_laboratory(self, statement):
        """The same, as if nothing of a laboratory had forbidden the verdict."""
        pb = mpic_issuance.messages("corroboration")
        said = pb.StatementBody.FromString(statement.payload)
        said.verdict, said.basis_for_issuance = pb.VERDICT_CORROBORATED, True
        for check in said.checks:
            check.verdict = pb.VERDICT_CORROBORATED
        out = pb.Statement(payload=said.SerializeToString(), key_id=statement.key_id)
        message = pae(mpic_issuance.STATEMENT_TYPE, out.payload)
        is_ed25519 = isinstance(self.signing, ed25519.Ed25519PrivateKey)
        out.signature = self.signing.sign(message) if is_ed25519 else self.signing.sign(message, ec.ECDSA(hashes.SHA256()))
        return out

    def issuance(self, **fields) -> Issuance:
        known = {"identifier": NAME, "at": time.time_ns(), "method": "acme-http-01", "account_uri": ACCOUNT,
                 "issuer_domain": ISSUER, "client": CLIENT, "log_origin": LOG_ORIGIN}  # fmt: skip
        return Issuance(**{**known, **fields})

    def refusal(self, statement, issuance: Issuance) -> str:
        with self.assertRaises(Refused) as told:
            check_issuance(statement, self.pinned, issuance)
        return told.exception.why

    def test_an_answer_covers_its_own_name_and_nothing_else(self) -> None:
        statement = self.answer().statement
        self.assertEqual(self.refusal(statement, self.issuance()), "the statement's verdict is not CORROBORATED")
        statement = self.outside_a_laboratory(statement)
        said = check_issuance(statement, self.pinned, self.issuance())
        self.assertEqual((said.identifier, said.authorization_domain), (NAME, NAME))
        later = said.decided.ToNanoseconds()
        for fields, words in (
            ({"identifier": "demo.test"}, f"the statement is for {NAME}, not for demo.test"),
            ({"identifier": f"*.{NAME}"}, f"not for *.{NAME}"),
            ({"identifier": f"a.{NAME}"}, f"not for a.{NAME}"),
            ({"method": "acme-dns-01"}, "control was validated by acme-http-01"),
            ({"account_uri": ACCOUNT + "0"}, "CAA was not asked for the account"),
            ({"account_uri": ""}, "the issuance names none"),
            ({"issuer_domain": "other.test"}, "issuer domain"),
            ({"client": "stranger"}, "was told to the client"),
            ({"log_origin": "mpic.test/other"}, "is of the log"),
            ({"certificate": "smime"}, "another type of certificate"),
            ({"at": later - 31 * 10**9}, "before the statement"),
            ({"at": later + 9 * 3_600 * 10**9}, "CAA was usable until"),
            ({"at": later + 399 * 86_400 * 10**9, "needs_caa": False}, "DCV was usable until"),
        ):
            with self.subTest(words):
                self.assertIn(words, self.refusal(statement, self.issuance(**fields)))

    def test_an_observed_primary(self) -> None:
        statement = self.outside_a_laboratory(self.answer().statement)
        said = check_issuance(statement, self.pinned, self.issuance(accepts_asserted_primary=False))
        self.assertFalse(said.asserted_primary)

    def test_its_record_is_in_the_log(self) -> None:
        own = self.keys / "clients" / CLIENT
        link = [(self.keys / "ca.pem").read_bytes(), *((own / f"tls.{end}").read_bytes() for end in ("pem", "key"))]
        log_keys = [LogKey((self.keys / "coordinator" / "checkpoint.vkey").read_text())]
        request_id = fresh_id()
        first, second = self.answer(request_id=request_id), self.answer()
        record = get_record(str(self.system.layout.coordinator), *link, server_name="coordinator.mpic.internal",
                            request_id=request_id)  # fmt: skip
        check_record(record, first.statement, log_keys)
        with self.assertRaises(Refused):
            check_record(record, second.statement, log_keys)
        record.body += b"\n\x00"  # still a record, with an empty field more
        with self.assertRaises(Refused):
            check_record(record, first.statement, log_keys)
