#!/usr/bin/env python3
"""docs/requirements.md names files and tests that are there.

usage: requirements_test.py SOURCE_DIR

Each row is clause | rule | files | tests. A test is named by its TEST_CASE, by `a file` of tests, or by the name of a
scenario. Prints every name that leads nowhere and exits 1.
"""
import pathlib
import re
import sys

TEST_CASE = re.compile(r'(?:TEST_CASE|SCENARIO)\(\s*((?:"(?:\\.|[^"\\])*"\s*)+)')
TICKED = re.compile(r"`([^`]+)`")


def test_cases(root: pathlib.Path) -> set[str]:
    names = set()
    for path in (root / "tests").rglob("*.cpp"):
        for literals in TEST_CASE.findall(path.read_text()):
            joined = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', literals))
            names.add(joined.replace('\\"', '"').replace("\\\\", "\\"))
    return names


def exists(root: pathlib.Path, name: str) -> bool:
    """A path below the root or below tests/scenarios, `*` allowed; the ending of a scenario may be left out."""
    scenarios = root / "tests" / "scenarios"
    return any(any(folder.glob(pattern)) for folder in (root, scenarios) for pattern in (name, f"{name}.scenario"))


def names_of(tests: str, cases: set[str]) -> list[str]:
    """What stands between semicolons; but the name of a test case may hold some itself."""
    names = []
    parts = re.split(r";\s*", tests)
    while parts:
        taken = next((n for n in range(len(parts), 0, -1) if "; ".join(parts[:n]) in cases), 1)
        names.append("; ".join(parts[:taken]))
        parts = parts[taken:]
    return names


def breaches(root: pathlib.Path, text: str, cases: set[str]) -> list[str]:
    found = []
    rows = 0
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if not line.startswith("| ") or len(cells) < 4 or cells[0] == "Clause":
            continue
        rows += 1
        place = f"docs/requirements.md:{number}"
        files = TICKED.findall(cells[2])
        if not files:
            found.append(f"{place}: no file")
        found += [f"{place}: no file {name}" for name in files if not exists(root, name)]
        tests = " | ".join(cells[3:])
        if not tests:
            found.append(f"{place}: no test")
        for name in names_of(tests, cases):
            paths = TICKED.findall(name)
            found += [f"{place}: no test {path}" for path in paths if not exists(root, path)]
            if not paths and name not in cases:
                found.append(f"{place}: no test \"{name}\"")
    if rows < 100:
        found.append(f"docs/requirements.md: only {rows} rows were understood")
    return found


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 64
    root = pathlib.Path(sys.argv[1])
    # What cannot find anything wrong proves nothing.
    bad = "| BR 1 | a rule | `common/no_such_file.cpp` | no such test |\n" * 100
    if len(breaches(root, bad, set())) != 200:
        print("the check itself finds nothing in a bad sample")
        return 1
    found = breaches(root, (root / "docs" / "requirements.md").read_text(), test_cases(root))
    print("\n".join(found) if found else "every file and test of docs/requirements.md is there")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
