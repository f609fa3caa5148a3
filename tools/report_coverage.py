#!/usr/bin/env python3
"""Prints which share of the lines of each folder the tests have run:  tools/report_coverage.py BUILD

Below LEAST a folder needs a reason, in docs/coverage.md, where its name stands in a row of the table.  Tests, benches and what only
tests link (x_example.c, fixture.c) do not count; the eBPF program is not compiled for this host, and tests/datapath counts its paths."""
import collections
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
LEAST = 85.0
LEFT_OUT = r".*_(test|bench|example)\.[ch]$|.*/fixture\.[ch]$|.*\.bpf\.[ch]$"


def read(build):
    """Lines of each folder: all, and those that were run."""
    command = ["gcovr", "--root", str(ROOT), "--filter", "src/", "--exclude", LEFT_OUT, "--json-summary", "-", str(build)]
    summary = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
    folders = collections.defaultdict(lambda: [0, 0])
    for file in summary["files"]:
        folder = pathlib.PurePosixPath(file["filename"]).parts[1]
        folders[folder][0] += file["line_total"]
        folders[folder][1] += file["line_covered"]
    return folders


def main():
    folders = read(pathlib.Path(sys.argv[1]))
    if not folders:
        sys.exit("report_coverage: nothing was run")
    reasons = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/coverage.md").read_text(), re.M))
    complaints = []
    for folder, (lines, covered) in sorted(folders.items()):
        share = 100 * covered / max(lines, 1)
        print(f"{folder:12} {covered:6} of {lines:6} lines  {share:5.1f} %")
        if share < LEAST and folder not in reasons:
            complaints.append(f"{folder}: under {LEAST:g} %, and docs/coverage.md does not say why")
    print("\n".join(complaints))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
