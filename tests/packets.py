#!/usr/bin/env python3
"""Checks that every test that docs/packets.md names exists, and that each row of its tables names one.

A test is named as `FILE::FUNCTION`, or `FILE::FUNCTION[CASE]`, where CASE is one of the file's strings.

    packets.py [ROOT]
"""
import pathlib
import re
import sys

NAME = re.compile(r"`([\w./-]+\.(?:c|py))::(\w+)(?:\[([^]`]+)\])?`")


def complaint_about(root, file, function, case):
    """Why the named test does not count, or None."""
    path = root / file
    if not path.is_file():
        return "there is no such file"
    text = path.read_text()
    if file.endswith(".py"):
        found = re.search(rf"^def {function}\(", text, re.MULTILINE)
    else:
        # Defined, and in the list that main() runs.
        found = (re.search(rf"^static void {function}\(void \*\*state\)", text, re.MULTILINE)
                 and re.search(rf"cmocka_unit_test\w*\(\s*{function}\b", text))
    if not found:
        return "there is no such test"
    return None if not case or f'"{case}"' in text else "there is no such case"


def check(root):
    complaints, names = [], 0
    for number, line in enumerate((root / "docs/packets.md").read_text().splitlines(), 1):
        named = NAME.findall(line)
        names += len(named)
        is_row = line.startswith("| ") and not line.startswith("| kind |")
        if is_row and not named:
            complaints.append(f"docs/packets.md:{number}: no test proves this row")
        for file, function, case in named:
            why = complaint_about(root, file, function, case)
            if why:
                complaints.append(f"docs/packets.md:{number}: {file}::{function}{f'[{case}]' if case else ''}: {why}")
    return complaints if names else ["docs/packets.md: names no test"]


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[1]
    complaints = check(root)
    print("\n".join(complaints) or "every row has its tests")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
