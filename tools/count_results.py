#!/usr/bin/env python3
"""Prints how many tests of a JUnit file passed, failed and were skipped.  A missing file is one failure."""
import sys
import xml.etree.ElementTree as ElementTree


def count(path):
    try:
        cases = list(ElementTree.parse(path).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return 0, 1, 0
    failed = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    skipped = sum(case.find("skipped") is not None for case in cases)
    return len(cases) - failed - skipped, failed, skipped


if __name__ == "__main__":
    print(*count(sys.argv[1]))
