#!/usr/bin/env python3
"""Compares the #include lines under src/ with the table in ARCHITECTURE.md, so that the drawing stays true.

A row names a folder and the folders that it may include; "base", its own, and what lies beneath its own go without
saying.  A folder beneath another (capture/kernel) counts for itself if it has a row, else as part of the one above.

    arrows.py [ROOT]
"""
import pathlib
import re
import sys

ROW = re.compile(r"^\|\s*`([^`]+)`\s*\|[^|]*\|([^|]*)\|\s*$")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')


def read_table(path):
    """The folders that each folder may include, from the table headed by "| folder |"."""
    table, inside = {}, False
    for line in path.read_text().splitlines():
        if line.startswith("| folder |"):
            inside = True
        elif inside and not line.startswith("|"):
            break
        elif inside and (row := ROW.match(line)):
            table[row[1]] = set(re.findall(r"`([^`]+)`", row[2]))
    return table


def folder_of(path, table):
    """The longest folder of the table that a path under src/ lies in, else its first folder."""
    parents = [str(parent) for parent in pathlib.PurePosixPath(path).parents]
    return next((parent for parent in parents if parent in table), parents[-2] if len(parents) > 1 else "")


def check(root):
    table = read_table(root / "ARCHITECTURE.md")
    complaints = [] if table else ["ARCHITECTURE.md: has no table of folders"]
    folders = {path.name for path in (root / "src").iterdir() if path.is_dir()}
    complaints += [f"src/{name}: has no row in ARCHITECTURE.md" for name in sorted(folders - table.keys())]
    complaints += [f"ARCHITECTURE.md: `{name}` is not a folder" for name in sorted(table) if not (root / "src" / name).is_dir()]
    for name in sorted(table):
        unknown = table[name] - table.keys()
        complaints += [f"ARCHITECTURE.md: `{name}` may include `{other}`, which has no row" for other in sorted(unknown)]
    for path in sorted((root / "src").rglob("*.[ch]")):
        relative = path.relative_to(root / "src")
        own = folder_of(relative, table)
        allowed = table.get(own, set()) | {"base"}
        for number, line in enumerate(path.read_text().splitlines(), 1):
            include = INCLUDE.match(line)
            # A name without a folder is a generated file of the own folder.
            if not include or "/" not in include[1]:
                continue
            other = folder_of(include[1], table)
            if other not in allowed and not f"{other}/".startswith(f"{own}/"):
                complaints.append(f"src/{relative}:{number}: {own} may not include {include[1]}")
    return complaints


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[1]
    complaints = check(root)
    print("\n".join(complaints) or "the arrows hold")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
