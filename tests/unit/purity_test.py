#!/usr/bin/env python3
"""Pure code stays pure: what it includes, and what its library asks of the system.

usage: purity_test.py SOURCE_DIR [LIBMPIC_PURE_A]

Prints file and line (or object and symbol) of every breach and exits 1. Before it looks at the project it proves on a
bad sample that it can find something.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

PURE = ("common/domain", "common/rules", "common/wire", "coordinator/policy")
# Of a folder that is not pure as a whole.
PURE_FILES = tuple(f"common/evidence/{name}" for name in (
    "checkpoint", "log_proof", "log_tree", "note_keys", "signed_note", "text_form", "tiles"))

STANDARD = set("""
algorithm array bit bitset charconv chrono cmath compare concepts cstddef cstdint cstdio cstdlib cstring functional initializer_list
iterator limits map memory numbers numeric optional set span stdexcept string string_view tuple type_traits
unordered_map unordered_set utility variant vector
""".split())
# Libraries that compute and do nothing else. <resolv.h> is for the reader of DNS messages; that it also declares a
# resolver is why the symbols are looked at too.
LIBRARIES = set("""
tl/expected.hpp fmt/core.h fmt/format.h boost/url.hpp idn2.h libpsl.h openssl/sha.h openssl/evp.h openssl/x509.h
openssl/x509v3.h openssl/asn1.h openssl/bio.h openssl/pem.h openssl/objects.h openssl/ec.h openssl/err.h openssl/hmac.h re2/re2.h arpa/inet.h arpa/nameser.h resolv.h google/protobuf/timestamp.pb.h
""".split())
OWN = re.compile(r"^((common/(domain|rules|wire)|coordinator/policy|mpic/v1)/|common/evidence/merkle\.hpp|("
                 + "|".join(PURE_FILES) + r")\.hpp)")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
# What the headers above would let through. Comments are removed before the search.
WORDS = re.compile(
    r"(system_clock|steady_clock|high_resolution_clock)\s*::\s*now|\b(s?rand|random_device|getenv|fopen|std::cout|std::cerr)\b"
    r"|\bthread_local\b|\b(printf|puts)\s*\(|psl_(latest|load_file|load_fp)\b|\bres_n?(query|search|send)\b")
# Static state that changes: only constants may be static, as may functions.
STATIC = re.compile(r"^\s*static\s+(?!const\b|constexpr\b|constinit const\b|_|inline\b)[\w:<>,\s*&]+\s(\w+)\s*(=|;|\{)")

SYMBOLS = re.compile(
    r"^(clock_gettime|gettimeofday|time|ftime|std::chrono::_V2::(system|steady)_clock::now|"
    r"socket|connect|bind|listen|accept4?|send(to|msg|mmsg)?|recv(from|msg|mmsg)?|poll|ppoll|select|epoll_\w+|"
    r"open(at)?(64)?|fopen(64)?|read|p?read(64)?|p?write(64)?|std::basic_[io]?f(stream|ilebuf)\b.*|getaddrinfo|gethostby\w+|"
    r"__?res_\w+|res_n?\w+|psl_(latest|load_\w+)|"
    r"s?rand(_r|om)?|random_r?|[dlm]rand48|getrandom|getentropy|arc4random\w*|std::random_device.*|RAND_\w+|"
    r"(secure_)?getenv|nanosleep|usleep|pthread_create|std::cout|std::cerr|printf|puts|"
    r"spdlog::.*|grpc(::|_).*|ares_.*|sqlite3_.*|boost::asio::.*)(\(.*|@.*)?$")


def without_comments(text: str) -> str:
    """Same number of lines; strings stay, so that "//" inside one does not hide the rest of its line."""
    pattern = re.compile(r'("(?:\\.|[^"\\\n])*")|//[^\n]*|/\*.*?\*/', re.S)
    return pattern.sub(lambda m: m.group(1) or "\n" * m.group(0).count("\n"), text)


def source_breaches(root: pathlib.Path) -> list[str]:
    breaches = []
    paths = [path for folder in PURE for path in sorted((root / folder).rglob("*")) if path.suffix in (".hpp", ".cpp")]
    paths += [path for stem in PURE_FILES for path in sorted(root.glob(f"{stem}.?pp"))]
    for path in paths:
        for number, line in enumerate(without_comments(path.read_text()).splitlines(), 1):
            place = f"{path.relative_to(root)}:{number}"
            include = INCLUDE.match(line)
            if include:
                name = include.group(1)
                if name not in STANDARD and name not in LIBRARIES and not OWN.match(name):
                    breaches.append(f"{place}: includes {name}, which is not on the list for pure code")
            elif WORDS.search(line):
                breaches.append(f"{place}: {WORDS.search(line).group(0)} is not for pure code")
            elif STATIC.match(line):
                breaches.append(f"{place}: static state that changes: {STATIC.match(line).group(1)}")
    return breaches


def symbol_breaches(library: pathlib.Path) -> list[str]:
    listing = subprocess.run(["nm", "-u", "-C", "-A", str(library)], capture_output=True, text=True, check=True).stdout
    breaches, undefined = [], 0
    for line in listing.splitlines():
        place, _, symbol = line.partition(" U ")
        if not symbol:
            continue
        undefined += 1
        if SYMBOLS.match(symbol.strip()):
            breaches.append(f"{place.strip().rsplit('/', 1)[-1].rstrip(':')}: asks for {symbol.strip()}")
    if undefined == 0:
        breaches.append(f"{library}: no symbols at all; this test would find nothing in it")
    return breaches


BAD_SOURCE = """#include <fstream>
#include "common/async/clock.hpp"
#include <chrono>  // fine
// std::chrono::system_clock::now() in a comment is fine
auto late() { return std::chrono::system_clock::now(); }
int next() {
  static int calls = 0;
  static const int kFine = 1;
  return calls += kFine;
}
"""
BAD_SYMBOLS = ("clock_gettime", "std::chrono::_V2::steady_clock::now()", "socket", "connect", "sendto", "recvmsg", "open64",
               "fopen", "read", "write", "rand", "getrandom", "RAND_bytes", "getenv", "spdlog::info(int)",
               "grpc::Status::OK", "std::random_device::_M_getval()", "res_nsend")
GOOD_SYMBOLS = ("memcpy", "ns_initparse", "ns_msg_getflag", "inet_pton", "std::__throw_bad_alloc()", "SHA256",
                "mpic::rules::read_reply(int)", "operator new(unsigned long)", "idn2_lookup_u8", "snprintf",
                "mpic::read(int)")


def self_check() -> list[str]:
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "common/rules").mkdir(parents=True)
        (root / "common/rules/bad.cpp").write_text(BAD_SOURCE)
        found = {line.split(":")[1] for line in source_breaches(root)}
        if found != {"1", "2", "5", "7"}:
            faults.append(f"self-check: lines {sorted(found)} of the bad sample were found, not 1, 2, 5, 7")
    faults += [f"self-check: {symbol} was not found" for symbol in BAD_SYMBOLS if not SYMBOLS.match(symbol)]
    faults += [f"self-check: {symbol} is innocent" for symbol in GOOD_SYMBOLS if SYMBOLS.match(symbol)]
    return faults


def main(arguments: list[str]) -> int:
    if not 1 <= len(arguments) <= 2:
        print(__doc__, file=sys.stderr)
        return 64
    breaches = self_check()
    breaches += source_breaches(pathlib.Path(arguments[0]).resolve())
    if len(arguments) == 2:
        breaches += symbol_breaches(pathlib.Path(arguments[1]))
    for breach in breaches:
        print(breach)
    print(f"purity: {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
