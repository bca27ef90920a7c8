"""The applicant's site: nginx. Some names answer by who asks, as a hijacked route or a firewall by region would."""

from __future__ import annotations

import os
from pathlib import Path

from . import open_mpic, zones
from .certificates import make_site_certificate
from .challenges import HIJACKER_AUTHORIZATION, KEY_AUTHORIZATION, RANDOM_VALUE, TOKEN
from .layout import BY_ID, GEO_BLOCKED, HIJACKED_ONE, HIJACKED_THREE, PRIMARY, Layout
from .peers import find_program
from .processes import Program

_CHALLENGE = f"/.well-known/acme-challenge/{TOKEN}"
_PKI_VALIDATION = "/.well-known/pki-validation"  # BR 3.2.2.4.18, 3.2.2.5.1
WEBSITE_FILE = "ca-verification.txt"
META_TAG_FILE = "ca-verification.html"

# Names that serve the challenge and nothing else.
_PLAIN_NAMES = (
    "demo.test", "www.demo.test", "*.wild.demo.test", "two-addresses.demo.test", "mixed.demo.test",
    "alias.demo.test", "alias-twice.demo.test", "caa-permits.demo.test", "caa-forbids.demo.test",
    "caa-method.demo.test", "caa-account.demo.test", "deep.caa-parent.demo.test",
    "ipv6-only.demo.test", "dual.demo.test", "dead-ipv6.demo.test", "*.bench.test", "*.cold.test",
)  # fmt: skip


def _zone_names() -> list[str]:
    """The site is there in zones of every kind."""
    apexes = [zone.name.rstrip(".") for zone in zones.ZONES if zone.name.endswith(".test.")]
    return [name for apex in apexes if apex != "demo.test" for name in (apex, f"www.{apex}", f"*.wild.{apex}")]


def _egress_map(variable: str, perspectives: tuple[str, ...]) -> str:
    rows = "".join(f"    {BY_ID[id].egress} 1;\n" for id in perspectives)
    return f"  geo ${variable} {{\n    default 0;\n{rows}  }}\n"


def _maps() -> str:
    return (
        _egress_map("hijacked_one", HIJACKED_ONE)
        + _egress_map("hijacked_three", HIJACKED_THREE)
        + _egress_map("hijacked_primary", (PRIMARY.id,))
        + _egress_map("geo_blocked", GEO_BLOCKED)
        + f"""\
  map $hijacked_one $one {{ 0 "{KEY_AUTHORIZATION}"; 1 "{HIJACKER_AUTHORIZATION}"; }}
  map $hijacked_three $three {{ 0 "{KEY_AUTHORIZATION}"; 1 "{HIJACKER_AUTHORIZATION}"; }}
  map $hijacked_primary $primary {{ 1 "{KEY_AUTHORIZATION}"; 0 "{HIJACKER_AUTHORIZATION}"; }}
"""
    )


def _at(path: str, text: str) -> str:
    return f'location = {path} {{ return 200 "{text}"; }}\n    '


def _moved(path: str, target: str) -> str:
    return f"location = {path} {{ return 302 {target}; }}\n    "


def _website(text: str) -> str:
    return _at(f"{_PKI_VALIDATION}/{WEBSITE_FILE}", text)


def _page(value: str) -> str:
    return f"<html><head><meta name='ca-verification' content='{value}'></head><body>{value}</body></html>"


def _by_address() -> str:
    """Asked for by its address (RFC 8738; BR 3.2.2.5.1, 3.2.2.5.6)."""
    only_in_the_body = f"<html><body>{RANDOM_VALUE}</body></html>"
    return (
        _at(_CHALLENGE, KEY_AUTHORIZATION)
        + _at(f"{_PKI_VALIDATION}/{META_TAG_FILE}", _page(RANDOM_VALUE))
        + _at(f"{_PKI_VALIDATION}/wrong.html", _page("0" * len(RANDOM_VALUE)))
        + _at(f"{_PKI_VALIDATION}/no-meta-tag.html", only_in_the_body)
        + f"location = {_PKI_VALIDATION}/moved.html {{ return 301 http://$host{_PKI_VALIDATION}/{META_TAG_FILE}; }}"
    )


def _servers(layout: Layout, directory: Path) -> list[str]:
    listen6 = f"    listen {layout.http6};\n" if layout.ipv6 else ""

    def server(names: str, body: str, backlog: str = "") -> str:
        return f"""\
  server {{
    listen {layout.http}{backlog};
    listen {layout.https} ssl;
{listen6}\
    server_name {names};
    {body}
  }}
"""

    challenge = f"location = {_CHALLENGE}"
    validation = f"{_PKI_VALIDATION}/{WEBSITE_FILE}"
    return [
        server("_", "return 404;", " backlog=4096"),  # of the address, so of all
        server(" ".join([*_PLAIN_NAMES, *_zone_names()]),
               _at(_CHALLENGE, KEY_AUTHORIZATION) + _at(f"/validation/{TOKEN}", f"{KEY_AUTHORIZATION}\\n")),
        server(f"{layout.http.address} [::1]", _by_address()),
        server("redirect.demo.test ipv6-redirect.demo.test",
               f"{challenge} {{\n"
               "      if ($scheme = http) { return 301 https://$host$request_uri; }\n"
               f"      return 302 https://www.demo.test/validation/{TOKEN};\n    }}"),
        server("one-hijacked.demo.test", _at(_CHALLENGE, "$one")),
        server("three-hijacked.demo.test", _at(_CHALLENGE, "$three")),
        server("primary-hijacked.demo.test", _at(_CHALLENGE, "$primary")),
        server("geo-blocked.demo.test", "if ($geo_blocked) { return 403; }\n    " + _at(_CHALLENGE, KEY_AUTHORIZATION)),
        server("wrong.demo.test", _at(_CHALLENGE, HIJACKER_AUTHORIZATION)),
        server("missing.demo.test", "return 404;"),
        server("loop.demo.test", "return 302 http://loop.demo.test$request_uri;"),
        server("redirect-port.demo.test", "return 302 http://www.demo.test:8080$request_uri;"),
        server("redirect-internal.demo.test", "return 302 http://internal.demo.test$request_uri;"),
        server("closes.demo.test", "return 444;"),
        server("large.demo.test", f"{challenge} {{ alias {directory}/large.txt; }}"),
        server("slow.demo.test", f"{challenge} {{ alias {directory}/slow.txt; limit_rate 1; }}"),
        server("website.demo.test", _website(f"This site is ours. {RANDOM_VALUE}\\n")),
        server("website-wrong.demo.test", _website("This site is ours.\\n")),
        server("website-redirect.demo.test",
               f"location = {validation} {{ return 301 https://website.demo.test$request_uri; }}"),
        server("website-leaks.demo.test",
               f"location = {validation} {{ return 302 http://$host/echo?value={RANDOM_VALUE}; }}\n    "
               + _at("/echo", "$arg_value")),
        server("redirect-watched.demo.test", f"return 302 http://www.demo.test:{layout.watched.port}$request_uri;"),
        server(open_mpic.HOST, "".join(_at(path, text.replace("\n", "\\n")) for path, text in open_mpic.PAGES.items())
               + "".join(_moved(path, target) for path, target in open_mpic.MOVED.items())),
    ]  # fmt: skip


def site(layout: Layout, work: Path) -> Program:
    directory = work / "nginx"
    directory.mkdir(parents=True)
    make_site_certificate(directory)
    (directory / "large.txt").write_text(KEY_AUTHORIZATION + "x" * (256 * 1024))
    (directory / "slow.txt").write_text(KEY_AUTHORIZATION)
    temporary = "".join(
        f"  {kind}_temp_path {directory}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = f"""\
{"user root;" if os.geteuid() == 0 else ""}
worker_processes 1;
worker_rlimit_nofile 8192;
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/error.log warn;
events {{ worker_connections 4096; }}
http {{
  default_type text/plain;
  log_format seen escape=json '{{"client":"$remote_addr","scheme":"$scheme","host":"$http_host",'
    '"request":"$request","status":"$status","agent":"$http_user_agent"}}';
  access_log {directory}/access.log seen;
{temporary}\
  ssl_certificate {directory}/site.pem;
  ssl_certificate_key {directory}/site.key;
  ssl_protocols TLSv1.2 TLSv1.3;
  server_names_hash_max_size 2048;
  server_names_hash_bucket_size 128;
{_maps()}\
{"".join(_servers(layout, directory))}\
}}
"""
    (directory / "nginx.conf").write_text(configuration)
    command = [find_program("nginx"), "-p", str(directory), "-e", "stderr", "-c", str(directory / "nginx.conf")]
    return Program("nginx", command, directory)
