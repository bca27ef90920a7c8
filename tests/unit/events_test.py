#!/usr/bin/env python3
"""docs/events.md tells of every kind of event that the programs write, and of none that they do not.

usage: events_test.py SOURCE_DIR

Also: each example is a line as the document says. Prints what is wrong and exits 1.
"""

import pathlib
import re
import sys

CONSTANT = re.compile(r'inline constexpr std::string_view (k\w+) = "(\w+)";')
SOURCES = ("agent", "common", "coordinator")


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    sys.path.insert(0, str(root / "tests" / "e2e"))
    import event_document

    header = (root / "common" / "telemetry" / "event_kinds.hpp").read_text()
    constants = dict(CONSTANT.findall(header))
    listed = set(re.findall(r"\bk\w+", header[header.index("kAll = {") :]))
    kinds = event_document.read((root / "docs" / "events.md").read_text())
    text = "\n".join(path.read_text() for name in SOURCES for path in sorted((root / name).rglob("*.cpp")))
    wrong = [f"{name} is not in kAll" for name in constants if name not in listed]
    wrong += [f"docs/events.md does not tell of {kind}" for kind in constants.values() if kind not in kinds]
    wrong += [f"docs/events.md tells of {kind}, which nobody writes" for kind in kinds if kind not in constants.values()]
    wrong += [f"nothing writes {name}" for name in constants if not re.search(rf"\b{name}\b", text)]
    for name, kind in kinds.items():
        wrong += [f"example of {name}: {breach}" for breach in event_document.breaches(kind.example, kinds)]
        if f'"kind":"{name}"' not in kind.example:
            wrong.append(f"example of {name} is of another kind")
    for line in wrong:
        print(line)
    print(f"events: {len(kinds)} kinds, {len(wrong)} breaches")
    return 1 if wrong or not kinds else 0


if __name__ == "__main__":
    sys.exit(main())
