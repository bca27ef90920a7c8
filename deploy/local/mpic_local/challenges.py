"""What the demonstration's CA has asked its applicants to publish: zones, site and requests agree on it here."""

from __future__ import annotations

import base64
import hashlib

ISSUER = "ca.example"  # the CA that the demonstration's requests come from

# An ACME challenge as an ACME server would set it (RFC 8555 8.1), and what stands for it in DNS (8.4).
TOKEN = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"
KEY_AUTHORIZATION = f"{TOKEN}.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"
# What somebody else's ACME account would answer.
HIJACKER_AUTHORIZATION = f"{TOKEN}.4K0YzXhZ1yq7Vt3c8uWm2nB5rL9oEdSgPfJxQaTiHvM"


def dns_digest(key_authorization: str) -> str:
    """base64url(SHA-256()) without padding."""
    return base64.urlsafe_b64encode(tls_digest(key_authorization)).decode().rstrip("=")


def tls_digest(key_authorization: str) -> bytes:
    """Of the acmeIdentifier extension (RFC 8737 3)."""
    return hashlib.sha256(key_authorization.encode()).digest()


def account_label(account: str) -> str:
    """Of dns-account-01: lower-case base32 of the first ten octets of SHA-256(account URI)."""
    return "_" + base64.b32encode(hashlib.sha256(account.encode()).digest()[:10]).decode().lower()


DIGEST = dns_digest(KEY_AUTHORIZATION)
HIJACKER_DIGEST = dns_digest(HIJACKER_AUTHORIZATION)

# Of dns-account-01: the account decides the name of the record.
DNS_ACCOUNT = "https://example.com/acme/acct/ExampleAccount"

# A Random Value of 128 bits (BR 1.6.1), for the methods outside ACME.
RANDOM_VALUE = "9f2c61c7d0b84e5ea3d1f07b6c852a94"

# Of dns-persistent, and of CAA's accounturi.
ACCOUNT = "https://ca.example/acct/1"
OTHER_ACCOUNT = "https://ca.example/acct/2"
LONG_AGO = 1721952000  # persistUntil: 2024-07-26

EMAIL = "hostmaster@demo.test"
PHONE = "+15551234567"
PHONE_AS_PUBLISHED = "+1 555-123-4567"  # the same number, with visual separators
